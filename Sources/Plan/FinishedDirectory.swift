import Applications
package import ByteIO
import Layers
package import Request
import SourceTree
import Stack

extension BuildRequest {
    /// Whether the directory at `root` is an application as it is: it has a program where programs are, or what an
    /// interpreter starts. A static site does not count, as the source of programs has such files, too.
    package func isFinished(_ root: FilePath) -> Bool {
        var remarks = Remarks()
        guard let options = try? DirectoryWalk.Options(application: root, of: self) else { return true }
        let destination = EntryPath(normalizing: "/app")
        let walk = DirectoryWalk(root, to: destination, options, &remarks.problems)
        if ApplicationDirectory(walk, at: destination).candidateCount > 0 { return true }
        let recognition = Recognition(walk.entries, at: destination)
        if recognition.selfContained != nil || recognition.isWebArchive { return true }
        switch recognition.stated {
        case .file?, .application?: return true
        case .refused?, nil: break
        }
        if case .application(let found) = recognition.result { return found.kind != .staticSite }
        return false
    }
}

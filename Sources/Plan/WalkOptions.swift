import Applications
package import ByteIO
package import Diagnostics
import Layers
import OCI
package import Request
package import SourceTree

extension DirectoryWalk.Options {
    /// How a directory is walked that the user adds to an image: without what its ignore file leaves out.
    ///
    /// - Throws: what keeps the ignore file from being read.
    package init(walking root: FilePath, of request: BuildRequest) throws(Diagnostic) {
        self.init()
        let ignored = try IgnoreFile(in: root)
        ignoring = ignored.rules
        // They say what the image leaves out, and are left out themselves.
        skipping = Set(ignored.files)
        // On CI machines the cache is in the checkout.
        for path in request.passedOver {
            if let status = try? FileStatus(at: path, following: true) {
                skipping.insert(DirectoryWalk.FileIdentity(status))
            }
        }
        modified = request.modified.secondsSince1970
        allowsEscapingSymlinks = request.allowsEscapingSymlinks
        largestFile = request.largestFile
        keepsCapabilities = request.keepsCapabilities
    }

    /// How the application's directory is walked: without what the build itself writes there.
    ///
    /// - Throws: what keeps the ignore file from being read.
    package init(application root: FilePath, of request: BuildRequest) throws(Diagnostic) {
        try self.init(walking: root, of: request)
        (uid, gid, mode) = (request.owner?.uid ?? 0, request.owner?.gid ?? 0, request.mode)
        for file in CargoDirectory(at: root)?.intermediates ?? [] { skipping.insert(file) }
        let output = request.output(named: Application.name(of: root))
        if let output, let status = try? FileStatus(at: output.path) {
            skipping.insert(DirectoryWalk.FileIdentity(status))
        }
    }
}

extension BuildRequest {
    /// The mode of a file of the application that is given by itself.
    func fileMode(isExecutable: Bool) -> UInt16 {
        mode.map { FileModes.file(isExecutable: isExecutable, stated: $0) }
            ?? FileModes.file(isExecutable: isExecutable)
    }

    /// Where the images go if the user does not say: a layout here, or only where they are pushed or loaded.
    package func output(named name: String) -> Output? {
        output ?? (isPushed || isLoaded ? nil : .layout(FilePath("\(name).oci")))
    }
}

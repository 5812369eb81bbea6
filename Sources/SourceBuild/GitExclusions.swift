import ByteIO
import Diagnostics
import Glibc

/// A file for git that names what coracle writes into a checkout, beside what the user has git ignore everywhere.
///
/// Go asks git whether a checkout was modified, and puts the answer into the program: an image of the first build would
/// change the second one.
struct GitExclusions {
    /// Size of the user's own file, in bytes.
    private static let largest = 1 << 20

    /// `nil` if the project is in no checkout, or the file cannot be written.
    let file: FilePath?

    init(_ project: SourceProject, _ workshop: Workshop) {
        guard Self.isInCheckout(project.directory), workshop.environment["GIT_CONFIG_COUNT"] == nil else {
            file = nil
            return
        }
        let path = workshop.directory.appending("exclude")
        let text = Self.own(workshop.environment) + Array("\n*.oci\n*.oci.tar\n".utf8)
        do throws(SystemError) {
            try OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600).write(text)
            file = path
        } catch {
            file = nil
        }
    }

    private static func isInCheckout(_ directory: FilePath) -> Bool {
        var place = directory
        while true {
            if (try? FileStatus(at: place.appending(".git"), following: true)) != nil { return true }
            guard place != "/" else { return false }
            place = place.directory
        }
    }

    /// gitignore(5): the file of patterns for all repositories, where the configuration does not name another.
    private static func own(_ environment: [String: String]) -> [UInt8] {
        let configuration =
            environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
            ?? environment["HOME"].map { "\($0)/.config" }
        guard let configuration else { return [] }
        return (try? OpenFile.content(of: FilePath("\(configuration)/git/ignore"), limit: largest)) ?? []
    }
}

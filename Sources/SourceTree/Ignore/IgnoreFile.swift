package import ByteIO
package import Diagnostics
import Glibc

/// The file at a directory's top that says what of it stays out of the image: `.coracleignore`, else `.dockerignore`.
package struct IgnoreFile {
    package static let names = [".coracleignore", ".dockerignore"]
    private static let sizeLimit = 1 << 20

    /// `nil` if there is no such file.
    package private(set) var rules: IgnoreRules?
    /// Those that are there, whether they count or not.
    package private(set) var files: [DirectoryWalk.FileIdentity] = []

    /// - Throws: `ignore.malformed`, `ignore.unreadable`.
    package init(in directory: FilePath) throws(Diagnostic) {
        for name in Self.names {
            let path = directory.appending(name)
            guard (try? FileStatus(at: path)) != nil else { continue }
            // A link to nowhere is reported when it is read; it does not count as an absent list.
            if let status = try? FileStatus(at: path, following: true) {
                files.append(DirectoryWalk.FileIdentity(status))
            }
            guard rules == nil else { continue }
            rules = try IgnoreRules(parsing: try Self.read(path), named: path.display)
        }
    }

    private static func read(_ path: FilePath) throws(Diagnostic) -> [UInt8] {
        do throws(SystemError) {
            return try OpenFile(path, O_RDONLY | O_NONBLOCK).readAll(limit: sizeLimit)
        } catch {
            throw Diagnostic(
                .ignoreUnreadable,
                "the list of files to leave out cannot be read",
                at: .file(path: path.display),
                because: error.description(readingAtMost: sizeLimit),
                hint: "make it a file that you can read; without it everything would go into the image"
            )
        }
    }
}

extension Diagnostic.Code {
    static let ignoreUnreadable = Self("ignore.unreadable", .input)
}

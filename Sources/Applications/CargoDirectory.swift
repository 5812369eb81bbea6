package import ByteIO
package import Diagnostics
import Glibc
package import SourceTree

/// A directory that Cargo writes: the programs at its top, and what they were made from.
package struct CargoDirectory {
    /// What Cargo needs to build again, and no program at run time.
    private static let intermediates = [".cargo-lock", ".fingerprint", "build", "deps", "examples", "incremental"]
    private static let ends = [".d", ".rlib", ".rmeta"]

    private let root: FilePath
    private let names: [String]

    /// `nil` if `root` is not such a directory.
    package init?(at root: FilePath) {
        func isDirectory(_ name: String) -> Bool {
            (try? FileStatus(at: root.appending(name: Array(name.utf8))))?.kind == .directory
        }
        guard isDirectory("deps"), isDirectory(".fingerprint"),
            let directory = try? OpenFile(root, O_RDONLY | O_DIRECTORY | O_NONBLOCK),
            let names = try? directory.directoryEntries()
        else { return nil }
        self.root = root
        self.names = names.compactMap { String(validating: $0, as: UTF8.self) }
            .filter { name in Self.intermediates.contains(name) || Self.ends.contains(where: name.hasSuffix) }
            .sorted()
    }

    /// The files and directories that do not belong in an image.
    package var intermediates: [DirectoryWalk.FileIdentity] {
        names.compactMap { name in
            (try? FileStatus(at: root.appending(name: Array(name.utf8)))).map { DirectoryWalk.FileIdentity($0) }
        }
    }

    package func note(of typed: FilePath) -> Diagnostic {
        Diagnostic(
            .planRecognized,
            "`\(typed.display)` is a directory of Cargo's",
            because: "the image does not have " + names.prefix(8).map { "`\($0)`" }.joined(separator: ", ")
                + (names.count > 8 ? " and \(names.count - 8) more" : ""),
            hint: "to have only one program in the image, give its path"
        )
    }
}

extension Diagnostic.Code {
    package static let planRecognized = Self("plan.recognized", .input)
}

package import ByteIO
package import ELF
import Glibc

/// A single file that another program runs: a script, or an archive of Java or Python.
package struct SingleFile {
    package enum Kind {
        case script(ApplicationKind)
        case javaArchive(JavaArchive)
        /// An archive of Python modules that Python starts as it is.
        case zipapp(Zipapp)
        /// A script that names its own interpreter, such as a shell.
        case other(Shebang)
        /// What a servlet container serves.
        case webArchive
    }

    package let path: FilePath
    package let typed: FilePath
    package let status: FileStatus
    package let kind: Kind

    /// `nil` for programs, and for what coracle cannot put into an image as it is.
    package init?(_ typed: FilePath) {
        let path = typed.resolved ?? typed
        guard let file = try? OpenFile(path, O_RDONLY | O_NONBLOCK), let status = try? file.status(),
            status.kind == .regular, let start = try? file.bytes(at: 0, count: FileKind.windowSize),
            let kind = Kind(path, typed.name, FileKind(start))
        else { return nil }
        self.path = path
        self.typed = typed
        self.status = status
        self.kind = kind
    }
}

extension SingleFile.Kind {
    fileprivate init?(_ path: FilePath, _ name: String, _ kind: FileKind) {
        switch kind {
        case .zip, .javaArchive:
            if let archive = JavaArchive(path), archive.manifest.mainClass != nil {
                self = .javaArchive(archive)
            } else if name.hasSuffix(".war") {
                self = .webArchive
            } else if let zipapp = Zipapp(path, nil) {
                self = .zipapp(zipapp)
            } else {
                return nil
            }
        case .text, .script:
            if name.hasSuffix(".py") {
                self = .script(.python)
            } else if [".js", ".mjs", ".cjs"].contains(where: name.hasSuffix) {
                self = .script(.node)
            } else if name.hasSuffix(".rb") {
                self = .script(.ruby)
            } else if case .script(let shebang) = kind {
                self = Self.script(path, shebang)
            } else {
                return nil
            }
        default: return nil
        }
    }

    /// A zip archive may have anything before it: a line that names Python, or a script that starts Java.
    private static func script(_ path: FilePath, _ shebang: Shebang) -> Self {
        if let archive = JavaArchive(path), archive.manifest.mainClass != nil { return .javaArchive(archive) }
        if let zipapp = Zipapp(path, shebang) { return .zipapp(zipapp) }
        return ApplicationKind(interpreter: shebang.program).map { .script($0) } ?? .other(shebang)
    }
}

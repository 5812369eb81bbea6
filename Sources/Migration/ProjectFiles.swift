package import ByteIO
import Glibc

/// The files of a project, as far as a translation asks for them. Paths are relative to its directory.
package struct ProjectFiles: Sendable {
    package enum Kind: Hashable, Sendable {
        case file(isExecutable: Bool)
        case directory
    }

    /// `nil` if there is nothing, or something else.
    package let kind: @Sendable (String) -> Kind?
    /// The names in a directory, sorted.
    package let names: @Sendable (String) -> [String]
    /// The bytes of a small file; `nil` if there is none.
    package let bytes: @Sendable (String) -> [UInt8]?
    /// Whether a file begins as programs do.
    package let isProgram: @Sendable (String) -> Bool

    package init(
        kind: @escaping @Sendable (String) -> Kind?,
        names: @escaping @Sendable (String) -> [String] = { _ in [] },
        bytes: @escaping @Sendable (String) -> [UInt8]? = { _ in nil },
        isProgram: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        (self.kind, self.names, self.bytes, self.isProgram) = (kind, names, bytes, isProgram)
    }

    /// Largest file that is read, in bytes.
    private static let sizeLimit = 4 << 20

    /// Those of this machine in `directory`. An absolute path is taken as it is.
    package init(in directory: FilePath) {
        @Sendable func located(_ path: String) -> FilePath {
            path.hasPrefix("/") ? FilePath(path) : directory.appending(path)
        }
        kind = { path in
            guard let status = try? FileStatus(at: located(path), following: true) else { return nil }
            switch status.kind {
            case .regular: return .file(isExecutable: status.isExecutable)
            case .directory: return .directory
            default: return nil
            }
        }
        names = { path in
            let names = (try? directoryEntries(of: located(path))) ?? []
            return names.compactMap { String(validating: $0, as: UTF8.self) }.sorted()
        }
        bytes = { path in try? OpenFile.content(of: located(path), limit: Self.sizeLimit) }
        isProgram = { path in
            guard let file = try? OpenFile(located(path), O_RDONLY | O_NONBLOCK) else { return false }
            return (try? file.bytes(at: 0, count: 4)) == [0x7F, 0x45, 0x4C, 0x46]
        }
    }

    func isFile(_ path: String) -> Bool { if case .file? = kind(path) { true } else { false } }

    func isDirectory(_ path: String) -> Bool { kind(path) == .directory }
}

package import ByteIO
package import Diagnostics
import ELF
import Glibc
package import Layers

/// A file of this machine that goes into an image, read by range.
package struct HostFile: ElfSource, ~Copyable {
    private let path: FilePath
    private let file: OpenFile
    package let size: Int64

    /// - Throws: `gate.unreadable`.
    package init(_ path: FilePath, _ entry: EntryPath) throws(Diagnostic) {
        self.path = path
        do throws(SystemError) {
            // Whatever was put in its place meanwhile: a FIFO would block.
            let file = try OpenFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
            size = try file.status().size
            self.file = file
        } catch {
            throw Self.unreadable(path, because: error.description)
        }
    }

    /// As many of the `count` bytes at `offset` as there are.
    package func part(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        guard offset < size else { return [] }
        do throws(SystemError) {
            return try file.bytes(at: offset, count: Int(min(Int64(count), size - offset)))
        } catch {
            throw Self.unreadable(path, because: error.description)
        }
    }

    package func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        let bytes = try part(at: offset, count: count)
        guard bytes.count == count else {
            throw Self.unreadable(path, because: "it changed: there are no \(count) bytes at \(offset) any more")
        }
        return bytes
    }

    private static func unreadable(_ path: FilePath, because reason: String) -> Diagnostic {
        Diagnostic(
            .gateUnreadable,
            "a file cannot be read",
            at: .file(path: path.display),
            because: reason,
            hint: "make it readable for you, or leave it out with a line in `.coracleignore`"
        )
    }
}

extension Diagnostic.Code {
    static let gateUnreadable = Self("gate.unreadable", .input)
}

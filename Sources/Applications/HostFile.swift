package import ByteIO
package import Diagnostics
import ELF
import Glibc

/// A file of this machine that goes into an image, read by range.
package struct HostFile: ElfSource, ~Copyable {
    /// What the file is read for, which decides how a problem is reported.
    enum Purpose {
        /// It is a program that the user named.
        case program
        /// It is among the files that are checked.
        case check
    }

    private let path: FilePath
    private let file: OpenFile
    private let purpose: Purpose
    let status: FileStatus

    package var size: Int64 { status.size }

    /// Opens a file that is checked.
    ///
    /// - Throws: `gate.unreadable`.
    package init(_ path: FilePath) throws(Diagnostic) {
        do throws(SystemError) {
            try self.init(opening: path, as: .check)
        } catch {
            throw Self.unreadable(path, because: error.description)
        }
    }

    /// Opens the plain file at `path`: `EINVAL` for anything else.
    init(opening path: FilePath, as purpose: Purpose) throws(SystemError) {
        // Another file may be there by now: a FIFO would block.
        let file = try OpenFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        let status = try file.status()
        guard status.kind == .regular else { throw SystemError(number: EINVAL) }
        self.init(path: path, file: file, purpose: purpose, status: status)
    }

    private init(path: FilePath, file: consuming OpenFile, purpose: Purpose, status: FileStatus) {
        self.path = path
        self.file = file
        self.purpose = purpose
        self.status = status
    }

    /// Reads at most `count` bytes at `offset`: fewer at the end.
    package func part(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        guard offset < size else { return [] }
        do throws(SystemError) {
            return try file.bytes(at: offset, count: Int(min(Int64(count), size - offset)))
        } catch {
            switch purpose {
            case .program: throw error.diagnostic("read the program", path.display)
            case .check: throw Self.unreadable(path, because: error.description)
            }
        }
    }

    package func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        let bytes = try part(at: offset, count: count)
        guard bytes.count == count else { throw changed("there are no \(count) bytes at \(offset) any more") }
        return bytes
    }

    private func changed(_ reason: String) -> Diagnostic {
        switch purpose {
        case .program:
            Diagnostic(
                .programUnreadable,
                "`\(path.display)` changed while it was read",
                at: .file(path: path.display),
                because: reason
            )
        case .check: Self.unreadable(path, because: "it changed: \(reason)")
        }
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
    static let programUnreadable = Self("program.unreadable", .input)
}

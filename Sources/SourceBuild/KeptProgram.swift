import ByteIO
import Glibc
import OCI
import Store

/// The program of an earlier build of the same, in the cache: a toolchain that finds it where it is to be, and up to date,
/// does not link it again.
struct KeptProgram: Sendable {
    /// A change in how it is kept needs another number.
    private static let kind = "program-2"
    /// A larger program is linked again, in bytes.
    private static let largest: Int64 = 128 << 20

    /// A program that was put where the toolchain looks.
    private struct Restored {
        let path: FilePath
        let stamp: FileStamp
        /// What it was when it was kept.
        let digest: String

        func isSame(_ stamp: FileStamp) -> Bool {
            (stamp.device, stamp.inode, stamp.size) == (self.stamp.device, self.stamp.inode, self.stamp.size)
        }
    }

    /// Has one file, whose name is its digest, a hyphen and the program's name; `nil` to keep nothing.
    private let shelf: FilePath?
    private var restored: Restored?

    /// - Parameter identity: what the build is of.
    init(_ identity: [String], in workshop: Workshop) {
        let key = Digest(sha256Of: Array(identity.joined(separator: "\u{0}").utf8))
        shelf = workshop.cache?.directory(Self.kind, for: key)
    }

    /// Puts it into `directory`. Failure is ignored: it only makes the build slower.
    mutating func restore(into directory: FilePath) {
        guard let shelf, let names = try? directoryEntries(of: shelf), names.count == 1 else { return }
        let (digest, name) = (names[0].prefix(64), names[0].dropFirst(65))
        guard digest.count == 64, !name.isEmpty, !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) else {
            return
        }
        let path = directory.appending(name: Array(name))
        do throws(SystemError) {
            let stamp = try Self.copy(shelf.appending(name: names[0]), to: path)
            restored = Restored(path: path, stamp: stamp, digest: String(decoding: digest, as: UTF8.self))
        } catch {
            _ = path.withCString { unlink($0) }
        }
    }

    /// Whether what was put there is what was kept, as long as the toolchain has not put another file there. It reads all
    /// of it, which a toolchain need not wait for.
    func isIntact() async -> Bool {
        guard let restored else { return true }
        return await onOwnThread {
            guard let file = try? OpenFile(restored.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
                let stamp = try? file.status().stamp, restored.isSame(stamp)
            else { return true }
            return (try? Digest(sha256Of: file).hex) == restored.digest
        }
    }

    /// Forgets it, because it is corrupt, and takes it away from where it was put.
    mutating func delete() {
        if let path = restored?.path { _ = path.withCString { unlink($0) } }
        if let shelf {
            for name in (try? directoryEntries(of: shelf)) ?? [] { deleteTree(shelf.appending(name: name)) }
        }
        restored = nil
    }

    /// Keeps what was made, if it is another one than before.
    func keep(_ program: FilePath) {
        guard let shelf, let file = try? OpenFile(program, O_RDONLY | O_NONBLOCK), let status = try? file.status(),
            status.kind == .regular, status.size <= Self.largest
        else { return }
        // A toolchain that links again writes another file; of one that does not only the times change.
        if let restored, restored.isSame(status.stamp) { return }
        guard let digest = try? Digest(sha256Of: file) else { return }
        let draft = shelf.appending(".draft-\(getpid())")
        let path = shelf.appending("\(digest.hex)-\(program.name)")
        let earlier = (try? directoryEntries(of: shelf)) ?? []
        guard (try? Self.copy(program, to: draft)) != nil,
            draft.withCString({ old in path.withCString { rename(old, $0) } }) == 0
        else {
            _ = draft.withCString { unlink($0) }
            return
        }
        for name in earlier where name != Array(path.name.utf8) { deleteTree(shelf.appending(name: name)) }
    }

    /// Makes `target`, an executable file with what `source` has.
    private static func copy(_ source: FilePath, to target: FilePath) throws(SystemError) -> FileStamp {
        let file = try OpenFile(source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        let status = try file.status()
        guard status.kind == .regular, status.size <= largest else { throw SystemError(number: EINVAL) }
        let copy = try OpenFile(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o755)
        guard try copy.copy(file, at: 0, count: status.size) == status.size else { throw SystemError(number: EIO) }
        return try copy.status().stamp
    }
}

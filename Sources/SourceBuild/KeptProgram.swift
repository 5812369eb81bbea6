import ByteIO
import Glibc
import OCI
import Store

/// The program of an earlier build of the same, in the cache: a toolchain that finds it where it is to be, and up to date,
/// does not link it again.
struct KeptProgram {
    private static let kind = "program-1"
    /// A larger program is linked again, in bytes.
    private static let largest = 128 << 20

    private let cache: BlobCache?
    private let key: Digest

    /// - Parameter identity: what the build is of.
    init(_ identity: [String], in workshop: Workshop) {
        cache = workshop.cache
        key = Digest(sha256Of: Array(identity.joined(separator: "\u{0}").utf8))
    }

    /// Puts it into `directory`. Failure is ignored: it only makes the build slower.
    func restore(into directory: FilePath) {
        guard let cache, let kept = try? cache.derived(Self.kind, of: key), let end = kept.firstIndex(of: 0) else {
            return
        }
        let name = kept[..<end]
        guard !name.isEmpty, !name.contains(UInt8(ascii: "/")), name != [0x2E], name != [0x2E, 0x2E] else { return }
        let path = directory.appending(name: Array(name))
        let file = try? OpenFile(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o755)
        guard let file, (try? file.write(Array(kept[(end + 1)...]))) != nil else {
            _ = path.withCString { unlink($0) }
            return
        }
    }

    /// Keeps what was made, if it is another one than before.
    func keep(_ program: FilePath) {
        guard let cache, let file = try? OpenFile(program, O_RDONLY | O_NONBLOCK),
            let bytes = try? file.readAll(limit: Self.largest)
        else { return }
        let kept = Array(program.name.utf8) + [0] + bytes
        if (try? cache.derived(Self.kind, of: key)) != kept { _ = try? cache.insert(derived: kept, Self.kind, of: key) }
    }
}

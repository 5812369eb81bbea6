package import ByteIO
package import Diagnostics
import Glibc
package import OCI

extension BlobCache {
    /// One file of the cache.
    package struct Entry: Hashable, Sendable {
        package enum Kind: Hashable, Sendable {
            case blob
            /// What a tag pointed to.
            case reference
            /// What was computed from a blob, by its kind.
            case derived(String)
        }

        package let kind: Kind
        /// The blob's; for a reference the one of its text.
        package let digest: Digest
        /// In bytes.
        package let size: Int64
        /// When it was last written or read, in seconds since 1970.
        package let lastUse: Int64
    }

    /// What is there, the least recently used first.
    package func list() throws(Diagnostic) -> [Entry] {
        var entries = try entries(in: blobs, .blob) + entries(in: references, .reference)
        for kind in try names(in: derived) {
            entries += try self.entries(
                in: derived.appending(name: kind),
                .derived(String(decoding: kind, as: UTF8.self))
            )
        }
        return entries.sorted {
            ($0.lastUse, $1.size, $0.digest.hex) < ($1.lastUse, $0.size, $1.digest.hex)
        }
    }

    /// Deletes what was not used for `age` seconds before `now`, then what was least recently used until at most
    /// `maximum` bytes are left; and what processes that were killed have left behind.
    ///
    /// A limit that is `nil` does not apply. Blobs that other processes are using stay readable to them.
    /// - Parameter now: seconds since 1970.
    /// - Returns: what was deleted.
    @discardableResult
    package func prune(keeping maximum: Int64?, olderThan age: Int64?, now: Int64) throws(Diagnostic) -> [Entry] {
        for directory in [path, blobs, references] { sweepOrphans(in: directory) }
        for kind in try names(in: derived) { sweepOrphans(in: derived.appending(name: kind)) }
        let entries = try list()
        var left = entries.reduce(into: Int64(0)) { $0 = $0.addingClamped($1.size) }
        var deleted = [Entry]()
        for entry in entries {
            let (idle, isFuture) = now.subtractingReportingOverflow(entry.lastUse)
            let isOld = age.map { !isFuture && idle > $0 } ?? false
            let isTooMuch = maximum.map { left > $0 || $0 <= 0 } ?? false
            guard isOld || isTooMuch else { continue }
            try delete(entry)
            left -= entry.size
            deleted.append(entry)
        }
        return deleted
    }

    /// The file.
    package func path(of entry: Entry) -> FilePath {
        switch entry.kind {
        case .blob: blobs.appending(entry.digest.hex)
        case .reference: references.appending(entry.digest.hex)
        case .derived(let kind): derived.appending(kind).appending(entry.digest.hex)
        }
    }

    func delete(_ entry: Entry) throws(Diagnostic) {
        let path = path(of: entry)
        let result = path.withCString { unlink($0) }
        let error = SystemError.last
        if result != 0, error.number == EISDIR { return deleteTree(path) }
        if result != 0, error.number != ENOENT { throw error.diagnostic("delete from the cache", path.display) }
    }

    private func entries(in directory: FilePath, _ kind: Entry.Kind) throws(Diagnostic) -> [Entry] {
        var entries = [Entry]()
        for name in try names(in: directory) {
            guard
                let digest = try? Digest(parsing: "sha256:" + String(decoding: name, as: UTF8.self)),
                case let path = directory.appending(name: name), let status = try? FileStatus(at: path)
            else { continue }
            var size = status.size
            if status.kind == .directory {
                guard case .derived = kind else { continue }
                size = Self.size(of: path)
            }
            entries.append(Entry(kind: kind, digest: digest, size: size, lastUse: status.stamp.modifiedSeconds))
        }
        return entries
    }

    /// Size of all files below `path`, in bytes.
    private static func size(of path: FilePath) -> Int64 {
        var (size, places) = (Int64(0), [path])
        while let place = places.popLast() {
            for name in (try? directoryEntries(of: place)) ?? [] {
                let path = place.appending(name: name)
                guard let status = try? FileStatus(at: path) else { continue }
                if status.kind == .directory { places.append(path) }
                size = size.addingClamped(status.size)
            }
        }
        return size
    }

    /// The names in a directory of the cache; empty if it is absent.
    private func names(in directory: FilePath) throws(Diagnostic) -> [[UInt8]] {
        do throws(SystemError) {
            return try directoryEntries(of: directory)
        } catch {
            if error.number == ENOENT || error.number == ENOTDIR || error.number == ELOOP { return [] }
            throw error.diagnostic("read the cache", directory.display)
        }
    }
}

import ByteIO
package import Diagnostics
import Glibc
package import OCI

extension BlobCache {
    /// Whether an entry is what it was when it was written.
    package enum Condition: Hashable, Sendable {
        case whole
        /// For a reference: what it says, and what that pointed to.
        case points(String, to: Digest)
        /// It would not be used, for this reason.
        case corrupt(String)
        /// Another process has deleted it meanwhile.
        case gone
    }

    /// What came of reading all entries.
    package struct Verification: Sendable {
        /// An entry that was deleted, and why.
        package struct Corrupt: Sendable {
            package let entry: Entry
            package let reason: String
        }

        /// The number of entries that were read.
        package fileprivate(set) var count = 0
        package fileprivate(set) var corrupt: [Corrupt] = []
    }

    /// Reads every entry and deletes what would not be used. It does not count as use.
    ///
    /// Other processes may use the cache meanwhile: a process that reads an entry goes on reading it, and what is missing is
    /// fetched or made again.
    /// - Throws: `io.failed` where a corrupt entry cannot be deleted.
    package func verify() throws(Diagnostic) -> Verification {
        var verification = Verification()
        for entry in try list() {
            switch condition(of: entry) {
            case .gone: continue
            case .whole, .points: verification.count += 1
            case .corrupt(let reason):
                verification.count += 1
                verification.corrupt.append(Verification.Corrupt(entry: entry, reason: reason))
                try delete(entry)
            }
        }
        return verification
    }

    /// Reads one entry, and changes nothing.
    package func condition(of entry: Entry) -> Condition {
        // What others keep in a directory is theirs to check.
        if (try? FileStatus(at: path(of: entry)))?.kind == .directory, case .derived = entry.kind { return .whole }
        let extent: FileExtent
        do throws(SystemError) {
            extent = try FileExtent(opening: path(of: entry))
        } catch {
            switch error.number {
            case ENOENT: return .gone
            case ELOOP, ENXIO: return .corrupt("it is not a plain file")
            default: return .corrupt("it cannot be read: \(error)")
            }
        }
        do throws(Diagnostic) {
            switch entry.kind {
            case .blob:
                let found = try extent.digest()
                return found == entry.digest ? .whole : .corrupt("its content is \(found), \(extent.size) bytes")
            case .reference: return try pointer(extent, entry)
            case .derived(let kind): return try seal(extent, kind, entry)
            }
        } catch {
            return .corrupt(error.reason ?? error.summary)
        }
    }

    private func pointer(_ extent: FileExtent, _ entry: Entry) throws(Diagnostic) -> Condition {
        guard extent.size <= Int64(Self.largestReference) else { return .corrupt("it has \(extent.size) bytes") }
        let known = try Self.pointer(try extent.readAll(), named: path(of: entry).display)
        guard Digest(sha256Of: Array(known.reference.utf8)) == entry.digest else {
            return .corrupt("it is about `\(known.reference)`, and that has another name here")
        }
        return .points(known.reference, to: known.descriptor.digest)
    }

    private func seal(_ extent: FileExtent, _ kind: String, _ entry: Entry) throws(Diagnostic) -> Condition {
        guard extent.size >= Int64(Self.sealSize) else { return .corrupt("it has \(extent.size) bytes") }
        var hasher = Self.sealHasher(kind, entry.digest)
        var offset = Int64(Self.sealSize)
        try withBuffer(of: 1 << 18) { (buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) in
            while true {
                let count = try extent.read(into: buffer, at: offset)
                if count == 0 { return }
                hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                offset += Int64(count)
            }
        }
        let isRight = try extent.read(at: 0, count: Self.sealSize) == Array("\(hasher.finalize().hex)\n".utf8)
        return isRight ? .whole : .corrupt("its content is not what was written")
    }
}

package import ByteIO
package import Diagnostics
import Glibc
package import OCI

/// Blobs and documents that were fetched once, by digest, in a directory of this user's that several processes share.
///
/// What is read is verified; what does not verify counts as absent and is deleted. A file appears in one step when it is
/// whole, so there are no locks. A blob that was handed out holds its file open: it can be pruned meanwhile and stays readable.
///
/// In the directory are `blobs/sha256/HEX`; `derived/KIND/HEX`; `references/HEX`, named by the SHA-256 of a reference;
/// and `version`.
package struct BlobCache: Sendable {
    /// Without symlinks.
    package let path: FilePath
    let blobs: FilePath
    let references: FilePath
    let derived: FilePath

    /// A reference and what it pointed to; a few hundred bytes, with annotations perhaps more.
    static let largestReference = 64 << 10
    /// Largest value derived from a blob, in bytes.
    private static let largestDerived = 256 << 20

    /// Makes the directory if it is not there. One that can only be read is fine.
    ///
    /// - Throws: `cache.unusable` for a directory that others may write to, or that is something else.
    package init(_ path: FilePath) throws(Diagnostic) {
        self.path = try CacheDirectory.prepare(path)
        blobs = self.path.appending("blobs/sha256")
        references = self.path.appending("references")
        derived = self.path.appending("derived")
    }

    /// Whether anything can be put here. Drafts for a cache that is read-only are to be written elsewhere.
    package var isWritable: Bool { CacheDirectory.isWritable(path) }

    /// Where drafts of blobs are to be written.
    package var draftDirectory: FilePath { path }

    // MARK: Blobs

    /// The blob, verified now; `nil` if absent.
    package func blob(_ blob: Descriptor) throws(Diagnostic) -> LocalBlob? {
        guard let extent = try verifiedExtent(of: blob) else { return nil }
        return LocalBlob(blob, in: extent, isVerified: true)
    }

    /// The blob, of which only the size was checked; `nil` if absent. The reader checks what is read.
    package func opened(_ blob: Descriptor) throws(Diagnostic) -> LocalBlob? {
        guard let path = path(of: blob.digest), let extent = try open(path), extent.size == blob.size else {
            return nil
        }
        extent.touch()
        return LocalBlob(blob, in: extent)
    }

    /// A process that has it open can go on reading it.
    package func delete(_ blob: Descriptor) throws(Diagnostic) {
        if let path = path(of: blob.digest) { deleteTree(path) }
    }

    /// A small document, verified; `nil` if absent.
    package func document(_ blob: Descriptor) throws(Diagnostic) -> [UInt8]? {
        guard
            blob.size <= ImageSource.largestDocument,
            let path = path(of: blob.digest),
            let bytes = try read(path, limit: ImageSource.largestDocument)
        else { return nil }
        guard Digest(sha256Of: bytes) == blob.digest else {
            deleteTree(path)
            return nil
        }
        return Int64(bytes.count) == blob.size ? bytes : nil
    }

    /// Keeps what a draft holds, which its writer has verified; returns it.
    ///
    /// A full disk, or a cache that is read-only, is not an error: the blob is returned and is gone with its last reference.
    package func insert(_ draft: SealedDraft, as blob: Descriptor) throws(Diagnostic) -> LocalBlob {
        let result = try LocalBlob(blob, verified: draft, in: path)
        guard let path = path(of: blob.digest), makeDirectories(blobs) else { return result }
        do throws(Diagnostic) {
            if try link(draft, at: path) { return result }
            // Another process was quicker, or the file that is there is corrupt, which was not noticed yet.
            if let extent = try verifiedExtent(of: blob) { return LocalBlob(blob, in: extent, isVerified: true) }
            try draft.replace(path)
        } catch {
            // The destination may have the space that is missing here.
        }
        return result
    }

    /// Keeps a copy of what a draft holds, which its writer has verified and which will have a name elsewhere; `false` if
    /// that was not possible, which is not an error.
    @discardableResult
    package func insert(copyOf draft: SealedDraft, as blob: Descriptor) throws(Diagnostic) -> Bool {
        let copy: SealedDraft
        do throws(Diagnostic) {
            copy = try draft.duplicated(in: path)
        } catch {
            return false
        }
        _ = try insert(copy, as: blob)
        return true
    }

    /// Gives a draft the name `path`, or a copy of it if it is on another file system; `false` if there is a file there.
    private func link(_ draft: SealedDraft, at path: FilePath) throws(Diagnostic) -> Bool {
        do throws(Diagnostic) {
            return try draft.link(at: path)
        } catch {
            return try draft.duplicated(in: self.path).link(at: path)
        }
    }

    /// Keeps a document; `false` if that was not possible, which is not an error.
    @discardableResult
    package func insert(_ document: [UInt8], as blob: Descriptor) throws(Diagnostic) -> Bool {
        guard let path = path(of: blob.digest), Digest(sha256Of: document) == blob.digest else { return false }
        if try self.document(blob) != nil { return true }
        return write([document], to: path)
    }

    // MARK: References

    /// What a tag pointed to when it was last looked up, for work without a network; `nil` if it never was.
    package func descriptor(of reference: Reference) throws(Diagnostic) -> Descriptor? {
        let path = path(of: reference)
        guard let bytes = try read(path, limit: Self.largestReference) else { return nil }
        let name = path.display
        if let known = try? Self.pointer(bytes, named: name), known.reference == reference.normalized {
            return known.descriptor
        }
        // It is looked up again.
        deleteTree(path)
        return nil
    }

    /// A reference and what it pointed to.
    static func pointer(
        _ bytes: [UInt8],
        named name: String
    ) throws(Diagnostic) -> (reference: String, descriptor: Descriptor) {
        let reader = JSONReader(try JSON(parsing: bytes, named: name), named: name)
        return (
            try reader.member("reference").string(), try Descriptor(reader.member("descriptor").value, named: name)
        )
    }

    /// Keeps what a tag points to now, for `descriptor(of:)`; `false` if that was not possible, which is not an error.
    @discardableResult
    package func remember(_ descriptor: Descriptor, for reference: Reference) throws(Diagnostic) -> Bool {
        let json: JSON = ["reference": .string(reference.normalized), "descriptor": descriptor.json]
        return write([json.encoded()], to: path(of: reference))
    }

    // MARK: What was derived

    /// Something computed from the blob `digest` that can be computed again: bytes of the given kind, such as `files-1`.
    package func derived(_ kind: String, of digest: Digest) throws(Diagnostic) -> [UInt8]? {
        let path = path(of: kind, digest)
        guard let extent = try openSmall(path, limit: Self.largestDerived) else { return nil }
        let size = Int(extent.size)
        let seal = try extent.read(at: 0, count: min(size, Self.sealSize))
        let content = try extent.read(at: Int64(seal.count), count: size - seal.count)
        guard seal == Self.seal([content], kind, digest) else {
            deleteTree(path)
            return nil
        }
        return content
    }

    /// A directory in which another program keeps what it can make again; `nil` if that is not possible. It counts as used
    /// now.
    package func directory(_ kind: String, for digest: Digest) -> FilePath? {
        let path = path(of: kind, digest)
        guard makeDirectories(path.directory), CacheDirectory.make(path),
            (try? FileStatus(at: path))?.kind == .directory
        else { return nil }
        _ = path.withCString { utimensat(AT_FDCWD, $0, nil, 0) }
        return path
    }

    /// Keeps it for `derived(_:of:)`; `false` if that was not possible, which is not an error.
    @discardableResult
    package func insert(derived bytes: [UInt8], _ kind: String, of digest: Digest) throws(Diagnostic) -> Bool {
        try insert(derivedPieces: [bytes], kind, of: digest)
    }

    /// The same of bytes in several pieces.
    @discardableResult
    package func insert(derivedPieces pieces: [[UInt8]], _ kind: String, of digest: Digest) throws(Diagnostic) -> Bool {
        guard pieces.reduce(0, { $0 + $1.count }) <= Self.largestDerived - Self.sealSize else { return false }
        return write([Self.seal(pieces, kind, digest)] + pieces, to: path(of: kind, digest))
    }

    package func delete(derived kind: String, of digest: Digest) throws(Diagnostic) {
        deleteTree(path(of: kind, digest))
    }

    static let sealSize = 65

    /// The digest that stands before the bytes. Being of the blob's digest too, it does not fit what belongs to another.
    private static func seal(_ pieces: [[UInt8]], _ kind: String, _ digest: Digest) -> [UInt8] {
        var hasher = sealHasher(kind, digest)
        for piece in pieces { piece.withUnsafeBytes { hasher.update($0) } }
        return Array("\(hasher.finalize().hex)\n".utf8)
    }

    /// Makes a seal out of the bytes that are still to come.
    static func sealHasher(_ kind: String, _ digest: Digest) -> SHA256Hasher {
        var hasher = SHA256Hasher()
        Array("\(kind)\n\(digest)\n".utf8).withUnsafeBytes { hasher.update($0) }
        return hasher
    }

    // MARK: Files

    /// `nil` for digests that cannot be checked.
    private func path(of digest: Digest) -> FilePath? {
        digest.algorithm == .sha256 ? blobs.appending(digest.hex) : nil
    }

    private func path(of reference: Reference) -> FilePath {
        references.appending(Digest(sha256Of: Array(reference.normalized.utf8)).hex)
    }

    private func path(of kind: String, _ digest: Digest) -> FilePath {
        precondition(
            !kind.isEmpty
                && kind.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D },
            "a kind is a name of lowercase letters, digits and hyphens: `\(kind)`"
        )
        return derived.appending(kind).appending(digest.hex)
    }

    private func verifiedExtent(of blob: Descriptor) throws(Diagnostic) -> FileExtent? {
        guard let path = path(of: blob.digest), let extent = try open(path) else { return nil }
        guard try extent.digest() == blob.digest else {
            deleteTree(path)
            return nil
        }
        // It may be the descriptor that is wrong about the size.
        guard extent.size == blob.size else { return nil }
        extent.touch()
        return extent
    }

    /// All bytes of a plain file with at most `limit` bytes; anything else is deleted.
    private func read(_ path: FilePath, limit: Int) throws(Diagnostic) -> [UInt8]? {
        try openSmall(path, limit: limit)?.readAll()
    }

    /// A plain file with at most `limit` bytes, which is used now; anything else is deleted.
    private func openSmall(_ path: FilePath, limit: Int) throws(Diagnostic) -> FileExtent? {
        guard let extent = try open(path) else { return nil }
        guard extent.size <= Int64(limit) else {
            deleteTree(path)
            return nil
        }
        extent.touch()
        return extent
    }

    /// The plain file at `path`; `nil` if absent. Anything else at the path is deleted.
    private func open(_ path: FilePath) throws(Diagnostic) -> FileExtent? {
        do throws(SystemError) {
            return try FileExtent(opening: path)
        } catch {
            switch error.number {
            // Not to find what is there would be to fetch it again, and fail at that for the same reason.
            case EMFILE, ENFILE, ENOMEM: throw error.diagnostic("read the cache", path.display)
            case ELOOP, ENXIO: deleteTree(path)
            default: break
            }
            return nil
        }
    }

    private func write(_ pieces: [[UInt8]], to path: FilePath) -> Bool {
        guard makeDirectories(path.directory) else { return false }
        do throws(Diagnostic) {
            var draft = try BlobDraft(in: self.path)
            for piece in pieces { try draft.write(piece) }
            try draft.seal().replace(path)
            return true
        } catch {
            return false
        }
    }

    /// Makes `directory`, which is in the cache, and the one above it.
    private func makeDirectories(_ directory: FilePath) -> Bool {
        CacheDirectory.make(directory.directory) && CacheDirectory.make(directory)
    }
}

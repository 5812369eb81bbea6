package import ByteIO
package import Diagnostics
import Glibc
package import OCI

/// An image layout in a directory, as a place to put images.
///
/// Every reader of the directory, at any moment, sees a valid layout or no layout. A new one is made beside its place and
/// renamed into it; an existing one gets its blobs first and its `index.json` last, under a lock that the kernel frees.
/// image-spec, image-layout.md.
package struct LayoutDestination: Sendable {
    /// The layout's directory.
    package let path: FilePath

    /// - Throws: `output.exists` if something else than a layout or an empty directory is there.
    package init(_ path: FilePath) throws(Diagnostic) {
        // What is behind a symlink is what is locked and written to.
        self.path = try path.behindSymlink()
        guard let status = try? FileStatus(at: path, following: true) else { return }
        guard status.kind == .directory else {
            throw Diagnostic(
                .outputExists,
                "`\(path.display)` is in the way",
                at: .file(path: path.display),
                because: "it is not a directory, and an image layout is one",
                hint: "choose another place with `-o`, or give the file a name that ends in `.tar` for an archive"
            )
        }
        let names: Set<String>
        do throws(SystemError) {
            names = Set(try OpenFile(path, O_RDONLY | O_DIRECTORY).directoryEntries().map { String(printing: $0) })
        } catch {
            throw error.diagnostic("read the output directory", path.display)
        }
        let own: Set<String> = ["oci-layout", "index.json", "blobs"]
        // Our own names without `oci-layout` are a layout whose making was cut short: it is completed.
        let others = names.filter { !own.contains($0) && !$0.hasPrefix(TemporaryPaths.prefix) }
        guard names.contains("oci-layout") || others.isEmpty else {
            throw Diagnostic(
                .outputExists,
                "`\(path.display)` is in the way",
                at: .file(path: path.display),
                because:
                    "it is a directory with other things in it, such as `\(others.sorted()[0].escapedForTerminal)`",
                hint: "choose another place with `-o`"
            )
        }
        if names.contains("oci-layout") { _ = try ImageSource(path).index() }
    }

    var exists: Bool { (try? FileStatus(at: path, following: true)) != nil }

    /// Where drafts of blobs are to be written, so that they can be linked into the layout.
    ///
    /// - Throws: `io.failed` if neither the layout nor the directory above it is there.
    package var draftDirectory: FilePath { exists ? path : path.directory }

    /// Puts `images` into the layout. Remote blobs that it does not have yet are fetched before it is locked.
    ///
    /// - Returns: why some of what is tagged is not there.
    @discardableResult
    package func publish(_ images: ImageSet) async throws(Diagnostic) -> [Diagnostic] {
        let fetched = try await images.fetchRemote(try missing(of: images))
        let images = try images.writingDocuments(in: draftDirectory) { document in
            (try? FileStatus(at: Self.place(of: document, in: path))) == nil
        }
        try await Self.synchronize(images.blobs.compactMap(\.draft))
        sweep()
        return exists ? try merge(images, images.entries, fetched) : try create(with: images, fetched)
    }

    /// Hangs what `images` has onto images that are in the layout already.
    ///
    /// - Returns: why some of what is tagged is not there.
    package func attach(_ images: ImageSet) async throws(Diagnostic) -> [Diagnostic] {
        let fetched = try await images.fetchRemote(try missing(of: images))
        sweep()
        return try merge(images, images.referrers, fetched)
    }

    /// The remote blobs that are not in the layout, or are corrupt there.
    private func missing(of images: ImageSet) throws(Diagnostic) -> Set<Digest> {
        guard exists else { return images.remoteDigests }
        var missing = Set<Digest>()
        for blob in images.blobs {
            if blob.remote != nil, try !has(blob) { missing.insert(blob.descriptor.digest) }
        }
        return missing
    }

    /// Whether the layout has the blob, and its bytes are right.
    func has(_ blob: ImageSet.Item) throws(Diagnostic) -> Bool {
        let place = Self.place(of: blob.descriptor, in: path)
        if let source = blob.remote, source.isVerified(at: place) { return true }
        return try Self.isIntact(blob.descriptor, at: place)
    }

    static func place(of blob: Descriptor, in directory: FilePath) -> FilePath {
        directory.appending("blobs/sha256").appending(blob.digest.hex)
    }

    // MARK: A new layout

    /// Makes the layout, or adds to the one that another process has made meanwhile.
    private func create(with images: ImageSet, _ fetched: [Digest: LocalBlob]) throws(Diagnostic) -> [Diagnostic] {
        let staging = TemporaryPaths.name(in: path.directory, for: "layout")
        TemporaryPaths.insert(staging)
        defer {
            // Renamed, there is nothing of this name any more.
            deleteTree(staging)
            TemporaryPaths.remove(staging)
        }
        let lock = try makeLocked(staging)
        // They are deleted with their directory.
        var none: UnlistedBlobs?
        try fill(staging, with: images, fetched, &none)
        let tagged = try add(images.tagged, to: Index(manifests: []), in: staging, &none)
        let index = Index(manifests: images.entries + tagged.entries)
        try write(Document(encoding: index, as: .imageIndex).bytes, to: staging.appending("index.json"))
        try Self.synchronizeDirectory(staging)
        var problems = tagged.problems
        if try renameDirectory(staging, toAbsent: path) {
            try synchronizePublished(path.directory)
        } else {
            // With the staging directory still there: a nameless file that got a name and lost it cannot get another.
            problems = try merge(images, images.entries, fetched)
        }
        lock.release()
        return problems
    }

    /// Makes a staging directory. Its lock is held while we live, so that others can tell it from an orphan.
    func makeLocked(_ staging: FilePath) throws(Diagnostic) -> LayoutLock {
        for _ in 1..<10 {
            try makeDirectory(staging)
            // Another process may have taken it for an orphan before it was locked.
            if let lock = try? LayoutLock(staging), (try? FileStatus(at: staging)) != nil { return lock }
        }
        try makeDirectory(staging)
        return try LayoutLock(staging)
    }

    /// Deletes what processes that were killed have left beside the layout.
    func sweep() {
        for directory in Set([path.directory, path]) { sweepOrphans(in: directory) }
    }

    // MARK: An existing layout

    private func merge(
        _ images: ImageSet,
        _ entries: [Descriptor],
        _ fetched: [Digest: LocalBlob]
    ) throws(Diagnostic) -> [Diagnostic] {
        let lock = try LayoutLock(path)
        var unlisted: UnlistedBlobs? = UnlistedBlobs()
        let problems: [Diagnostic]
        do throws(Diagnostic) {
            try fill(path, with: images, fetched, &unlisted)
            let there = images.tagged.isEmpty ? Index(manifests: []) : try index()
            let tagged = try add(images.tagged, to: there, in: path, &unlisted)
            try list([entries + tagged.entries], &unlisted)
            problems = tagged.problems
        } catch {
            unlisted?.delete()
            throw error
        }
        lock.release()
        return problems
    }

    /// Writes the manifests that what is tagged comes to, with what has these tags in `index` already.
    private func add(
        _ tagged: [TaggedLayers],
        to index: Index,
        in directory: FilePath,
        _ unlisted: inout UnlistedBlobs?
    ) throws(Diagnostic) -> (entries: [Descriptor], problems: [Diagnostic]) {
        var entries = [Descriptor]()
        var problems = [Diagnostic]()
        for var layers in tagged {
            var current: (descriptor: Descriptor, bytes: [UInt8])?
            if let entry = index.manifests.first(where: { $0.entryTag == layers.tag.name }) {
                current = (entry, try ImageSource(path).document(entry))
            }
            switch try layers.change(of: current) {
            case .none: break
            case .kept: problems.append(.attachedDiffers(layers.tag))
            case .put(let config, let manifest):
                for document in [config, manifest].compactMap(\.self) {
                    let place = Self.place(of: document.descriptor, in: directory)
                    unlisted?.add(place)
                    if try !Self.isIntact(document.descriptor, at: place) { try write(document.bytes, to: place) }
                }
                var entry = manifest.descriptor
                entry.annotations = [AnnotationKey.refName: layers.tag.name]
                entries.append(entry)
            }
        }
        if !entries.isEmpty { try Self.synchronizeDirectory(directory.appending("blobs/sha256")) }
        return (entries, problems)
    }

    /// Empty for a layout that is not complete.
    private func index() throws(Diagnostic) -> Index {
        guard (try? FileStatus(at: path.appending("index.json"))) != nil else { return Index(manifests: []) }
        return try ImageSource(path).index()
    }

    /// Adds the entries of images, one after the other, to `index.json`. The layout is locked.
    ///
    /// - Parameter unlisted: blobs of these images, which stay from then on; none are left.
    func list(_ images: [[Descriptor]], _ unlisted: inout UnlistedBlobs?) throws(Diagnostic) {
        let indexPath = path.appending("index.json")
        var index = try index()
        var merge = IndexMerge(index.manifests)
        for entries in images { merge.add(entries) }
        // What is listed already need not be written again.
        guard merge.entries != index.manifests else {
            unlisted?.keep()
            return
        }
        index.manifests = merge.entries
        try write(Document(encoding: index, as: .imageIndex).bytes, to: indexPath, keeping: unlisted?.paths ?? [])
        unlisted?.keep()
        try synchronizePublished(path)
    }

    // MARK: Files

    /// Links and writes everything but `index.json` into `directory`.
    private func fill(
        _ directory: FilePath,
        with images: ImageSet,
        _ fetched: [Digest: LocalBlob],
        _ unlisted: inout UnlistedBlobs?
    ) throws(Diagnostic) {
        let blobs = directory.appending("blobs")
        try makeDirectory(blobs)
        try makeDirectory(blobs.appending("sha256"))
        var isChanged = false
        for blob in images.blobs {
            let descriptor = blob.descriptor
            let path = Self.place(of: descriptor, in: directory)
            unlisted?.add(path)
            switch blob.content {
            case .draft(let draft):
                isChanged = true
                if try draft.link(at: path) { continue }
                // Corrupt blobs have been seen under the right name: only one that verifies is kept.
                if try !Self.isIntact(descriptor, at: path) { try draft.replace(path) }
            case .remote:
                if let blob = fetched[descriptor.digest] {
                    isChanged = true
                    try put(blob, at: path, surviving: .powerLoss)
                } else if try !has(blob) {
                    // It was, before the layout was locked.
                    throw .blobVanished(descriptor, from: directory)
                }
            case .bytes(let bytes):
                guard try !Self.isIntact(descriptor, at: path) else { continue }
                isChanged = true
                try write(bytes, to: path)
            }
        }
        if isChanged { try Self.synchronizeDirectory(blobs.appending("sha256")) }
        try writeVersion(in: directory)
    }

    func writeVersion(in directory: FilePath) throws(Diagnostic) {
        let version = directory.appending("oci-layout")
        guard (try? FileStatus(at: version)) == nil else { return }
        try write(Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8), to: version)
    }

    /// Makes a file with the bytes of a blob that is elsewhere.
    ///
    /// It is never another name of the cache's file: a write to the layout would change the cache, and every other
    /// layout that has the blob.
    func put(_ blob: LocalBlob, at path: FilePath, surviving durability: Durability) throws(Diagnostic) {
        if blob.isVerified(at: path) { return }
        if try Self.isIntact(blob.descriptor, at: path) { return }
        let copy = try blob.duplicated(in: path.directory)
        switch durability {
        case .powerLoss: try copy.synchronize()
        // It is waited for together with the others, so that it had better begin.
        case .processEnd: copy.beginWriteback()
        }
        try copy.replace(path)
    }

    /// What a new file survives when it gets its name.
    enum Durability {
        case powerLoss
        /// The end of this process; all files are synchronised together later.
        case processEnd
    }

    /// The blob of the layout at `path`, of which only the size was checked; `nil` if absent.
    package static func opened(_ blob: Descriptor, in path: FilePath) -> LocalBlob? {
        guard let extent = try? FileExtent(opening: place(of: blob, in: path)), extent.size == blob.size else {
            return nil
        }
        return LocalBlob(blob, in: extent)
    }

    static func isIntact(_ blob: Descriptor, at path: FilePath) throws(Diagnostic) -> Bool {
        let extent: FileExtent
        do throws(SystemError) {
            extent = try FileExtent(opening: path)
        } catch {
            if error.number == ENOENT || error.number == ELOOP { return false }
            throw error.diagnostic("read a blob that is there already", path.display)
        }
        guard extent.size == blob.size else { return false }
        return try extent.digest() == blob.digest
    }

    /// Puts a small file at `path` in one step, in the place of one that may be there.
    ///
    /// - Parameter kept: temporary names that stay once the file has its own.
    func write(_ bytes: [UInt8], to path: FilePath, keeping kept: [FilePath] = []) throws(Diagnostic) {
        var draft = try BlobDraft(in: path.directory)
        try draft.write(bytes)
        let sealed = draft.seal()
        try sealed.synchronize()
        try sealed.replace(path, keeping: kept)
    }

    func makeDirectory(_ path: FilePath) throws(Diagnostic) {
        let failure = TemporaryPaths.naming { path.withCString { mkdir($0, 0o755) } }
        if let error = failure, error.number != EEXIST { throw error.diagnostic("create a directory", path.display) }
    }

    /// The same for a directory in which the last name was just given: an error says that the image is there all the same.
    func synchronizePublished(_ directory: FilePath) throws(Diagnostic) {
        do throws(Diagnostic) {
            try Self.synchronizeDirectory(directory)
        } catch {
            var problem = error
            problem.hint = "`\(path.display)` has the image and can be read; a power loss now may undo that"
            throw problem
        }
    }

    /// One after the other they would wait for the disk as often; a file system writes them together.
    private static func synchronize(_ drafts: [SealedDraft]) async throws(Diagnostic) {
        _ = try await concurrently(drafts, atMost: 16) { draft async throws(Diagnostic) in
            try await onOwnThread { Result { () throws(Diagnostic) in try draft.synchronize() } }.get()
        }
    }

    static func synchronizeDirectory(_ path: FilePath) throws(Diagnostic) {
        do throws(SystemError) {
            try OpenFile(path, O_RDONLY | O_DIRECTORY).synchronize()
        } catch {
            // Some file systems have nothing to synchronise in a directory and say so.
            if error.number != EINVAL { throw error.diagnostic("write to disk", path.display) }
        }
    }
}

extension FilePath {
    /// The path itself; for a symlink the path that it leads to, so that it stays and what it leads to is written.
    ///
    /// - Throws: `output.exists` for a symlink to nothing.
    func behindSymlink() throws(Diagnostic) -> FilePath {
        guard (try? FileStatus(at: self))?.kind == .symlink else { return self }
        if let resolved, (try? FileStatus(at: resolved)) != nil { return resolved }
        throw Diagnostic(
            .outputExists,
            "`\(display)` is in the way",
            at: .file(path: display),
            because: "it is a symlink to something that is not there",
            hint: "remove it, or choose another place with `-o`"
        )
    }
}

extension Diagnostic {
    static func blobVanished(_ blob: Descriptor, from layout: FilePath) -> Diagnostic {
        Diagnostic(
            .blobMissing,
            "a blob is missing: \(blob.digest)",
            at: .file(path: LayoutDestination.place(of: blob, in: layout).display),
            because: "another process has deleted or changed it meanwhile",
            hint: "try again"
        )
    }
}

extension Diagnostic.Code {
    package static let outputExists = Self("output.exists", .usage)
}

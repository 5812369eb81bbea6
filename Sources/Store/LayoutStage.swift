package import ByteIO
package import Diagnostics
import Glibc
import OCI
import Synchronization

/// Many images on their way into one layout, which appear there in one step.
///
/// Their blobs get names in a hidden directory meanwhile, so that neither open files nor memory grow with their number.
/// What is not published is deleted with the last reference.
package final class LayoutStage: Sendable {
    private struct State {
        /// The blobs that are in the staging directory, or in the layout.
        var present: Set<Digest> = []
        /// Those that were found in the layout.
        var kept: [ImageSet.Item] = []
        var entries: [(position: Int, entries: [Descriptor])] = []
    }

    private let destination: LayoutDestination
    private let staging: FilePath
    private let lock: LayoutLock
    private let state = Mutex(State())

    /// - Throws: `io.failed`, if neither the layout nor the directory above it is there.
    package init(_ destination: LayoutDestination) throws(Diagnostic) {
        self.destination = destination
        destination.sweep()
        staging = TemporaryPaths.name(in: destination.draftDirectory, for: "layout")
        TemporaryPaths.insert(staging)
        do throws(Diagnostic) {
            lock = try destination.makeLocked(staging)
            for name in ["blobs", "blobs/sha256"] { try destination.makeDirectory(staging.appending(name)) }
        } catch {
            deleteTree(staging)
            TemporaryPaths.remove(staging)
            throw error
        }
    }

    deinit {
        // Renamed, there is nothing of this name any more.
        deleteTree(staging)
        TemporaryPaths.remove(staging)
    }

    /// Where drafts of blobs are to be written.
    package var draftDirectory: FilePath { destination.draftDirectory }

    /// Adds images, from any thread.
    ///
    /// - Parameter position: where they stand among all that are added, whatever the order they come in.
    package func add(_ images: ImageSet, at position: Int) async throws(Diagnostic) {
        let fetched = try await images.fetchRemote(try missing(of: images))
        for item in images.blobs where !state.withLock({ $0.present.contains(item.descriptor.digest) }) {
            let blob = item.descriptor
            let place = LayoutDestination.place(of: blob, in: staging)
            // What has the name already has the content, too: others add here what they have verified.
            switch item.content {
            case .draft(let draft):
                draft.beginWriteback()
                _ = try draft.put(at: place)
            case .bytes(let bytes):
                var draft = try BlobDraft(in: staging)
                try draft.write(bytes)
                _ = try draft.seal().link(at: place)
            case .remote:
                guard let fetched = fetched[blob.digest] else { preconditionFailure("what is missing was fetched") }
                try destination.put(fetched, at: place, surviving: .processEnd)
            }
            state.withLock { _ = $0.present.insert(blob.digest) }
        }
        state.withLock { $0.entries.append((position, images.entries)) }
    }

    /// The remote blobs that are not here yet, and not in the layout.
    private func missing(of images: ImageSet) throws(Diagnostic) -> Set<Digest> {
        var missing = Set<Digest>()
        for item in images.blobs {
            guard item.remote != nil else { continue }
            let blob = item.descriptor
            if state.withLock({ $0.present.contains(blob.digest) }) { continue }
            if try destination.has(item) {
                state.withLock { state in
                    if state.present.insert(blob.digest).inserted { state.kept.append(item) }
                }
            } else {
                missing.insert(blob.digest)
            }
        }
        return missing
    }

    /// Puts the images into the layout; to be called once. An existing layout that lost a blob meanwhile is an error.
    package func publish() throws(Diagnostic) {
        let (added, kept) = state.withLock { ($0.entries.sorted { $0.position < $1.position }.map(\.entries), $0.kept) }
        guard !added.isEmpty else { return }
        try destination.writeVersion(in: staging)
        var merge = IndexMerge([])
        for entries in added { merge.add(entries) }
        let index = Document(encoding: Index(manifests: merge.entries), as: .imageIndex)
        try destination.write(index.bytes, to: staging.appending("index.json"))
        try synchronize()
        if !destination.exists, try renameDirectory(staging, toAbsent: destination.path) {
            try destination.synchronizePublished(destination.path.directory)
            return
        }
        let layout = try LayoutLock(destination.path)
        for item in kept where try !destination.has(item) {
            throw .blobVanished(item.descriptor, from: destination.path)
        }
        var unlisted: UnlistedBlobs? = UnlistedBlobs()
        do throws(Diagnostic) {
            try moveBlobs(&unlisted)
            try destination.writeVersion(in: destination.path)
            try destination.list(added, &unlisted)
        } catch {
            unlisted?.delete()
            throw error
        }
        layout.release()
    }

    private func synchronize() throws(Diagnostic) {
        do throws(SystemError) {
            try OpenFile(staging, O_RDONLY | O_DIRECTORY).synchronizeFileSystem()
        } catch {
            throw error.diagnostic("write to disk", staging.directory.display)
        }
    }

    /// A blob that is in the layout already may be corrupt: the one that was written now takes its place.
    private func moveBlobs(_ unlisted: inout UnlistedBlobs?) throws(Diagnostic) {
        let (from, to) = (staging.appending("blobs/sha256"), destination.path.appending("blobs/sha256"))
        for directory in [to.directory, to] { try destination.makeDirectory(directory) }
        let names: [[UInt8]]
        do throws(SystemError) {
            names = try directoryEntries(of: from)
        } catch {
            throw error.diagnostic("read back", from.display)
        }
        for name in names {
            let (source, target) = (from.appending(name: name), to.appending(name: name))
            unlisted?.add(target)
            let failure = TemporaryPaths.naming {
                source.withCString { source in target.withCString { rename(source, $0) } }
            }
            if let error = failure { throw error.diagnostic("create a file", target.display) }
        }
        try LayoutDestination.synchronizeDirectory(to)
    }
}

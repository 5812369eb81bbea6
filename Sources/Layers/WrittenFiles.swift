package import Archive
import ByteIO
import ByteIO
package import Diagnostics
package import OCI
import Synchronization

/// The files of a layer that a build writes: their digests, as far as their bytes came by, so that nothing is read twice.
package final class WrittenFiles: Sendable {
    private struct Seen {
        var digests: [FileDigests?]
        var contents: [Int: [UInt8]] = [:]
        var room = 16 << 20
    }

    /// In the order of the tar.
    package let entries: [LayerEntry]
    private let isKept: @Sendable (LayerEntry) -> Bool
    private let seen: Mutex<Seen>

    /// - Parameter isKept: whether the content of a small file will be asked for.
    package init(of blueprint: LayerBlueprint, keeping isKept: @escaping @Sendable (LayerEntry) -> Bool) {
        entries = blueprint.entries
        self.isKept = isKept
        seen = Mutex(Seen(digests: Array(repeating: nil, count: blueprint.entries.count)))
    }

    /// Those of the entry `index`; `nil` if its bytes did not come by in one piece.
    package func digests(of index: Int) -> FileDigests? { seen.withLock { $0.digests[index] } }

    /// The content of the entry `index`; `nil` if it was not kept.
    package func content(of index: Int) -> [UInt8]? { seen.withLock { $0.contents[index] } }

    /// Reads the files whose bytes did not come by in one piece: large ones, and those of blocks that were there already.
    ///
    /// - Throws: `layer.file-changed` if a file is no longer the one that was planned with.
    package func complete() throws(Diagnostic) {
        let known = seen.withLock { $0.digests }
        let missing = entries.indices.filter { known[$0] == nil && entries[$0].isFile }
        let parts = inStretches(of: 32, missing.count) { stretch in
            Result { () throws(Diagnostic) in
                try missing[stretch].map { index throws(Diagnostic) in try entries[index].contentDigests() }
            }
        }
        var found = [FileDigests?]()
        for part in parts { found += try part.get() }
        seen.withLock { seen in
            for (index, digests) in zip(missing, found) { seen.digests[index] = digests }
        }
    }

    /// Takes what is in `block`, whose bytes are `plain`.
    func take(_ block: LayerBlock, _ plain: [UInt8], of layout: LayerLayout) {
        var digests = [(Int, FileDigests)]()
        var contents = [(Int, [UInt8])]()
        plain.withUnsafeBytes { plain in
            for index in block.entries {
                let entry = entries[index]
                let size = entry.contentSize
                let start = layout.contentOffset(of: index) - block.start
                guard entry.isFile, start >= 0, start + size <= Int64(plain.count) else { continue }
                let bytes = UnsafeRawBufferPointer(rebasing: plain[Int(start)..<Int(start + size)])
                digests.append((index, FileDigests(of: bytes)))
                if isKept(entry) { contents.append((index, Array(bytes))) }
            }
        }
        seen.withLock { seen in
            for (index, value) in digests { seen.digests[index] = value }
            for (index, bytes) in contents where bytes.count <= seen.room {
                seen.room -= bytes.count
                seen.contents[index] = bytes
            }
        }
    }
}

extension LayerEntry {
    fileprivate var isFile: Bool {
        switch content {
        case .bytes, .file: true
        case .directory, .symlink, .hardlink: false
        }
    }

    /// What the layer's tar says of it.
    package var tarEntry: TarEntry {
        let kind: TarEntry.Kind =
            switch content {
            case .directory: .directory
            case .bytes, .file: .regular
            case .symlink(let target): .symlink(target: target)
            case .hardlink(let target): .hardlink(target: target.bytes)
            }
        return TarEntry(
            path: path.bytes,
            kind: kind,
            mode: mode,
            uid: uid,
            gid: gid,
            size: contentSize,
            modified: modified
        )
    }
}

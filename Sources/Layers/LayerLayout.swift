import Archive
import ByteIO
package import Diagnostics
import Glibc

/// Where every byte of a layer's tar is, known from the entries alone: any block of it can be rendered by itself, in any
/// order.
package struct LayerLayout: Sendable {
    /// The two zero blocks that end an archive (POSIX.1-2017, pax § ustar Interchange Format).
    private static let wholeEnd: Int64 = 1024

    private let endSize: Int64
    let entries: [LayerEntry]
    /// Offset of each entry's header, in bytes.
    private let offsets: [Int64]

    /// Size of the whole tar, in bytes.
    package let size: Int64

    /// - Parameter isEnded: whether the archive ends here; not so if an entry follows that is made of those here.
    package init(_ blueprint: LayerBlueprint, isEnded: Bool = true) {
        endSize = isEnded ? Self.wholeEnd : 0
        let entries = blueprint.entries
        let sizes = inStretches(of: 1024, entries.count) { stretch in
            entries[stretch].map { entry in
                let header = entry.tarHeader
                return Int64(header.encodedSize) + TarHeader.padded(header.size)
            }
        }
        var offset: Int64 = 0
        var offsets = [Int64]()
        offsets.reserveCapacity(entries.count)
        for size in sizes.joined() {
            offsets.append(offset)
            offset += size
        }
        self.entries = entries
        self.offsets = offsets
        size = offset + endSize
    }

    /// Offset of an entry's header, in bytes.
    func offset(of index: Int) -> Int64 { offsets[index] }

    /// Offset of an entry's content, in bytes.
    func contentOffset(of index: Int) -> Int64 { offsets[index] + Int64(entries[index].tarHeader.encodedSize) }

    /// Size of an entry's header and content together, in bytes.
    func size(of index: Int) -> Int64 {
        (index + 1 < offsets.count ? offsets[index + 1] : size - endSize) - offsets[index]
    }

    /// The `count` bytes of the tar from `start` on.
    ///
    /// - Throws: `layer.file-changed` if a file that has bytes there is no longer the one that was planned with.
    package func render(from start: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount throws(Diagnostic) in
            try fill(UnsafeMutableRawBufferPointer(buffer), from: start)
            initializedCount = count
        }
    }

    private func fill(_ buffer: UnsafeMutableRawBufferPointer, from start: Int64) throws(Diagnostic) {
        var window = BlockWindow(buffer: buffer, start: start)
        var index = firstEntry(reaching: start)
        while index < entries.count, !window.isFull {
            let entry = entries[index]
            let header = entry.tarHeader
            let contentStart = offsets[index] + Int64(header.encodedSize)
            if window.position < contentStart { window.copy(header.encoded(), at: offsets[index]) }
            switch entry.content {
            case .bytes(let bytes): window.copy(bytes, at: contentStart)
            case .file(let path, let stamp):
                try window.read(PlannedFile(path: path, stamp: stamp, entry: entry.path), at: contentStart)
            case .directory, .symlink, .hardlink: break
            }
            window.zero(upTo: contentStart + TarHeader.padded(header.size))
            index += 1
        }
        window.zero(upTo: size)
    }

    /// The last entry that begins at or before `position`.
    private func firstEntry(reaching position: Int64) -> Int {
        max(0, offsets.countOfPrefix { $0 <= position } - 1)
    }
}

extension LayerEntry {
    /// The header that stands before the entry's content.
    var tarHeader: TarHeader {
        switch content {
        case .directory:
            // The root's name would be empty: `./` is what every tar program writes for it.
            TarHeader(
                .directory,
                name: path.isRoot ? Array("./".utf8) : path.bytes + [UInt8(ascii: "/")],
                mode: mode,
                uid: uid,
                gid: gid,
                modified: modified
            )
        case .bytes(let bytes): header(.regular, size: Int64(bytes.count))
        case .file(_, let stamp): header(.regular, size: stamp.size)
        case .symlink(let target): header(.symlink, linkTarget: target)
        case .hardlink(let target): header(.hardlink, linkTarget: target.bytes)
        }
    }

    private func header(_ kind: TarHeader.Kind, size: Int64 = 0, linkTarget: [UInt8] = []) -> TarHeader {
        TarHeader(
            kind,
            name: path.bytes,
            linkTarget: linkTarget,
            size: size,
            mode: mode,
            uid: uid,
            gid: gid,
            modified: modified,
            capability: kind == .regular ? capability : []
        )
    }
}

/// The part of the tar that a block covers, being filled from its front.
private struct BlockWindow {
    let buffer: UnsafeMutableRawBufferPointer
    let start: Int64
    private(set) var filled = 0

    init(buffer: UnsafeMutableRawBufferPointer, start: Int64) {
        self.buffer = buffer
        self.start = start
    }

    var position: Int64 { start + Int64(filled) }
    var isFull: Bool { filled == buffer.count }

    /// How many of the bytes from `position` up to `end` the window still has room for.
    private func room(upTo end: Int64) -> Int { Int(max(0, min(end - position, Int64(buffer.count - filled)))) }

    /// Copies the part of `bytes`, which begin at `offset`, that is in the window.
    mutating func copy(_ bytes: [UInt8], at offset: Int64) {
        let count = room(upTo: offset + Int64(bytes.count))
        guard count > 0 else { return }
        let skipped = Int(position - offset)
        UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count])
            .copyBytes(from: bytes[skipped..<skipped + count])
        filled += count
    }

    mutating func zero(upTo end: Int64) {
        let count = room(upTo: end)
        guard count > 0 else { return }
        buffer.baseAddress.map { _ = memset($0 + filled, 0, count) }
        filled += count
    }

    /// Reads the part of the file, whose content begins at `offset`, that is in the window.
    mutating func read(_ file: PlannedFile, at offset: Int64) throws(Diagnostic) {
        let count = room(upTo: offset + file.stamp.size)
        guard count > 0 else { return }
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count])
        try file.read(into: room, at: position - offset)
        filled += count
    }
}

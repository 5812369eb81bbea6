import Archive
import ByteIO
import Diagnostics
import Layers
import OCI

/// What a comparison knows of a layer: every entry, the digests of contents, extended attributes, and what ELF files are
/// made of. It is cached by the layer's digest, so that images are compared again without reading them.
struct ComparedLayer: Sendable {
    /// Digests over the entries, which tell in which way two layers differ that have not the same tar.
    struct Prints: Hashable, Sendable {
        /// Over the entries in their order.
        var ordered = ContentHash()
        /// The same in whatever order they are.
        var unordered = ContentHash()
        /// The same without their times.
        var timeless = ContentHash()
    }

    /// The digest of the tar, as it was computed from its bytes.
    let diffID: DiffID
    /// Size of the tar, in bytes.
    let size: Int64
    let prints: Prints
    /// Whether there are hard links.
    let hasHardlinks: Bool
    /// Entry after entry, see `ComparedLayerWriter`.
    let encoded: [UInt8]

    /// The kind that tables are cached as. Another form of them needs another name.
    static let kind = "compared-1"

    init(diffID: DiffID, size: Int64, prints: Prints, hasHardlinks: Bool, encoded: [UInt8]) {
        (self.diffID, self.size, self.prints) = (diffID, size, prints)
        (self.hasHardlinks, self.encoded) = (hasHardlinks, encoded)
    }

    /// What a record says beyond its entry.
    struct Detail {
        var content: ContentHash?
        /// Extended attributes, sorted by name.
        var attributes: [(name: [UInt8], value: [UInt8])] = []
        var elf: [UInt8]?
    }

    /// The detail of the entry that was applied with `locator`.
    func detail(at locator: Int64) -> Detail {
        var reader = BinaryReader(encoded, at: Int(locator))
        return Self.detail(&reader) ?? Detail()
    }

    /// Applies the entries as the next layer of `filesystem`: their locators are those of their details.
    ///
    /// - Throws: what `RootFilesystem.apply` throws.
    func apply(to filesystem: inout RootFilesystem, _ subject: Diagnostic.Subject?) throws(Diagnostic) {
        try filesystem.beginLayer(subject)
        var records = RecordCursor(encoded)
        while let (entry, detail) = records.next() { try filesystem.apply(entry, locator: Int64(detail)) }
    }

    fileprivate static func detail(_ reader: inout BinaryReader) -> Detail? {
        guard let flags: UInt8 = reader.number(), flags & ~DetailFlag.all == 0 else { return nil }
        var detail = Detail()
        if flags & DetailFlag.content != 0 {
            var words = SIMD4<UInt64>()
            for place in 0..<4 {
                guard let word: UInt64 = reader.number() else { return nil }
                words[place] = word
            }
            detail.content = ContentHash(words: words)
        }
        if flags & DetailFlag.attributes != 0 {
            guard let count: UInt16 = reader.number() else { return nil }
            for _ in 0..<count {
                guard let name = reader.bytes(), let value = reader.bytes() else { return nil }
                detail.attributes.append((name, value))
            }
        }
        if flags & DetailFlag.elf != 0 {
            guard let elf = reader.bytes() else { return nil }
            detail.elf = elf
        }
        return detail
    }
}

// MARK: - The form in a cache

extension ComparedLayer {
    var bytes: [UInt8] {
        var writer = BinaryWriter()
        writer.put(diffID.description.utf8)
        writer.put(size)
        writer.put(UInt8(hasHardlinks ? 1 : 0))
        for print in [prints.ordered, prints.unordered, prints.timeless] {
            for place in 0..<4 { writer.put(print.words[place]) }
        }
        return writer.bytes + encoded
    }

    /// `nil` if `bytes` did not write them.
    init?(bytes: [UInt8]) {
        var reader = BinaryReader(bytes)
        guard
            let text = reader.bytes(),
            let digest = try? Digest(parsing: String(decoding: text, as: UTF8.self)),
            let size: Int64 = reader.number(), size >= 0, let flag: UInt8 = reader.number(), flag <= 1
        else { return nil }
        var sums = [ContentHash]()
        for _ in 0..<3 {
            var words = SIMD4<UInt64>()
            for place in 0..<4 {
                guard let word: UInt64 = reader.number() else { return nil }
                words[place] = word
            }
            sums.append(ContentHash(words: words))
        }
        let encoded = Array(bytes[reader.position...])
        var records = RecordCursor(encoded)
        while records.next() != nil {}
        guard records.isAtEnd else { return nil }
        self.init(
            diffID: DiffID(digest),
            size: size,
            prints: Prints(ordered: sums[0], unordered: sums[1], timeless: sums[2]),
            hasHardlinks: flag == 1,
            encoded: encoded
        )
    }
}

private enum DetailFlag {
    static let content: UInt8 = 1
    static let attributes: UInt8 = 2
    static let elf: UInt8 = 4
    static let all: UInt8 = 7
}

/// Writes the entries of a layer one after the other: the kind, the path without what it shares with the one before, the
/// target or the numbers of a device, mode, owner, size, time; then the detail.
struct ComparedLayerWriter: ~Copyable {
    private var writer = BinaryWriter()
    private var before: [UInt8] = []
    private var ordered = SHA256Hasher()
    private var unordered = ContentHash()
    private var timeless = ContentHash()
    private var hasHardlinks = false

    /// - Returns: how much of the limit for metadata the record takes, in bytes.
    mutating func put(_ entry: TarEntry, _ detail: ComparedLayer.Detail) -> Int {
        var shared = 0
        let most = min(before.count, entry.path.count, Int(UInt16.max))
        while shared < most, before[shared] == entry.path[shared] { shared += 1 }
        let start = writer.bytes.count
        Self.put(entry.kind, to: &writer)
        writer.put(UInt16(truncatingIfNeeded: shared))
        writer.put(entry.path[shared...])
        writer.put(entry.mode)
        writer.put(entry.uid)
        writer.put(entry.gid)
        writer.put(entry.size)
        writer.put(entry.modified)
        Self.put(detail, to: &writer)
        before = entry.path
        if case .hardlink = entry.kind { hasHardlinks = true }
        count(entry, detail)
        // What every record has is not counted.
        return max(1, writer.bytes.count - start - 64)
    }

    /// Counts the entry in the digests over all.
    private mutating func count(_ entry: TarEntry, _ detail: ComparedLayer.Detail) {
        var said = BinaryWriter()
        Self.put(entry.kind, to: &said)
        said.put(entry.path)
        var modified = entry.modified
        switch entry.kind {
        case .hardlink: modified = 0  // All else is that of the file.
        case .symlink:
            // Linux gives all symlinks the same mode.
            said.put(entry.uid)
            said.put(entry.gid)
        default:
            said.put(entry.mode)
            said.put(entry.uid)
            said.put(entry.gid)
            said.put(entry.size)
        }
        Self.put(ComparedLayer.Detail(content: detail.content, attributes: detail.attributes), to: &said)
        timeless.add(ContentHash(Digest(sha256Of: said.bytes)))
        said.put(modified)
        unordered.add(ContentHash(Digest(sha256Of: said.bytes)))
        said.bytes.withUnsafeBytes { ordered.update($0) }
    }

    consuming func finalize(diffID: DiffID, size: Int64) -> ComparedLayer {
        let encoded = writer.bytes.withUnsafeBufferPointer { Array($0) }
        let (unordered, timeless, hasHardlinks) = (unordered, timeless, hasHardlinks)
        return ComparedLayer(
            diffID: diffID,
            size: size,
            prints: ComparedLayer.Prints(
                ordered: ContentHash(ordered.finalize()),
                unordered: unordered,
                timeless: timeless
            ),
            hasHardlinks: hasHardlinks,
            encoded: encoded
        )
    }

    private static func put(_ kind: TarEntry.Kind, to writer: inout BinaryWriter) {
        switch kind {
        case .regular: writer.put(UInt8(0))
        case .directory: writer.put(UInt8(1))
        case .fifo: writer.put(UInt8(6))
        case .symlink(let target):
            writer.put(UInt8(2))
            writer.put(target)
        case .hardlink(let target):
            writer.put(UInt8(3))
            writer.put(target)
        case .characterDevice(let major, let minor):
            writer.put(UInt8(4))
            writer.put(major)
            writer.put(minor)
        case .blockDevice(let major, let minor):
            writer.put(UInt8(5))
            writer.put(major)
            writer.put(minor)
        }
    }

    private static func put(_ detail: ComparedLayer.Detail, to writer: inout BinaryWriter) {
        var flags: UInt8 = 0
        if detail.content != nil { flags |= DetailFlag.content }
        if !detail.attributes.isEmpty { flags |= DetailFlag.attributes }
        if detail.elf != nil { flags |= DetailFlag.elf }
        writer.put(flags)
        if let content = detail.content { for place in 0..<4 { writer.put(content.words[place]) } }
        if !detail.attributes.isEmpty {
            writer.put(UInt16(truncatingIfNeeded: detail.attributes.count))
            for (name, value) in detail.attributes.prefix(Int(UInt16.max)) {
                writer.put(name)
                writer.put(value)
            }
        }
        if let elf = detail.elf { writer.put(elf) }
    }
}

/// Reads what a `ComparedLayerWriter` wrote, and ends at anything else.
private struct RecordCursor {
    private var reader: BinaryReader
    private var path: [UInt8] = []

    init(_ encoded: [UInt8]) { reader = BinaryReader(encoded) }

    var isAtEnd: Bool { reader.isAtEnd }

    /// The next entry, and where its detail is.
    mutating func next() -> (TarEntry, detail: Int)? {
        guard !reader.isAtEnd else { return nil }
        // A record that cannot be read is read again and again, so that the end is never reached.
        var reader = self.reader
        guard let kind = Self.kind(&reader), let shared: UInt16 = reader.number(), Int(shared) <= path.count,
            let rest = reader.slice(), let mode: UInt16 = reader.number(), let uid: UInt32 = reader.number(),
            let gid: UInt32 = reader.number(), let size: Int64 = reader.number(), size >= 0,
            let modified: Int64 = reader.number()
        else { return nil }
        let detail = reader.position
        guard Self.skipDetail(&reader) else { return nil }
        path.replaceSubrange(Int(shared)..., with: rest)
        self.reader = reader
        let entry = TarEntry(
            path: path,
            kind: kind,
            mode: mode,
            uid: uid,
            gid: gid,
            size: size,
            modified: modified
        )
        return (entry, detail)
    }

    private static func kind(_ reader: inout BinaryReader) -> TarEntry.Kind? {
        switch reader.number() as UInt8? {
        case 0: return .regular
        case 1: return .directory
        case 2: return reader.bytes().map { .symlink(target: $0) }
        case 3: return reader.bytes().map { .hardlink(target: $0) }
        case 4:
            guard let major: UInt32 = reader.number(), let minor: UInt32 = reader.number() else { return nil }
            return .characterDevice(major: major, minor: minor)
        case 5:
            guard let major: UInt32 = reader.number(), let minor: UInt32 = reader.number() else { return nil }
            return .blockDevice(major: major, minor: minor)
        case 6: return .fifo
        default: return nil
        }
    }

    private static func skipDetail(_ reader: inout BinaryReader) -> Bool {
        guard let flags: UInt8 = reader.number(), flags & ~DetailFlag.all == 0 else { return false }
        if flags & DetailFlag.content != 0 {
            for _ in 0..<4 where reader.number() as UInt64? == nil { return false }
        }
        if flags & DetailFlag.attributes != 0 {
            guard let count: UInt16 = reader.number() else { return false }
            for _ in 0..<count where reader.slice() == nil || reader.slice() == nil { return false }
        }
        return flags & DetailFlag.elf == 0 || reader.slice() != nil
    }
}

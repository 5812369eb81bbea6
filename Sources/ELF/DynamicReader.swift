import Diagnostics

/// Reads what a dynamic section points at, through the loaded segments, as the loader will see it.
struct DynamicReader {
    struct Entry {
        let tag: Tag
        let value: UInt64
    }

    /// `d_tag`.
    struct Tag: Hashable {
        let rawValue: UInt64

        static let needed = Tag(rawValue: 1)
        static let stringTable = Tag(rawValue: 5)
        static let symbolTable = Tag(rawValue: 6)
        static let stringTableSize = Tag(rawValue: 10)
        static let soname = Tag(rawValue: 14)
        static let rpath = Tag(rawValue: 15)
        static let textRelocations = Tag(rawValue: 22)
        static let runpath = Tag(rawValue: 29)
        static let flags = Tag(rawValue: 30)
        static let symbolVersions = Tag(rawValue: 0x6FFF_FFF0)
        static let flags1 = Tag(rawValue: 0x6FFF_FFFB)
        static let versionDefinitions = Tag(rawValue: 0x6FFF_FFFC)
        static let versionDefinitionsCount = Tag(rawValue: 0x6FFF_FFFD)
        static let versionNeeds = Tag(rawValue: 0x6FFF_FFFE)
        static let versionNeedsCount = Tag(rawValue: 0x6FFF_FFFF)
        static let filter = Tag(rawValue: 0x7FFF_FFFF)
    }

    struct StringTable {
        var address: UInt64?
        /// `nil` if the file does not say: then the table ends with the segment.
        var size: UInt64?
    }

    /// Where the version records are, and how many. A count of 0 means that it is not known: the list has an end mark.
    struct Versions {
        var address: UInt64?
        var count: UInt64 = 0
    }

    /// The largest dynamic section, and the most bytes of version records, that are read.
    private static let sectionLimit = 65536
    /// PATH_MAX, with its NUL.
    private static let stringLimit = 4096

    let name: String
    let format: ElfFormat
    let loadMap: LoadMap

    /// The entries before `DT_NULL`.
    func entries(
        _ segment: ElfSegment,
        _ source: borrowing some ElfSource & ~Copyable
    ) throws(Diagnostic) -> [Entry] {
        guard segment.fileSize <= UInt64(Self.sectionLimit) else {
            throw malformed("it has \(segment.fileSize) bytes")
        }
        guard let extent = loadMap.extent(from: segment.address), extent.count >= segment.fileSize else {
            throw malformed("it is not in a loaded segment")
        }
        var cursor = ElfCursor(try source.window(at: extent.offset, upTo: Int(segment.fileSize)), format)
        var entries: [Entry] = []
        while let tag = cursor.address(), let value = cursor.address() {
            if tag == 0 { return entries }
            entries.append(Entry(tag: Tag(rawValue: tag), value: value))
        }
        throw malformed("it has no end")
    }

    /// The text that begins `index` bytes into `table`.
    func string(
        at index: UInt64,
        _ table: StringTable,
        _ source: borrowing some ElfSource & ~Copyable
    ) throws(Diagnostic) -> String {
        guard let address = table.address else { throw malformed("it has no string table") }
        guard let extent = loadMap.extent(from: address) else {
            throw malformed("its string table is not in a loaded segment")
        }
        let count = min(extent.count, table.size ?? extent.count)
        guard index < count else { throw malformed("a name is outside its string table") }
        // No overflow: index < extent.count, and the load map has checked the extent's end.
        let limit = Int(min(UInt64(Self.stringLimit), count - index))
        var cursor = ElfCursor(try source.window(at: extent.offset + index, upTo: limit), format)
        guard let text = cursor.terminatedBytes() else { throw malformed("a name in its string table does not end") }
        return String(printing: text)
    }

    func versionNeeds(
        _ place: Versions,
        _ strings: StringTable,
        _ source: borrowing some ElfSource & ~Copyable
    ) throws(Diagnostic) -> [VersionNeed] {
        guard let records = try records(place, source) else { return [] }
        guard let found = records.needs(count: place.count) else { throw malformed("its version needs are unreadable") }
        var needs: [VersionNeed] = []
        for need in found {
            var versions: [VersionNeed.Version] = []
            for version in need.versions {
                let name = try string(at: UInt64(version.name), strings, source)
                versions.append(VersionNeed.Version(name: name, isWeak: version.isWeak))
            }
            needs.append(
                VersionNeed(library: try string(at: UInt64(need.library), strings, source), versions: versions)
            )
        }
        return needs
    }

    func versionDefinitions(
        _ place: Versions,
        _ strings: StringTable,
        _ source: borrowing some ElfSource & ~Copyable
    ) throws(Diagnostic) -> [String] {
        guard let records = try records(place, source) else { return [] }
        guard let found = records.definitions(count: place.count) else {
            throw malformed("its version definitions are unreadable")
        }
        var definitions: [String] = []
        for name in found { definitions.append(try string(at: UInt64(name), strings, source)) }
        return definitions
    }

    func records(
        _ place: Versions,
        _ source: borrowing some ElfSource & ~Copyable
    ) throws(Diagnostic) -> VersionRecords? {
        guard let address = place.address else { return nil }
        guard let extent = loadMap.extent(from: address) else {
            throw malformed("its symbol versions are not in a loaded segment")
        }
        let count = Int(min(UInt64(Self.sectionLimit), extent.count))
        return VersionRecords(bytes: try source.window(at: extent.offset, upTo: count), format: format)
    }

    private func malformed(_ reason: String) -> Diagnostic {
        .elfMalformed(name, "its dynamic section is unreadable: \(reason)")
    }
}

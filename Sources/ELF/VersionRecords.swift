/// The records of symbol versions, each of which says how many bytes further the next one is.
///
/// Names are places in the string table. Linux Standard Base, Core, § Symbol Versioning.
struct VersionRecords {
    struct Need: Hashable {
        struct Version: Hashable {
            let name: UInt32
            let isWeak: Bool
            /// What stands with the symbols that have it.
            let index: UInt16
        }

        let library: UInt32
        let versions: [Version]
    }

    /// The most records that are followed: those which overlap could otherwise be a billion.
    private static let limit = 4096

    /// Begins with the first record; the others are somewhere in it.
    let bytes: [UInt8]
    let format: ElfFormat

    /// `Verneed` and `Vernaux`, at most `count` libraries unless `count` is 0; `nil` if a record is outside the bytes.
    func needs(count: UInt64) -> [Need]? {
        var needs: [Need] = []
        var position = 0
        var budget = Self.limit
        while true {
            var cursor = ElfCursor(bytes, format, at: position)
            guard
                cursor.uint16() == 1,
                let versionCount = cursor.uint16(),
                let library = cursor.uint32(),
                let first = cursor.uint32(),
                let next = cursor.uint32(),
                let versions = versions(at: position, plus: first, count: versionCount, &budget)
            else { return nil }
            needs.append(Need(library: library, versions: versions))
            budget -= 1
            guard budget > 0 else { return nil }
            guard next != 0, needs.count != count else { return needs }
            position += Int(next)
        }
    }

    /// The names in `Verdef` and `Verdaux` but for `VER_FLG_BASE`, which stands for the file itself; `nil` as in `needs`.
    func definitions(count: UInt64) -> [UInt32]? {
        var names: [UInt32] = []
        var position = 0
        for seen in 1...UInt64(Self.limit) {
            var cursor = ElfCursor(bytes, format, at: position)
            guard
                cursor.uint16() == 1,
                let flags = cursor.uint16(),
                cursor.uint32() != nil,  // vd_ndx and vd_cnt: the names after the first are those it inherits from
                cursor.uint32() != nil,
                let first = cursor.uint32(),
                let next = cursor.uint32()
            else { return nil }
            var name = ElfCursor(bytes, format, at: position + Int(first))
            guard let index = name.uint32() else { return nil }
            if flags & 1 == 0 { names.append(index) }
            guard next != 0, seen != count else { return names }
            position += Int(next)
        }
        return nil
    }

    private func versions(at start: Int, plus first: UInt32, count: UInt16, _ budget: inout Int) -> [Need.Version]? {
        var versions: [Need.Version] = []
        var position = start + Int(first)
        while versions.count < Int(count) {
            var cursor = ElfCursor(bytes, format, at: position)
            guard
                cursor.uint32() != nil,
                let flags = cursor.uint16(),
                let index = cursor.uint16(),
                let name = cursor.uint32(),
                let next = cursor.uint32()
            else { return nil }
            versions.append(Need.Version(name: name, isWeak: flags & 2 != 0, index: index))
            budget -= 1
            guard budget > 0 else { return nil }
            if next == 0 { break }
            position += Int(next)
        }
        return versions
    }
}

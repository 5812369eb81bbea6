import ByteIO
import Check
import Diagnostics
import ELF
import OCI

/// What a comparison knows of an ELF file, so that it can say what changed in it without reading it again.
struct ElfSummary: Hashable {
    struct Section: Hashable {
        let name: String
        let size: Int64
        /// The first bytes of the SHA-256 of its content; 0 if it has none.
        let hash: UInt64
    }

    let facts: ElfFacts
    let buildID: String?
    /// The version of Go that compiled it.
    let go: String?
    let sections: [Section]

    /// As many sections are looked at; programs have some forty.
    private static let mostSections = 256

    /// `nil` if its headers cannot be read.
    ///
    /// - Throws: `io.failed`.
    init?(_ file: StreamedFile, named name: String) throws(Diagnostic) {
        guard case .elf(let facts)? = try FileFacts(file, named: name), let elf = try? ElfFile(file, named: name) else {
            return nil
        }
        self.facts = facts
        buildID = elf.buildID(in: file)
        go = GoBuildInfo(in: elf, reading: file)?.version
        var sections = [Section]()
        // Headers may lie: sections that lie over each other are not read again and again.
        var left = file.size
        for section in elf.sections(in: file).prefix(Self.mostSections) {
            guard let size = Int64(exactly: section.size) else { continue }
            var hash: UInt64 = 0
            if section.hasBytes, let offset = Int64(exactly: section.offset), offset <= file.size,
                size <= file.size - offset, size <= left
            {
                left -= size
                hash = ContentHash(try file.digest(of: offset..<offset + size)).words[0]
            }
            sections.append(Section(name: section.name, size: size, hash: hash))
        }
        self.sections = sections
    }
}

extension StreamedFile {
    /// The digest of the bytes in `range`, which is in the file.
    func digest(of range: Range<Int64>) throws(Diagnostic) -> Digest {
        var hasher = SHA256Hasher()
        if case .memory(let bytes) = self {
            bytes.withUnsafeBytes { bytes in
                hasher.update(UnsafeRawBufferPointer(rebasing: bytes[Int(range.lowerBound)..<Int(range.upperBound)]))
            }
            return hasher.finalize()
        }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let bytes = try self.bytes(at: offset, count: Int(min(1 << 18, range.upperBound - offset)))
            guard !bytes.isEmpty else { break }
            bytes.withUnsafeBytes { hasher.update($0) }
            offset += Int64(bytes.count)
        }
        return hasher.finalize()
    }
}

// What a cache keeps of it.
extension ElfSummary {
    var bytes: [UInt8] {
        var writer = BinaryWriter()
        writer.put(FileFacts.elf(facts).bytes)
        writer.put(Array((buildID ?? "").utf8))
        writer.put(Array((go ?? "").utf8))
        for section in sections {
            writer.put(Array(section.name.utf8))
            writer.put(section.size)
            writer.put(section.hash)
        }
        return writer.bytes
    }

    /// `nil` if `bytes` did not write them.
    init?(bytes: [UInt8]) {
        var reader = BinaryReader(bytes)
        guard let facts = reader.bytes().flatMap({ FileFacts(bytes: $0) }), case .elf(let elf) = facts,
            let buildID = reader.slice(), let go = reader.slice()
        else { return nil }
        self.facts = elf
        self.buildID = buildID.isEmpty ? nil : String(decoding: buildID, as: UTF8.self)
        self.go = go.isEmpty ? nil : String(decoding: go, as: UTF8.self)
        var sections = [Section]()
        while !reader.isAtEnd {
            guard let name = reader.slice(), let size: Int64 = reader.number(), let hash: UInt64 = reader.number()
            else {
                return nil
            }
            sections.append(Section(name: String(decoding: name, as: UTF8.self), size: size, hash: hash))
        }
        self.sections = sections
    }
}

extension ElfDifference {
    /// `nil` if nothing that is known of them differs.
    init?(_ left: ElfSummary, _ right: ElfSummary) {
        func value(_ left: String?, _ right: String?) -> Value? {
            left == right ? nil : Value(left: left, right: right)
        }
        func libraries(_ facts: ElfFacts) -> Set<String> {
            Set(facts.versionNeeds.flatMap { need in need.versions.map { "\(need.library) \($0.name)" } })
        }
        self.init()
        buildID = value(left.buildID, right.buildID)
        go = value(left.go, right.go)
        soname = value(left.facts.soname, right.facts.soname)
        interpreter = value(left.facts.interpreter, right.facts.interpreter)
        runpath = value(left.facts.runpath ?? left.facts.rpath, right.facts.runpath ?? right.facts.rpath)
        neededLeft = left.facts.needed.filter { !right.facts.needed.contains($0) }
        neededRight = right.facts.needed.filter { !left.facts.needed.contains($0) }
        let (oldVersions, newVersions) = (libraries(left.facts), libraries(right.facts))
        versionsLeft = oldVersions.subtracting(newVersions).sorted()
        versionsRight = newVersions.subtracting(oldVersions).sorted()
        let oldDefined = Set(left.facts.versionDefinitions)
        let newDefined = Set(right.facts.versionDefinitions)
        definedLeft = oldDefined.subtracting(newDefined).sorted()
        definedRight = newDefined.subtracting(oldDefined).sorted()
        sections = Self.sections(left.sections, right.sections)
        if self == ElfDifference() { return nil }
    }

    /// Sections are known by their names, and those of one name by their order.
    private static func sections(_ left: [ElfSummary.Section], _ right: [ElfSummary.Section]) -> [Section] {
        var rest = Dictionary(grouping: right.indices, by: { right[$0].name }).mapValues { $0.reversed() as [Int] }
        var changed = [Section]()
        var met = Set<Int>()
        for section in left {
            guard let place = rest[section.name]?.popLast() else {
                changed.append(Section(name: section.name, left: section.size, right: nil))
                continue
            }
            met.insert(place)
            if right[place] != section {
                changed.append(Section(name: section.name, left: section.size, right: right[place].size))
            }
        }
        for place in right.indices where !met.contains(place) {
            changed.append(Section(name: right[place].name, left: nil, right: right[place].size))
        }
        return changed
    }
}

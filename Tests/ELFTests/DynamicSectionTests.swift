import Diagnostics
import Testing

@testable import ELF

@Suite("Dynamic sections")
struct DynamicSectionTests {
    @Test(
        "names, needs and versions are those that readelf prints",
        arguments: ["dynamic", "dynamicFixed", "staticPIE", "library", "/bin/true", "/bin/bash", libc, libm]
    )
    func likeReadelf(name: String) throws {
        let path = try name.hasPrefix("/") ? name : Fixtures.path(of: #require(Fixtures.C(rawValue: name)))
        let dynamic = try #require(ElfFile(FileBytes(path), named: path).dynamic)
        let said = try Readelf(path)
        #expect(dynamic.needed == said.values(of: "NEEDED"))
        #expect(dynamic.soname == said.values(of: "SONAME").first)
        #expect(dynamic.rpath == said.values(of: "RPATH").first)
        #expect(dynamic.runpath == said.values(of: "RUNPATH").first)
        #expect(dynamic.isPIE == said.isPIE)
        #expect(dynamic.versionNeeds == said.versionNeeds)
        #expect(dynamic.versionDefinitions == said.versionDefinitions)
    }

    @Test("what gcc was asked for is there")
    func compiled() throws {
        let program = try #require(ElfFile(Fixtures.source(of: .dynamic), named: "app").dynamic)
        #expect(program.runpath == "$ORIGIN/../lib:/opt/lib")
        #expect(program.rpath == nil)
        #expect(program.isPIE)
        #expect(program.versionNeeds.first { $0.library == "libc.so.6" }?.versions.isEmpty == false)
        let fixed = try #require(ElfFile(Fixtures.source(of: .dynamicFixed), named: "app").dynamic)
        #expect(fixed.rpath == "/opt/old")
        #expect(fixed.runpath == nil)
        #expect(!fixed.isPIE)
        let library = try #require(ElfFile(Fixtures.source(of: .library), named: "app").dynamic)
        #expect(library.soname == "libsample.so.1")
        #expect(library.versionDefinitions == ["SAMPLE_1", "SAMPLE_2"])
    }

    @Test("a weak version is distinguished from one that is needed", arguments: formats)
    func weakVersions(format: ElfFormat) throws {
        var elf = HandMadeElf(format: format, names: ["libc.so.6", "GLIBC_2.34", "GLIBC_2.99"])
        var records = Record(format)
        records.uint16s(1, 2)
        records.uint32s(UInt32(elf.index(of: "libc.so.6")), 16, 0)
        records.append(Self.vernaux(format, flags: 0, name: elf.index(of: "GLIBC_2.34"), next: 16))
        records.append(Self.vernaux(format, flags: 2, name: elf.index(of: "GLIBC_2.99"), next: 0))
        elf.payload = records.bytes
        elf.dynamic = elf.stringEntries + [Self.verneed, (0x6FFF_FFFF, 1), (0, 0)]
        #expect(
            try elf.parse().dynamic?.versionNeeds == [
                VersionNeed(
                    library: "libc.so.6",
                    versions: [
                        VersionNeed.Version(name: "GLIBC_2.34", isWeak: false),
                        VersionNeed.Version(name: "GLIBC_2.99", isWeak: true),
                    ]
                )
            ]
        )
    }

    @Test(
        "the count of libraries ends the list, if there is one",
        arguments: [(0, 3), (1, 1), (2, 2), (9, 3)] as [(UInt64, Int)]
    )
    func countOfNeeds(count: UInt64, expected: Int) throws {
        var elf = HandMadeElf(names: ["libc.so.6"])
        var records = Record(elf.format)
        for next in [16, 16, 0] as [UInt32] {
            records.uint16s(1, 0)
            records.uint32s(1, 0, next)
        }
        elf.payload = records.bytes
        elf.dynamic = elf.stringEntries + [Self.verneed, (0x6FFF_FFFF, count), (0, 0)]
        #expect(try elf.parse().dynamic?.versionNeeds.count == expected)
    }

    /// Records that overlap: every one points one byte further, or at the same ones as all others.
    static func overlapping(next: UInt32, count: UInt16) -> [UInt8] {
        var records = Record(ElfFormat(.bits64, .little))
        for _ in 0..<1000 {
            records.uint16s(1, count)
            records.uint32s(1, 16, next)
        }
        return records.bytes
    }

    @Test(
        "version records that are not a list are refused, however they are tied",
        arguments: [
            overlapping(next: 16, count: 0xFFFF),  // without an end
            overlapping(next: 0xFFFF_FFF0, count: 0),  // far outside
            overlapping(next: 4, count: 0),  // misaligned, so that the next is invalid
            [1, 0, 1],  // half a record
            [2, 0] + [UInt8](repeating: 0, count: 64),  // of an unknown version
        ]
    )
    func brokenVersions(payload: [UInt8]) throws {
        for place in [Self.verneed, Self.verdef] {
            var elf = HandMadeElf(names: ["libc.so.6"], payload: payload)
            elf.dynamic = elf.stringEntries + [place, (0, 0)]
            let problem = #expect(throws: Diagnostic.self) { try elf.parse() }
            #expect(problem?.code == .elfMalformed)
            let what = place.0 == Self.verneed.0 ? "needs" : "definitions"
            #expect(problem?.reason == "its dynamic section is unreadable: its version \(what) are unreadable")
        }
    }

    struct Damage: CustomTestStringConvertible {
        var entries: [(tag: UInt64, value: UInt64)]
        var reason: String
        var testDescription: String { reason }
    }

    private static let strings = HandMadeElf.base + HandMadeElf.stringsOffset
    private static let verneed: (UInt64, UInt64) = (0x6FFF_FFFE, HandMadeElf.base + HandMadeElf.payloadOffset)
    private static let verdef: (UInt64, UInt64) = (0x6FFF_FFFC, HandMadeElf.base + HandMadeElf.payloadOffset)

    @Test(
        "a dynamic section that points elsewhere is unreadable, and says why",
        arguments: [
            Damage(entries: [], reason: "it has no end"),
            Damage(entries: [(21, 0)], reason: "it has no end"),
            Damage(entries: [(1, 1), (0, 0)], reason: "it has no string table"),
            Damage(entries: [(5, 0), (1, 1), (0, 0)], reason: "its string table is not in a loaded segment"),
            Damage(entries: [(5, .max), (1, 1), (0, 0)], reason: "its string table is not in a loaded segment"),
            Damage(entries: [(5, strings), (10, 11), (1, 11), (0, 0)], reason: "a name is outside its string table"),
            Damage(entries: [(5, strings), (1, .max), (0, 0)], reason: "a name is outside its string table"),
            Damage(
                entries: [(5, strings), (10, 5), (1, 1), (0, 0)],
                reason: "a name in its string table does not end"
            ),
            Damage(entries: [(0x6FFF_FFFE, 1), (0, 0)], reason: "its symbol versions are not in a loaded segment"),
        ]
    )
    func unreadable(damage: Damage) throws {
        var elf = HandMadeElf(names: ["libc.so.6"])
        elf.dynamic = damage.entries
        // An empty section is in no segment at all, and what is behind this one must not end it.
        elf.payload = [1]
        let problem = #expect(throws: Diagnostic.self) { try elf.parse() }
        #expect(problem?.code == .elfMalformed)
        #expect(problem?.reason == "its dynamic section is unreadable: \(damage.reason)")
    }

    @Test("a dynamic section of more than 64 KiB is refused before it is read")
    func tooLarge() throws {
        var elf = HandMadeElf()
        elf.dynamic = Array(repeating: (1, 0), count: 4097)
        let problem = #expect(throws: Diagnostic.self) { try elf.parse() }
        #expect(problem?.reason == "its dynamic section is unreadable: it has 65552 bytes")
    }

    private static func vernaux(_ format: ElfFormat, flags: UInt16, name: UInt64, next: UInt32) -> [UInt8] {
        var record = Record(format)
        record.uint32s(0)
        record.uint16s(flags, 2)
        record.uint32s(UInt32(name), next)
        return record.bytes
    }
}

private let libc = "/lib/x86_64-linux-gnu/libc.so.6"
private let libm = "/lib/x86_64-linux-gnu/libm.so.6"
private let formats = [
    ElfFormat(.bits32, .little), ElfFormat(.bits32, .big), ElfFormat(.bits64, .little), ElfFormat(.bits64, .big),
]

/// What `readelf -dVW` prints.
private struct Readelf {
    private let lines: [Substring]

    init(_ path: String) throws {
        lines = try Fixtures.readelf("-dVW", path)
    }

    /// ` 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]`
    func values(of tag: String) -> [String] {
        lines.filter { $0.contains("(\(tag))") }.compactMap { line in
            line.firstIndex(of: "[").map { String(line[$0...].dropFirst().dropLast()) }
        }
    }

    var isPIE: Bool { lines.contains { $0.contains("(FLAGS_1)") && $0.contains("PIE") } }

    /// `  0x0010:   Name: GLIBC_2.34  Flags: none  Version: 3`, behind
    /// `  000000: Version: 1  File: libc.so.6  Cnt: 2`.
    var versionNeeds: [VersionNeed] {
        var needs: [(library: String, versions: [VersionNeed.Version])] = []
        for line in section("Version needs section") {
            let words = line.split(separator: " ").map(String.init)
            if let file = words.firstIndex(of: "File:") {
                needs.append((words[file + 1], []))
            } else if let name = words.firstIndex(of: "Name:"), !needs.isEmpty {
                let isWeak = line.contains("WEAK")
                needs[needs.count - 1].versions.append(VersionNeed.Version(name: words[name + 1], isWeak: isWeak))
            }
        }
        return needs.map { VersionNeed(library: $0.library, versions: $0.versions) }
    }

    /// `  0x001c: Rev: 1  Flags: none  Index: 2  Cnt: 1  Name: SAMPLE_1`
    var versionDefinitions: [String] {
        section("Version definition section").compactMap { line in
            guard line.contains("Rev:"), !line.contains("Flags: BASE") else { return nil }
            return line.split(separator: " ").last.map(String.init)
        }
    }

    private func section(_ title: String) -> ArraySlice<Substring> {
        guard let start = lines.firstIndex(where: { $0.hasPrefix(title) }) else { return [] }
        let rest = lines[(start + 1)...]
        return rest.prefix { $0.hasPrefix(" ") }
    }
}

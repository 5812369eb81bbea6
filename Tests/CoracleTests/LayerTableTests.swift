import Archive
import ELF
import OCI
import Testing

@testable import Check

@Suite("Tables of layers, as a cache keeps them")
struct LayerTableTests {
    private let table = LayerTable(
        diffID: DiffID(Digest(sha256Of: [1])),
        size: 1 << 40,
        records: [
            Self.record("", .directory), Self.record("a", .regular, content: [1, 2, 3]),
            Self.record("b", .regular, content: []),
            Self.record("c", .symlink(target: Array("../x".utf8))),
            Self.record("d", .hardlink(target: Array("a".utf8))),
            Self.record("e", .characterDevice(major: 1, minor: .max)),
            Self.record("f", .blockDevice(major: 7, minor: 0)),
            Self.record("g", .fifo), Self.record("h", .regular),
            Self.record("i", .regular, facts: .damaged(reason: "it ends")),
            Self.record(
                "j",
                .regular,
                facts: .script(
                    Shebang(interpreter: "/bin/sh", argument: "-e", endsInCarriageReturn: true, isTooLong: false)
                )
            ),
            Self.record("k", .regular, facts: .elf(Self.elf)),
        ]
    )

    private static let elf = ElfFacts(
        format: ElfFormat(.bits32, .big),
        machine: .mips,
        architecture: "mips",
        linkage: .dynamic(loader: "/lib/ld.so", needed: ["a", "b"]),
        soname: "",
        needed: ["a", "b"],
        runpath: "$ORIGIN",
        avoidsUsualDirectories: true,
        versionNeeds: [VersionNeed(library: "a", versions: [.init(name: "A_1", isWeak: true)])],
        versionDefinitions: ["B_1", "B_2"]
    )

    private static func record(
        _ path: String,
        _ kind: TarEntry.Kind,
        content: [UInt8]? = nil,
        facts: FileFacts? = nil
    ) -> LayerTable.Record {
        LayerTable.Record(
            TarEntry(
                path: Array(path.utf8),
                kind: kind,
                mode: 0o7777,
                uid: .max,
                gid: 65532,
                size: Int64.max
            ),
            content: content,
            facts: facts
        )
    }

    @Test("a table is read as it was written")
    func roundTrip() throws {
        let read = try #require(LayerTable(bytes: table.bytes))
        #expect(read.diffID == table.diffID)
        #expect(read.size == table.size)
        #expect(Array(read.records) == Array(table.records))
    }

    @Test("a table that is cut off or changed is refused, or is another table, and never a crash")
    func damaged() {
        let bytes = table.bytes
        for count in bytes.indices {
            if let cut = LayerTable(bytes: Array(bytes.prefix(count))) {
                #expect(cut.count < table.count)
            }
            for value: UInt8 in [0, 0x7F, 0xFF] {
                var changed = bytes
                changed[count] = value
                let read = LayerTable(bytes: changed)
                #expect(read == nil || read?.bytes == changed)
            }
        }
    }
}

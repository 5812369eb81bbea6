import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import ELF

@Suite("ELF headers")
struct ElfFileTests {
    @Test(
        "what readelf says of a real program is what is read from it",
        arguments: Fixtures.C.allCases.filter { $0 != .core }
    )
    func likeReadelf(kind: Fixtures.C) throws {
        let file = try ElfFile(Fixtures.source(of: kind), named: kind.rawValue)
        let said = try Fixtures.readelf("-hlW", Fixtures.path(of: kind))
        func value(_ key: String) -> Substring? {
            said.first { $0.contains(key) }?.split(separator: ":", maxSplits: 1).last?.drop { $0 == " " }
        }
        #expect(value("  Class:") == "ELF64")
        #expect(file.header.format == ElfFormat(.bits64, .little))
        #expect(value("  Machine:") == "Advanced Micro Devices X86-64")
        #expect(file.header.machine == .x86_64)
        #expect(value("  Entry point address:") == "0x\(String(file.header.entry, radix: 16))")
        #expect(value("  Flags:") == "0x\(String(file.header.flags, radix: 16))")
        let type = value("  Type:")?.prefix { $0 != " " }
        #expect(
            type == ["dynamic": "DYN", "staticPIE": "DYN", "object": "REL"][kind.rawValue]
                ?? (file.isLibrary ? "DYN" : "EXEC")
        )
        #expect(value("  Number of program headers:").flatMap { Int($0) } == file.segments.count)
        let loads = said.filter { $0.hasPrefix("  LOAD ") }.map { line in
            line.split(separator: " ").dropFirst().prefix(5).compactMap { UInt64($0.dropFirst(2), radix: 16) }
        }
        let ours = file.segments.filter { $0.kind == .load }
        #expect(loads == ours.map { [$0.offset, $0.address, $0.address, $0.fileSize, $0.memorySize] })
        let interpreter = said.first { $0.contains("program interpreter:") }?.split(separator: ":").last
        #expect(interpreter.map { String($0.dropFirst().dropLast()) } == file.interpreter)
    }

    @Test("a file without a whole header is cut short, and says by how much", arguments: [0, 1, 3, 4, 12, 15, 16, 63])
    func truncatedHeader(count: Int) {
        let problem = #expect(throws: Diagnostic.self) {
            try ElfFile(ElfBytes(Array(HandMadeElf().bytes.prefix(count))), named: "app")
        }
        #expect(problem?.code == .elfTruncated)
        #expect(problem?.summary == "`app` is cut short")
        #expect(problem?.reason == "not a complete ELF header (\(count) bytes)")
    }

    @Test("a 32-bit header is whole with 52 bytes")
    func header32() throws {
        let elf = HandMadeElf(format: ElfFormat(.bits32, .big), machine: 20)
        let header = try ElfHeader(ElfBytes(Array(elf.bytes.prefix(52))), named: "app")
        #expect(header.machine == .ppc)
        #expect(header.entry == 0x10000)
        #expect(throws: Diagnostic.self) { try ElfHeader(ElfBytes(Array(elf.bytes.prefix(51))), named: "app") }
    }

    @Test(
        "a file of another kind is named",
        arguments: [
            ("#!/bin/sh\n", "it is a shell script for /bin/sh", nil),
            ("#!/bin/sh\r\n", "it is a shell script for /bin/sh", "its lines end in CR LF: save it with LF alone"),
            (
                "\u{0}asm", "it is a WebAssembly module", nil
            ),
            (
                "!<arch>\n", "it is a static library (ar archive)",
                "build a program: in Go, the package must be named `main`"
            ),
            ("hello", "it is text", nil),
        ] as [(String, String, String?)]
    )
    func otherKind(content: String, reason: String, hint: String?) {
        let problem = #expect(throws: Diagnostic.self) { try ElfFile(ElfBytes(Array(content.utf8)), named: "app") }
        #expect(problem?.code == .elfNotELF)
        #expect(problem?.summary == "`app` is not a Linux program")
        #expect(problem?.reason == reason)
        #expect(problem?.hint == hint)
    }

    /// A number in the header of a 64-bit file, and what is said of it.
    struct Damage: CustomTestStringConvertible {
        var offset: Int
        var value: [UInt8]
        var code = Diagnostic.Code.elfMalformed
        var reason: String
        var testDescription: String { reason }
    }

    @Test(
        "a header that contradicts itself is refused",
        arguments: [
            Damage(offset: 4, value: [0], reason: "its class is 0, neither 32-bit (1) nor 64-bit (2)"),
            Damage(offset: 5, value: [3], reason: "its byte order is 3, neither little (1) nor big (2)"),
            Damage(offset: 54, value: [0, 0], reason: "its program headers have 0 bytes each instead of 56"),
            Damage(offset: 54, value: [32, 0], reason: "its program headers have 32 bytes each instead of 56"),
            Damage(offset: 56, value: [0, 0], reason: "it has no program headers, so there is nothing to load"),
            // PN_XNUM
            Damage(
                offset: 56,
                value: [0xFF, 0xFF],
                reason: "it has 65535 program headers, and Linux loads at most 1170"
            ),
            Damage(
                offset: 32,
                value: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
                code: .elfTruncated,
                reason: "its program headers are at 18446744073709551615, and it has 2048 bytes"
            ),
            Damage(
                offset: 32,
                value: [0xF0, 7],
                code: .elfTruncated,
                reason: "its program headers are at 2032, and it has 2048 bytes"
            ),
            // The first segment's offset, memory address and size in the file.
            Damage(
                offset: 64 + 8,
                value: [8],
                code: .elfTruncated,
                reason: "its segments need 2056 bytes, and it has 2048"
            ),
            Damage(
                offset: 64 + 8,
                value: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
                reason: "a loaded segment of 2048 bytes at 18446744073709551615 is impossible"
            ),
            Damage(
                offset: 64 + 16,
                value: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
                reason: "a loaded segment at address 18446744073709551615 does not fit into memory"
            ),
            Damage(offset: 64 + 32, value: [1], reason: "a loaded segment of 2049 bytes at 0 is impossible"),
        ]
    )
    func contradiction(damage: Damage) {
        var bytes = HandMadeElf().bytes
        #expect(bytes.count == 2048)
        bytes.replaceSubrange(damage.offset..<damage.offset + damage.value.count, with: damage.value)
        let problem = #expect(throws: Diagnostic.self) { try ElfFile(ElfBytes(bytes), named: "app") }
        #expect(problem?.code == damage.code)
        #expect(problem?.reason == damage.reason)
    }

    @Test(
        "a loader's name is a path that ends in NUL",
        arguments: [
            (Array("/lib/ld-musl-x86_64.so.1\0".utf8), nil),
            (Array("/lib/ld.so\0rest\0".utf8), nil),
            ([], "its loader's name has 0 bytes"),
            ([0], "its loader's name has 1 bytes"),
            ([0, 0], "its loader's name is empty"),
            (Array("/lib/ld.so".utf8), "its loader's name does not end"),
            ([UInt8](repeating: 0x61, count: 4097), "its loader's name has 4097 bytes"),
        ] as [([UInt8], String?)]
    )
    func loaderName(bytes: [UInt8], reason: String?) throws {
        let elf = HandMadeElf(interpreter: bytes)
        guard let reason else {
            #expect(try elf.parse().interpreter == String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
            return
        }
        let problem = #expect(throws: Diagnostic.self) { try elf.parse() }
        #expect(problem?.code == .elfMalformed)
        #expect(problem?.reason == reason)
    }

    @Test("a program is read the same without section headers", arguments: [Fixtures.C.dynamic, .staticPIE, .library])
    func withoutSections(kind: Fixtures.C) throws {
        let whole = try Fixtures.source(of: kind).all()
        let expected = try ElfFile(ElfBytes(whole), named: "app")
        // As sstrip does: the table is cut off, and the header knows of none.
        var bytes = Array(whole.prefix(Int(expected.header.sectionHeaders.offset)))
        bytes.replaceSubrange(40..<48, with: Array(repeating: 0, count: 8))
        bytes.replaceSubrange(58..<64, with: Array(repeating: 0, count: 6))
        let file = try ElfFile(ElfBytes(bytes), named: "app")
        #expect(file.segments == expected.segments)
        #expect(file.interpreter == expected.interpreter)
        #expect(file.dynamic == expected.dynamic)
        #expect(Linkage(of: file) == Linkage(of: expected))
    }

    @Test("a program cut off behind its headers is cut short", arguments: [Fixtures.C.dynamic, .staticPIE])
    func cutOff(kind: Fixtures.C) throws {
        let bytes = try Fixtures.source(of: kind).all()
        let problem = #expect(throws: Diagnostic.self) {
            try ElfFile(ElfBytes(Array(bytes.prefix(bytes.count / 4))), named: "app")
        }
        #expect(problem?.code == .elfTruncated)
    }

    @Test("only a small part of a file of 3 GiB is read")
    func hugeFile() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("app", readFile(Fixtures.path(of: .dynamic)))
        #expect(truncate(path, 3 << 30) == 0)
        let source = try FileBytes(path)
        let file = try ElfFile(source, named: "app")
        #expect(GoBuildInfo(in: file, reading: source) == nil)
        #expect(try Architecture(of: file, in: source).description == "amd64")
        #expect(source.readCount < 65536)
    }

    @Test(
        "a file for another system says so",
        arguments: [(0, nil), (3, nil), (9, "FreeBSD"), (12, "OpenBSD")] as [(UInt8, String?)]
    )
    func otherSystem(value: UInt8, name: String?) throws {
        #expect(try HandMadeElf(osABI: value).parse().header.osABI.otherSystem == name)
    }

    @Test("a source gives exactly the bytes it is asked for, or throws")
    func source() throws {
        let source = ElfBytes([1, 2, 3, 4])
        #expect(try source.bytes(at: 1, count: 2) == [2, 3])
        #expect(try source.bytes(at: 4, count: 0) == [])
        for (offset, count) in [(0, 5), (4, 1), (-1, 1), (0, -1), (Int64.max, 1), (1, Int.max)] as [(Int64, Int)] {
            #expect(throws: Diagnostic.self) { try source.bytes(at: offset, count: count) }
        }
        #expect(try source.window(at: 2, upTo: 10) == [3, 4])
        #expect(try source.window(at: UInt64.max, upTo: 10) == [])
    }
}

extension ElfFile {
    fileprivate var isLibrary: Bool {
        if case .sharedLibrary = Linkage(of: self) { true } else { false }
    }
}

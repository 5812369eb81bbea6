import TestSupport
import Testing

@testable import ELF

@Suite("Linkage")
struct LinkageTests {
    @Test(
        "gcc's options are read from the file",
        arguments: [
            (.dynamic, .dynamic(loader: loader, needed: ["libm.so.6", "libc.so.6"])),
            (.dynamicFixed, .dynamic(loader: loader, needed: ["libm.so.6", "libc.so.6"])),
            (.staticFixed, .staticExecutable),
            (.staticPIE, .staticPIE),
            (.library, .sharedLibrary(soname: "libsample.so.1")),
            (.libraryWithoutName, .sharedLibrary(soname: nil)),
            (.object, .relocatable),
            (.core, .core),
        ] as [(Fixtures.C, Linkage)]
    )
    func compiled(kind: Fixtures.C, expected: Linkage) throws {
        let source = try Fixtures.source(of: kind)
        let linkage = Linkage(of: try ElfFile(source, named: kind.rawValue))
        #expect(linkage == expected)
        #expect(linkage.libc == (kind == .dynamic || kind == .dynamicFixed ? .glibc : nil))
    }

    @Test("a position-independent Go program needs its loader although it needs no library")
    func goPIE() throws {
        let source = try Fixtures.source(of: .init(flags: ["-buildmode=pie", "-ldflags=-s -w"]))
        #expect(Linkage(of: try ElfFile(source, named: "hello")) == .dynamic(loader: loader, needed: []))
    }

    /// DT_FLAGS_1 with DF_1_PIE, and a DT_NEEDED or a DT_SONAME of `libc.so`.
    private static let pie: (UInt64, UInt64) = (0x6FFF_FFFB, 0x0800_0000)

    @Test(
        "a shared object without a loader is a program or a library by its mark, its name, its needs and its entry",
        arguments: [
            (true, nil, 0x10000, .staticPIE),
            (false, nil, 0x10000, .staticPIE),
            (false, nil, 0, .sharedLibrary(soname: nil)),
            (true, nil, 0, .staticPIE),
            (false, 14, 0x10000, .sharedLibrary(soname: "libc.so")),
            (true, 14, 0x10000, .staticPIE),
            (false, 1, 0x10000, .sharedLibrary(soname: nil)),
            (true, 1, 0x10000, .dynamic(loader: nil, needed: ["libc.so"])),
        ] as [(Bool, UInt64?, UInt64, Linkage)]
    )
    func withoutLoader(isMarked: Bool, nameTag: UInt64?, entry: UInt64, expected: Linkage) throws {
        var elf = HandMadeElf()
        (elf.type, elf.entry, elf.names) = (3, entry, ["libc.so"])
        elf.dynamic =
            elf.stringEntries + (nameTag.map { [($0, elf.index(of: "libc.so"))] } ?? [])
            + (isMarked ? [Self.pie] : []) + [(0, 0)]
        #expect(Linkage(of: try elf.parse()) == expected)
    }

    @Test("a program packed with UPX is not called static")
    func packed() throws {
        var elf = HandMadeElf()
        // UPX writes a checksum and its mark behind the program headers.
        var bytes = elf.bytes
        bytes.replaceSubrange(0x7C..<0x80, with: "UPX!".utf8)
        let file = try ElfFile(ElfBytes(bytes), named: "sample")
        #expect(Linkage(of: file) == .packed(.upx))
        #expect(Linkage(of: file).description == "a program packed with UPX")

        elf.payload = Array("UPX!".utf8)
        #expect(Linkage(of: try elf.parse()) == .staticExecutable)
    }

    @Test(
        "the debug information of a program is not taken for the program",
        arguments: [Fixtures.C.dynamic, .staticPIE, .library]
    )
    func debugInformation(kind: Fixtures.C) throws {
        let directory = try TemporaryDirectory()
        let path = directory("app.debug")
        try Command("objcopy", ["--only-keep-debug", Fixtures.path(of: kind), path]).output()
        #expect(Linkage(of: try ElfFile(FileBytes(path), named: "app.debug")) == .debugInformation)
    }

    @Test("a type that Linux does not run is named", arguments: [0, 5, 0xFE00] as [UInt16])
    func otherType(type: UInt16) throws {
        #expect(Linkage(of: try HandMadeElf(type: type).parse()) == .other(type))
    }

    @Test(
        "the loader decides which C library it is",
        arguments: [
            ("/lib64/ld-linux-x86-64.so.2", .glibc), ("/lib/ld-linux-aarch64.so.1", .glibc),
            ("/lib/ld-linux-armhf.so.3", .glibc), ("/lib/ld64.so.1", .glibc), ("/lib64/ld64.so.2", .glibc),
            ("/lib/ld-linux-riscv64-lp64d.so.1", .glibc), ("/lib/ld.so.1", .glibc),
            ("/nix/store/abc-glibc-2.40/lib/ld-linux-x86-64.so.2", .glibc),
            ("/lib/ld-musl-x86_64.so.1", .musl), ("/lib/ld-uClibc.so.0", .uClibc), ("/system/bin/linker64", .bionic),
            ("/libexec/ld-elf.so.1", nil), ("/", nil),
        ] as [(String, Libc?)]
    )
    func libc(loader: String, expected: Libc?) {
        #expect(Libc(loader: loader) == expected)
    }

    @Test("without a known loader, the libraries decide which C library it is")
    func libcOfLibraries() {
        #expect(Linkage.dynamic(loader: nil, needed: ["libz.so.1", "libc.so.6"]).libc == .glibc)
        #expect(Linkage.dynamic(loader: "/opt/loader", needed: ["libc.musl-x86_64.so.1"]).libc == .musl)
        #expect(Linkage.dynamic(loader: "/opt/loader", needed: ["libz.so.1"]).libc == nil)
    }

    @Test("a dynamic program is described by all that it needs")
    func description() {
        let linkage = Linkage.dynamic(loader: loader, needed: ["libm.so.6", "libc.so.6"])
        #expect(
            linkage.description
                == "a dynamically linked program: it needs the loader /lib64/ld-linux-x86-64.so.2, libm.so.6, libc.so.6"
        )
    }
}

private let loader = "/lib64/ld-linux-x86-64.so.2"

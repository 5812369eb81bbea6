import Diagnostics
import Testing

@testable import ELF

@Suite("Architectures")
struct ArchitectureTests {
    struct Build: CustomTestStringConvertible {
        var go: Fixtures.Go
        var expected: String
        var evidence: String
        var testDescription: String { expected }

        init(_ architecture: String, goarm: String? = nil, _ expected: String, _ evidence: String) {
            go = Fixtures.Go(architecture: architecture, environment: goarm.map { ["GOARM": $0] } ?? [:])
            self.expected = expected
            self.evidence = evidence
        }
    }

    @Test(
        "a Go program is for the platform of `go build`",
        arguments: [
            Build("amd64", "amd64", "the ELF machine is x86-64"),
            Build("386", "386", "the ELF machine is i386"),
            Build("arm64", "arm64/v8", "the ELF machine is AArch64"),
            Build("arm", goarm: "5", "arm/v5", "the Go build setting is GOARM=5"),
            Build("arm", goarm: "6", "arm/v6", "the Go build setting is GOARM=6"),
            Build("arm", goarm: "7", "arm/v7", "the Go build setting is GOARM=7"),
            Build("ppc64le", "ppc64le", "the ELF machine is PowerPC 64"),
            Build("ppc64", "ppc64", "the ELF machine is PowerPC 64"),
            Build("s390x", "s390x", "the ELF machine is S/390"),
            Build("riscv64", "riscv64", "the ELF machine is RISC-V"),
            Build("loong64", "loong64", "the ELF machine is LoongArch"),
            Build("mips64le", "mips64le", "the ELF machine is MIPS"),
            Build("mips64", "mips64", "the ELF machine is MIPS"),
            Build("mipsle", "mipsle", "the ELF machine is MIPS"),
            Build("mips", "mips", "the ELF machine is MIPS"),
        ]
    )
    func goPrograms(build: Build) throws {
        let source = try Fixtures.source(of: build.go)
        let file = try ElfFile(source, named: "hello")
        let go = try #require(GoBuildInfo(in: file, reading: source))
        let architecture = try Architecture(of: file, in: source, go: go)
        #expect(architecture.description == build.expected)
        #expect(architecture.evidence == build.evidence)
        #expect(go.settings["GOARCH"] == build.go.architecture)
        #expect(Linkage(of: file) == .staticExecutable)
    }

    @Test(
        "a machine that images have no name for is refused by name",
        arguments: [
            (62, .bits32, .little, 0, "it is for x32: x86-64 with 32-bit addresses"),
            (183, .bits32, .little, 0, "it is for ILP32: AArch64 with 32-bit addresses"),
            (8, .bits32, .big, 0x20, "it is for n32: 64-bit MIPS with 32-bit addresses"),
            (40, .bits32, .big, 0, "it is for ARM, 32-bit, big-endian"),
            (22, .bits32, .big, 0, "it is for S/390, 32-bit, big-endian"),
            (243, .bits32, .little, 0, "it is for RISC-V, 32-bit, little-endian"),
            (247, .bits64, .little, 0, "it is for BPF, 64-bit, little-endian"),
            (4660, .bits64, .little, 0, "it is for machine 4660, 64-bit, little-endian"),
        ] as [(UInt16, ElfFormat.Class, ElfFormat.ByteOrder, UInt32, String)]
    )
    func unsupported(
        machine: UInt16,
        elfClass: ElfFormat.Class,
        byteOrder: ElfFormat.ByteOrder,
        flags: UInt32,
        reason: String
    ) throws {
        var elf = HandMadeElf(format: ElfFormat(elfClass, byteOrder))
        (elf.machine, elf.flags) = (machine, flags)
        let source = ElfBytes(elf.bytes)
        let file = try ElfFile(source, named: "sample")
        let problem = #expect(throws: Diagnostic.self) { try Architecture(of: file, in: source) }
        #expect(problem?.code == .elfUnsupportedMachine)
        #expect(problem?.reason == reason)
    }

    @Test(
        "a 32-bit ARM program that is not Go's is for what the assembler noted",
        arguments: [
            (0, "arm/v5"), (4, "arm/v5"), (6, "arm/v6"), (9, "arm/v6"), (10, "arm/v7"), (14, "arm/v8"), (22, "arm/v8"),
        ]
            as [(UInt8, String)]
    )
    func armAttributes(tag: UInt8, expected: String) throws {
        let (file, source) = try armProgram(attributes: attributes(architecture: tag), flags: 0x0500_0200)
        #expect(try Architecture(of: file, in: source).description == expected)
        #expect(
            try Architecture(of: file, in: source).evidence == "its ARM attributes name ARM\(expected.dropFirst(4))"
        )
    }

    @Test(
        "a 32-bit ARM program without readable attributes is judged by its calling convention",
        arguments: [
            (nil, 0x0500_0400, "arm/v7", "it has the hard-float calling convention, and no attributes"),
            (nil, 0x0500_0200, "arm/v5", "nothing in it asks for more than ARMv5"),
            (
                [0x41, 0xFF, 0xFF, 0xFF, 0xFF], 0x0500_0400, "arm/v7",
                "it has the hard-float calling convention, and no attributes"
            ),
            ([0x42], 0x0500_0200, "arm/v5", "nothing in it asks for more than ARMv5"),
            (attributes(architecture: 99), 0x0500_0200, "arm/v5", "nothing in it asks for more than ARMv5"),
        ] as [([UInt8]?, UInt32, String, String)]
    )
    func callingConvention(attributes: [UInt8]?, flags: UInt32, expected: String, evidence: String) throws {
        let (file, source) = try armProgram(attributes: attributes, flags: flags)
        let architecture = try Architecture(of: file, in: source)
        #expect(architecture.description == expected)
        #expect(architecture.evidence == evidence)
    }

    @Test("attributes of another vendor and of single functions are passed over")
    func otherAttributes() throws {
        let foreign: [UInt8] = [0x0C, 0, 0, 0] + Array("gnu\0".utf8) + [1, 6, 0, 0]
        // Tag_Symbol, with a list of one symbol and Tag_CPU_arch 14; then Tag_File with 10.
        let subsections: [UInt8] = [3, 9, 0, 0, 0, 5, 0, 6, 14, 1, 7, 0, 0, 0, 6, 10]
        let ours = [UInt8(4 + 6 + subsections.count), 0, 0, 0] + Array("aeabi\0".utf8) + subsections
        let (file, source) = try armProgram(attributes: [0x41] + foreign + ours, flags: 0)
        #expect(try Architecture(of: file, in: source).description == "arm/v7")
    }

    @Test("architectures are the same wherever they were read")
    func comparison() {
        #expect(Architecture("arm", variant: "v7", evidence: "a") == Architecture("arm", variant: "v7", evidence: "b"))
        #expect(Architecture("arm", variant: "v7") != Architecture("arm", variant: "v6"))
        #expect(Set([Architecture("amd64", evidence: "a"), Architecture("amd64", evidence: "b")]).count == 1)
    }

    private func armProgram(attributes: [UInt8]?, flags: UInt32) throws -> (ElfFile, ElfBytes) {
        var elf = HandMadeElf(format: ElfFormat(.bits32, .little))
        (elf.machine, elf.flags) = (40, flags)
        if let attributes {
            elf.payload = attributes
            elf.sections = [.init(name: ".ARM.attributes", type: 0x7000_0003, size: UInt64(attributes.count))]
        }
        let source = ElfBytes(elf.bytes)
        return (try ElfFile(source, named: "sample"), source)
    }
}

/// The attributes clang 21 writes for ARMv6 (`clang --target=armv6-linux-gnueabihf -nostdlib`), shortened behind the fifth,
/// with another `Tag_CPU_arch`. Before it are the conformance (67) and the CPU's name (5), which are texts.
private func attributes(architecture: UInt8) -> [UInt8] {
    let values: [UInt8] =
        [67] + Array("2.09\0".utf8) + [5] + Array("arm1136jf-s\0".utf8) + [6, architecture, 8, 1, 9, 1, 10, 2]
    let subsection = [1, UInt8(5 + values.count), 0, 0, 0] + values
    return [0x41, UInt8(4 + 6 + subsection.count), 0, 0, 0] + Array("aeabi\0".utf8) + subsection
}

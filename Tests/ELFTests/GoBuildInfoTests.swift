import TestSupport
import Testing

@testable import ELF

@Suite("Go build information")
struct GoBuildInfoTests {
    @Test("a Go program has its version, modules, commit and settings in it")
    func everything() throws {
        let source = try Fixtures.source(of: .init(flags: ["-trimpath", "-tags=netgo,timetzdata", "-ldflags=-s -w"]))
        let file = try ElfFile(source, named: "hello")
        let info = try #require(GoBuildInfo(in: file, reading: source))
        let version = try Command("go", ["env", "GOVERSION"]).output().split(separator: "\n").first
        #expect(info.version == version.map(String.init))
        #expect(info.path == "example.com/hello")
        #expect(info.mainModule?.path == "example.com/hello")
        #expect(
            info.dependencies == [
                GoBuildInfo.Dependency(
                    module: .init(path: "example.com/dep", version: "v1.2.3"),
                    replacement: .init(path: "./dep", version: "(devel)")
                )
            ]
        )
        #expect(info.commitTime == Fixtures.commitTime)
        #expect(info.settings["vcs"] == "git")
        #expect(info.settings["vcs.revision"] == (try Fixtures.goRevision()))
        #expect(info.settings["vcs.modified"] == "false")
        #expect(info.settings["GOARCH"] == "amd64")
        #expect(info.settings["GOOS"] == "linux")
        #expect(info.settings["CGO_ENABLED"] == "0")
        #expect(info.settings["-tags"] == "netgo,timetzdata")
        #expect(info.settings["-trimpath"] == "true")
    }

    @Test("quoted settings are read as they were given")
    func quoted() throws {
        let source = try Fixtures.source(of: .init(flags: [#"-ldflags=-s -w -X "main.text=a b""#]))
        let file = try ElfFile(source, named: "hello")
        #expect(GoBuildInfo(in: file, reading: source)?.settings["-ldflags"] == #"-s -w -X "main.text=a b""#)
    }

    @Test(
        "it is found without section headers, in every way of building",
        arguments: [
            Fixtures.Go(), Fixtures.Go(flags: ["-buildmode=pie"]), Fixtures.Go(architecture: "s390x"),
            Fixtures.Go(architecture: "386"),
        ]
    )
    func withoutSections(go: Fixtures.Go) throws {
        let source = try Fixtures.source(of: go)
        let expected = try #require(GoBuildInfo(in: ElfFile(source, named: "hello"), reading: source))
        var bytes = try source.all()
        let isWide = bytes[4] == 2
        bytes.replaceSubrange(isWide ? 40..<48 : 32..<36, with: Array(repeating: 0, count: isWide ? 8 : 4))
        let file = try ElfFile(ElfBytes(bytes), named: "hello")
        #expect(SectionTable(of: file, in: ElfBytes(bytes)) == nil)
        #expect(GoBuildInfo(in: file, reading: ElfBytes(bytes)) == expected)
        #expect(expected.settings["GOARCH"] == go.architecture)
    }

    @Test(
        "programs that Go did not make have none",
        arguments: [Fixtures.C.dynamic, .staticFixed, .staticPIE, .library, .object]
    )
    func notGo(kind: Fixtures.C) throws {
        let source = try Fixtures.source(of: kind)
        #expect(GoBuildInfo(in: try ElfFile(source, named: "app"), reading: source) == nil)
    }

    @Test(
        "before Go 1.18 the note held addresses of strings",
        arguments: [ElfFormat(.bits32, .big), ElfFormat(.bits64, .little)]
    )
    func pointers(format: ElfFormat) throws {
        let elf = Self.oldProgram(
            format,
            information: Self.frame + "path\texample.com/old\nmod\texample.com/old\tv1.0.0\t\n" + Self.frame
        )
        let source = ElfBytes(elf.bytes)
        let info = try #require(GoBuildInfo(in: elf.parse(), reading: source))
        #expect(info.version == "go1.13.8")
        #expect(info.path == "example.com/old")
        #expect(info.mainModule == .init(path: "example.com/old", version: "v1.0.0"))
        #expect(info.commitTime == nil)
    }

    @Test("a program built without modules has a version only", arguments: ["", "no frame around it\n"])
    func withoutModules(information: String) throws {
        let elf = Self.oldProgram(ElfFormat(.bits64, .little), information: information)
        let info = try #require(GoBuildInfo(in: elf.parse(), reading: ElfBytes(elf.bytes)))
        #expect(info == GoBuildInfo(version: "go1.13.8", moduleInformation: ""))
        #expect(info.path == nil)
    }

    @Test(
        "a note that cannot be read is as none",
        arguments: [
            [8, 2],  // nothing follows
            [8, 2] + zeros + [5] + Array("go".utf8),  // shorter than it says
            [8, 2] + zeros + [0, 0],  // an empty version
            [8, 2] + zeros + [UInt8](repeating: 0xFF, count: 16),  // a length beyond 64 bits
            [8, 2] + zeros + [0xFF, 0xFF, 0xFF, 0x7F],  // a length beyond the file
            [3, 0] + zeros,  // pointers of three bytes
            [8, 0] + [UInt8](repeating: 0xFF, count: 16),  // addresses of nothing
        ]
    )
    func unreadable(rest: [UInt8]) throws {
        let elf = HandMadeElf(payload: Self.magic + rest)
        #expect(GoBuildInfo(in: try elf.parse(), reading: ElfBytes(elf.bytes)) == nil)
    }

    @Test("lines of the module information are read one by one, and those of an unknown kind passed over")
    func lines() {
        let info = GoBuildInfo(
            version: "go1.22.1",
            moduleInformation: """
                path\texample.com/cmd/tool
                mod\texample.com\t(devel)\t
                dep\tgolang.org/x/sys\tv0.1.0\th1:abc=
                dep\texample.org/a\tv1.0.0
                =>\texample.org/b\tv2.0.0\th1:def=
                news\tfrom the future
                dep\tcut
                build\t-compiler=gc
                build\t-ldflags="-X \\"a=b\\"\\t\\\\"
                build\t`a key`=`a value`
                build\t"x=y"=z
                build\tGOARM=7,hardfloat
                build\tempty=
                build\t=nothing
                build\t"open
                build\tvcs.time=2024-05-06T07:08:09Z
                """
        )
        #expect(info.path == "example.com/cmd/tool")
        #expect(info.mainModule == .init(path: "example.com", version: "(devel)"))
        #expect(
            info.dependencies == [
                .init(module: .init(path: "golang.org/x/sys", version: "v0.1.0")),
                .init(
                    module: .init(path: "example.org/a", version: "v1.0.0"),
                    replacement: .init(path: "example.org/b", version: "v2.0.0")
                ),
            ]
        )
        #expect(
            info.settings == [
                "-compiler": "gc", "-ldflags": "-X \"a=b\"\t\\", "a key": "a value", "x=y": "z", "GOARM": "7,hardfloat",
                "empty": "", "vcs.time": "2024-05-06T07:08:09Z",
            ]
        )
        #expect(info.commitTime == "2024-05-06T07:08:09Z")
    }

    private static let frame = String(repeating: "#", count: 16)
    private static let magic = [0xFF] + Array(" Go buildinf:".utf8)
    private static let zeros = [UInt8](repeating: 0, count: 16)

    /// The note as Go 1.13 wrote it: the addresses of two string values, which are addresses and lengths themselves.
    private static func oldProgram(_ format: ElfFormat, information: String) -> HandMadeElf {
        let start = HandMadeElf.base + HandMadeElf.payloadOffset
        var payload = Record(format)
        payload.append(magic)
        payload.append([format.elfClass == .bits64 ? 8 : 4, format.byteOrder == .big ? 1 : 0])
        payload.addresses(start + 32, start + 64)
        var (version, text) = (Record(format), Record(format))
        version.addresses(start + 96, 8)
        text.addresses(start + 104, UInt64(information.utf8.count))
        payload.place(version.bytes, at: 32)
        payload.place(text.bytes, at: 64)
        payload.place(Array("go1.13.8\(information)".utf8), at: 96)
        return HandMadeElf(format: format, payload: payload.bytes)
    }
}

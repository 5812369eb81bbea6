import Diagnostics
import Findings
import Gate
import Layers
import Needs
import OCI
import Testing

/// A root filesystem in memory, and what its one program asks for.
private struct NeedyRoot: ImageRoot {
    var entries: [RootEntry]
    let needs: ProgramNeeds

    init(_ answers: [Need: NeedAnswer], _ others: [RootEntry]) {
        needs = ProgramNeeds(answers)
        let program = RootEntry(Self.path("app/server"), .file, mode: 0o755, size: 100, origin: .application)
        entries = ([program] + others).sorted { $0.path < $1.path }
    }

    static func path(_ text: String) -> EntryPath { EntryPath(unchecked: Array(text.utf8)) }

    static func file(_ text: String, size: Int64 = 1) -> RootEntry {
        RootEntry(path(text), .file, mode: 0o644, size: size, origin: .base)
    }

    static func directory(_ text: String, mode: UInt16 = 0o755) -> RootEntry {
        RootEntry(path(text), .directory, mode: mode, origin: .base)
    }

    subscript(path: EntryPath) -> RootEntry? { entries.first { $0.path == path } }
    func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? { nil }
    func needs(of entry: RootEntry) throws(Diagnostic) -> ProgramNeeds? { entry.origin == .application ? needs : nil }
}

@Suite("Whether an image has what its programs ask for")
struct NeedsCheckTests {
    private func codes(_ root: NeedyRoot, env: [String] = [], user: String = "65532:65532") throws -> [String] {
        var execution = ImageConfig.Execution()
        (execution.env, execution.user, execution.entrypoint) = (env, user, ["/app/server"])
        let image = GatedImage(
            root: root,
            platform: Platform(os: "linux", architecture: "amd64"),
            execution: execution,
            base: nil
        )
        // Whether it could be started is for other tests.
        return try ImageGate.findings(in: image).map(\.rule.code).filter { $0.hasPrefix("run.no-") }
    }

    private static let directories = [
        "app", "etc", "etc/ssl", "etc/ssl/certs", "usr", "usr/share", "usr/share/zoneinfo", "bin", "data",
    ].map { NeedyRoot.directory($0) }

    @Test(
        "each need that is linked and not met is found",
        arguments: [
            (Need.certificates, "run.no-authorities"), (.zones, "run.no-zones"), (.accounts, "run.no-accounts"),
            (.temporaryFiles, "run.no-temporary-directory"), (.shell, "run.no-shell"),
        ]
    )
    func found(need: Need, code: String) throws {
        #expect(try codes(NeedyRoot([need: .needed("links it")], Self.directories)) == [code])
        for answer in [NeedAnswer.unneeded(""), .unknown(""), .carried("")] {
            #expect(try codes(NeedyRoot([need: answer], Self.directories)) == [])
        }
    }

    @Test(
        "nothing is found where the image has it, wherever that is",
        arguments: [
            (Need.certificates, [NeedyRoot.file("etc/ssl/certs/ca-certificates.crt")], []),
            (.certificates, [NeedyRoot.file("etc/ssl/certs/one.pem")], []),
            (.certificates, [NeedyRoot.file("data/ca.pem")], ["SSL_CERT_FILE=/data/ca.pem"]),
            (.certificates, [NeedyRoot.file("data/ca.pem")], ["SSL_CERT_DIR=/data"]),
            (.zones, [NeedyRoot.file("usr/share/zoneinfo/UTC")], []),
            (.zones, [NeedyRoot.file("data/zones.zip")], ["ZONEINFO=/data/zones.zip"]),
            (.accounts, [NeedyRoot.file("etc/passwd")], []),
            (.temporaryFiles, [NeedyRoot.directory("tmp", mode: 0o1777)], []),
            (.temporaryFiles, [NeedyRoot.directory("scratch", mode: 0o777)], ["TMPDIR=/scratch"]),
            (.shell, [NeedyRoot.file("bin/sh")], []),
        ] as [(Need, [RootEntry], [String])]
    )
    func met(need: Need, entries: [RootEntry], env: [String]) throws {
        #expect(try codes(NeedyRoot([need: .needed("links it")], Self.directories + entries), env: env) == [])
    }

    @Test("an empty bundle, and an empty directory of zones, count as absent")
    func empty() throws {
        let root = NeedyRoot(
            [.certificates: .needed("links it"), .zones: .needed("links it")],
            Self.directories + [NeedyRoot.file("etc/ssl/certs/ca-certificates.crt", size: 0)]
        )
        #expect(try codes(root) == ["run.no-authorities", "run.no-zones"])
    }

    @Test(
        "a /tmp in which the user may not write counts as absent",
        arguments: [("65532:65532", 1), ("0:0", 0), ("root", 0)]
    )
    func unwritable(user: String, count: Int) throws {
        let root = NeedyRoot(
            [.temporaryFiles: .needed("calls mkstemp")],
            Self.directories + [NeedyRoot.directory("tmp")]
        )
        #expect(try codes(root, user: user).count == count)
    }

    @Test(
        "TZ with the name of a zone needs zones, whatever the programs are",
        arguments: [
            ("TZ=Europe/Paris", 1), ("TZ=UTC", 0), ("TZ=:/etc/localtime", 0), ("TZ=CET-1CEST", 0),
        ]
    )
    func variable(variable: String, count: Int) throws {
        #expect(try codes(NeedyRoot([:], Self.directories), env: [variable]).count == count)
    }
}

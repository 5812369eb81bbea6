import ByteIO
import Findings
import Gate
import Layers
import OCI
import Request
import Testing

@testable import Build
@testable import Images
@testable import Plan

@Suite("Telling requests apart")
struct FingerprintTests {
    typealias Change = @Sendable (inout BuildRequest) throws -> Void

    /// What can be asked for, by the property that it is in, and a few ways to ask for it that are all different.
    static let changes: [(property: String, changes: [Change])] = [
        ("paths", [{ $0.paths = ["/a", "/b"] }, { $0.paths = ["/ab"] }, { $0.paths = [] }]),
        (
            "base",
            [
                { $0.base = .catalogue("x") }, { $0.base = .registry(try Reference(parsing: "x")) },
                { $0.base = .layout("x", name: nil) }, { $0.base = .layout("x", name: "y") },
                { $0.base = .archive("x", name: nil) }, { $0.base = .dockerArchive("x", name: nil) },
                { $0.base = .registry(try Reference(parsing: "x:1")) },
            ]
        ),
        ("format", [{ $0.format = .docker }]),
        ("buildsSource", [{ $0.buildsSource.toggle() }]),
        ("buildsTwice", [{ $0.buildsTwice.toggle() }]),
        ("program", [{ $0.program = "a" }, { $0.program = "" }]),
        (
            "origin",
            [
                { $0.origin = ProgramOrigin(typed: "a", root: "/b") },
                { $0.origin = ProgramOrigin(typed: "b", root: "/b") },
                { $0.origin = ProgramOrigin(typed: "a", root: "/a") },
            ]
        ),
        ("choosesBase", [{ $0.choosesBase.toggle() }]),
        (
            "platforms",
            [
                { $0.platforms = [try Platform(parsing: "linux/arm")] },
                { $0.platforms = [try Platform(parsing: "linux/arm/v7")] },
            ]
        ),
        (
            "made",
            [
                { $0.made = [try MadeEntry(directory: "/a")] }, { $0.made = [try MadeEntry(directory: "/a:0700")] },
                { $0.made = [try MadeEntry(directory: "/a:0755:1:0")] }, { $0.made = [try MadeEntry(symlink: "/a:b")] },
                { $0.made = [try MadeEntry(file: "/a=b")] }, { $0.made = [try MadeEntry(file: "/a=c")] },
            ]
        ),
        (
            "imageAdditions",
            [
                {
                    $0.imageAdditions = [ImageAddition(image: .layout("x", name: nil), source: "/a", destination: "/a")]
                },
                { $0.imageAdditions = [ImageAddition(image: .catalogue("x"), source: "/a", destination: "/a")] },
                { $0.imageAdditions = [ImageAddition(image: .catalogue("x"), source: "/b", destination: "/a")] },
                { $0.imageAdditions = [ImageAddition(image: .catalogue("x"), source: "/a", destination: "/b")] },
                {
                    $0.imageAdditions = [
                        ImageAddition(image: .catalogue("x"), source: "/a", destination: "/a", mode: 0o644)
                    ]
                },
                {
                    $0.imageAdditions = [
                        ImageAddition(image: .catalogue("x"), source: "/a", destination: "/a", owner: .root)
                    ]
                },
            ]
        ),
        ("owner", [{ $0.owner = .root }, { $0.owner = .nonroot }]),
        ("mode", [{ $0.mode = 0o755 }, { $0.mode = 0o750 }]),
        ("vcs", [{ $0.vcs = nil }, { $0.vcs?.revision = "1" }, { $0.vcs?.source = "1" }, { $0.vcs?.version = "1" }]),
        ("machine", [{ $0.machine = Platform(os: "linux", architecture: "s390x") }]),
        ("destination", [{ $0.destination = "" }, { $0.destination = "/x" }]),
        (
            "additions",
            [
                { $0.additions = [Addition(source: "a", destination: "/a")] },
                { $0.additions = [Addition(source: "b", destination: "/a")] },
                { $0.additions = [Addition(source: "a", destination: "/b")] },
                { $0.additions = [Addition(source: "a", destination: "/a", mode: 0o644)] },
                { $0.additions = [Addition(source: "a", destination: "/a", uid: 1)] },
                { $0.additions = [Addition(source: "a", destination: "/a", gid: 1)] },
            ]
        ),
        (
            "runtime",
            [
                { $0.runtime = nil }, { $0.runtime?.certificates = .none }, { $0.runtime?.certificates = .only([]) },
                { $0.runtime?.certificates = .only(["x"]) }, { $0.runtime?.certificates = .embedded(adding: ["x"]) },
                { $0.runtime?.includesZoneinfo = false }, { $0.runtime?.isMinimal = true },
            ]
        ),
        (
            "configuration",
            [
                { $0.configuration.entrypoint = [] }, { $0.configuration.entrypoint = ["x"] },
                { $0.configuration.command = ["x"] }, { $0.configuration.command = ["x", ""] },
                { $0.configuration.environment = [EnvironmentVariable(name: "a", value: "b")] },
                { $0.configuration.environment = [EnvironmentVariable(name: "ab", value: "")] },
                { $0.configuration.labels = ["a": "b"] }, { $0.configuration.labels = ["b": "a"] },
                { $0.configuration.user = "1" }, { $0.configuration.workingDirectory = "1" },
                { $0.configuration.ports = ["1"] }, { $0.configuration.volumes = ["1"] },
                { $0.configuration.stopSignal = "1" },
                { $0.configuration.healthcheck = try Healthcheck(parsing: "NONE") },
                { $0.configuration.healthcheck = try Healthcheck(parsing: "retries=1 CMD a") },
                { $0.configuration.healthcheck = try Healthcheck(parsing: "interval=1s CMD a") },
            ]
        ),
        ("annotations", [{ $0.annotations = ["a": "b"] }, { $0.annotations = ["a": "b", "c": "d"] }]),
        (
            "created",
            [
                { $0.created = .at(Timestamp(secondsSince1970: 0), source: "x") },
                { $0.created = .at(Timestamp(secondsSince1970: 1), source: "x") },
                { $0.created = .at(Timestamp(secondsSince1970: 0), source: "y") },
            ]
        ),
        ("modified", [{ $0.modified = Timestamp(secondsSince1970: 1) }]),
        ("compression", [{ $0.compression = .zstd }, { $0.compression = .estargz }]),
        (
            "prefetched",
            [{ $0.prefetched = [.root] }, { $0.prefetched = [EntryPath(unchecked: Array("a".utf8))] }]
        ),
        ("compressionLevel", [{ $0.compressionLevel = 0 }, { $0.compressionLevel = 1 }]),
        ("allowsEscapingSymlinks", [{ $0.allowsEscapingSymlinks.toggle() }]),
        ("keepsCapabilities", [{ $0.keepsCapabilities.toggle() }]),
        ("largestFile", [{ $0.largestFile = 1 }]),
        (
            "split",
            [
                { $0.split.rule = .auto }, { $0.split.rule = .one }, { $0.split.mostLayers = 1 },
            ]
        ),
        (
            "reuse",
            [
                { $0.reuse.previous = .catalogue("x") }, { $0.reuse.sources = [] },
                { $0.reuse.sources = [.catalogue("x")] }, { $0.reuse.target = try Reference(parsing: "x") },
                { $0.reuse.explains = true },
            ]
        ),
        (
            "gate",
            [
                { $0.gate = nil }, { $0.gate?.allowed = [.baseIncomplete] }, { $0.gate?.allowed = [.unprotected] },
                { $0.gate?.refusesNothing = true },
                { $0.gate?.allowances = [Allowance(.baseIncomplete, "libpq.so.5")] },
                { $0.gate?.allowances = [Allowance(.baseIncomplete, "/app")] },
            ]
        ),
        ("sizeLimit", [{ $0.sizeLimit = 0 }, { $0.sizeLimit = 1 }]),
        ("describesPod", [{ $0.describesPod.toggle() }]),
        ("readsAllFiles", [{ $0.readsAllFiles.toggle() }]),
        ("baseKey", [{ $0.baseKey = "" }, { $0.baseKey = "base.pub" }]),
        ("passedOver", [{ $0.passedOver = ["/a"] }, { $0.passedOver = ["/a", "/b"] }]),
        ("hasDebugTwin", [{ $0.hasDebugTwin.toggle() }]),
    ]

    @Test("every request that differs has a fingerprint of its own")
    func different() throws {
        let request = BuildRequest(paths: ["/a"])
        var fingerprints: Set<Digest> = [request.fingerprint]
        for (property, changes) in Self.changes {
            for change in changes {
                var changed = request
                try change(&changed)
                #expect(fingerprints.insert(changed.fingerprint).inserted, "\(property)")
            }
        }
    }

    @Test("the fingerprint covers every option")
    func complete() throws {
        func properties(_ value: Any) -> [String] { Mirror(reflecting: value).children.compactMap(\.label) }
        let request = BuildRequest(paths: ["/a"])
        // When it is asked, and where the images go, makes no other request.
        let others = ["startedAt", "askedAt", "output", "isPushed", "isLoaded", "names"]
        #expect(Set(properties(request)) == Set(Self.changes.map(\.property) + others))
        // Add a new member to the fingerprint, and to the changes above.
        #expect(properties(request.configuration).count == 10)
        #expect(properties(try #require(request.runtime)).count == 3)
        #expect(properties(Addition(source: "a", destination: "/a")).count == 5)
        #expect(properties(request.split).count == 2)
        #expect(properties(request.reuse).count == 4)
        #expect(properties(try #require(request.gate)).count == 3)
    }

    @Test("the same request has the same fingerprint, whenever it is asked and wherever its images go")
    func same() throws {
        var request = BuildRequest(paths: ["/a"])
        request.annotations = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key-\($0)", "\($0)") })
        var other = BuildRequest(paths: ["/a"])
        for (key, value) in request.annotations.sorted(by: { $0.key > $1.key }) { other.annotations[key] = value }
        other.startedAt = 17
        other.askedAt = 18
        other.output = .layout("x")
        other.isPushed = true
        other.isLoaded = true
        other.names = [try Reference(parsing: "x")]
        #expect(request.fingerprint == other.fingerprint)
    }
}

@testable import Build
import ByteIO
import Check
import Diagnostics
import Layers
import OCI
@testable import Plan
import Request
import Store
import TestSupport
import Testing

@Suite("Building on a base")
struct BaseBuildTests {
    private let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory() }

    private func request(on samples: BaseSample...) async throws -> BuildRequest {
        let server = try scratch.file("server", staticProgram(), mode: 0o755)
        var request = BuildRequest(paths: [FilePath(server)])
        request.runtime = BuildRequest.Runtime(certificates: .none, includesZoneinfo: false)
        request.base = try await BaseSample.layout(samples, in: scratch)
        request.output = .layout(FilePath(scratch("out")))
        return request
    }

    private func build(_ request: BuildRequest) async throws -> (report: BuildReport, image: LocatedImage) {
        let builder = Builder(cores: 2)
        let report = try await builder.build(try await builder.plan(request))
        let output = try #require(request.output)
        return (report, try #require(try LocatedImage.all(in: try ImageSource(output.path)).first))
    }

    @Test("the base's layers are below ours, and everything about the image agrees")
    func layers() async throws {
        let (report, image) = try await build(try await request(on: .merged))
        let base = try #require(try LocatedImage.all(in: try ImageSource(FilePath(scratch("base")))).first)
        let (layers, baseLayers) = (image.manifest.content.layers, base.manifest.content.layers)
        #expect(Array(layers.prefix(4)) == baseLayers)
        #expect(layers.count == 6)
        #expect(Array(image.config.content.diffIDs.prefix(4)) == base.config.content.diffIDs)
        #expect(
            image.config.content.history.map(\.createdBy) == [
                "package 0", "package 1", "package 2", "package 3", "coracle: runtime layer (accounts)",
                "coracle: /app/server",
            ]
        )
        #expect(
            image.manifest.content.annotations == [
                "org.opencontainers.image.base.name": "example.com/base:1",
                "org.opencontainers.image.base.digest": base.manifest.descriptor.digest.description,
            ]
        )
        #expect(report.summary.contains { $0.hasSuffix("base \(scratch("base")): 4 layers") })
        let validated = try ImageValidator(try ImageSource(FilePath(scratch("out"))))
        #expect(validated.findings.map(\.summary) == [])
    }

    @Test("the image is the same wherever the base is, and whatever was built before")
    func reproducible() async throws {
        let other = try BaseBuildTests()
        let (first, second) = (try await request(on: .merged), try await other.request(on: .merged))
        let digest = try await build(first).report.reference
        #expect(try await other.build(second).report.reference == digest)
        #expect(try await build(first).report.reference == digest)
    }

    @Test("the base's configuration stays where ours says nothing")
    func configuration() async throws {
        var sample = BaseSample.merged
        sample.config = ImageConfig.Execution(
            user: "1000:7",
            exposedPorts: ["80/tcp"],
            env: ["A=1", "PATH=/opt", "B=2"],
            entrypoint: ["/bin/sh"],
            cmd: ["-c"],
            volumes: ["/data"],
            workingDir: "/srv",
            labels: ["a": "base", "b": "base"],
            stopSignal: "SIGINT"
        )
        var request = try await request(on: sample)
        request.configuration.environment = [
            EnvironmentVariable(name: "B", value: "3"), EnvironmentVariable(name: "C", value: "4"),
        ]
        request.configuration.labels = ["b": "ours"]
        request.configuration.ports = ["80", "81/udp"]
        request.configuration.volumes = ["/data", "/more"]
        let config = try await build(request).image.config.content
        #expect(
            config.config
                == ImageConfig.Execution(
                    user: "1000:7",
                    exposedPorts: ["80/tcp", "81/udp"],
                    env: ["A=1", "PATH=/opt", "B=3", "C=4"],
                    entrypoint: ["/app/server"],
                    volumes: ["/data", "/more"],
                    workingDir: "/srv",
                    labels: ["a": "base", "b": "ours"],
                    stopSignal: "SIGINT"
                )
        )
    }

    @Test(
        "the user is the one asked for, else the base's if it is certainly not root, else 65532",
        arguments: [
            (nil, nil, "65532:65532"), (nil, "0", "65532:65532"), (nil, "0:0", "65532:65532"),
            (nil, "root", "65532:65532"), (nil, "nonroot", "65532:65532"), (nil, "1000", "1000"),
            (nil, "1000:0", "1000:0"), (nil, "1000:staff", "65532:65532"),
            ("0", "1000", "0:0"), ("root", "1000", "0:0"), ("nonroot", nil, "65532:65532"),
        ] as [(String?, String?, String)]
    )
    func user(wanted: String?, base: String?, expected: String) async throws {
        var sample = BaseSample.merged
        sample.config.user = base
        var request = try await request(on: sample)
        request.configuration.user = wanted
        let plan = try await plan(request).get()
        #expect(plan.images.map(\.config.config.user) == [expected])
        #expect(codes(plan.notes).contains("plan.user") == (wanted == nil && base != expected))
    }

    @Test("a base without history gets a step for every layer, so that ours are not taken for its own")
    func history() async throws {
        var sample = BaseSample.merged
        sample.hasHistory = false
        let image = try await build(try await request(on: sample)).image
        #expect(image.config.content.history.count == image.manifest.content.layers.count)
    }

    @Test("Docker's layer types are written in OCI's words")
    func dockerTypes() async throws {
        var sample = BaseSample.merged
        sample.changeManifest = { manifest in
            for index in manifest.layers.indices { manifest.layers[index].mediaType = .dockerLayer }
        }
        let image = try await build(try await request(on: sample)).image
        #expect(Set(image.manifest.content.layers.map(\.mediaType)) == [.layerTarGzip])
    }

    @Test("a base without layers lacks everything")
    func empty() async throws {
        let image = try await build(try await request(on: BaseSample())).image
        #expect(
            image.config.content.history.map(\.createdBy) == [
                "coracle: runtime layer (accounts, name lookup, /tmp)", "coracle: /app/server",
            ]
        )
    }

    @Test("every platform stands on its own base, and shares what is equal")
    func platforms() async throws {
        var arm = BaseSample.merged
        arm.platform = Platform(os: "linux", architecture: "arm64", variant: "v8")
        arm.layers[1] = [.text("/usr/lib/libc.so", "other libc", mode: 0o755)]
        var request = try await request(on: .merged, arm)
        request.paths = [
            FilePath(try scratch.file("server-amd64", staticProgram(.amd64), mode: 0o755)),
            FilePath(try scratch.file("server-arm64", staticProgram(.arm64), mode: 0o755)),
        ]
        _ = try await build(request)
        let images = try LocatedImage.all(in: try ImageSource(FilePath(scratch("out"))))
        #expect(images.map(\.config.content.platform.description) == ["linux/amd64", "linux/arm64/v8"])
        let layers = images.map { $0.manifest.content.layers.map(\.digest) }
        #expect(layers.map(\.count) == [6, 6])
        #expect(zip(layers[0], layers[1]).map { $0 == $1 } == [true, false, true, true, true, false])
    }
}

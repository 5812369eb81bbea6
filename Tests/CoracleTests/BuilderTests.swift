@testable import Build
import Diagnostics
import OCI
@testable import Plan
import Request
import Store
import ByteIO
import TestSupport
import Testing

@Suite("Building")
struct BuilderTests {
    /// Two programs and an addition, in a directory of their own.
    private func inputs(_ scratch: TemporaryDirectory) throws -> BuildRequest {
        let amd64 = try scratch.file("in/server-amd64", staticProgram(.amd64), mode: 0o755)
        let arm64 = try scratch.file("in/server-arm64", staticProgram(.arm64), mode: 0o755)
        return try request(amd64, arm64) {
            $0.additions = [Addition(source: FilePath(try scratch.file("in/conf", "x")), destination: "/etc/conf")]
            $0.names = [try Reference(parsing: "me/app:1")]
            $0.annotations = ["a": "b"]
        }
    }

    private func build(_ request: BuildRequest, cores: Int = 2) async throws -> BuildReport {
        let builder = Builder(cores: cores)
        return try await builder.build(try await builder.plan(request))
    }

    @Test("an image of several platforms is an index of images that share layers")
    func multiPlatform() async throws {
        let scratch = try TemporaryDirectory()
        var request = try inputs(scratch)
        request.output = .layout(FilePath(scratch("out")))
        let report = try await build(request)
        let source = try ImageSource(FilePath(scratch("out")))
        let entry = try #require(try source.index().manifests.first)
        #expect(entry.mediaType == .imageIndex)
        #expect(report.reference == "me/app:1@\(entry.digest)")
        let index = try Document<Index>(decoding: try source.document(entry), as: .imageIndex, named: "index").content
        #expect(index.manifests.map(\.platform?.description) == ["linux/amd64", "linux/arm64/v8"])
        #expect(index.annotations == ["a": "b"])
        var layers = [[Descriptor]]()
        for descriptor in index.manifests {
            let manifest = try Document<Manifest>(
                decoding: try source.document(descriptor),
                as: .imageManifest,
                named: "m"
            ).content
            let config = try Document<ImageConfig>(
                decoding: try source.document(manifest.config),
                as: .imageConfig,
                named: "c"
            ).content
            #expect(config.platform == descriptor.platform)
            #expect(config.diffIDs.count == manifest.layers.count)
            #expect(config.history.count == manifest.layers.count)
            #expect(config.history.map(\.createdBy) == ["coracle: --add /etc/conf", "coracle: /app/server"])
            #expect(manifest.annotations == ["a": "b"])
            layers.append(manifest.layers)
        }
        #expect(layers.map(\.count) == [2, 2])
        #expect(layers[0][0] == layers[1][0])
        #expect(layers[0][1] != layers[1][1])
        #expect(try names(in: scratch("out/blobs/sha256")).count == 3 + 2 + 2 + 1)
    }

    @Test("a single image has its platform beside its name")
    func singlePlatform() async throws {
        let scratch = try TemporaryDirectory()
        let server = try scratch.file("server", staticProgram(), mode: 0o755)
        let report = try await build(request(server) { $0.output = .layout(FilePath(scratch("out"))) })
        let entry = try #require(try ImageSource(FilePath(scratch("out"))).index().manifests.first)
        #expect(entry.mediaType == .imageManifest)
        #expect(entry.platform == Platform(os: "linux", architecture: "amd64"))
        #expect(entry.annotations == nil)
        #expect(report.reference == entry.digest.description)
    }

    @Test("the digest does not depend on place, time, cores or form")
    func reproducible() async throws {
        let (first, second) = (try TemporaryDirectory(), try TemporaryDirectory())
        var (one, other) = (try inputs(first), try inputs(second))
        one.output = .layout(FilePath(first("out")))
        other.output = .archive(FilePath(second("out.tar")))
        try Command.shell(#"find "$1" -exec touch -d @1 {} +"#, [second("in")]).output()
        #expect(try await build(one, cores: 1).reference == build(other, cores: 8).reference)
        #expect(
            try ImageSource(FilePath(first("out"))).index().manifests
                == ImageSource(FilePath(second("out.tar"))).index().manifests
        )
    }

    @Test(
        "a file that changed after planning fails the build, and nothing is left at the output",
        arguments: [true, false]
    )
    func changed(isArchive: Bool) async throws {
        let scratch = try TemporaryDirectory()
        var request = try inputs(scratch)
        request.output = isArchive ? .archive(FilePath(scratch("out"))) : .layout(FilePath(scratch("out")))
        let builder = Builder(cores: 2)
        let plan = try await builder.plan(request)
        try scratch.file("in/conf", "longer than before")
        let error = await #expect(throws: Diagnostic.self) { try await builder.build(plan) }
        #expect(error?.code.rawValue == "layer.file-changed")
        #expect(error?.subject == .file(path: scratch("in/conf")))
        #expect(try names(in: scratch.path) == ["in"])
    }

    @Test("planning writes nothing")
    func planOnly() async throws {
        let scratch = try TemporaryDirectory()
        var request = try inputs(scratch)
        request.output = .layout(FilePath(scratch("out")))
        _ = try await Builder(cores: 1).plan(request)
        #expect(try names(in: scratch.path) == ["in"])
    }

    @Test("a level changes the digest of the layer, not its diffID")
    func levels() async throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("tree/server", staticProgram(), mode: 0o755)
        try scratch.file("tree/text", String(repeating: "some text that compresses, ", count: 5000))
        var diffIDs = Set<[DiffID]>()
        var digests = Set<[Digest]>()
        for level in [1, 12] {
            let path = FilePath(scratch("out\(level)"))
            _ = try await build(request(scratch("tree")) { ($0.output, $0.compressionLevel) = (.layout(path), level) })
            let source = try ImageSource(path)
            let manifest = try Document<Manifest>(
                decoding: try source.document(try source.index().manifests[0]),
                as: .imageManifest,
                named: "m"
            ).content
            let config = try Document<ImageConfig>(
                decoding: try source.document(manifest.config),
                as: .imageConfig,
                named: "c"
            ).content
            diffIDs.insert(config.diffIDs)
            digests.insert(manifest.layers.map(\.digest))
        }
        #expect(diffIDs.count == 1)
        #expect(digests.count == 2)
    }

    @Test(
        "a number of bytes is shown in powers of ten, never more than there are",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1999, "1.9 kB"), (999_999, "999.9 kB"),
            (1_000_000, "1.0 MB"), (999_999_999, "999.9 MB"),
            (1_000_000_000, "1.0 GB"), (5_500_000_000_000, "5.5 TB"), (5_500_000_000_000_000, "5500.0 TB"),
        ] as [(Int64, String)]
    )
    func byteCounts(bytes: Int64, text: String) {
        #expect(ByteCount(bytes).description == text)
    }
}

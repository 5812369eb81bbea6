import ByteIO
import Diagnostics
import HTTP
import OCI
import Store
import TestSupport
import Testing

@testable import Registry

@Suite("Registry client: downloads")
struct ClientDownloadTests {
    private static let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    private static let blob = Descriptor(
        mediaType: .layerTarGzip,
        digest: Digest(sha256Of: bytes),
        size: 10_000
    )

    /// What was downloaded, or why nothing was.
    private func download(
        _ registry: FakeRegistry,
        _ blob: Descriptor = blob,
        _ change: (inout RegistryClient.Options) -> Void = { _ in }
    ) async throws -> Result<[UInt8], Diagnostic> {
        let place = try TemporaryDirectory()
        do throws(Diagnostic) {
            let directory = FilePath(place.path)
            let draft = try await registry.client(change).download(blob, from: FakeRegistry.repository, into: directory)
            let local = try LocalBlob(blob, verified: draft, in: directory)
            return .success(try local.read(at: 0, count: .max))
        } catch {
            return .failure(error)
        }
    }

    private func ranges(_ registry: FakeRegistry) -> [String] {
        registry.requests.map { $0.headers["Range"] ?? "all" }
    }

    private func error(_ result: Result<[UInt8], Diagnostic>) -> Diagnostic? {
        if case .failure(let error) = result { error } else { nil }
    }

    @Test("a blob is downloaded in one go")
    func whole() async throws {
        let registry = FakeRegistry()
        registry.hold(Self.bytes)
        #expect(try await download(registry).get() == Self.bytes)
        #expect(registry.lines == ["GET /v2/me/app/blobs/\(Self.blob.digest)"])
        #expect(registry.events == ["began download", "10000", "ended transferred"])
    }

    @Test("an empty blob is one", arguments: ["0", "-"])
    func empty(length: String) async throws {
        let blob = Descriptor(mediaType: .layerTar, digest: Digest(sha256Of: [UInt8]()), size: 0)
        let registry = FakeRegistry { _, _ in FakeRegistry.Answer(200, ["Content-Length": length]) }
        #expect(try await download(registry, blob).get() == [])
    }

    @Test("a download that breaks off goes on where it was")
    func resumed() async throws {
        let registry = FakeRegistry { _, number in
            switch number {
            case 0: .broken(Self.bytes.prefix(3000))
            case 1:
                .broken(Self.bytes[3000..<5500], 206, ["Content-Range": "bytes 3000-9999/10000"])
            default: nil
            }
        }
        registry.hold(Self.bytes)
        #expect(try await download(registry).get() == Self.bytes)
        #expect(ranges(registry) == ["all", "bytes=3000-", "bytes=5500-"])
    }

    @Test(
        "only exactly the rest is appended; anything else begins again",
        arguments: [
            .init(200, [:], bytes),
            .init(206, ["Content-Range": "bytes 2999-9999/10000"], bytes),
            .init(206, ["Content-Range": "bytes 3000-9999/*"], Array(bytes[3000...])),
            .init(206, ["Content-Range": "bytes 3000-9998/10000"], Array(bytes[3000..<9999])),
            .init(206, ["Content-Range": "bytes 0-9999/10000"], bytes),
            .init(206, [:], Array(bytes[3000...])),
            .init(416, ["Content-Range": "bytes */10000"]),
        ] as [FakeRegistry.Answer]
    )
    func notTheRest(second: FakeRegistry.Answer) async throws {
        let registry = FakeRegistry { _, number in
            number == 0 ? .broken(Self.bytes.prefix(3000)) : number == 1 ? second : nil
        }
        registry.hold(Self.bytes)
        #expect(try await download(registry).get() == Self.bytes)
        #expect(ranges(registry) == (second.status == 200 ? ["all", "bytes=3000-"] : ["all", "bytes=3000-", "all"]))
    }

    @Test("what breaks off behind the last byte is whole")
    func brokenEnd() async throws {
        let registry = FakeRegistry { _, _ in .broken(Self.bytes) }
        #expect(try await download(registry).get() == Self.bytes)
        #expect(ranges(registry) == ["all"])
    }

    @Test("a download that never gets further is given up after five tries")
    func noProgress() async throws {
        let registry = FakeRegistry { _, _ in .broken(Self.bytes.prefix(3000)) }
        let result = try await download(registry)
        #expect(error(result)?.code == .registryUnavailable)
        #expect(error(result)?.timelessReason == "the connection was closed; after 5 attempts over")
        #expect(registry.requests.count == 5)
        #expect(registry.events.last == "ended failed")
    }

    @Test("tries that bring a megabyte do not count")
    func progress() async throws {
        let bytes = Array(repeating: UInt8(7), count: 9 << 20)
        let registry = FakeRegistry { request, _ in
            let start = request.headers["Range"].flatMap { Int($0.dropFirst(6).dropLast()) } ?? 0
            let end = start + (1 << 20)
            guard end < bytes.count else { return nil }
            let headers: HTTPHeaders = ["Content-Range": "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"]
            return .broken(bytes[start..<end], start == 0 ? 200 : 206, headers)
        }
        let blob = registry.hold(bytes)
        #expect(try await download(registry, blob).get().count == bytes.count)
        #expect(registry.requests.count == 9)
        #expect(Set(registry.pauses) == [1])
    }

    @Test(
        "a blob of another size is refused, before it is read where that is said",
        arguments: [
            .init(200, [:], Array(bytes.dropLast())), .init(200, [:], bytes + [0]),
            .init(200, ["Content-Length": "-"], Array(bytes.dropLast())),
            .init(200, ["Content-Length": "-"], bytes + [0]),
            .init(200, ["Content-Length": "9223372036854775807"], bytes),
        ] as [FakeRegistry.Answer]
    )
    func size(answer: FakeRegistry.Answer) async throws {
        let registry = FakeRegistry { _, _ in answer }
        #expect(error(try await download(registry))?.code == .blobSize)
        // Without a length, what is short may have broken off.
        #expect(
            registry.requests.count == (answer.headers["Content-Length"] == "-" && answer.body.count < 10_000 ? 5 : 1)
        )
    }

    @Test("the largest number a server can say does not stop us with a trap")
    func overflow() async throws {
        let registry = FakeRegistry { _, number in
            number == 0
                ? .broken(Self.bytes.prefix(3000))
                : FakeRegistry.Answer(
                    206,
                    ["Content-Range": "bytes 3000-9999/10000", "Content-Length": "9223372036854775807"],
                    [1]
                )
        }
        #expect(error(try await download(registry))?.code == .blobSize)
    }

    @Test("a flipped bit is fetched again, once", arguments: [1, 2])
    func flipped(times: Int) async throws {
        let registry = FakeRegistry { _, number in
            number < times ? FakeRegistry.Answer(200, [:], [Self.bytes[0] ^ 1] + Self.bytes[1...]) : nil
        }
        registry.hold(Self.bytes)
        let result = try await download(registry)
        if times == 1 {
            #expect(try result.get() == Self.bytes)
        } else {
            #expect(error(result)?.code == .blobDigest)
            #expect(error(result)?.reason?.hasPrefix("`registry.test` sent something with the digest sha256:") == true)
        }
        #expect(registry.requests.count == 2)
        #expect(registry.pauses == [])
    }

    @Test("a layer that is only to be had elsewhere is not fetched there")
    func foreign() async throws {
        let registry = FakeRegistry()
        var blob = Self.blob
        blob.urls = ["https://elsewhere.test/layer"]
        let problem = error(try await download(registry, blob))
        #expect(problem?.code == .blobNotFound)
        #expect(problem?.hint == "it is a layer that may not be redistributed; only its vendor provides it")
        #expect(registry.lines == ["GET /v2/me/app/blobs/\(blob.digest)"])
    }

    @Test("a digest that cannot be checked is not asked for")
    func otherAlgorithm() async throws {
        var blob = Self.blob
        blob.digest = try Digest(parsing: "sha512:" + String(repeating: "0", count: 128))
        let registry = FakeRegistry()
        #expect(error(try await download(registry, blob))?.code == .blobUnsupported)
        let problem = await #expect(throws: Diagnostic.self) {
            try await registry.client().document(blob, in: FakeRegistry.repository)
        }
        #expect(problem?.code == .blobUnsupported)
        #expect(registry.lines == [])
    }

    @Test(
        "a small document is what its descriptor says",
        arguments: [
            (Array("ab".utf8), 2, nil), (Array("ax".utf8), 2, "blob.digest"), (Array("abc".utf8), 2, "blob.size"),
            (Array("a".utf8), 2, "blob.size"), (Array("ab".utf8), (4 << 20) + 1, "blob.too-large"),
        ] as [([UInt8], Int64, String?)]
    )
    func document(sent: [UInt8], size: Int64, code: String?) async throws {
        let registry = FakeRegistry { _, _ in FakeRegistry.Answer(200, [:], sent) }
        let blob = Descriptor(mediaType: .imageConfig, digest: Digest(sha256Of: Array("ab".utf8)), size: size)
        var found: String?
        do throws(Diagnostic) {
            #expect(try await registry.client().document(blob, in: FakeRegistry.repository) == sent)
        } catch {
            found = error.code.rawValue
        }
        #expect(found == code)
    }

    @Test(
        "whether a blob is there",
        arguments: [
            (200, ["Content-Length": "10000"], true), (200, ["Content-Length": "-"], true),
            (200, ["Content-Length": "0"], false), (404, [:], false), (403, [:], false), (400, [:], false),
            (405, [:], false),
        ] as [(Int, HTTPHeaders, Bool)]
    )
    func has(status: Int, headers: HTTPHeaders, expected: Bool) async throws {
        let registry = FakeRegistry { _, _ in FakeRegistry.Answer(status, headers) }
        #expect(try await registry.client().has(Self.blob, in: FakeRegistry.repository) == expected)
        #expect(registry.lines == ["HEAD /v2/me/app/blobs/\(Self.blob.digest)"])
    }
}

import ByteIO
import Diagnostics
import Layers
import OCI
@testable import Plan
@testable import Stack
import Request
import TestSupport
import Testing

/// A change to a good base, and what is then wrong.
struct BaseFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: String
    let category: Diagnostic.Category
    var sample: @Sendable (inout BaseSample) -> Void = { _ in }
    var index: @Sendable (inout [Descriptor]) -> Void = { _ in }

    static let all = [
        BaseFault(testDescription: "another platform", code: "base.platform-missing", category: .notFound) {
            $0.platform = Platform(os: "linux", architecture: "s390x")
        },
        BaseFault(testDescription: "an artifact", code: "base.unsupported", category: .verification) {
            $0.changeManifest = {
                $0.config.mediaType = MediaType(rawValue: "application/vnd.cncf.helm.config.v1+json")
            }
        },
        BaseFault(testDescription: "a typed artifact", code: "base.unsupported", category: .verification) {
            $0.changeManifest = { $0.artifactType = MediaType(rawValue: "application/wasm") }
        },
        BaseFault(testDescription: "a foreign layer", code: "base.foreign-layer", category: .verification) {
            $0.changeManifest = { $0.layers[1].urls = ["https://example.com/layer"] }
        },
        BaseFault(testDescription: "too few diffIDs", code: "base.disagrees", category: .verification) {
            $0.changeConfig = { $0.diffIDs.removeLast() }
        },
        BaseFault(testDescription: "a wrong diffID", code: "base.disagrees", category: .verification) {
            $0.changeConfig = { $0.diffIDs.swapAt(0, 1) }
        },
        BaseFault(
            testDescription: "an index that lies about the platform",
            code: "base.disagrees",
            category: .verification,
            sample: { $0.platform = Platform(os: "linux", architecture: "arm64") },
            index: { entries in
                entries[0].platform = Platform(os: "linux", architecture: "amd64")
                entries.append(entries[0])
            }
        ),
        BaseFault(
            testDescription: "only attestations",
            code: "base.platform-missing",
            category: .notFound,
            index: { entries in
                entries[0].platform = Platform(os: "unknown", architecture: "unknown")
                entries.append(entries[0])
            }
        ),
    ]
}

@Suite("Bases that cannot be built upon")
struct BaseRefusalTests {
    private let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory() }

    private func request(
        on sample: BaseSample,
        index: (inout [Descriptor]) -> Void = { _ in }
    ) async throws -> BuildRequest {
        let server = try scratch.file("server", staticProgram(), mode: 0o755)
        var request = BuildRequest(paths: [FilePath(server)])
        request.runtime = nil
        request.base = try await BaseSample.layout([sample], in: scratch, index: index)
        return request
    }

    private func problems(_ request: BuildRequest) async -> [Diagnostic] {
        switch await plan(request) {
        case .success: []
        case .failure(let list): list.items
        }
    }

    @Test("a base that is wrong is refused", arguments: BaseFault.all)
    func refused(fault: BaseFault) async throws {
        var sample = BaseSample.merged
        fault.sample(&sample)
        let problems = await problems(try await request(on: sample, index: fault.index))
        #expect(codes(problems) == [fault.code])
        #expect(problems.first?.code.category == fault.category)
    }

    @Test("problems of the request and of the base are reported at once")
    func together() async throws {
        var sample = BaseSample.merged
        sample.platform = Platform(os: "linux", architecture: "s390x")
        var request = try await request(on: sample)
        request.configuration.ports = ["0"]
        #expect(codes(await problems(request)) == ["configuration.malformed", "base.platform-missing"])
    }

    @Test("a history that does not add up is a note, and that of the new image adds up")
    func history() async throws {
        var sample = BaseSample.merged
        sample.changeConfig = { $0.history.append(ImageConfig.History(created: nil, createdBy: "more")) }
        let plan = try await plan(try await request(on: sample)).get()
        #expect(codes(plan.notes).contains("base.odd"))
        let base = try #require(plan.images.first?.base)
        #expect(base.history.count == base.layers.count)
    }

    @Test("the platforms that a base has are listed")
    func listed() async throws {
        var sample = BaseSample.merged
        sample.platform = Platform(os: "linux", architecture: "s390x")
        let problem = await problems(try await request(on: sample)).first
        #expect(problem?.summary == "`\(scratch("base"))` has no image for linux/amd64")
        #expect(problem?.reason == "it has linux/s390x")
    }

    @Test(
        "a program runs on a base for the same variant, or an older one",
        arguments: [
            ("arm64", nil, "v8", true), ("arm64", "v8", nil, true), ("arm64", "v8", "v9", false),
            ("arm", "v7", "v6", true), ("arm", "v6", "v7", false), ("arm", nil, "v5", true), ("arm", "v6", nil, false),
            ("arm64", "v8.2", "v8.1", true), ("arm64", "v8.1", "v8.2", false), ("riscv64", nil, nil, true),
            ("arm", "soft", "v7", false),
        ] as [(String, String?, String?, Bool)]
    )
    func variants(architecture: String, program: String?, base: String?, expected: Bool) {
        let program = Platform(os: "linux", architecture: architecture, variant: program)
        #expect(program.runs(Platform(os: "linux", architecture: architecture, variant: base)) == expected)
    }

    @Test("a version of the operating system is not looked at")
    func osVersion() async throws {
        var sample = BaseSample.merged
        sample.platform.osVersion = "6.1"
        #expect(codes(await problems(try await request(on: sample))) == [])
    }
}

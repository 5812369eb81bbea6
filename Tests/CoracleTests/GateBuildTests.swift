import ByteIO
import Check
import Diagnostics
import ELF
import Findings
import Gate
import Glibc
import Layers
import OCI
import Request
import TestSupport
import Testing

@testable import Applications
@testable import Images
@testable import Plan
@testable import Stack

@Suite("The gate of a build")
struct GateBuildTests {
    private let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory() }

    private func request(_ change: (inout BuildRequest) -> Void = { _ in }) -> BuildRequest {
        var request = BuildRequest(paths: ["/bin/true"])
        request.output = .layout(FilePath(scratch("out")))
        change(&request)
        return request
    }

    @Test("what was allowed stands in the manifest, with its path, and is reported")
    func allowed() async throws {
        let rule = try #require(Rule.named("run.loader-missing"))
        let plan = try await plan(request { $0.gate?.allowed = [rule] }).get()
        #expect(plan.images.first?.annotations[AnnotationKey.gateExcused] == "run.loader-missing /app/true")
        #expect(plan.findings.map(\.rule) == [rule])
    }

    @Test("an image that was not checked says so, and one that passes says nothing")
    func skipped() async throws {
        let plan = try await plan(request { $0.gate = nil }).get()
        #expect(plan.images.first?.annotations == [AnnotationKey.gateSkipped: "true"])
        try scratch.file("static", staticProgram(), mode: 0o755)
        let other = try await CoracleTests.plan(request { $0.paths = [FilePath(scratch("static"))] }).get()
        #expect(other.images.first?.annotations == [:])
    }

    @Test("everything that refuses an image is reported at once, as a matter of policy")
    func several() async throws {
        try scratch.file("tree/a", staticProgram(), mode: 0o755)
        try scratch.file("tree/b.so", staticProgram(.arm64))
        try scratch.file("tree/c.so", staticProgram(.riscv64))
        let result = await plan(request { $0.paths = [FilePath(scratch("tree"))] })
        guard case .failure(let list) = result else {
            Issue.record("it is planned")
            return
        }
        #expect(list.items.map(\.code.rawValue) == ["run.machine-mismatch", "run.machine-mismatch"])
        #expect(list.items.allSatisfy { $0.code.category == .policy })
    }

    @Test("what the files of a base need and define is known, also of large ones and from the cache")
    func base() async throws {
        var files = ["/bin/true", "/usr/bin/python3.11"]
        let library = try #require(FilePath("/lib/x86_64-linux-gnu/libc.so.6").resolved)
        files.append(library.display)
        let entries = try files.enumerated().map { index, file in
            LayerEntry.at("/f\(index)", .file(FilePath(file), try FileStatus(at: FilePath(file)).stamp), mode: 0o755)
        }
        let location = try await BaseSample.layout(
            [BaseSample([.text("/s", "#!/bin/sh -e\n", mode: 0o755)] + entries)],
            in: scratch
        )
        let access = ImageAccess(RegistrySettings(environment: ["CORACLE_CACHE": scratch("cache")]))
        let platform = Platform(os: "linux", architecture: "amd64")
        for _ in 0..<2 {
            let bases = try await BaseReader(location, access.provider(for: location, on: [platform]), access).read(
                for: [platform])
            let known = try #require(try bases[platform]?.get()).files
            for (index, file) in files.enumerated() {
                let direct = try FileFacts(HostFile(FilePath(file)), named: "/f\(index)")
                #expect(known.facts(of: EntryPath(unchecked: Array("f\(index)".utf8))) == direct)
                #expect(direct != nil)
            }
            guard case .script(let shebang)? = known.facts(of: EntryPath(unchecked: Array("s".utf8))) else {
                Issue.record("no script")
                return
            }
            #expect(shebang.interpreter == "/bin/sh" && shebang.argument == "-e")
        }
    }

    @Test("an ELF file that a layer cuts short does not refuse the base")
    func damagedBase() async throws {
        let cut = LayerEntry.at("/usr/lib/cut.so", .bytes(Array(staticProgram()[..<40])), mode: 0o644)
        var sample = BaseSample.merged
        sample.layers.append([cut])
        let location = try await BaseSample.layout([sample], in: scratch)
        try scratch.file("static", staticProgram(), mode: 0o755)
        let plan = try await plan(
            request {
                $0.paths = [FilePath(scratch("static"))]
                $0.base = location
            }
        ).get()
        #expect(plan.findings.isEmpty)
    }
}

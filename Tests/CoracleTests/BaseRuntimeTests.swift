import ByteIO
import Diagnostics
import Layers
import OCI
@testable import Plan
import Request
import TestSupport
import Testing

@Suite("What a base lacks")
struct BaseRuntimeTests {
    private let scratch: TemporaryDirectory

    init() throws { scratch = try TemporaryDirectory() }

    private func request(_ sample: BaseSample, program: [UInt8] = staticProgram()) async throws -> BuildRequest {
        var request = BuildRequest(paths: [FilePath(try scratch.file("server", program, mode: 0o755))])
        request.base = try await BaseSample.layout([sample], in: scratch)
        return request
    }

    /// What is in the runtime layer: what it says, and paths.
    private func runtime(_ request: BuildRequest) async throws -> (createdBy: String, entries: [LayerEntry])? {
        let layer = try await plan(request).get().layers.first?.blueprint
        guard let layer, layer.createdBy.hasPrefix("coracle: runtime") else { return nil }
        return (layer.createdBy, layer.entries)
    }

    /// A base that has everything.
    private var complete: BaseSample {
        var sample = BaseSample.merged
        sample.layers.append([
            .text("/etc/passwd", "root:x:0:0::/:\napp:x:65532:65532::/:\n"),
            .text("/etc/group", "root:x:0:\napp:x:65532:\n"),
            .text("/etc/ssl/certs/ca-certificates.crt", "theirs"),
            .at("/usr/share/zoneinfo", .directory, mode: 0o755),
        ])
        return sample
    }

    @Test("a base that has everything gets no runtime layer")
    func complete() async throws {
        let plan = try await plan(try await request(complete)).get()
        #expect(plan.layers.map(\.blueprint.createdBy) == ["coracle: /app/server"])
        #expect(
            plan.images.map(\.config.config.env).first?.contains("SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt")
                == true
        )
    }

    @Test("what is missing is added, and the layer's history says what")
    func missing() async throws {
        let (createdBy, entries) = try #require(try await runtime(try await request(.merged)))
        #expect(createdBy == "coracle: runtime layer (CA certificates, accounts, time zones)")
        let paths = entries.map(\.path.description).filter { !$0.hasPrefix("/usr/share/zoneinfo/") }
        #expect(
            paths == [
                "/etc/group", "/etc/passwd", "/etc/pki", "/etc/pki/tls", "/etc/pki/tls/certs",
                "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl", "/etc/ssl/cert.pem", "/etc/ssl/certs",
                "/etc/ssl/certs/ca-certificates.crt", "/home", "/home/nonroot", "/usr/lib/ssl",
                "/usr/lib/ssl/cert.pem", "/usr/share", "/usr/share/zoneinfo",
            ]
        )
        let passwd = entries.first { $0.path.description == "/etc/passwd" }
        #expect(
            passwd?.content
                == .bytes(
                    Array(
                        """
                        root:x:0:0:root:/root:/sbin/nologin
                        nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin

                        """.utf8
                    )
                )
        )
    }

    @Test("accounts behind a symlink are written where they are")
    func linkedAccounts() async throws {
        var sample = complete
        sample.layers.append([
            .text("/usr/lib/passwd", "root:x:0:0::/:\n"), .link("/etc/passwd", "/lib/passwd"),
        ])
        let entries = try await runtime(try await request(sample))?.entries
        #expect(entries?.map(\.path.description) == ["/home", "/home/nonroot", "/usr/lib/passwd"])
    }

    @Test("without the runtime layer the base is left alone")
    func none() async throws {
        var request = try await request(.merged)
        request.runtime = nil
        #expect(try await runtime(request) == nil)
    }

    @Test("a certificate is put behind the base's own, or in their place", arguments: [false, true])
    func certificates(isOnly: Bool) async throws {
        var request = try await request(complete)
        let authority = try TestCertificates.shared()
        let file = FilePath(authority.authority)
        request.runtime?.certificates = isOnly ? .only([file]) : .embedded(adding: [file])
        let entries = try #require(try await runtime(request)).entries
        #expect(entries.map(\.path.description) == ["/etc/ssl/certs/ca-certificates.crt"])
        guard case .bytes(let bytes)? = entries.first?.content else {
            Issue.record("no file")
            return
        }
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("theirs\n-----BEGIN CERTIFICATE-----\n") == !isOnly)
        #expect(text.hasPrefix("-----BEGIN CERTIFICATE-----\n") == isOnly)
        #expect(text.hasSuffix("-----END CERTIFICATE-----\n"))
    }

    @Test(
        "the user's authorities reach Java's own file, where the base has one; without them it stays as it is",
        arguments: [
            ("/etc/ssl/certs/java/cacerts", nil), ("/opt/java/openjdk/lib/security/cacerts", nil),
            ("/opt/jdk/lib/security/cacerts", "/opt/jdk"),
        ] as [(String, String?)]
    )
    func javaStore(path: String, home: String?) async throws {
        var sample = complete
        sample.layers.append([.text(path, "theirs")])
        if let home { sample.config.env.append("JAVA_HOME=\(home)") }
        var request = try await request(sample)
        #expect(try await runtime(request) == nil)
        request.runtime?.certificates = .only([FilePath(try TestCertificates.shared().authority)])
        let (createdBy, entries) = try #require(try await runtime(request))
        #expect(createdBy.contains("CA certificates for Java"))
        guard case .bytes(let bytes)? = entries.first(where: { $0.path.description == path })?.content else {
            Issue.record("no file")
            return
        }
        // A JKS file of version 2 with one entry.
        #expect(Array(bytes.prefix(12)) == [0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2, 0, 0, 0, 1])
    }

    @Test(
        "a part that coracle adds unasked follows symlinks of the base that lead to nothing, and is left out where it has no place"
    )
    func oddPlaces() async throws {
        var sample = BaseSample.merged
        sample.layers.append([.link("/home", "var/home"), .text("/usr/share", "a file")])
        let plan = try await plan(try await request(sample)).get()
        let paths = plan.layers.flatMap { $0.blueprint.entries.map(\.path.description) }
        #expect(paths.contains("/var/home/nonroot"))
        #expect(!paths.contains { $0.hasPrefix("/usr/share") || $0.hasPrefix("/home") })
        #expect(plan.notes.contains { $0.code.rawValue == "plan.blocked" }, "\(plan.notes)")
    }

    @Test("what the user adds below such a symlink is a note")
    func danglingPlace() async throws {
        var request = try await request(.merged)
        request.additions = [
            Addition(source: FilePath(try scratch.file("socket", "x")), destination: "/var/run/app/socket")
        ]
        let plan = try await plan(request).get()
        let note = plan.notes.first { $0.code.rawValue == "plan.dangling-directory" }
        #expect(note?.summary == "`/var/run` is a symlink that leads to nothing; the directory is made")
    }

    @Test("odd accounts stay as they are, with a note")
    func odd() async throws {
        var sample = BaseSample.merged
        sample.layers.append([.text("/etc/passwd", "root:x:0:0::/:\r\nodd\r\n")])
        let plan = try await plan(try await request(sample)).get()
        let note = plan.notes.first { $0.code.rawValue == "plan.odd-accounts" }
        #expect(note?.summary == "the base's `/etc/passwd` is malformed, and stays as it is")
        let reason = "its lines end in CR LF, which programs read as a part of them; line 2 is not an account"
        #expect(note?.reason == reason)
    }

    @Test(
        "the base's own programs and scripts' interpreters may be started",
        arguments: [(["/bin/sh", "-c"], nil), (["sh"], nil), (["/bin/bash"], "plan.entrypoint-missing")]
            as [([String], String?)]
    )
    func entrypoint(words: [String], code: String?) async throws {
        var sample = BaseSample.merged
        sample.layers.append([.at("/usr/bin/sh", .bytes(staticProgram()), mode: 0o755)])
        var request = try await request(sample)
        request.configuration.entrypoint = words
        switch await plan(request) {
        case .success: #expect(code == nil)
        case .failure(let list): #expect(codes(list.items) == [code])
        }
    }

    /// A file of this machine.
    private func host(_ file: String, at path: String) throws -> LayerEntry {
        let file = try #require(FilePath(file).resolved)
        return .at(path, .file(file, try FileStatus(at: file).stamp), mode: 0o755)
    }

    @Test("a dynamic program stands on a base that has its loader, and on no other", arguments: [true, false])
    func dynamic(hasLoader: Bool) async throws {
        var sample = complete
        if hasLoader {
            sample.layers.append([
                try host("/lib64/ld-linux-x86-64.so.2", at: "/usr/lib64/ld-linux-x86-64.so.2"),
                .link("/lib64", "usr/lib64"), try host("/lib/x86_64-linux-gnu/libc.so.6", at: "/usr/lib/libc.so.6"),
            ])
        }
        var request = try await request(sample)
        request.paths = ["/bin/true"]
        switch await plan(request) {
        case .success: #expect(hasLoader)
        case .failure(let list):
            #expect(codes(list.items) == (hasLoader ? [] : ["run.loader-missing"]))
            #expect(list.items.first?.hint?.hasPrefix("works with `--base debian13/base-nossl`, or link it") == true)
        }
    }
}

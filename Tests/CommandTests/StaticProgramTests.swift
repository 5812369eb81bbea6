import Glibc
import TestSupport
import Testing

/// The file that `make install` puts in place, which `make test` builds and names in CORACLE_STATIC.
@Suite("The static program") struct StaticProgramTests {
    private static func path() throws -> String {
        let path = getenv("CORACLE_STATIC").map { String(cString: $0) }
        return try #require(path, "run `make test`, or name the static program in CORACLE_STATIC")
    }

    @Test("it has at most 36 MB, and carries no ICU data")
    func small() throws {
        let bytes = try readFile(try Self.path())
        #expect(bytes.count <= 36_000_000)
        let count = try Command.shell(#"grep -c -a icudt "$1" || true"#, [try Self.path()]).output()
        #expect(count == "0\n")
    }

    @Test("it asks for no loader and no library, and is stripped")
    func alone() throws {
        let headers = try Command("readelf", ["-lSd", try Self.path()]).output()
        #expect(!headers.contains("INTERP"))
        #expect(!headers.contains("NEEDED"))
        #expect(!headers.contains(".symtab"))
    }

    @Test("it builds, lists and validates in a root that holds nothing but itself, a program and /proc")
    func emptyRoot() throws {
        let root = try TemporaryDirectory()
        for name in ["proc", "out"] { _ = try root.directory(name) }
        try root.file("coracle", try readFile(try Self.path()), mode: 0o755)
        try root.file("hello", try readFile(try FixtureProgram.go("hello").path()), mode: 0o755)
        // `env -i`, and a root without /etc, /tmp and /dev: no file of this machine can help.
        let script = """
            mount -t proc proc "$1/proc"
            env -i "$2" "$1" /coracle build /hello -t hello:1 -o /out/hello.oci -e A=b
            env -i "$2" "$1" /coracle validate /out/hello.oci
            env -i "$2" "$1" /coracle files /out/hello.oci | grep -c /app/hello
            """
        let arguments = [root.path, try Tool.path(of: "chroot")]
        let inside = try Command("unshare", ["--mount", "sh", "-euc", script, "sh"] + arguments).output()
        let outside = try Command(
            Built.dynamic,
            ["build", root("hello"), "-t", "hello:1", "-o", root("out/again.oci"), "-e", "A=b"],
            environment: Built.withoutCache
        ).output()
        // The static program and the ordinary one make the same image.
        let lines = inside.split(separator: "\n").map(String.init)
        #expect(lines.first.map { $0 + "\n" } == outside)
        #expect(lines.dropFirst().first?.hasPrefix("valid: 1 image,") == true)
        #expect(lines.last == "1")
    }

    @Test("it answers at once")
    func version() throws {
        #expect(try Command(try Self.path(), ["--version"], timeLimit: 5).output().hasPrefix("coracle "))
    }

    @Test("it resolves a name, and trusts the authority that it is given")
    func network() throws {
        let certificates = try TestCertificates.shared()
        let registry = try RegistryServer(certificate: certificates.server())
        let place = "localhost:\(registry.port)"
        let arguments = ["digest", "\(place)/me/app:1", "--ca-cert", "\(place)=\(certificates.authority)"]
        let outcome = try Command(try Self.path(), arguments, environment: ["HOME": nil]).run()
        // That there is no such image is what the registry itself says.
        #expect(outcome.end == .exited(7), "\(outcome.errors)")
        #expect(outcome.errors.contains("MANIFEST_UNKNOWN"), "\(outcome.errors)")
    }

    @Test("it goes through a proxy, and the certificate has to be the registry's")
    func proxy() throws {
        let certificates = try TestCertificates.shared()
        let registry = try RegistryServer(certificate: certificates.server(.wrongHost))
        let proxy = try ScriptedServer { _ in
            ScriptedAnswer([.bytes(ScriptedAnswer.head(200)), .tunnel(port: registry.port)])
        }
        let place = "elsewhere.test:\(registry.port)"
        let outcome = try Command(
            try Self.path(),
            ["digest", "\(place)/me/app:1", "--ca-cert", "\(place)=\(certificates.authority)"],
            environment: ["HOME": nil, "HTTPS_PROXY": "http://\(proxy.address)", "NO_PROXY": nil]
        ).run()
        #expect(outcome.end == .exited(7), "\(outcome.errors)")
        #expect(proxy.requests.first?.method == "CONNECT")
    }
}

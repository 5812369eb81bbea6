import TestSupport

/// A directory that is built on several machines: each has a cache of its own, and all have one registry.
struct ReuseBench {
    let registry: RegistryUnderTest
    let place: TemporaryDirectory

    /// An application with a program, dependencies, something large, and code.
    init(_ kind: RegistryUnderTest.Kind = .anonymous) throws {
        registry = try RegistryUnderTest(kind)
        place = try TemporaryDirectory()
        try place.file("app/server", readFile(FixtureProgram.go("probe").path()), mode: 0o755)
        for index in 0..<40 { try place.file("app/node_modules/m\(index)/index.js", Self.text(index)) }
        try place.file("app/static/video", Self.noise(9 << 20))
        try place.file("app/src/main.js", "console.log(1)")
    }

    private static func text(_ index: Int) -> String {
        (0..<200).map { "exports.f\($0) = () => \($0 * index)\n" }.joined()
    }

    /// Bytes that do not compress, the same every time: what is repeated in them is too far away for deflate.
    static func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var random = Pseudorandom(seed: seed)
        var piece = [UInt8]()
        for _ in 0..<9000 { withUnsafeBytes(of: random.next()) { piece += $0 } }
        var bytes = [UInt8]()
        while bytes.count < count { bytes += piece }
        return Array(bytes.prefix(count))
    }

    /// A build on the machine whose cache is `machine`.
    func build(_ options: [String], on machine: String, of path: String = "app") throws -> Outcome {
        try withExtendedLifetime(registry) {
            try Built.coracle(
                ["build", path, "--cache-dir", place(machine)] + options,
                environment: registry.credentials.environment,
                directory: place.path,
                timeLimit: 120
            ).run()
        }
    }

    /// The same, which is to succeed; returns the digest and what was printed.
    @discardableResult
    func built(
        _ options: [String],
        on machine: String,
        of path: String = "app"
    ) throws -> (digest: String, printed: String) {
        let outcome = try build(options, on: machine, of: path)
        guard outcome.end == .exited(0) else { throw SupportError("not built: \(outcome.errors)") }
        return (try Images.digest(outcome.output), outcome.errors)
    }

    /// The digest that a build from nothing gives, on a machine that was never used.
    func clean(_ options: [String], named name: String, of path: String = "app") throws -> String {
        let machine = "clean-\(try names(in: place.path).count)"
        return try built(
            options + ["-t", name, "-o", "\(machine).oci", "--cache-from", "none"],
            on: machine,
            of: path
        ).digest
    }

    /// The requests during `body`.
    func requests(_ body: () throws -> Void) throws -> [RegistryServer.LoggedRequest] {
        let before = try registry.requests.count
        try body()
        return Array(try registry.requests.dropFirst(before))
    }

    /// The digests of the layers of a pushed image, the lowest first.
    func layers(_ name: String) throws -> [String] {
        let manifest = try Skopeo.run(["inspect", "--raw", "--tls-verify=false", "docker://\(name)"])
        let script = "import json, sys; print('\\n'.join(l['digest'] for l in json.load(sys.stdin)['layers']))"
        var command = Command("python3", ["-c", script])
        command.input = Array(manifest.utf8)
        return try command.output().split(separator: "\n").map(String.init)
    }
}

extension [RegistryServer.LoggedRequest] {
    /// The blobs that were fetched.
    var fetched: [String] {
        filter { $0.method == "GET" && $0.target.contains("/blobs/") }.compactMap {
            $0.target.firstMatch(of: #/sha256:[0-9a-f]{64}/#).map { String($0.0) }
        }
    }

    /// How many blobs were sent.
    var sentCount: Int {
        count { $0.method == "PUT" && $0.target.contains("/blobs/uploads/") }
    }
}

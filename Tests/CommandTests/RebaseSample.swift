import TestSupport

/// Two versions of a base, and images upon the first, in a registry that says what it was asked.
struct RebaseSample {
    let place: TemporaryDirectory
    let registry: FaultyRegistry
    /// By version.
    let bases: [String: HandmadeImage]

    /// The only layer of the image's own, with a program in it.
    static func own() throws -> HandmadeImage.Layer {
        try HandmadeImage.Layer("mkdir app; cp \(try FixtureProgram.go("hello").path()) app/hello; chmod 755 app/hello")
    }

    /// The layers of a base: each version has one more than the one before.
    static func layers(_ version: String) throws -> [HandmadeImage.Layer] {
        let accounts = #"root:x:0:0::/:/x\nnonroot:x:65532:65532::/:/x\n"#
        let first = try HandmadeImage.Layer("mkdir etc tmp; chmod 1777 tmp; printf '\(accounts)' >etc/passwd")
        let second = try HandmadeImage.Layer(
            "mkdir -p etc var/lib/dpkg; echo \(version) >etc/version; echo \(version) >var/lib/dpkg/status"
        )
        let third = try HandmadeImage.Layer("mkdir etc; echo three >etc/three")
        return version == "1" ? [first, second] : [first, second, third]
    }

    private static func base(_ version: String, _ architecture: String) throws -> HandmadeImage {
        try HandmadeImage(layers: layers(version), architecture: architecture) { config in
            config.replacing(
                #""Env":["PATH=/usr/bin"],"Labels":{"by":"hand"}"#,
                with: #""Env":["PATH=/usr/bin","VERSION=\#(version)"],"Labels":{"version":"\#(version)"},"#
                    + #""Healthcheck":{"Test":["NONE","\#(version)"]}"#
            )
        }
    }

    /// - Parameter fault: as that of `FaultyRegistry`.
    init(_ fault: @escaping @Sendable (FaultyRegistry.Asked) -> ScriptedAnswer = { $0.answer }) throws {
        place = try TemporaryDirectory()
        registry = try FaultyRegistry(fault)
        var bases: [String: HandmadeImage] = [:]
        for version in ["1", "2"] {
            let images = try ["amd64", "arm64"].map { architecture in
                (
                    image: try Self.base(version, architecture),
                    platform: #"{"os":"linux","architecture":"\#(architecture)"}"#
                )
            }
            let index = try HandmadeImage(of: images)
            registry.hold(index, in: "base", tag: version)
            bases[version] = index
        }
        self.bases = bases
    }

    /// `NAME` in the registry.
    func callAsFunction(_ name: String) -> String { "\(registry.address)/\(name)" }

    /// An image upon the first base, for one architecture.
    ///
    /// - Parameters:
    ///   - layers: its own.
    ///   - annotations: as JSON; `nil` for those that name the base.
    func image(
        _ layers: [HandmadeImage.Layer]? = nil,
        architecture: String = "amd64",
        annotations: String? = nil,
        config change: (String) -> String = { $0 },
        manifest changeManifest: (String) -> String = { $0 }
    ) throws -> HandmadeImage {
        let named =
            try #""org.opencontainers.image.base.name":"\#(self("base:1"))","#
            + #""org.opencontainers.image.base.digest":"\#(baseDigest)","of":"me""#
        let annotations = annotations ?? named
        return try HandmadeImage(
            layers: Self.layers("1") + (layers ?? [Self.own()]),
            architecture: architecture,
            config: { config in
                change(
                    config.replacing(
                        #""Env":["PATH=/usr/bin"],"Labels":{"by":"hand"}"#,
                        with: #""Env":["PATH=/app:/usr/bin","VERSION=1","PORT=80"],"Labels":{"version":"1","by":"me"},"#
                            + #""Healthcheck":{"Test":["NONE","1"]},"User":"65532:65532","Entrypoint":["/app/hello"]"#
                    )
                )
            },
            manifest: { manifest in
                changeManifest(
                    annotations.isEmpty
                        ? manifest
                        : manifest.replacing(
                            #"{"schemaVersion":2,"#,
                            with: #"{"schemaVersion":2,"annotations":{\#(annotations)},"x-unknown":{"b":1,"a":[2]},"#
                        )
                )
            }
        )
    }

    /// The digest of the index of the first base.
    var baseDigest: String {
        get throws { try bases["1"]?.digest ?? "" }
    }

    /// Puts `image` into the registry as `me/app:1`.
    @discardableResult
    func hold(_ image: HandmadeImage) -> HandmadeImage {
        registry.hold(image, in: "me/app", tag: "1")
        return image
    }

    /// `coracle rebase` onto the second base, unless `arguments` say otherwise.
    func rebase(_ arguments: [String], onto base: String? = nil) throws -> Outcome {
        try Built.coracle(
            ["rebase"] + arguments + ["--onto", base ?? self("base:2")],
            environment: ["CORACLE_CACHE": place("cache")],
            directory: place.path
        ).run()
    }

    /// What the registry has under a name, as text.
    func manifest(_ name: String, in repository: String = "me/app") -> String {
        String(decoding: registry.manifest(name, in: repository) ?? [], as: UTF8.self)
    }

    /// The blob that a member of a manifest names, as text.
    func blob(of member: String, in manifest: String, _ repository: String) throws -> String {
        guard let match = manifest.firstMatch(of: try Regex(#""\#(member)":\{"digest":"(sha256:[0-9a-f]+)""#)),
            let digest = match.output[1].substring
        else { throw SupportError("no `\(member)` in \(manifest)") }
        let curl = Command("curl", ["-sS", "http://\(registry.address)/v2/\(repository)/blobs/\(digest)"])
        return try curl.output()
    }
}

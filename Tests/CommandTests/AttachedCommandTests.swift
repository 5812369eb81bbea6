import TestSupport
import Testing

/// An image of two platforms on which much hangs, and a place to run `coracle` in.
struct AttachedSample {
    let place: TemporaryDirectory
    let home: DockerConfiguration
    let image: HandmadeImage
    let platform: HandmadeImage

    init() throws {
        place = try TemporaryDirectory()
        home = try DockerConfiguration()
        platform = try SmallImage.image
        let other = try HandmadeImage(layers: [HandmadeImage.Layer("echo b >b")], architecture: "arm64")
        image = try HandmadeImage(of: [
            (platform, #"{"os":"linux","architecture":"amd64"}"#), (other, #"{"os":"linux","architecture":"arm64"}"#),
        ])
        try place.file("a.spdx.json", #"{"spdxVersion":"SPDX-2.3","name":"a"}"#)
        try place.file("b.cdx.json", #"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#)
        try place.file("note.txt", "a note\n")
    }

    func coracle(_ arguments: String...) -> Command {
        Built.coracle(arguments, environment: home.environment, directory: place.path)
    }

    /// What cosign has under a tag: an image whose layers are signatures.
    static func tagged(_ contents: String...) throws -> HandmadeImage {
        try HandmadeImage(
            layers: contents.map { try HandmadeImage.Layer("echo \($0) >content") },
            manifest: {
                $0.replacing(HandmadeImage.layerType, with: "application/vnd.dev.cosign.simplesigning.v1+json")
            }
        )
    }

    static func tag(_ digest: String, _ ending: String) -> String { digest.replacing(":", with: "-") + ending }

    /// Cosign's tags of the image.
    var tags: [String] {
        get throws {
            [
                Self.tag(try image.digest, ".sig"), Self.tag(try image.digest, ".att"),
                Self.tag(try platform.digest, ".sig"), Self.tag(try platform.digest, ".sbom"),
            ]
        }
    }

    /// A registry that has the image, referrers of the index and of a platform, a referrer of one of these, and cosign's tags.
    func registry(listsReferrers: Bool = false) throws -> FaultyRegistry {
        let registry = try FaultyRegistry(listsReferrers: listsReferrers)
        registry.hold(image, in: "me/app", tag: "1")
        let name = "\(registry.address)/me/app:1"
        let sbom = String(try coracle("attach", name, "a.spdx.json").output().dropLast())
        try coracle("attach", name, "b.cdx.json", "--platform", "linux/amd64").output()
        try coracle("attach", sbom, "note.txt", "--type", "text/plain", "--annotation", "by=me").output()
        for tag in try tags { registry.hold(try Self.tagged(tag), in: "me/app", tag: tag) }
        return registry
    }

    /// What hangs on an image, as the program prints it, without the image's name.
    func tree(_ image: String) throws -> String {
        let lines = try coracle("referrers", image).output().split(separator: "\n")
        return lines.dropFirst().joined(separator: "\n")
    }

    /// The digests in the list under the fallback tag.
    static func listed(_ registry: FaultyRegistry, _ subject: String, in repository: String) -> [String] {
        let bytes = registry.manifest(tag(subject, ""), in: repository) ?? []
        return String(decoding: bytes, as: UTF8.self).matches(of: #/"digest":"([^"]+)"/#).map { String($0.1) }
    }
}

@Suite("What hangs on an image: listed, attached and copied")
struct AttachedCommandTests {
    @Test("all of it is listed, below what it hangs on", arguments: [true, false])
    func listed(listsReferrers: Bool) throws {
        let sample = try AttachedSample()
        let registry = try sample.registry(listsReferrers: listsReferrers)
        let tree = try sample.tree("\(registry.address)/me/app:1")
        let kinds = tree.split(separator: "\n").map { line in
            String(line.prefix { $0 == " " }) + line.split(separator: " ").prefix { $0.count < 60 }.first { $0 != "-" }!
        }
        #expect(
            kinds == [
                "index", "  .att", "  .sig", "  application/spdx+json", "    text/plain", "  linux/amd64", "    .sbom",
                "    .sig", "    application/vnd.cyclonedx+json", "  linux/arm64",
            ],
            "\(tree)"
        )
        let name = "\(registry.address)/me/app:1"
        let only = try sample.coracle("referrers", name, "--platform", "linux/arm64").output()
        #expect(only.hasSuffix("nothing hangs on it\n"), "\(only)")
    }

    @Test("a type that a list makes up is not believed, and what is gone is shown as missing")
    func lists() throws {
        let sample = try AttachedSample()
        let registry = try sample.registry()
        let tag = AttachedSample.tag(try sample.image.digest, "")
        let list = String(decoding: try #require(registry.manifest(tag, in: "me/app")), as: UTF8.self)
        let gone =
            #"{"mediaType":"\#(HandmadeImage.manifestType)","digest":"sha256:\#(String(repeating: "0", count: 64))","size":1}"#
        let changed = list.replacing("application/spdx+json", with: "application/vnd.oci.empty.v1+json")
            .replacing("\"manifests\":[", with: "\"manifests\":[\(gone),")
        var image = try HandmadeImage(layers: [])
        image.replaceTop(by: Array(changed.utf8))
        registry.hold(image, in: "me/app", tag: tag)
        let name = "\(registry.address)/me/app:1"
        let tree = try sample.tree(name)
        #expect(tree.contains("- application/spdx+json"), "\(tree)")
        #expect(tree.contains("listed, and not there"), "\(tree)")
        // The copy takes the rest.
        let copy = try sample.coracle("copy", name, "oci:all", "--referrers").run()
        #expect(copy.end == .exited(0), "\(copy.errors)")
        #expect(copy.errors.contains("note: a document about the image is listed, and is not there"), "\(copy.errors)")
        #expect(try sample.tree("oci:all").contains("text/plain"))
    }

    @Test("nothing is lost from a registry over a layout and an archive into another", arguments: [true, false])
    func airGap(listsReferrers: Bool) throws {
        let sample = try AttachedSample()
        let source = try sample.registry()
        let target = try FaultyRegistry(listsReferrers: listsReferrers)
        let wanted = try sample.tree("\(source.address)/me/app:1")
        let pull = try sample.coracle("pull", "\(source.address)/me/app:1", "--referrers", "-o", "all.oci").run()
        #expect(pull.end == .exited(0), "\(pull.errors)")
        #expect(
            pull.errors.contains(
                "note: what hangs on the image came along: .att, .sbom, 2 × .sig, application/spdx+json, "
                    + "application/vnd.cyclonedx+json, text/plain"
            ),
            "\(pull.errors)"
        )
        #expect(try sample.tree("all.oci") == wanted)
        try sample.coracle("copy", "oci:all.oci", "oci-archive:all.tar", "--referrers").output()
        #expect(try sample.tree("all.tar") == wanted)
        for path in ["all.oci", "all.tar"] { try sample.coracle("validate", path).output() }
        let push = try sample.coracle("push", "all.tar", "\(target.address)/my/app:2", "--referrers").run()
        #expect(push.end == .exited(0), "\(push.errors)")
        #expect(try sample.tree("\(target.address)/my/app:2") == wanted)
        for tag in try sample.tags {
            #expect(target.manifest(tag, in: "my/app") == source.manifest(tag, in: "me/app"))
        }
        // Again: all is there, and nothing is written twice.
        let before = target.manifests(in: "my/app")
        try sample.coracle("push", "all.tar", "\(target.address)/my/app:2", "--referrers").output()
        #expect(target.manifests(in: "my/app") == before)
        try sample.coracle("copy", "oci-archive:all.tar", "oci:all.oci", "--referrers").output()
        #expect(try sample.tree("all.oci") == wanted)
        let entries = try LayoutState(of: sample.place("all.oci"))
        #expect(entries.strays == [])
    }

    @Test("signatures at the destination stay, and new ones are added: in a registry, and in a layout")
    func merged() throws {
        let sample = try AttachedSample()
        let source = try sample.registry()
        let target = try FaultyRegistry()
        let tag = try sample.tags[0]
        target.hold(sample.image, in: "my/app", tag: "1")
        let own = try AttachedSample.tagged("own")
        target.hold(own, in: "my/app", tag: tag)
        let (from, to) = ("\(source.address)/me/app:1", "\(target.address)/my/app:1")
        try sample.coracle("copy", to, "oci:all", "--referrers").output()
        for place in [to, "oci:all:1"] {
            let copy = try sample.coracle("copy", from, place, "--referrers").run()
            #expect(copy.end == .exited(0), "\(copy.errors)")
        }
        let brought = try AttachedSample.tagged(tag)
        let merged = String(decoding: try #require(target.manifest(tag, in: "my/app")), as: UTF8.self)
        for layer in own.layers + brought.layers { #expect(merged.contains(layer), "\(merged)") }
        let json = try sample.coracle("referrers", "oci:all", "--json").output()
        for layer in own.layers + brought.layers { #expect(json.contains(layer), "\(json)") }
        try sample.coracle("validate", "all").output()
    }

    @Test("a plain copy says in one note what stays behind", arguments: ["copy", "pull"])
    func leftBehind(command: String) throws {
        let sample = try AttachedSample()
        let registry = try sample.registry()
        let name = "\(registry.address)/me/app:1"
        let run =
            try command == "pull"
            ? sample.coracle("pull", name, "-o", "out").run() : sample.coracle("copy", name, "oci:out").run()
        #expect(run.end == .exited(0))
        let notes = run.errors.split(separator: "\n").filter { $0.hasPrefix("note: ") }
        #expect(notes == ["note: signatures or documents of the image do not come along"], "\(run.errors)")
        #expect(run.errors.contains("use `--referrers` to take them along"))
        let with = try sample.coracle("copy", name, "oci:out", "--referrers").run()
        #expect(!with.errors.contains("do not come along"), "\(with.errors)")
    }

    @Test("an image of 120 platforms loses nothing")
    func manyPlatforms() throws {
        let sample = try AttachedSample()
        let registry = try FaultyRegistry()
        let layer = try HandmadeImage.Layer("echo a >a")
        let images = try (0..<120).map { number in
            (
                image: try HandmadeImage(layers: [layer], architecture: "machine\(number)"),
                platform: #"{"os":"linux","architecture":"machine\#(number)"}"#
            )
        }
        let image = try HandmadeImage(of: images)
        registry.hold(image, in: "me/app", tag: "1")
        for (position, one) in images.enumerated() where position % 10 == 9 {
            let tag = AttachedSample.tag(try one.image.digest, ".sig")
            registry.hold(try AttachedSample.tagged("\(position)"), in: "me/app", tag: tag)
        }
        let name = "\(registry.address)/me/app:1"
        try sample.coracle("attach", name, "a.spdx.json", "--platform", "linux/machine119").output()
        let target = try FaultyRegistry()
        let copy = try sample.coracle("copy", name, "\(target.address)/me/app:1", "--referrers").run()
        #expect(copy.end == .exited(0), "\(copy.errors)")
        #expect(copy.errors.contains("12 × .sig, application/spdx+json"), "\(copy.errors)")
        #expect(target.manifests(in: "me/app").count { $0.hasSuffix(".sig") } == 12)
    }

    @Test("six copies at once into one repository of docker-registry lose no entry", .timeLimit(.minutes(5)))
    func parallel() throws {
        let sample = try AttachedSample()
        let target = try RegistryServer()
        let sources = try (0..<6).map { number in
            let registry = try FaultyRegistry()
            registry.hold(sample.image, in: "me/app", tag: "1")
            try sample.place.file("\(number).txt", "note \(number)")
            try sample.coracle("attach", "\(registry.address)/me/app:1", "\(number).txt", "--type", "text/x-\(number)")
                .output()
            let tag = AttachedSample.tag(try sample.image.digest, ".sig")
            registry.hold(try AttachedSample.tagged("signature\(number)"), in: "me/app", tag: tag)
            return registry
        }
        let name = "\(target.address)/me/app:1"
        let copies = try sources.map {
            try sample.coracle("copy", "\($0.address)/me/app:1", name, "--referrers").start()
        }
        for copy in copies {
            let outcome = try copy.wait()
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
        }
        let tree = try sample.tree(name)
        for number in 0..<6 { #expect(tree.contains("text/x-\(number)"), "\(tree)") }
        #expect(tree.contains("6 layers"), "\(tree)")
    }

    // MARK: Attaching

    @Test("a document hangs on the image, once, and the image stays as it is")
    func attached() throws {
        let sample = try AttachedSample()
        for (name, bytes) in try sample.platform.layout("image", tag: "1") { try sample.place.file(name, bytes) }
        let registry = try FaultyRegistry()
        registry.hold(sample.platform, in: "me/app", tag: "1")
        for image in ["\(registry.address)/me/app:1", "oci:image"] {
            let first = try sample.coracle("attach", image, "a.spdx.json").output()
            #expect(try sample.coracle("attach", image, "a.spdx.json").output() == first)
            let tree = try sample.tree(image)
            #expect(tree.split(separator: "\n").count == 2, "\(tree)")
            #expect(try sample.coracle("digest", image).output() == "\(sample.platform.digest)\n")
        }
        try sample.coracle("validate", "image").output()
        try Command("skopeo", ["inspect", "oci:\(sample.place("image")):1"]).output()
    }

    /// Arguments behind `attach`, the exit code, and words of the message.
    @Test(
        "what cannot be attached is refused with what to do",
        arguments: [
            (["oci:image"], 2, "`attach` needs a document"),
            (["oci:image", "note.txt"], 2, "give its media type, such as `--type text/plain`"),
            (["oci:image", "note.txt", "--type", "text"], 2, "--type"),
            (["oci:image", "note.txt", "--type", "text/plain", "--annotation", "x"], 2, "it is not KEY=VALUE"),
            (["oci:image", "missing", "--type", "text/plain"], 3, "error[attach.unreadable]"),
            (["oci:image", "--bundle", "note.txt"], 4, "error[json.malformed]"),
            (["oci:image", "--bundle", "a.spdx.json"], 4, "error[bundle.malformed]"),
            (["oci:image", "--bundle", "other.json"], 4, "error[bundle.other-subject]"),
            (["oci:image", "a.spdx.json", "--bundle", "other.json"], 2, "error[usage.conflict]"),
            (["image.tar", "a.spdx.json"], 2, "error[attach.no-place]"),
            (["oci:nowhere", "a.spdx.json"], 7, "error[layout.not-found]"),
        ] as [([String], Int32, String)]
    )
    func refused(arguments: [String], exit: Int32, words: String) throws {
        let sample = try AttachedSample()
        for (name, bytes) in try sample.platform.layout("image", tag: "1") { try sample.place.file(name, bytes) }
        try sample.coracle("copy", "oci:image", "oci-archive:image.tar").output()
        try sample.place.file("other.json", AttachedCommandTests.bundle(about: String(repeating: "0", count: 64)))
        let run = try Built.coracle(
            ["attach"] + arguments,
            environment: sample.home.environment,
            directory: sample.place.path
        ).run()
        #expect(run.end == .exited(exit), "\(run.errors)")
        #expect(run.errors.contains(words), "\(run.errors)")
        #expect(try sample.tree("oci:image").contains("nothing hangs on it"))
    }

    /// A bundle whose statement is about a SHA-256.
    static func bundle(about hex: String) throws -> String {
        let statement =
            #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"\#(hex)"}}],"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}"#
        let payload = try Command("base64", ["-w0"], input: Array(statement.utf8)).output()
        return """
            {"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"tlogEntries":[]},\
            "dsseEnvelope":{"payload":"\(payload)","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"AA=="}]}}
            """
    }

    @Test("a bundle that was made elsewhere becomes a referrer that says what it is, and lint counts it")
    func bundles() throws {
        let sample = try AttachedSample()
        let registry = try FaultyRegistry()
        registry.hold(sample.image, in: "me/app", tag: "1")
        let name = "\(registry.address)/me/app:1"
        try sample.place.file("own.json", Self.bundle(about: String(sample.image.digest.dropFirst(7))))
        func lint() throws -> String {
            try sample.coracle(
                "lint",
                name,
                "--rule",
                "supply.unsigned=error",
                "--rule",
                "supply.no-sbom=warning"
            ).run().output
        }
        let before = try lint()
        #expect(before.contains("supply.unsigned") && before.contains("supply.no-sbom"), "\(before)")
        #expect(try !sample.coracle("lint", name).run().output.contains("supply."))
        try sample.coracle("attach", name, "--bundle", "own.json").output()
        try sample.coracle("attach", name, "a.spdx.json").output()
        #expect(try sample.tree(name).contains("https://sigstore.dev/cosign/sign/v1"))
        let after = try lint()
        #expect(!after.contains("supply."), "\(after)")
    }

    // MARK: Faults

    @Test(
        "a copy or an attachment that is cut at any request leaves no list that names what is absent",
        arguments: [
            "copy", "attach",
        ]
    )
    func cut(command: String) throws {
        let sample = try AttachedSample()
        let source = try sample.registry()
        var number = 0
        while true {
            let cut = number
            let target = try FaultyRegistry { asked in
                asked.request.method == "PUT" && asked.number == cut
                    || asked.request.method == "POST" && asked.number == cut && cut % 2 == 1
                    ? FaultyRegistry.refusal(403, "DENIED") : asked.answer
            }
            let name = "\(target.address)/me/app:1"
            let run: Outcome
            if command == "copy" {
                run = try sample.coracle("copy", "\(source.address)/me/app:1", name, "--referrers").run()
            } else {
                target.hold(sample.image, in: "me/app", tag: "1")
                run = try sample.coracle("attach", name, "a.spdx.json").run()
            }
            Self.check(target, sample)
            number += 1
            if run.end == .exited(0) { break }
            #expect(run.end == .exited(5), "\(run.errors)")
            guard number < 40 else { break }
        }
        #expect(number > 1)
        #expect(number < 40)
    }

    /// All that a manifest names is there, and what a list or a tag names, too.
    private static func check(_ registry: FaultyRegistry, _ sample: AttachedSample) {
        let names = registry.manifests(in: "me/app")
        let there = Set(names + registry.blobs(in: "me/app"))
        for name in names {
            let text = String(decoding: registry.manifest(name, in: "me/app") ?? [], as: UTF8.self)
            for digest in text.matches(of: #/"digest":"([^"]+)"/#).map({ String($0.1) }) {
                #expect(there.contains(digest), "\(name) names \(digest), which is absent")
            }
        }
    }
}

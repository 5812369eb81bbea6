import TestSupport
import Testing

@Suite("Another base under a finished image")
struct RebaseCommandTests {
    /// What is asked for beside the image and the base, so that no layer has to be read.
    private static let unread = ["--push", "--no-check", "--sbom", "none"]

    @Test("an index of two platforms goes into another repository: its own layers are mounted, and never fetched")
    func index() throws {
        let sample = try RebaseSample()
        let images = try ["amd64", "arm64"].map { architecture in
            (
                image: try sample.image(architecture: architecture),
                platform: #"{"os":"linux","architecture":"\#(architecture)"}"#
            )
        }
        // As BuildKit records how each image was built.
        let record =
            #",{"mediaType":"\#(HandmadeImage.manifestType)","digest":"sha256:\#(String(repeating: "0", count: 64))","#
            + #""size":1,"platform":{"os":"unknown","architecture":"unknown"}}]}"#
        let index = try HandmadeImage(of: images) {
            ($0.dropLast(2) + record).replacing(
                #"{"schemaVersion":2,"#,
                with: #"{"schemaVersion":2,"annotations":{"index":"mine"},"x-more":7,"#
            )
        }
        sample.hold(index)
        let outcome = try sample.rebase([sample("me/app:1"), "-t", sample("you/app:2")] + Self.unread)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("build records of the old image stay behind: 1"), "\(outcome.errors)")
        let own = try #require(images[0].image.layers.last)
        let fetched = sample.registry.requests.filter { $0.method == "GET" && $0.target.contains(own) }
        #expect(fetched.isEmpty, "\(fetched.map(\.target))")
        let mounts = sample.registry.requests.filter { $0.method == "POST" && $0.parameters("mount") == [own] }
        #expect(mounts.map { $0.parameters("from") } == [["me/app"]])
        // Layers of the new base come from its own repository in the same way.
        let uploads = sample.registry.requests.filter { $0.method == "PUT" && $0.path.contains("/blobs/") }
        #expect(uploads.count == 2, "only the two configurations are sent")

        let top = sample.manifest("2", in: "you/app")
        #expect(outcome.output == "\(sample("you/app:2"))@\(try FaultyRegistry.digest(of: Array(top.utf8)))\n")
        #expect(top.contains(#""index":"mine""#) && top.contains(#""x-more":7"#))
        #expect(top.contains(#""org.opencontainers.image.base.digest":"\#(try #require(sample.bases["2"]).digest)""#))
        let manifests = top.matches(of: #/"digest":"(sha256:[0-9a-f]+)","mediaType":"[^"]*manifest/#).map {
            String($0.1)
        }
        #expect(manifests.count == 2)
        for digest in manifests {
            let manifest = sample.manifest(digest, in: "you/app")
            #expect(manifest.contains(#""org.opencontainers.image.base.name":"\#(sample("base:2"))""#))
            #expect(manifest.contains(#""of":"me""#) && manifest.contains(#""x-unknown":{"a":[2],"b":1}"#))
            let layers = manifest.matches(of: #/"digest":"(sha256:[0-9a-f]+)","mediaType":"[^"]*layer/#).map {
                String($0.1)
            }
            #expect(layers == (try #require(sample.bases["2"]).blobsOfLayers(layers)) + [own])
            #expect(layers.count == 4)
            let config = try sample.blob(of: "config", in: manifest, "you/app")
            #expect(config.contains(#""Env":["PATH=/app:/usr/bin","VERSION=2","PORT=80"]"#), "\(config)")
            #expect(config.contains(#""Labels":{"by":"me","version":"2"}"#))
            #expect(config.contains(#""Healthcheck":{"Test":["NONE","2"]}"#))
            #expect(config.matches(of: #/"created_by"/#).count == 4)
        }
    }

    @Test("a check reads the image's own layers once; with the cache no later rebase fetches them")
    func once() throws {
        let sample = try RebaseSample()
        let image = sample.hold(try sample.image())
        let own = try #require(image.layers.last)
        func fetches() -> Int {
            sample.registry.requests.count { $0.method == "GET" && $0.target.contains(own) }
        }
        let first = try sample.rebase([sample("me/app:1"), "--push", "-t", sample("me/app:2")])
        #expect(first.end == .exited(0), "\(first.errors)")
        #expect(fetches() == 1)
        let second = try sample.rebase([sample("me/app:1"), "--push", "-t", sample("you/app:2")])
        #expect(second.end == .exited(0), "\(second.errors)")
        #expect(fetches() == 1)
        #expect(second.output.suffix(65) == first.output.suffix(65))
        // The list of what is in it hangs on the new image.
        #expect(first.errors.contains("attached what is in it to \(sample("me/app"))"))
    }

    @Test("an image that is on the base already keeps its digest, and nothing is sent")
    func already() throws {
        let sample = try RebaseSample()
        sample.hold(try sample.image())
        let first = try sample.rebase([sample("me/app:1"), "--push"])
        #expect(first.end == .exited(0), "\(first.errors)")
        let before = sample.registry.requests.count
        let second = try sample.rebase([sample("me/app:1"), "--push"])
        #expect(second.end == .exited(0), "\(second.errors)")
        #expect(second.output == first.output)
        #expect(second.errors.contains("is on `\(sample("base:2"))` already: nothing changes"), "\(second.errors)")
        let sent = sample.registry.requests.dropFirst(before).filter { $0.method != "GET" && $0.method != "HEAD" }
        #expect(sent.isEmpty, "\(sent.map(\.target))")
        // And back again it is what it was, but for the order of its members.
        let back = try sample.rebase([sample("me/app:1"), "--push"], onto: sample("base:1"))
        #expect(back.end == .exited(0), "\(back.errors)")
        let again = try sample.rebase([sample("me/app:1"), "--push"])
        #expect(again.output == first.output)
    }

    @Test("an image of coracle's shows where its own layers begin, even if its base is gone")
    func border() throws {
        let sample = try RebaseSample()
        let hello = try FixtureProgram.go("hello").path()
        let built = try Built.coracle(
            ["build", hello, "--base", sample("base:1"), "-t", sample("me/app:1"), "--push", "--env", "MINE=1"],
            environment: ["CORACLE_CACHE": sample.place("cache")]
        ).run()
        #expect(built.end == .exited(0), "\(built.errors)")
        let known = try sample.rebase([sample("me/app:1"), "-t", sample("me/app:2")] + Self.unread)
        #expect(known.errors.contains("its layers prove it"), "\(known.errors)")
        // The image is in another registry, and the one that it names is gone with the base.
        let gone = try RebaseSample()
        try Built.coracle(
            ["copy", sample("me/app:1"), gone("me/app:1")],
            environment: ["CORACLE_CACHE": sample.place("cache")]
        ).output()
        sample.registry.stop()
        gone.registry.hold(try #require(gone.bases["2"]).onlyImage("amd64"), in: "new", tag: "2")
        let outcome = try gone.rebase([gone("me/app:1")] + Self.unread, onto: gone("new:2"))
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("which nothing proves"), "\(outcome.errors)")
        #expect(outcome.errors.contains("the old base is not to be had"))
        let config = try gone.blob(of: "config", in: gone.manifest("1"), "me/app")
        #expect(config.contains("MINE=1") && config.contains("VERSION=1"), "what is not known to be the base's stays")
    }

    @Test("a build on the new base has the same digest as a rebase onto it")
    func sameAsBuild() throws {
        let sample = try RebaseSample()
        let hello = try FixtureProgram.go("hello").path()
        func build(_ base: String, _ name: String) throws -> String {
            try Built.coracle(
                ["build", hello, "--base", sample(base), "-t", sample(name), "--push", "--env", "MINE=1"],
                environment: ["CORACLE_CACHE": sample.place("cache")]
            ).output()
        }
        _ = try build("base:1", "me/app:1")
        let outcome = try sample.rebase([sample("me/app:1"), "--push", "-t", sample("me/app:2")])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(try build("base:2", "me/app:2") == outcome.output)
    }

    @Test("a registry that does not mount gets the layers sent, and the image is the same")
    func withoutMounts() throws {
        let (with, without) = (
            try RebaseSample(),
            try RebaseSample { asked in
                asked.step == .mount ? FaultyRegistry.refusal(405, "UNSUPPORTED") : asked.answer
            }
        )
        let outcomes = try [with, without].map { sample in
            // No names of the registry, which has another port each time.
            sample.hold(try sample.image(annotations: ""))
            return try sample.rebase(
                [sample("me/app:1"), "--old-base", sample("base:1"), "-t", sample("you/app:1"), "--dry-run"]
                    + ["--no-check"]
            )
        }
        #expect(outcomes.map(\.end) == [.exited(0), .exited(0)])
        let outcome = try without.rebase(
            [without("me/app:1"), "--old-base", without("base:1"), "-t", without("you/app:1")] + Self.unread
        )
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(without.registry.blobs(in: "you/app").count == 5)
    }

    @Test("a push that fails half way names nothing")
    func interrupted() throws {
        let sample = try RebaseSample { asked in
            asked.step == .putManifest && asked.request.path.contains("/you/")
                ? FaultyRegistry.refusal(403, "DENIED") : asked.answer
        }
        let before = sample.hold(try sample.image())
        let outcome = try sample.rebase([sample("me/app:1"), "-t", sample("you/app:1")] + Self.unread)
        #expect(outcome.end != .exited(0))
        #expect(outcome.output.isEmpty)
        #expect(!sample.registry.manifests(in: "you/app").contains("1"))
        #expect(sample.registry.manifest("1", in: "me/app") == before.top)
    }

    @Test("what of the new base the image's own layers hide is said, by file")
    func hidden() throws {
        let sample = try RebaseSample()
        let steps = try HandmadeImage.Layer(
            "mkdir -p var/lib/dpkg etc; echo more >var/lib/dpkg/status; : >etc/.wh.three; : >etc/.wh.gone; echo x >etc/mine"
        )
        sample.hold(try sample.image([RebaseSample.own(), steps]))
        let outcome = try sample.rebase([sample("me/app:1"), "--push", "--json", "-t", sample("me/app:2")])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("hide the new base's list of packages"), "\(outcome.errors)")
        #expect(outcome.errors.contains("`/etc/three`"))
        let list = try #require(outcome.output.firstMatch(of: #/"hidden": \[([^\]]*)\]/#)).1
        #expect(list.matches(of: #/"([^"]+)"/#).map { String($0.1) } == ["/etc/three", "/var/lib/dpkg/status"])
    }

    @Test("a history that does not add up is written again, and diffIDs that do not are refused")
    func disagreeing() throws {
        let sample = try RebaseSample()
        sample.hold(
            try sample.image(config: { config in
                config.replacing(
                    #""history":[{"created":"2001-02-03T04:05:06Z","created_by":"hand"},"#,
                    with: #""history":["#
                )
            })
        )
        let odd = try sample.rebase([sample("me/app:1"), "-t", sample("me/app:2")] + Self.unread)
        #expect(odd.end == .exited(0), "\(odd.errors)")
        #expect(odd.errors.contains("it has 2 steps with a layer, the manifest 3 layers"), "\(odd.errors)")
        let config = try sample.blob(of: "config", in: sample.manifest("2"), "me/app")
        #expect(config.contains(#"{"created_by":"a layer of the image"}]"#), "\(config)")

        sample.hold(
            try sample.image(config: { config in
                config.replacing(
                    #""diff_ids":["#,
                    with: #""diff_ids":["sha256:\#(String(repeating: "0", count: 64))","#
                )
            })
        )
        let wrong = try sample.rebase([sample("me/app:1"), "--old-base", sample("base:1")] + Self.unread)
        #expect(wrong.end == .exited(4))
        #expect(wrong.errors.contains("error[rebase."), "\(wrong.errors)")
    }

    @Test("a layer that its maker keeps stays as it is, and the image is not checked")
    func foreign() throws {
        let sample = try RebaseSample()
        let own = try RebaseSample.own()
        let type = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
        sample.hold(
            try sample.image(manifest: { manifest in
                let last = manifest.ranges(of: #""mediaType":"\#(HandmadeImage.layerType)""#).last
                guard let last else { return manifest }
                return manifest.replacingCharacters(
                    at: last,
                    with: #""urls":["https://maker.example/layer"],"mediaType":"\#(type)""#
                )
            })
        )
        let outcome = try sample.rebase([sample("me/app:1"), "--push", "--sbom", "none", "-t", sample("me/app:2")])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("is not checked on its new base"), "\(outcome.errors)")
        let manifest = sample.manifest("2")
        #expect(manifest.contains(type) && manifest.contains("https://maker.example/layer"))
        #expect(manifest.contains(#""dev.coracle.gate.skipped":"true""#))
        #expect(manifest.contains(try FaultyRegistry.digest(of: own.bytes)))
    }

    @Test("what the new base lacks refuses the image before anything is sent; what failed before refuses nothing")
    func refused() throws {
        let sample = try RebaseSample()
        // The first base has what the script of the image needs, and the second one has not.
        let script = try HandmadeImage.Layer("mkdir app; printf '#!/bin/sh\\n' >app/hello; chmod 755 app/hello")
        let shell = try HandmadeImage.Layer(
            "mkdir bin; cp \(try FixtureProgram.go("hello").path()) bin/sh; chmod 755 bin/sh"
        )
        let old = try HandmadeImage(layers: [shell])
        sample.registry.hold(old, in: "base", tag: "shell")
        let start = { (config: String) in
            config.replacing(#""Labels":"#, with: #""Entrypoint":["/app/hello"],"User":"65532:65532","Labels":"#)
        }
        sample.hold(try HandmadeImage(layers: [shell, script], config: start))
        let arguments = [sample("me/app:1"), "--old-base", sample("base:shell"), "--push", "-t", sample("you/app:1")]
        let outcome = try sample.rebase(arguments)
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        #expect(outcome.errors.contains("/bin/sh"), "\(outcome.errors)")
        #expect(sample.registry.manifests(in: "you/app").isEmpty && sample.registry.blobs(in: "you/app").isEmpty)
        let code = try #require(outcome.errors.firstMatch(of: #/error\[([a-z.-]+)\]/#)).1
        let allowed = try sample.rebase(arguments + ["--allow", String(code)])
        #expect(allowed.end == .exited(0), "\(allowed.errors)")
        #expect(sample.manifest("1", in: "you/app").contains("dev.coracle.gate.excused"))

        // The same image, whose shell was missing on its old base as well.
        sample.hold(try HandmadeImage(layers: [.init("echo old >old"), script], config: start))
        sample.registry.hold(try HandmadeImage(layers: [.init("echo old >old")]), in: "base", tag: "none")
        let before = try sample.rebase(
            [sample("me/app:1"), "--old-base", sample("base:none"), "--push", "-t", sample("you/app:3")]
        )
        #expect(before.end == .exited(0), "\(before.errors)")
        #expect(before.errors.contains("[\(code)]"), "\(before.errors)")
    }

    @Test(
        "layouts and archives are read and written, and keep their names",
        arguments: ["oci:image", "image", "image.tar", "docker-archive:docker.tar"]
    )
    func files(source: String) throws {
        let sample = try RebaseSample()
        sample.hold(try sample.image(annotations: ""))
        let place = sample.place
        for destination in ["oci:image:1", "oci-archive:image.tar:me/app:1", "docker-archive:docker.tar:me/app:1"] {
            try Built.coracle(
                ["copy", sample("me/app:1"), destination],
                environment: ["CORACLE_CACHE": place("cache")],
                directory: place.path
            ).output()
        }
        for output in ["out", "out.tar"] {
            let outcome = try sample.rebase([source, "--old-base", sample("base:1"), "-o", output])
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
            let valid = try Built.coracle(["validate", output], directory: place.path).run()
            #expect(valid.end == .exited(0), "\(valid.errors)")
        }
        let named = try sample.rebase(
            [source, "--old-base", sample("base:1"), "-o", "named", "-t", "registry.example/n:1"]
        )
        #expect(named.output.hasPrefix("registry.example/n:1@sha256:"), "\(named.errors)")
        let index = String(decoding: try readFile(place("named/index.json")), as: UTF8.self)
        #expect(index.contains(#""io.containerd.image.name":"registry.example/n:1""#))
    }

    @Test(
        "what cannot be meant is said before anything is read",
        arguments: [
            (["IMAGE"], "needs a place for the result"), (["IMAGE", "--push", "-o", "x"], "both say where"),
            (["IMAGE@DIGEST", "--push"], "needs a name"), (["oci:none", "--push"], "needs a name"),
            (["IMAGE", "-o", "x.tar", "--sbom", "spdx"], "has nothing that it could attach to"),
            (["IMAGE", "--push", "--provenance"], "needs a key"),
            (["IMAGE", "-o", "x", "--sign-key", "k"], "signs what is pushed"),
            (["IMAGE", "--push", "--old-base", "a/b", "--from", "a/c"], "both say what the image is built upon"),
            (["IMAGE", "--push", "-t", "a/b@DIGEST"], "names a digest"),
            (["IMAGE", "--push", "--sbom", "xml"], "--sbom"), (["IMAGE", "--push", "--allow", "no.rule"], "no rule"),
        ]
    )
    func usage(arguments: [String], text: String) throws {
        let place = try TemporaryDirectory()
        let digest = "sha256:" + String(repeating: "a", count: 64)
        let words = arguments.map { word in
            word.replacing("IMAGE", with: "registry.example/a").replacing("DIGEST", with: digest)
        }
        let outcome = try Built.coracle(
            ["rebase"] + words + ["--onto", "registry.example/base:1", "--offline"],
            environment: ["CORACLE_CACHE": place("cache")],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains(text), "\(outcome.errors)")
    }

    @Test("one platform of an index can be taken alone, and one that is missing is said")
    func platform() throws {
        let sample = try RebaseSample()
        let images = try ["amd64", "arm64"].map { architecture in
            (
                image: try sample.image(architecture: architecture),
                platform: #"{"os":"linux","architecture":"\#(architecture)"}"#
            )
        }
        sample.hold(try HandmadeImage(of: images))
        let one = try sample.rebase(
            [sample("me/app:1"), "--platform", "linux/arm64", "-t", sample("me/app:arm")] + Self.unread
        )
        #expect(one.end == .exited(0), "\(one.errors)")
        #expect(sample.manifest("arm").contains(#""layers":"#))
        let none = try sample.rebase([sample("me/app:1"), "--platform", "linux/s390x"] + Self.unread)
        #expect(none.end == .exited(7))
        #expect(none.errors.contains("it has linux/amd64, linux/arm64"), "\(none.errors)")
    }
}

extension HandmadeImage {
    /// Those of `digests` that are its own blobs, in their order.
    fileprivate func blobsOfLayers(_ digests: [String]) -> [String] { digests.filter { blobs[$0] != nil } }

    /// The image for one architecture, out of an index.
    fileprivate func onlyImage(_ architecture: String) throws -> HandmadeImage {
        var image = self
        let text = String(decoding: top, as: UTF8.self)
        let pattern = try Regex(
            #""digest":"(sha256:[0-9a-f]+)","size":[0-9]+,"platform":\{"os":"linux","architecture":"\#(architecture)""#
        )
        guard let digest = text.firstMatch(of: pattern)?.output[1].substring, let bytes = manifests[String(digest)]
        else { throw SupportError("no \(architecture) in \(text)") }
        image.replaceTop(by: bytes)
        return image
    }
}

extension String {
    fileprivate func replacingCharacters(at range: Range<Index>, with text: String) -> String {
        String(self[..<range.lowerBound]) + text + String(self[range.upperBound...])
    }
}

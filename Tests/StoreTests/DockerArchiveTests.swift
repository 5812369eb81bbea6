import ByteIO
import Diagnostics
import OCI
import Store
import TestSupport
import Testing

@Suite("Docker's archives")
struct DockerArchiveTests {
    /// A directory with two layers as tars, `one/layer.tar` and `two/layer.tar`, and the `config.json` that names them.
    private struct Saved {
        let scratch: TemporaryDirectory
        let layers: [[UInt8]]
        let config: [UInt8]

        init() throws {
            scratch = try TemporaryDirectory()
            try scratch.file("root/hello", "hello")
            for name in ["one", "two"] {
                try scratch.directory("saved/\(name)")
                let script = #"tar --sort=name --mtime=@0 -C "$1" -cf "$2" --transform "s/hello/$3/" hello"#
                try Command.shell(script, [scratch("root"), scratch("saved/\(name)/layer.tar"), name]).output()
            }
            layers = try ["one", "two"].map { [scratch] name in try readFile(scratch("saved/\(name)/layer.tar")) }
            var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
            config.diffIDs = layers.map { DiffID(Digest(sha256Of: $0)) }
            self.config = Document(encoding: config, as: .imageConfig).bytes
            try scratch.file("saved/config.json", self.config)
            try list(#"["me/app:1"]"#)
        }

        /// Writes a `manifest.json` of one image.
        func list(_ tags: String, layers: String = #"["one/layer.tar","two/layer.tar"]"#) throws {
            try scratch.file(
                "saved/manifest.json",
                #"[{"Config":"config.json","RepoTags":\#(tags),"Layers":\#(layers),"Parent":""}]"#
            )
        }

        /// Runs `script` in the directory, and makes the archive.
        func archive(_ script: String = ":") throws -> String {
            try Command.shell("\(script)\n[ -e ../out.tar ] || tar -cf ../out.tar *", directory: scratch("saved"))
                .output()
            return scratch("out.tar")
        }

        func source(_ script: String = ":") throws -> ImageSource { try ImageSource(FilePath(try archive(script))) }
    }

    /// The layers as the image's manifest lists them, everything verified.
    private func layers(of source: ImageSource, called name: String? = nil) async throws -> [(MediaType, [UInt8])] {
        let provider = try LocalProvider(source, called: name)
        let top = try await provider.top()
        let manifest = try Document<Manifest>(
            decoding: try await provider.document(top),
            as: .imageManifest,
            named: "m"
        )
        _ = try await provider.document(manifest.content.config)
        var layers = [(MediaType, [UInt8])]()
        for layer in manifest.content.layers {
            layers.append((layer.mediaType, try contents(of: try await provider.blob(layer))))
        }
        return layers
    }

    @Test(
        "an image is read, whether its layers are files or links to them",
        arguments: [
            ":", "mv two/layer.tar x.tar; ln -s ../x.tar two/layer.tar",
            "mkdir 3 4; mv two/layer.tar 3; ln -s ../4/layer.tar two/layer.tar; ln -s ../3/layer.tar 4/layer.tar",
            "ln two/layer.tar a.tar; tar -cf ../out.tar a.tar two one config.json manifest.json",
            "tar -czf ../out.tar *", "tar -cf - * | zstd -q >../out.tar", "tar -cf ../out.tar ./*",
            "tar -cf ../out.tar --format=pax *", "echo '{}' > repositories",
        ]
    )
    func read(script: String) async throws {
        let saved = try Saved()
        let source = try saved.source(script)
        let expected = Manifest(
            config: Document(encoding: try Self.config(saved.config), as: .imageConfig).descriptor,
            layers: saved.layers.map {
                Descriptor(mediaType: .layerTar, digest: Digest(sha256Of: $0), size: Int64($0.count))
            }
        )
        let document = Document(encoding: expected, as: .imageManifest)
        var entry = document.descriptor
        entry.annotations = [AnnotationKey.refName: "1", AnnotationKey.containerdImageName: "docker.io/me/app:1"]
        #expect(try source.index().manifests == [entry])
        #expect(try source.document(entry) == document.bytes)
        #expect(try contents(of: source.path.display) == ["docker.io/me/app:1": entry.digest])
        #expect(try await layers(of: source).map(\.1) == saved.layers)
    }

    private static func config(_ bytes: [UInt8]) throws -> ImageConfig {
        try Document<ImageConfig>(decoding: bytes, as: .imageConfig, named: "config").content
    }

    @Test("compressed layers stay as they are, and their media type says so", arguments: ["gzip", "zstd -q --rm"])
    func compressed(command: String) async throws {
        let saved = try Saved()
        let source = try saved.source("\(command) one/layer.tar; mv one/layer.tar.* one/layer.tar")
        let layers = try await layers(of: source)
        #expect(layers.map(\.0) == [command == "gzip" ? .layerTarGzip : .layerTarZstd, .layerTar])
        #expect(layers[1].1 == saved.layers[1])
        #expect(layers[0].1 != saved.layers[0])
    }

    @Test(
        "names are those of the list, and `<none>` is not a name",
        arguments: [
            ("null", [nil]), ("[]", [nil]),
            (#"["me/app:1","me/app:2"]"#, ["docker.io/me/app:1", "docker.io/me/app:2"]),
            (#"["app"]"#, ["docker.io/library/app:latest"]), (#"["<none>:<none>"]"#, ["<none>:<none>"]),
        ]
    )
    func names(tags: String, expected: [String?]) async throws {
        let saved = try Saved()
        try saved.list(tags)
        let source = try saved.source()
        #expect(try source.index().manifests.map(\.entryName) == expected)
        #expect(try await layers(of: source).count == 2)
    }

    @Test("one of several images is chosen by its name")
    func several() async throws {
        let saved = try Saved()
        var config = try Self.config(saved.config)
        config.diffIDs.removeLast()
        try saved.scratch.file("saved/other.json", Document(encoding: config, as: .imageConfig).bytes)
        try saved.scratch.file(
            "saved/manifest.json",
            #"[{"Config":"config.json","RepoTags":["app:1"],"Layers":["one/layer.tar","two/layer.tar"]},"#
                + #"{"Config":"other.json","RepoTags":["app:2"],"Layers":["one/layer.tar"]}]"#
        )
        let source = try saved.source()
        #expect(try await layers(of: source, called: "app:1").count == 2)
        #expect(try await layers(of: source, called: "2").count == 1)
        for (name, code) in [(nil, "image.which"), ("app:3", "image.not-found")] {
            let error = #expect(throws: Diagnostic.self) { try LocalProvider(source, called: name) }
            #expect(error?.code.rawValue == code)
        }
    }

    @Test(
        "an archive that is not whole, or does not fit together, is refused",
        .timeLimit(.minutes(1)),
        arguments: [
            ("rm two/layer.tar", "archive.malformed", "it has no `two/layer.tar`"),
            ("rm config.json", "archive.malformed", "it has no `config.json`"),
            ("rm two/layer.tar; ln -s layer.tar two/layer.tar", "archive.malformed", "in a circle"),
            (
                "rm */layer.tar; ln -s ../two/layer.tar one/; ln -s ../one/layer.tar two/", "archive.malformed",
                "in a circle"
            ),
            ("rm two/layer.tar; ln -s ../../../etc/passwd two/layer.tar", "archive.malformed", "leads out of it"),
            ("rm two/layer.tar; ln -s /etc/passwd two/layer.tar", "archive.malformed", "leads out of it"),
            ("rm two/layer.tar; mkdir two/layer.tar", "archive.malformed", "it has no `two/layer.tar`"),
            ("sed -i 's,two/layer,../two/layer,' manifest.json", "archive.malformed", "leads out of it"),
            ("sed -i 's,two/layer,/two/layer,' manifest.json", "archive.malformed", "leads out of it"),
            ("echo x >> two/layer.tar", "image.disagrees", "layer 2: the config says diffID"),
            ("cp one/layer.tar two/layer.tar", "image.disagrees", "layer 2: the config says diffID"),
            (#"sed -i 's/,"two.*tar"//' manifest.json"#, "image.disagrees", "2 diffIDs, `manifest.json` 1 layers"),
            ("gzip two/layer.tar; head -c 50 two/*.gz > two/layer.tar", "gzip.malformed", "it ends too early"),
            ("echo null > manifest.json", "archive.malformed", "lists no image"),
            ("echo '[]' > manifest.json", "archive.malformed", "lists no image"),
            ("echo '{}' > manifest.json", "json.unexpected", "expected an array"),
            ("echo '[{}]' > manifest.json", "json.unexpected", "`Config` is missing"),
            (": > manifest.json", "json.malformed", "ends too early"),
            ("echo '[1]' > config.json", "json.unexpected", "expected an object"),
            ("truncate -s 5M manifest.json", "archive.malformed", "at most 4194304 are read"),
            ("truncate -s 5M config.json", "archive.malformed", "at most 4194304 are read"),
            ("tar -cf ../out.tar *; tar -rf ../out.tar manifest.json", "archive.malformed", "two of `manifest.json`"),
            ("tar -cf ../out.tar one", "layout.malformed", "`oci-layout`: the archive has no such entry"),
        ]
    )
    func refused(script: String, code: String, reason: String) throws {
        let saved = try Saved()
        let error = #expect(throws: Diagnostic.self) { try saved.source(script) }
        #expect(error?.code.rawValue == code)
        #expect(error?.code.category == .verification)
        #expect(error?.reason?.contains(reason) == true, "\(error?.reason ?? "")")
    }

    @Test("what skopeo makes of an image of ours is that image, and we read it without skopeo's help")
    func skopeo() async throws {
        let saved = try Saved()
        let copy =
            #"skopeo copy -q "docker-archive:$1" "oci:$2:1" && skopeo copy -q "oci:$2:1" "docker-archive:$3:me/app:1""#
        let (layout, again) = (saved.scratch("layout"), saved.scratch("again.tar"))
        try Command.shell(copy, [try saved.archive(), layout, again]).output()
        let source = try ImageSource(FilePath(again))
        #expect(try await layers(of: source, called: "me/app:1").map(\.1) == saved.layers)
        #expect(try await layers(of: try ImageSource(FilePath(layout)), called: "1").count == 2)
    }

    @Test("an archive that is also an image layout is read as one")
    func both() async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        let destination = try ArchiveDestination(FilePath(scratch("out.tar")))
        try await destination.publish(try image.set(["app:1"], in: destination.draftDirectory))
        // Its layer is not a tar that `manifest.json` could be checked with.
        let provider = try LocalProvider(try ImageSource(FilePath(scratch("out.tar"))))
        #expect(try await provider.top().digest == image.manifest.descriptor.digest)
    }

    @Test("it is copied into a layout like any other image")
    func copied() async throws {
        let saved = try Saved()
        let provider = try LocalProvider(try saved.source())
        let top = try await provider.top()
        let bytes = try await provider.document(top)
        let manifest = try Document<Manifest>(decoding: bytes, of: top).content
        var blobs = [(Descriptor, ImageSet.Blob)]()
        for blob in manifest.layers + [manifest.config] {
            blobs.append((blob, .remote(ImageSet.RemoteBlob(blob, of: provider))))
        }
        let images = ImageSet(top: top, names: [], listings: [], blobs: blobs + [(top, .bytes(bytes))])
        try await LayoutDestination(FilePath(saved.scratch("layout"))).publish(images)
        #expect(try contents(of: saved.scratch("layout")) == ["docker.io/me/app:1": top.digest])
        let listed = try Command("skopeo", ["inspect", "--raw", "oci:\(saved.scratch("layout")):1"]).run()
        #expect(listed.outputBytes == bytes)
    }
}

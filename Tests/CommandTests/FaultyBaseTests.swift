import TestSupport
import Testing

@Suite("A base that is not what it says it is")
struct FaultyBaseTests {
    /// Changes of an image that has one layer, and what they lead to.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let exit: Int32
        let words: [String]
        let make: @Sendable () throws -> HandmadeImage

        init(
            _ description: String,
            _ exit: Int32,
            _ words: String...,
            make: @escaping @Sendable () throws -> HandmadeImage
        ) {
            testDescription = description
            self.exit = exit
            self.words = words
            self.make = make
        }

        /// Replaces `text` in the config.
        static func config(_ text: String, _ other: String, _ exit: Int32, _ words: String...) -> Row {
            Row("config: \(text) → \(other.prefix(60))", exit, words, { $0.replacing(text, with: other) }, { $0 })
        }

        /// Replaces `text` in the manifest.
        static func manifest(_ text: String, _ other: String, _ exit: Int32, _ words: String...) -> Row {
            Row("manifest: \(text) → \(other.prefix(60))", exit, words, { $0 }, { $0.replacing(text, with: other) })
        }

        private init(
            _ description: String,
            _ exit: Int32,
            _ words: [String],
            _ config: @escaping @Sendable (String) -> String,
            _ manifest: @escaping @Sendable (String) -> String
        ) {
            testDescription = description
            self.exit = exit
            self.words = words
            make = { try HandmadeImage(layers: [FaultyBaseTests.layer()], config: config, manifest: manifest) }
        }
    }

    private static func layer() throws -> HandmadeImage.Layer { try stored.get() }
    private static let stored = Result { try HandmadeImage.Layer("mkdir etc; echo hand >etc/name") }
    private static let zeros = String(repeating: "0", count: 64)

    private static let configs: [Row] = [
        .config(#""type":"layers""#, #""type":"other""#, 4),
        .config(#""rootfs":{"#, #""roots":{"#, 4),
        .config(#""diff_ids":["#, #""diff_ids":["sha256:\#(zeros)","#, 4),
        .config(#""history":["#, #""history":[{"created_by":"more"},"#, 0, "is odd"),
        .config(#""history":["#, #""history":[{"created_by":"more","empty_layer":true},"#, 0),
        .config(#""history""#, #""past""#, 0),
        .config(#""Env":["PATH=/usr/bin"]"#, #""Env":["PATH"]"#, 0),
        .config(#""Env":["PATH=/usr/bin"]"#, #""User":7"#, 4, "User"),
        .config(#""Env":["PATH=/usr/bin"]"#, #""Entrypoint":null,"Cmd":[]"#, 0),
        .config(#""architecture":"amd64""#, #""architecture":"arm64""#, 7, "arm64"),
        .config(#""os":"linux""#, #""os":"windows""#, 7, "windows"),
        .config("2001-02-03T04:05:06Z", "10000-01-01", 0),
        .config(#""created":"2001-02-03T04:05:06Z","#, "", 0),
        .config(#"{"architecture""#, "\u{FEFF}{\"architecture\"", 4),
        .config(#"{"architecture""#, #"{"architecture":"amd64","architecture""#, 4),
        .config(#""os":"linux""#, #""os":"linux","more":\#(String(repeating: "[", count: 100_000))"#, 4),
    ]

    private static let manifests: [Row] = [
        .manifest(#""schemaVersion":2"#, #""schemaVersion":1"#, 4, "schema"),
        .manifest(#""schemaVersion":2"#, #""schemaVersion":3"#, 4),
        .manifest(#""schemaVersion":2"#, #""schemaVersion":"2""#, 4),
        .manifest(#""layers":"#, #""manifests":[],"layers":"#, 4),
        .manifest(HandmadeImage.configType, "application/vnd.oci.empty.v1+json", 4, "image"),
        .manifest(HandmadeImage.configType, "application/vnd.cncf.helm.config.v1+json", 4, "image"),
        .manifest(HandmadeImage.layerType, "application/vnd.cncf.helm.chart.content.v1.tar+gzip", 4),
        .manifest("tar+gzip", "tar+zstd", 4),
        .manifest("layer.v1.tar", "layer.nondistributable.v1.tar", 4, "base.foreign-layer"),
        .manifest(#""digest":"sha256:"#, #""digest":"md5:"#, 4),
        .manifest(#""digest":"sha256:"#, #""digest":"sha256:../../etc/"#, 4),
        .manifest(#""digest":"sha256:"#, #""digest":"SHA256:"#, 4),
        .manifest(#""size":"#, #""size":1"#, 4),
        .manifest(#""size":"#, #""size":-"#, 4),
        .manifest(#""size":"#, #""size":9223372036854775808"#, 4),
        .manifest(#""size":"#, #""size":1e3,"x":"#, 4),
        .manifest(#"}]}"#, #"}]}x"#, 4),
        .manifest(#""layers":["#, #""layers":[{"mediaType":"a","digest":"sha256:\#(zeros)","size":7},"#, 4),
        .manifest(#""layers":["#, #""layers":null,"l":["#, 4),
    ]

    private static let images: [Row] = [
        Row("no layers", 0) { try HandmadeImage(layers: []) },
        Row("127 layers", 0, "127") { try HandmadeImage(layers: Array(repeating: layer(), count: 127)) },
        Row("a wrong diffID", 4, "diffID") {
            try HandmadeImage(layers: [.init(layer().bytes, diffID: "sha256:\(zeros)")])
        },
        Row("two members of gzip", 0) {
            let more = try Command.shell("head -c 1024 /dev/zero | gzip -n").run().outputBytes
            let both = try layer().bytes + more
            let diffID = try FaultyRegistry.digest(of: gunzip(both))
            return try HandmadeImage(layers: [.init(both, diffID: diffID)])
        },
        Row("bytes after the gzip", 4) {
            try HandmadeImage(layers: [.init(layer().bytes + Array("more".utf8), diffID: layer().diffID)])
        },
        Row("a truncated gzip", 4) {
            try HandmadeImage(layers: [.init(layer().bytes.dropLast(20), diffID: layer().diffID)])
        },
        Row("a bad checksum in the gzip", 4) {
            var bytes = try layer().bytes
            bytes[bytes.count - 6] ^= 1
            return try HandmadeImage(layers: [.init(bytes, diffID: layer().diffID)])
        },
        Row("no gzip at all", 4, "gzip") {
            try HandmadeImage(layers: [.init(gunzip(layer().bytes), diffID: layer().diffID)])
        },
        Row("a manifest of another image under the tag's digest", 4) {
            var image = try HandmadeImage(layers: [layer()])
            image.replaceTop(by: Array("{}".utf8))
            return image
        },
        Row("a config that is gone", 7, "not-found") {
            let image = try HandmadeImage(layers: [layer()])
            var changed = image
            for digest in image.blobs.keys where digest != image.layers[0] { changed.replace(digest, by: nil) }
            return changed
        },
        Row("a layer that is gone", 7, "not-found") {
            var image = try HandmadeImage(layers: [layer()])
            image.replace(image.layers[0], by: nil)
            return image
        },
        Row("a flipped bit in a layer", 4, "blob.digest") {
            var image = try HandmadeImage(layers: [layer()])
            let bytes = try layer().bytes
            image.replace(image.layers[0], by: bytes.map { $0 ^ 1 })
            return image
        },
    ]

    @Test("is refused, and nothing is written, or it does no harm", arguments: configs + manifests + images)
    func base(row: Row) throws {
        try build(on: row.make(), row)
    }

    private static let platform = #"{"os":"linux","architecture":"amd64"}"#

    private static let indexes: [Row] = [
        Row("the platform among others, and attestations", 0) {
            try HandmadeImage(of: [
                (HandmadeImage(layers: [layer()], architecture: "arm64"), #"{"os":"linux","architecture":"arm64"}"#),
                (HandmadeImage(layers: [layer()]), platform),
                (HandmadeImage(layers: []), #"{"os":"unknown","architecture":"unknown"}"#),
            ])
        },
        Row("no such platform", 7, "base.platform-missing", "linux/arm64") {
            try HandmadeImage(of: [
                (HandmadeImage(layers: [layer()], architecture: "arm64"), #"{"os":"linux","architecture":"arm64"}"#)
            ])
        },
        Row("an index that lies about the platform", 4, "base.disagrees") {
            try HandmadeImage(of: [(HandmadeImage(layers: [layer()], architecture: "arm64"), platform)])
        },
        Row("an index in an index", 0) {
            try HandmadeImage(of: [(HandmadeImage(of: [(HandmadeImage(layers: [layer()]), platform)]), platform)])
        },
        Row("an empty index", 7) { try HandmadeImage(of: []) },
        Row("fifty indexes in each other", 4) {
            var image = try HandmadeImage(layers: [layer()])
            for _ in 0..<50 { image = try HandmadeImage(of: [(image, platform)]) }
            return image
        },
    ]

    @Test("an index leads to the platform's image, or says what it has", arguments: indexes)
    func index(row: Row) throws { try build(on: row.make(), row) }

    /// What Python's `tarfile` puts into the layer; nothing of it may leave the image.
    @Test(
        "a layer's names lead nowhere out of the image",
        arguments: [
            #"file("../../CANARY")"#, #"file("/CANARY")"#, #"link("etc", "/"); file("etc/CANARY")"#,
            #"link("out", "../../../.."); file("out/CANARY")"#, #"hard("x", "../../CANARY")"#, #"link(".", "/tmp")"#,
            #"device("null")"#, #"file("a"); file("a/b")"#, #"file("a"); file("a")"#, #"file(".wh.a"); file("a")"#,
            #"file(".wh...")"#, #"file("a\nb")"#,
        ]
    )
    func names(script: String) throws {
        let place = try TemporaryDirectory()
        let program = """
            import io, os, sys, tarfile
            tar = tarfile.open(os.path.join(sys.argv[1], "layer.tar.gz"), "w:gz")
            def add(name, type=tarfile.REGTYPE, target="", data=b""):
                entry = tarfile.TarInfo(name)
                entry.type, entry.linkname, entry.size = type, target, len(data)
                tar.addfile(entry, io.BytesIO(data))
            def file(name): add(name, data=b"evil")
            def link(name, target): add(name, tarfile.SYMTYPE, target)
            def hard(name, target): add(name, tarfile.LNKTYPE, target)
            def device(name): add(name, tarfile.CHRTYPE)
            \(script)
            tar.close()
            """
        try Tool.python(program, [place.path])
        let bytes = try readFile(place("layer.tar.gz"))
        let image = try HandmadeImage(layers: [
            .init(bytes, diffID: FaultyRegistry.digest(of: Self.gunzip(bytes)))
        ])
        let registry = try FaultyRegistry()
        registry.hold(image, in: "me/base", tag: "1")
        let run = try FaultyRun(
            ["build", "hello", "--no-runtime", "--base", "\(registry.address)/me/base:1", "-o", "image"],
            files: ["hello": Sample.hello]
        )
        #expect([.exited(0), .exited(4)].contains(run.outcome.end), "\(run.story)")
        #expect(run.written == (run.outcome.end == .exited(0) ? ["image"] : []), "\(run.story)")
    }

    private static func gunzip(_ bytes: [UInt8]) throws -> [UInt8] {
        try Command("gzip", ["-dc"], input: bytes).run().outputBytes
    }

    private func build(on image: HandmadeImage, _ row: Row) throws {
        let registry = try FaultyRegistry()
        registry.hold(image, in: "me/base", tag: "1")
        let run = try FaultyRun(
            ["build", "hello", "--no-runtime", "--base", "\(registry.address)/me/base:1", "-o", "image"],
            files: ["hello": Sample.hello]
        )
        #expect(run.outcome.end == .exited(row.exit), "\(run.story)")
        #expect(run.written == (row.exit == 0 ? ["image"] : []), "\(run.story)")
        for word in row.words { #expect(run.outcome.errors.contains(word), "\(run.story)") }
    }
}

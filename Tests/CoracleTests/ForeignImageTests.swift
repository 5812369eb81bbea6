import Archive
import ByteIO
import Check
import Diagnostics
import Layers
import OCI
import Store
import TestSupport
import Testing

/// A layout that is made of handmade images.
private struct HandmadeLayout {
    let scratch: TemporaryDirectory

    init(_ images: [HandmadeImage]) throws {
        scratch = try TemporaryDirectory()
        try scratch.directory("blobs/sha256")
        try scratch.file("oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)
        for image in images {
            for (digest, bytes) in image.blobs.merging(image.manifests, uniquingKeysWith: { $1 }) {
                try scratch.file("blobs/sha256/\(digest.dropFirst(7))", bytes)
            }
        }
        let entries = try images.map { image in
            let isIndex = String(decoding: image.top, as: UTF8.self).contains("\"manifests\"")
            let type = isIndex ? HandmadeImage.indexType : HandmadeImage.manifestType
            return #"{"mediaType":"\#(type)","digest":"\#(try image.digest)","size":\#(image.top.count)}"#
        }
        try scratch.file("index.json", #"{"schemaVersion":2,"manifests":[\#(entries.joined(separator: ","))]}"#)
    }

    var source: ImageSource { get throws { try ImageSource(FilePath(scratch.path)) } }

    /// The codes of what `validate` finds.
    func findings() throws -> [String] { try ImageValidator(try source).findings.map { "\($0.code)" } }
}

/// A plain tar as a layer.
private func layer(_ headers: TarHeader...) throws -> HandmadeImage.Layer {
    let bytes = headers.flatMap { $0.encoded() } + [UInt8](repeating: 0, count: 1024)
    return HandmadeImage.Layer(bytes, diffID: try FaultyRegistry.digest(of: bytes))
}

private func file(_ name: String) -> TarHeader { TarHeader(.regular, name: Array(name.utf8), mode: 0o644) }

private func link(_ name: String, to target: String) -> TarHeader {
    TarHeader(.hardlink, name: Array(name.utf8), linkTarget: Array(target.utf8), mode: 0o644)
}

/// Manifests name plain tars.
private func plain(_ manifest: String) -> String { manifest.replacing("v1.tar+gzip", with: "v1.tar") }

@Suite("Images that others made")
struct ForeignImageTests {
    private static let amd64 = #"{"os":"linux","architecture":"amd64"}"#
    private static let unknown = #"{"os":"unknown","architecture":"unknown"}"#

    private func image(_ change: (String) -> String = { $0 }) throws -> HandmadeImage {
        try HandmadeImage(layers: [try layer(file("a"))], manifest: { change(plain($0)) })
    }

    @Test(
        "a layer that is named again with another size or media type is checked again",
        arguments: [
            (#""size":1536}]"#, #""size":1537}]"#, ["blob.size"]),
            ("v1.tar\"", "v1.tar+gzip\"", ["gzip.malformed"]),
        ]
    )
    func namedAgain(old: String, new: String, findings: [String]) throws {
        let first = try image()
        let second = try image { $0.replacing(old, with: new) }
        #expect(first.top != second.top)
        #expect(try HandmadeLayout([first]).findings() == [])
        #expect(try HandmadeLayout([first, second]).findings() == findings)
    }

    @Test(
        "the data in a descriptor is the blob, or a finding",
        arguments: [("AAAA", ["blob.digest"]), ("not base64!", ["blob.digest"]), ("", ["blob.digest"])]
    )
    func data(text: String, findings: [String]) throws {
        let wrong = try image { $0.replacing(#""layers":[{"#, with: #""layers":[{"data":"\#(text)","#) }
        #expect(try HandmadeLayout([wrong]).findings() == findings)
    }

    @Test("a build record of an index is read, too")
    func attestation() throws {
        let (real, record) = (try image(), try HandmadeImage(layers: [], architecture: "unknown"))
        let record2 = try HandmadeImage(
            layers: [],
            config: { $0.replacing("linux", with: "unknown").replacing("amd64", with: "unknown") }
        )
        let sound = try HandmadeImage(of: [(real, Self.amd64), (record2, Self.unknown)])
        #expect(try HandmadeLayout([sound]).findings() == [])
        var broken = sound
        broken.replace(try record2.digest, by: Array("{}".utf8))
        #expect(try HandmadeLayout([broken]).findings() == ["blob.size"])
        // An image does not become a build record by what the index says of it.
        let hidden = try HandmadeImage(of: [(real, Self.amd64), (record, Self.unknown)])
        #expect(try HandmadeLayout([hidden]).findings() == ["image.disagrees"])
    }

    @Test("an index and a config that disagree about the platform are a finding")
    func platform() throws {
        let index = try HandmadeImage(of: [(try image(), #"{"os":"linux","architecture":"arm64"}"#)])
        #expect(try HandmadeLayout([index]).findings() == ["image.disagrees"])
    }

    @Test("a layout whose blobs are behind a symlink is a finding")
    func symlink() throws {
        let layout = try HandmadeLayout([try image()])
        try Command.shell(
            #"mv "$1/blobs/sha256" "$1/elsewhere" && ln -s ../elsewhere "$1/blobs/sha256""#,
            [layout.scratch.path]
        ).output()
        #expect(try layout.findings() == ["layout.malformed"])
    }

    @Test(
        "a hard link to a file of a lower layer is that file, and one to nothing a finding",
        arguments: [("a", [], 2), ("gone", ["layer.cannot-unpack"], nil)] as [(String, [String], Int?)]
    )
    func hardLink(target: String, findings: [String], count: Int?) throws {
        let layers = [try layer(file("a")), try layer(link("b", to: target))]
        let layout = try HandmadeLayout([try HandmadeImage(layers: layers, manifest: plain)])
        #expect(try layout.findings() == findings)
        let manifest = try #require(try LocatedImage.all(in: try layout.source).first).manifest
        let source = try layout.source
        let files = try? RootFilesystem(applying: manifest.content.layers, of: source)
        #expect(files.map { $0.sorted.count { !$0.file.isImplied } } == count)
    }

    @Test(
        "a time that no engine can read is a finding, and others are not",
        arguments: [
            ("yesterday", 1), ("", 1), ("2026-11-21", 1), ("2001-02-03T04:05:06Z", 0), ("0001-01-01T00:00:00Z", 0),
            ("2026-11-21T09:00:00.123456789+01:00", 0),
        ]
    )
    func times(text: String, count: Int) throws {
        let image = try HandmadeImage(
            layers: [try layer(file("a"))],
            config: { $0.replacing("2001-02-03T04:05:06Z", with: text) },
            manifest: plain
        )
        let layout = try HandmadeLayout([image])
        #expect(try layout.findings() == Array(repeating: "image.disagrees", count: count))
    }

    @Test("a layer that its maker keeps is not a finding")
    func elsewhere() throws {
        var foreign = try image {
            $0.replacing("image.layer.v1.tar\"", with: "image.layer.nondistributable.v1.tar\"")
                .replacing(#"}]}"#, with: #","urls":["https://example.com/layer"]}]}"#)
        }
        foreign.replace(foreign.layers[0], by: nil)
        let layout = try HandmadeLayout([foreign])
        let validator = try ImageValidator(try layout.source)
        #expect(validator.findings.map(\.summary) == [])
        #expect(validator.elsewhereCount == 1)
    }

    @Test("sizes whose sum overflows are findings, and do not crash")
    func sizes() throws {
        let huge = try image { $0.replacing(#""size":1536"#, with: #""size":9223372036854775807"#) }
        let again = try image { $0.replacing(#""size":1536"#, with: #""size":9223372036854775806"#) }
        let layout = try HandmadeLayout([huge, again])
        #expect(try layout.findings() == ["blob.size", "blob.size"])
        let located = try LocatedImage.all(in: try layout.source)
        #expect(located.flatMap(\.manifest.content.layers).totalSize == .max)
    }

    @Test("an index that is named 60 times, in one that is, in one that is, is read once", .timeLimit(.minutes(1)))
    func nested() throws {
        var index = try image()
        for _ in 0..<3 {
            index = try HandmadeImage(of: Array(repeating: (index, Self.amd64), count: 60)) {
                $0.replacing(",\"platform\":\(Self.amd64)", with: "")
            }
        }
        let layout = try HandmadeLayout([index])
        #expect(try layout.findings() == [])
        #expect(try LocatedImage.all(in: try layout.source).count == 1)
    }

    @Test("10,000 equal entries of an index are read once", .timeLimit(.minutes(1)))
    func equalEntries() throws {
        let image = try image()
        let index = try HandmadeImage(of: [(image, Self.amd64)]) { text in
            guard let start = text.firstIndex(of: "["), let end = text.lastIndex(of: "]") else { return text }
            let entry = text[text.index(after: start)..<end].replacing(",\"platform\":\(Self.amd64)", with: "")
            return text[...start] + Array(repeating: entry, count: 10_000).joined(separator: ",") + text[end...]
        }
        let layout = try HandmadeLayout([index])
        let start = ContinuousClock.now
        #expect(try layout.findings() == [])
        #expect(try LocatedImage.all(in: try layout.source).count == 1)
        #expect(ContinuousClock.now - start < .seconds(10))
    }
}

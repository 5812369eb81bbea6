@testable import Build
import ByteIO
@testable import Checkup
import Diagnostics
@testable import Images
import OCI
@testable import Plan
import Request
import Store
import TestSupport
import Testing

@Suite("Copies of images")
struct TransferCopyTests {
    private let place: TemporaryDirectory
    private let access = ImageAccess(RegistrySettings(environment: [:]))

    init() throws { place = try TemporaryDirectory() }

    /// An index of two images in `image.oci`, with a name.
    private func sample(_ names: [String] = ["ghcr.io/me/app:1.0"]) async throws -> Digest {
        try place.file("amd64", staticProgram(.amd64), mode: 0o755)
        try place.file("arm64", staticProgram(.arm64), mode: 0o755)
        var request = BuildRequest(paths: [FilePath(place("amd64")), FilePath(place("arm64"))])
        request.runtime = nil
        request.names = try names.map { name throws(Diagnostic) in try Reference(parsing: name) }
        request.output = .layout(FilePath(place("image.oci")))
        let builder = Builder(cores: 1)
        _ = try await builder.build(try builder.plan(request))
        return try #require(try index("image.oci").manifests.first).digest
    }

    private func index(_ name: String) throws -> Index { try ImageSource(FilePath(place(name))).index() }

    private func copy(
        _ source: String,
        _ destination: String,
        configure: (inout ImageCopy) throws -> Void = { _ in }
    ) async throws -> CopyReport {
        func location(_ text: String) throws -> ImageLocation {
            let fields = text.split(separator: ":", maxSplits: 1)
            return try ImageLocation(parsing: "\(fields[0]):\(place(String(fields[1])))")
        }
        var copy = ImageCopy(from: try location(source), to: ImageCopy.Destination(try location(destination)))
        try configure(&copy)
        return try await copy.run(access)
    }

    /// What the entries of an index are called, and their digests.
    private func names(_ name: String) throws -> [String] {
        try index(name).manifests.map { "\($0.entryName ?? "-")@\($0.digest)" }
    }

    @Test("layout to archive to layout: the digest stays, the name comes along, and everything validates")
    func roundTrip() async throws {
        let digest = try await sample()
        let first = try await copy("oci:image.oci", "oci-archive:x.tar")
        let second = try await copy("oci-archive:x.tar", "oci:y.oci")
        #expect(first.references == ["ghcr.io/me/app:1.0@\(digest)"])
        #expect(second.references == first.references)
        #expect(try names("y.oci") == ["ghcr.io/me/app:1.0@\(digest)"])
        for name in ["x.tar", "y.oci"] {
            #expect(try ImageInspector.validate(FilePath(place(name))).findings.map(\.summary) == [])
        }
    }

    @Test(
        "an image gets the name that its place is given: a tag alone, or a reference",
        arguments: [
            ("oci:y.oci:2.0", "2.0"), ("oci:y.oci:docker.io/me/other:3", "docker.io/me/other:3"),
            ("oci:y.oci:other:3", "docker.io/library/other:3"),
        ]
    )
    func renamed(destination: String, expected: String) async throws {
        let digest = try await sample()
        _ = try await copy("oci:image.oci", destination)
        #expect(try names("y.oci") == ["\(expected)@\(digest)"])
    }

    @Test("an image without a name stays without one")
    func nameless() async throws {
        let digest = try await sample([])
        #expect(try await copy("oci:image.oci", "oci:y.oci").references == [digest.description])
        #expect(try names("y.oci") == ["-@\(digest)"])
    }

    @Test("one platform of two is an image of its own", arguments: ["linux/amd64", "linux/arm64/v8"])
    func platform(text: String) async throws {
        _ = try await sample()
        let platform = try Platform(parsing: text)
        let report = try await copy("oci:image.oci", "oci:y.oci") { $0.platform = platform }
        let entry = try #require(try index("y.oci").manifests.first)
        #expect(entry.digest == report.digest)
        #expect(entry.platform?.matches(platform) == true)
        #expect(entry.entryName == "ghcr.io/me/app:1.0")
        #expect(try ImageInspector.validate(FilePath(place("y.oci"))).findings.map(\.summary) == [])
    }

    @Test("a missing platform is reported with those that are there")
    func noPlatform() async throws {
        _ = try await sample()
        let error = await #expect(throws: Diagnostic.self) {
            try await copy("oci:image.oci", "oci:y.oci") { $0.platform = try Platform(parsing: "linux/riscv64") }
        }
        #expect(error?.code.rawValue == "image.platform-missing")
        #expect(error?.reason == "it has linux/amd64, linux/arm64/v8")
        #expect(!exists(place("y.oci")))
    }

    @Test("a corrupt or missing blob is found, and nothing is written", arguments: [true, false])
    func corrupt(isMissing: Bool) async throws {
        _ = try await sample()
        let blobs = place("image.oci/blobs/sha256")
        let largest = try #require(
            try TestSupport.names(in: blobs).max {
                try readFile("\(blobs)/\($0)").count < readFile("\(blobs)/\($1)").count
            }
        )
        let path = "\(blobs)/\(largest)"
        var bytes = try readFile(path)
        bytes[bytes.count / 2] ^= 1
        try Command("rm", [path]).output()
        if !isMissing { try writeFile(path, bytes, mode: 0o644) }
        for destination in ["oci:y.oci", "oci-archive:y.tar"] {
            let error = await #expect(throws: Diagnostic.self) { try await copy("oci:image.oci", destination) }
            #expect(error?.code.category == .verification, "\(String(describing: error))")
        }
        #expect(!exists(place("y.oci")) && !exists(place("y.tar")))
    }

    @Test("signatures come along when they are asked for, and so does what is about them")
    func referrers() async throws {
        let digest = try await sample()
        let image = try #require(try index("image.oci").manifests.first)
        let signature = Self.document(about: image, "signature")
        let note = Self.document(about: signature.descriptor, "note about the signature")
        for document in [signature, note] {
            let config = document.content.config
            var top = document.descriptor
            top.artifactType = document.content.artifactType
            let set = ImageSet(
                top: top,
                names: [],
                listings: [],
                blobs: [(config, .bytes(Array("{}".utf8))), (document.descriptor, .bytes(document.bytes))]
            )
            try await LayoutDestination(FilePath(place("image.oci"))).publish(set)
        }
        _ = try await copy("oci:image.oci:ghcr.io/me/app:1.0", "oci:with.oci") { $0.includesReferrers = true }
        _ = try await copy("oci:image.oci:ghcr.io/me/app:1.0", "oci:without.oci")
        #expect(
            Set(try index("with.oci").manifests.map(\.digest))
                == [digest, signature.descriptor.digest, note.descriptor.digest]
        )
        #expect(try index("without.oci").manifests.map(\.digest) == [digest])
    }

    @Test("more referrers than any image has are refused, with what to do")
    func tooManyReferrers() async throws {
        _ = try await sample()
        let image = try #require(try index("image.oci").manifests.first)
        let config = Array("{}".utf8)
        for number in 0...1000 {
            let document = Self.document(about: image, "note \(number)")
            try place.file("image.oci/blobs/sha256/\(document.descriptor.digest.hex)", document.bytes)
            if number == 0 { try place.file("image.oci/blobs/sha256/\(document.content.config.digest.hex)", config) }
        }
        var all = try index("image.oci")
        all.manifests += (0...1000).map { Self.document(about: image, "note \($0)").descriptor }
        try place.file("image.oci/index.json", Document(encoding: all, as: .imageIndex).bytes)
        let problem = await #expect(throws: Diagnostic.self) {
            try await copy("oci:image.oci:ghcr.io/me/app:1.0", "oci:with.oci") { $0.includesReferrers = true }
        }
        #expect(problem?.code.rawValue == "image.too-large")
        #expect(problem?.hint == "copy it without `--referrers`")
        _ = try await copy("oci:image.oci:ghcr.io/me/app:1.0", "oci:without.oci")
    }

    /// A manifest without content that is about another.
    private static func document(about subject: Descriptor, _ type: String) -> Document<Manifest> {
        let empty = Array("{}".utf8)
        let config = Descriptor(
            mediaType: MediaType(rawValue: "application/vnd.oci.empty.v1+json"),
            digest: Digest(sha256Of: empty),
            size: Int64(empty.count)
        )
        let plain = Descriptor(mediaType: subject.mediaType, digest: subject.digest, size: subject.size)
        let manifest = Manifest(
            config: config,
            layers: [],
            annotations: ["about": type],
            subject: plain,
            artifactType: MediaType(rawValue: "application/vnd.example.note")
        )
        return Document(encoding: manifest, as: .imageManifest)
    }

    @Test("a destination with a digest is refused before anything is read")
    func digestInName() async throws {
        let name = "ghcr.io/me/app@sha256:" + String(repeating: "0", count: 64)
        let copy = ImageCopy(
            from: .layout(FilePath(place("missing")), name: nil),
            to: .registry([try Reference(parsing: name)])
        )
        let error = await #expect(throws: Diagnostic.self) { try await copy.run(access) }
        #expect(error?.code.rawValue == "copy.name-with-digest")
    }
}

import ByteIO
import Diagnostics
import Glibc
import OCI
import Store
import Synchronization
import TestSupport
import Testing

/// A layout or an archive that notes which blobs were asked for.
final class NotingProvider: ImageProvider {
    private let provider: LocalProvider
    private let asked = Mutex<[Digest]>([])

    init(_ provider: LocalProvider) { self.provider = provider }

    var name: String { provider.name }
    var repository: RepositoryName? { nil }
    var requests: [Digest] { asked.withLock { $0 } }

    func top() async throws(Diagnostic) -> Descriptor { try await provider.top() }
    func document(_ blob: Descriptor) async throws(Diagnostic) -> [UInt8] { try await provider.document(blob) }
    func referrers(of digest: Digest) async throws(Diagnostic) -> [Descriptor] { [] }

    func blob(_ blob: Descriptor) async throws(Diagnostic) -> LocalBlob {
        asked.withLock { $0.append(blob.digest) }
        return try await provider.blob(blob)
    }
}

@Suite("Blobs that are elsewhere")
struct RemoteBlobTests {
    private enum Form: CaseIterable { case layout, archive }

    /// `image` as it is published with all its blobs remote.
    private func set(_ image: SmallImage, of provider: NotingProvider, _ names: [String]) throws -> ImageSet {
        ImageSet(
            top: image.manifest.descriptor,
            names: try names.map { name throws(Diagnostic) in try Reference(parsing: name) },
            listings: [ImageSet.Listing(config: image.config.descriptor, layers: [image.layerDescriptor])],
            blobs: [image.layerDescriptor, image.config.descriptor, image.manifest.descriptor].map {
                ($0, .remote(ImageSet.RemoteBlob($0, of: provider)))
            }
        )
    }

    private func source(_ form: Form, _ image: SmallImage, _ scratch: TemporaryDirectory) async throws -> NotingProvider
    {
        let path = scratch(form == .layout ? "source" : "source.tar")
        if form == .layout {
            try await publish(image, ["source:1"], to: path)
        } else {
            let destination = try ArchiveDestination(FilePath(path))
            try await destination.publish(try image.set(["source:1"], in: destination.draftDirectory))
        }
        return NotingProvider(try LocalProvider(try ImageSource(FilePath(path)), called: "source:1"))
    }

    @Test("they arrive in a layout and in an archive, whatever they come from", arguments: Form.allCases, Form.allCases)
    private func copied(from: Form, to: Form) async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        let images = try set(image, of: try await source(from, image, scratch), ["app:1"])
        let path = scratch(to == .layout ? "out" : "out.tar")
        if to == .layout {
            try await LayoutDestination(FilePath(path)).publish(images)
        } else {
            try await ArchiveDestination(FilePath(path)).publish(images)
        }
        #expect(try contents(of: path) == ["docker.io/library/app:1": image.manifest.descriptor.digest])
        guard to == .layout else { return }
        // It shares no file with where it comes from.
        let layer = FilePath(scratch("out/blobs/sha256/\(image.layerDescriptor.digest.hex)"))
        #expect(try FileStatus(at: layer).linkCount == 1)
        #expect(try names(in: scratch("out")) == ["blobs", "index.json", "oci-layout"])
        #expect(try names(in: scratch("out/blobs/sha256")) == image.digests.map(\.hex).sorted())
    }

    @Test("a file that others may write to is copied, not linked")
    func writableByOthers() async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        let provider = try await source(.layout, image, scratch)
        try Command.shell(#"chmod 666 "$1"/*"#, [scratch("source/blobs/sha256")]).output()
        try await LayoutDestination(FilePath(scratch("out"))).publish(try set(image, of: provider, ["app:1"]))
        for digest in image.digests {
            let status = try FileStatus(at: FilePath(scratch("out/blobs/sha256/\(digest.hex)")))
            #expect(status.linkCount == 1)
            #expect(status.permissions == 0o644)
        }
    }

    @Test("what the layout has already is not fetched")
    func present() async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        let provider = try await source(.layout, image, scratch)
        try await publish(image, ["app:1"], to: scratch("out"))
        try await LayoutDestination(FilePath(scratch("out"))).publish(try set(image, of: provider, ["app:2"]))
        #expect(provider.requests == [])
        #expect(try contents(of: scratch("out")).count == 2)
    }

    @Test(
        "a corrupt blob under the right name is fetched and replaced",
        arguments: [Form.layout, .archive],
        [#"printf x >> "$1""#, #"tr a-y b-z < "$1" > "$1.t"; mv "$1.t" "$1""#, #"rm "$1"; ln -s /etc/passwd "$1""#]
    )
    private func corrupt(form: Form, script: String) async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        let provider = try await source(form, image, scratch)
        try await publish(image, ["app:1"], to: scratch("out"))
        try Command.shell(script, [scratch("out/blobs/sha256/\(image.layerDescriptor.digest.hex)")]).output()
        try await LayoutDestination(FilePath(scratch("out"))).publish(try set(image, of: provider, ["app:2"]))
        #expect(provider.requests == [image.layerDescriptor.digest])
        #expect(try contents(of: scratch("out")).count == 2)
    }

    @Test(
        "a source whose content does not match its digest is detected, and nothing is published",
        arguments: [false, true]
    )
    func lying(isArchive: Bool) async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        let provider = try await source(.layout, image, scratch)
        let layer = scratch("source/blobs/sha256/\(image.layerDescriptor.digest.hex)")
        try Command.shell(#"tr a-y b-z < "$1" > "$1.t"; mv "$1.t" "$1""#, [layer]).output()
        let images = try set(image, of: provider, ["app:1"])
        let error = await #expect(throws: Diagnostic.self) {
            if isArchive {
                try await ArchiveDestination(FilePath(scratch("out"))).publish(images)
            } else {
                try await LayoutDestination(FilePath(scratch("out"))).publish(images)
            }
        }
        #expect(error?.code == .blobDigest)
        #expect(try names(in: scratch.path) == ["source"])
    }

    @Test("a layout gets a file of its own of what is in the cache: a change of one never reaches the other")
    func cached() async throws {
        let scratch = try TemporaryDirectory()
        let cache = try BlobCache(FilePath(scratch("cache")))
        let bytes = Array("a layer".utf8)
        let blob = BlobCacheTests.descriptor(bytes)
        for kept in [
            try cache.insert(try BlobCacheTests.draft(bytes, in: cache.draftDirectory), as: blob),
            try #require(try cache.blob(blob)),
        ] {
            let place = FilePath(scratch("copied"))
            #expect(try kept.duplicated(in: FilePath(scratch.path)).link(at: place))
            #expect(try readFile(scratch("copied")) == bytes)
            #expect(!kept.isVerified(at: place))
            try Command.shell(#"printf more >> "$1""#, [scratch("copied")]).output()
            #expect(try contents(of: kept) == bytes)
            #expect(unlink(scratch("copied")) == 0)
        }
        #expect(try cache.blob(blob) != nil)
    }

    @Test("referrers are found by their subject and by the tag of their list")
    func referrers() async throws {
        let scratch = try TemporaryDirectory()
        let image = SmallImage("a")
        try await publish(image, ["app:1"], to: scratch("out"))
        let subject = image.manifest.descriptor
        let type = MediaType(rawValue: "application/vnd.example+json")
        let about = Document(
            encoding: Manifest(
                config: image.config.descriptor,
                layers: [],
                annotations: ["a": "b"],
                subject: subject,
                artifactType: type
            ),
            as: .imageManifest
        )
        let listed = Descriptor(mediaType: .imageManifest, digest: Digest(sha256Of: [9]), size: 1, artifactType: type)
        let list = Document(encoding: Index(manifests: [listed, about.descriptor]), as: .imageIndex)
        try writeFile(scratch("out/blobs/sha256/\(about.descriptor.digest.hex)"), about.bytes)
        try writeFile(scratch("out/blobs/sha256/\(list.descriptor.digest.hex)"), list.bytes)
        var tagged = list.descriptor
        tagged.annotations = [AnnotationKey.refName: "sha256-\(subject.digest.hex)"]
        let index = Index(
            manifests: try ImageSource(FilePath(scratch("out"))).index().manifests + [about.descriptor, tagged]
        )
        try writeFile(scratch("out/index.json"), Document(encoding: index, as: .imageIndex).bytes)

        let provider = try LocalProvider(try ImageSource(FilePath(scratch("out"))), called: "app:1")
        var expected = about.descriptor
        expected.artifactType = type
        expected.annotations = ["a": "b"]
        #expect(try await provider.referrers(of: subject.digest) == [expected, listed])
        #expect(try await provider.referrers(of: about.descriptor.digest) == [])
        #expect(try await provider.top().digest == subject.digest)
    }
}

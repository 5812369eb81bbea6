import Diagnostics
import HTTP
import OCI
import Store
import Synchronization
import Testing

@testable import Registry

@Suite("Registry client: lists of referrers, and tags that several clients add to")
struct ClientReferrersTests {
    private static let config = Descriptor(mediaType: .imageConfig, digest: Digest(sha256Of: [1]), size: 1)
    private static let image = Document(encoding: Manifest(config: config, layers: []), as: .imageManifest)
    private static let subject = image.descriptor
    private static let tag = subject.digest.referrersTag
    private static let list = "/v2/me/app/manifests/\(tag)"

    private static func document(_ name: String, about subject: Descriptor = subject) -> Document<Manifest> {
        let type = MediaType(rawValue: "application/x-\(name)")
        let manifest = Manifest(config: config, layers: [], subject: subject, artifactType: type)
        return Document(encoding: manifest, as: .imageManifest)
    }

    private static func entry(_ document: Document<Manifest>) -> Descriptor {
        var entry = document.descriptor
        entry.artifactType = document.content.artifactType
        return entry
    }

    private static func index(_ entries: [Descriptor]) -> [UInt8] {
        Document(encoding: Index(manifests: entries), as: .imageIndex).bytes
    }

    private final class Notes: Sendable {
        let all = Mutex<[Diagnostic]>([])
        var codes: [String] { all.withLock { $0.map(\.code.rawValue) } }
    }

    private func put(
        _ documents: [Document<Manifest>],
        _ registry: FakeRegistry,
        _ notes: Notes = Notes()
    ) async -> String? {
        let client = registry.client { options in options.note = { note in notes.all.withLock { $0.append(note) } } }
        do throws(Diagnostic) {
            for document in documents {
                let name = RegistryClient.ManifestName.digest(document.descriptor.digest)
                try await client.put(document.bytes, as: document.descriptor, named: name, to: FakeRegistry.repository)
            }
            return nil
        } catch {
            return error.code.rawValue
        }
    }

    private func listed(_ registry: FakeRegistry) throws -> [Descriptor] {
        let bytes = try #require(registry.manifests["me/app:\(Self.tag)"])
        return try Document<Index>(decoding: bytes, as: .imageIndex, named: "the list").content.manifests
    }

    @Test("a registry that takes the tag for the image itself lists nothing, and is not written over")
    func subjectUnderTag() async throws {
        let platforms = Document(encoding: Index(manifests: [Self.entry(Self.document("platform"))]), as: .imageIndex)
        let registry = FakeRegistry()
        registry.hold(manifest: platforms.bytes, platforms.descriptor.digest.referrersTag, as: .imageIndex)
        let found = try await registry.client().referrers(
            of: platforms.descriptor.digest,
            in: FakeRegistry.repository
        )
        #expect(found == [])
        let notes = Notes()
        #expect(await put([Self.document("sbom", about: platforms.descriptor)], registry, notes) == nil)
        #expect(notes.codes == ["referrers.unlisted"])
        #expect(registry.manifests["me/app:\(platforms.descriptor.digest.referrersTag)"] == platforms.bytes)
    }

    @Test("something else under the tag stops a push, stays as it is, and is a note when it is read")
    func foreignArtifact() async throws {
        let foreign = Document(
            encoding: Manifest(config: Self.config, layers: [], annotations: ["by": "hand"]),
            as: .imageManifest
        )
        let registry = FakeRegistry()
        registry.hold(manifest: foreign.bytes, Self.tag)
        #expect(await put([Self.document("sbom")], registry) == "attached.tag-taken")
        #expect(registry.manifests["me/app:\(Self.tag)"] == foreign.bytes)
        let notes = Notes()
        let client = registry.client { options in options.note = { note in notes.all.withLock { $0.append(note) } } }
        #expect(try await client.referrers(of: Self.subject.digest, in: FakeRegistry.repository) == [])
        #expect(notes.codes == ["attached.tag-taken"])
    }

    @Test("what another client writes over is added again, and so is what that client had seen there")
    func lostAndAddedAgain() async throws {
        let (mine, other, old) = (Self.document("mine"), Self.document("other"), Self.document("old"))
        let registry = FakeRegistry { request, number in
            // Another client has read the list before both entries were there, and writes it after us.
            request.line == "GET \(Self.list)" && number == 1
                ? .init(200, ["Content-Type": MediaType.imageIndex.rawValue], Self.index([Self.entry(other)])) : nil
        }
        registry.hold(manifest: Self.index([Self.entry(old)]), Self.tag, as: .imageIndex)
        #expect(await put([mine], registry) == nil)
        let wanted = [mine, other, old].map(Self.entry).sorted { $0.digest.description < $1.digest.description }
        #expect(try listed(registry) == wanted)
        #expect(registry.lines.count { $0 == "PUT \(Self.list)" } == 2)
        #expect(registry.pauses.count == 2)
    }

    @Test("clients that add at the same time lose nothing", arguments: [2, 6, 12])
    func parallel(clients: Int) async throws {
        let registry = FakeRegistry()
        let documents = (0..<clients).map { Self.document("document-\($0)") }
        await withTaskGroup(of: Void.self) { group in
            for document in documents {
                group.addTask {
                    let client = registry.client { options in
                        // Real time, but little of it: what is tried is the order of reads and writes.
                        options.clock.random = { Double.random(in: 0...1) }
                        options.clock.pause = { try await Task.sleep(for: $0 / 10) }
                    }
                    let name = RegistryClient.ManifestName.digest(document.descriptor.digest)
                    do throws(Diagnostic) {
                        try await client.put(
                            document.bytes,
                            as: document.descriptor,
                            named: name,
                            to: FakeRegistry.repository
                        )
                    } catch {
                        Issue.record("\(error)")
                    }
                }
            }
        }
        #expect(Set(try listed(registry).map(\.digest)) == Set(documents.map(\.descriptor.digest)))
    }

    @Test("a list that never keeps what is written is given up, with what to do")
    func neverKept() async throws {
        let registry = FakeRegistry { request, _ in
            request.line == "GET \(Self.list)"
                ? .init(200, ["Content-Type": MediaType.imageIndex.rawValue], Self.index([])) : nil
        }
        #expect(await put([Self.document("sbom")], registry) == "registry.refused")
        #expect(registry.lines.count { $0 == "PUT \(Self.list)" } == 16)
    }

    @Test("an entity tag goes with the write, and a list that has changed meanwhile is read again")
    func entityTag() async throws {
        let (mine, other) = (Self.document("mine"), Self.document("other"))
        let (before, after) = (Self.index([]), Self.index([Self.entry(other)]))
        let registry = FakeRegistry { request, number in
            switch (request.line, number) {
            case ("GET \(Self.list)", 0):
                .init(200, ["Content-Type": MediaType.imageIndex.rawValue, "ETag": "\"first\""], before)
            case ("GET \(Self.list)", 1):
                .init(200, ["Content-Type": MediaType.imageIndex.rawValue, "ETag": "W/\"weak\""], after)
            case ("PUT \(Self.list)", 0): .error(412, "PRECONDITION")
            default: nil
            }
        }
        #expect(await put([mine], registry) == nil)
        let writes = registry.requests.filter { $0.line == "PUT \(Self.list)" }
        // A weak tag cannot be a condition (RFC 9110 § 13.1.1).
        #expect(writes.map { $0.headers["If-Match"] } == ["\"first\"", nil])
        #expect(Set(try listed(registry).map(\.digest)) == [mine.descriptor.digest, other.descriptor.digest])
    }

    @Test("the list is in the order of digests, whichever comes first")
    func order() async throws {
        let documents = (0..<5).map { Self.document("document-\($0)") }
        let (forwards, backwards) = (FakeRegistry(), FakeRegistry())
        #expect(await put(documents, forwards) == nil)
        #expect(await put(documents.reversed(), backwards) == nil)
        #expect(forwards.manifests["me/app:\(Self.tag)"] == backwards.manifests["me/app:\(Self.tag)"])
    }

    @Test("the tag of a longer digest is cut after 64 digits")
    func longDigest() throws {
        let digest = try Digest(parsing: "sha512:" + String(repeating: "0123456789abcdef", count: 8))
        #expect(digest.referrersTag == "sha512-" + String(repeating: "0123456789abcdef", count: 4))
        #expect(Self.subject.digest.referrersTag == "sha256-\(Self.subject.digest.hex)")
        #expect(AttachedTag.all(of: digest) == [])
    }

    @Test("an image with several documents has its list written once, before its tag")
    func oneUpdate() async throws {
        let registry = FakeRegistry()
        registry.hold([1], as: .imageConfig)
        let documents = (0..<3).map { Self.document("document-\($0)") }
        let all = [Self.image] + documents
        var images = ImageSet(
            top: Self.subject,
            names: [],
            listings: [],
            blobs: all.map { ($0.descriptor, .bytes($0.bytes)) }
        )
        images.referrers = documents.map(Self.entry)
        let name = try Reference(parsing: "registry.test/me/app:1")
        try await RegistryDestination(registry.client()).publish(images, to: [name])
        #expect(registry.lines.count { $0 == "PUT \(Self.list)" } == 1)
        #expect(try listed(registry).count == 3)
        #expect(registry.lines.last == "PUT /v2/me/app/manifests/1")
    }

    // MARK: Tags with layers

    private static func layer(_ bytes: [UInt8], by key: String) -> Descriptor {
        Descriptor(
            mediaType: MediaType(rawValue: "application/vnd.dev.cosign.simplesigning.v1+json"),
            digest: Digest(sha256Of: bytes),
            size: Int64(bytes.count),
            annotations: ["dev.cosignproject.cosign/signature": key]
        )
    }

    private func layers(_ registry: FakeRegistry, _ tag: AttachedTag) throws -> [Descriptor] {
        let bytes = try #require(registry.manifests["me/app:\(tag.name)"])
        return try Document<Manifest>(decoding: bytes, as: .imageManifest, named: "the tag").content.layers
    }

    @Test("a signature is added to those that are there: two keys sign the same bytes")
    func signatures() async throws {
        let tag = try #require(AttachedTag(.signatures, of: Self.subject.digest))
        let registry = FakeRegistry()
        let all = ["one", "two", "two", "three"].map { Self.layer([1, 2, 3], by: $0) }
        for layer in all {
            let problems = try await registry.client().list(
                [],
                adding: [TaggedLayers(tag, adding: [layer])],
                in: FakeRegistry.repository
            )
            #expect(problems == [])
        }
        #expect(try layers(registry, tag) == [all[0], all[1], all[3]])
        let manifest = try Document<Manifest>(
            decoding: try #require(registry.manifests["me/app:\(tag.name)"]),
            as: .imageManifest,
            named: "the tag"
        ).content
        #expect(manifest.config.mediaType == .imageConfig)
        #expect(registry.blobs["me/app@\(manifest.config.digest)"]?.isEmpty == false)
    }

    @Test("a manifest that is copied stays as it is where nothing has its tag, and is merged where something has")
    func copies() async throws {
        let tag = try #require(AttachedTag(.attestations, of: Self.subject.digest))
        let (one, two) = (Self.layer([1], by: "one"), Self.layer([2], by: "two"))
        let original = Document(encoding: Manifest(config: Self.config, layers: [one]), as: .imageManifest)
        let registry = FakeRegistry()
        let client = registry.client()
        _ = try await client.list([], adding: [TaggedLayers(tag, copying: original)], in: FakeRegistry.repository)
        #expect(registry.manifests["me/app:\(tag.name)"] == original.bytes)
        let other = Document(encoding: Manifest(config: Self.config, layers: [two]), as: .imageManifest)
        _ = try await client.list([], adding: [TaggedLayers(tag, copying: other)], in: FakeRegistry.repository)
        #expect(try layers(registry, tag) == [one, two])
        let before = registry.requests.count
        _ = try await client.list([], adding: [TaggedLayers(tag, copying: original)], in: FakeRegistry.repository)
        #expect(registry.lines[before...].contains { $0.hasPrefix("PUT ") } == false)
    }

    @Test("an SBOM under a tag stays where another is, and the caller learns of it; an index there is an error")
    func sbom() async throws {
        let tag = try #require(AttachedTag(.sbom, of: Self.subject.digest))
        let registry = FakeRegistry()
        let (one, two) = (Self.layer([1], by: "one"), Self.layer([2], by: "two"))
        let there = Document(encoding: Manifest(config: Self.config, layers: [one]), as: .imageManifest)
        let mine = Document(encoding: Manifest(config: Self.config, layers: [two]), as: .imageManifest)
        registry.hold(manifest: there.bytes, tag.name)
        let problems = try await registry.client().list(
            [],
            adding: [TaggedLayers(tag, copying: mine)],
            in: FakeRegistry.repository
        )
        #expect(problems.map(\.code.rawValue) == ["attached.differs"])
        #expect(registry.manifests["me/app:\(tag.name)"] == there.bytes)
        registry.hold(manifest: Self.index([]), tag.name, as: .imageIndex)
        let error = await #expect(throws: Diagnostic.self) {
            try await registry.client().list(
                [],
                adding: [TaggedLayers(tag, copying: mine)],
                in: FakeRegistry.repository
            )
        }
        #expect(error?.code.rawValue == "attached.tag-taken")
    }

    @Test("more signatures than verifiers read are refused")
    func tooMany() throws {
        let tag = try #require(AttachedTag(.signatures, of: Self.subject.digest))
        var layers = TaggedLayers(tag, adding: (0...1000).map { Self.layer([1], by: "\($0)") })
        let error = #expect(throws: Diagnostic.self) { _ = try layers.change(of: nil) as TaggedLayers.Change }
        #expect(error?.code.rawValue == "attached.too-many")
    }

    @Test(
        "cosign's tags are recognised, and the fallback tag, and nothing else",
        arguments: [
            ("sha256-\(String(repeating: "a", count: 64)).sig", true),
            ("sha256-\(String(repeating: "a", count: 64)).att", true),
            ("sha256-\(String(repeating: "a", count: 64)).sbom", true),
            ("sha256-\(String(repeating: "a", count: 64))", true),
            ("sha512-\(String(repeating: "a", count: 64))", true),
            ("sha256-\(String(repeating: "a", count: 63)).sig", false),
            ("sha256-\(String(repeating: "A", count: 64))", false), ("1.0.sig", false), ("latest", false),
            ("sha256-\(String(repeating: "a", count: 64)).sig.sig", false),
        ]
    )
    func tags(tag: String, isAttached: Bool) { #expect(Digest.isAttached(tag: tag) == isAttached) }
}

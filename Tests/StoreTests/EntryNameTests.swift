import Diagnostics
import OCI
import Store
import TestSupport
import Testing

@Suite("Choosing an image by its name")
struct EntryNameTests {
    private static let digests = (0..<10).map { Digest(sha256Of: [UInt8($0)]) }

    /// An entry for the image `number`, with a tag and a full reference.
    private static func entry(_ number: Int, _ tag: String?, _ full: String? = nil) -> Descriptor {
        var annotations: [String: String] = [:]
        annotations[AnnotationKey.refName] = tag
        annotations[AnnotationKey.containerdImageName] = full
        return Descriptor(
            mediaType: .imageManifest,
            digest: digests[number],
            size: 1,
            annotations: annotations.isEmpty ? nil : annotations
        )
    }

    /// What is chosen: an image's number, or the code of what is thrown.
    private static func choose(_ name: String?, _ entries: [Descriptor]) -> String {
        do throws(Diagnostic) {
            let entry = try Index(manifests: entries).entry(called: name, at: "out")
            return digests.firstIndex(of: entry.digest).map(String.init) ?? "?"
        } catch {
            return error.code.rawValue
        }
    }

    @Test(
        "an image is found by its reference in any form, by its tag, or by its digest",
        arguments: [
            ("docker.io/me/app:1", "0"), ("me/app:1", "0"), ("1", "0"), ("ghcr.io/me/app:2", "1"), ("2", "1"),
            ("docker.io/library/pod:3", "2"), ("pod:3", "2"), ("3", "2"), ("any text", "3"), ("latest", "4"),
            ("tool", "4"), ("tool:latest", "4"), (digests[3].description, "3"), ("@\(digests[1])", "1"),
            ("me/app:2", "image.not-found"), ("app:1", "image.not-found"), ("", "image.not-found"),
            ("dup", "5"), ("same", "image.which"),
        ]
    )
    func named(name: String, expected: String) {
        let entries = [
            Self.entry(0, "1", "docker.io/me/app:1"), Self.entry(1, "2", "ghcr.io/me/app:2"),
            Self.entry(2, "docker.io/library/pod:3"), Self.entry(3, "any text"),
            Self.entry(4, "latest", "docker.io/library/tool:latest"),
            Self.entry(5, "dup"), Self.entry(5, "dup"), Self.entry(6, "same"), Self.entry(7, "same"),
        ]
        #expect(Self.choose(name, entries) == expected)
    }

    @Test(
        "without a name the only image is meant",
        arguments: [
            ([], "image.not-found"), ([entry(0, nil)], "0"), ([entry(0, "1")], "0"),
            ([entry(0, "1"), entry(0, "2")], "0"), ([entry(0, "1"), entry(1, "2")], "image.which"),
        ]
    )
    func unnamed(entries: [Descriptor], expected: String) {
        #expect(Self.choose(nil, entries) == expected)
        var (signature, attestation) = (Self.entry(8, nil), Self.entry(9, nil))
        signature.artifactType = MediaType(rawValue: "application/vnd.example")
        attestation.platform = Platform(os: "unknown", architecture: "unknown")
        #expect(Self.choose(nil, [signature, attestation] + entries) == expected)
    }

    @Test("the message lists what is there if the wanted image is not")
    func told() {
        let entries = [Self.entry(0, "1", "docker.io/me/app:1"), Self.entry(1, nil)]
        let error = #expect(throws: Diagnostic.self) { try Index(manifests: entries).entry(called: "x", at: "out") }
        #expect(error?.summary == "there is no image `x` in `out`")
        #expect(error?.reason == "it has `docker.io/me/app:1`, one without a name (\(Self.digests[1]))")
        #expect(error?.code.category == .notFound)
        let which = #expect(throws: Diagnostic.self) { try Index(manifests: entries).entry(called: nil, at: "out") }
        #expect(which?.code.category == .usage)
    }

    @Test("a tag alone is not taken for a repository whose tag is `latest`")
    func tagAlone() {
        #expect(Self.choose("latest", [Self.entry(0, "dup"), Self.entry(1, "1.0")]) == "image.not-found")
        #expect(Self.choose("latest", [Self.entry(0, "dup"), Self.entry(1, "me/app")]) == "1")
    }

    @Test("a tag copied to another image of a layout does not stand for its full reference")
    func copied() {
        let entries = [Self.entry(0, "1", "docker.io/me/app:1"), Self.entry(1, "2", "docker.io/me/app:1")]
        #expect(Self.choose("me/app:1", entries) == "0")
        #expect(Self.choose("2", entries) == "1")
    }
}

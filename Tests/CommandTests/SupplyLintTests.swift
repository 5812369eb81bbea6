import TestSupport
import Testing

/// What `coracle lint` takes for a signature and for an SBOM, in each form that signers and builders write.
@Suite("Rules about what hangs on an image")
struct SupplyLintTests {
    /// What hangs on the image, how it gets there, and what each of its two platforms is still said to be without.
    struct Form: Sendable, CustomStringConvertible {
        let description: String
        let amd64: Set<String>
        let arm64: Set<String>
        /// Puts it into the registry; returns the image if it has to be another one.
        let hang: @Sendable (AttachedSample, FaultyRegistry, _ name: String) throws -> HandmadeImage?
    }

    private static let both: Set = ["supply.unsigned", "supply.no-sbom"]
    private static let unsigned: Set = ["supply.unsigned"]
    private static let noSBOM: Set = ["supply.no-sbom"]

    /// An image under a tag of cosign, whose layers are of this type; on the index, or on its first platform.
    private static func tagged(
        _ ending: String,
        _ mediaType: String,
        predicate: String? = nil,
        layers: Int = 1,
        isOnPlatform: Bool = false
    ) -> @Sendable (AttachedSample, FaultyRegistry, String) throws -> HandmadeImage? {
        { sample, registry, _ in
            let annotations = predicate.map { #""annotations":{"predicateType":"\#($0)"},"# } ?? ""
            let image = try HandmadeImage(
                layers: (0..<layers).map { try HandmadeImage.Layer("echo \($0) >a") },
                manifest: {
                    $0.replacing(
                        #"{"mediaType":"\#(HandmadeImage.layerType)""#,
                        with: #"{\#(annotations)"mediaType":"\#(mediaType)""#
                    )
                }
            )
            let subject = isOnPlatform ? try sample.platform.digest : try sample.image.digest
            registry.hold(image, in: "me/app", tag: AttachedSample.tag(subject, ending))
            return nil
        }
    }

    /// A referrer of any type.
    private static func referrer(
        _ type: String,
        _ annotations: String...,
        isOnPlatform: Bool = false
    ) -> @Sendable (AttachedSample, FaultyRegistry, String) throws -> HandmadeImage? {
        { sample, _, name in
            var command = sample.coracle("attach", name, "note.txt", "--type", type)
            command.arguments += annotations.flatMap { ["--annotation", $0] }
            if isOnPlatform { command.arguments += ["--platform", "linux/amd64"] }
            try command.output()
            return nil
        }
    }

    /// What BuildKit puts into an index: a document about the image of one platform, as an entry of an unknown platform.
    private static func buildKit(
        _ predicate: String
    ) -> @Sendable (AttachedSample, FaultyRegistry, String) throws -> HandmadeImage? {
        { sample, registry, _ in
            let document = try HandmadeImage(
                layers: [try HandmadeImage.Layer("echo attested >a")],
                manifest: {
                    $0.replacing(
                        #"{"mediaType":"\#(HandmadeImage.layerType)""#,
                        with: #"{"annotations":{"in-toto.io/predicate-type":"\#(predicate)"},"#
                            + #""mediaType":"application/vnd.in-toto+json""#
                    )
                }
            )
            let other = try HandmadeImage(layers: [HandmadeImage.Layer("echo c >c")], architecture: "arm64")
            let unknown = #"{"architecture":"unknown","os":"unknown"}"#
            let annotations =
                #""vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"\#(try sample.platform.digest)""#
            return try HandmadeImage(
                of: [
                    (sample.platform, #"{"os":"linux","architecture":"amd64"}"#),
                    (other, #"{"os":"linux","architecture":"arm64"}"#), (document, unknown),
                ],
                index: { $0.replacing(unknown, with: #"\#(unknown),"annotations":{\#(annotations)}"#) }
            )
        }
    }

    private static let simple = "application/vnd.dev.cosign.simplesigning.v1+json"
    private static let envelope = "application/vnd.dsse.envelope.v1+json"
    private static let notation = "application/vnd.cncf.notary.signature"
    private static let bundle = "application/vnd.dev.sigstore.bundle.v0.3+json"

    static let forms: [Form] = [
        Form(description: "nothing", amd64: both, arm64: both) { _, _, _ in nil },
        Form(description: ".sig of the index", amd64: noSBOM, arm64: noSBOM, hang: tagged(".sig", simple)),
        Form(
            description: ".sig of a platform",
            amd64: noSBOM,
            arm64: both,
            hang: tagged(".sig", simple, isOnPlatform: true)
        ),
        Form(
            description: ".sig without a signature",
            amd64: both,
            arm64: both,
            hang: tagged(".sig", simple, layers: 0)
        ),
        Form(
            description: ".att with SPDX",
            amd64: unsigned,
            arm64: unsigned,
            hang: tagged(".att", envelope, predicate: "https://spdx.dev/Document")
        ),
        Form(
            description: ".att with CycloneDX, of a platform",
            amd64: unsigned,
            arm64: both,
            hang: tagged(".att", envelope, predicate: "https://cyclonedx.org/bom/v1.5", isOnPlatform: true)
        ),
        Form(
            description: ".att with provenance",
            amd64: both,
            arm64: both,
            hang: tagged(".att", envelope, predicate: "https://slsa.dev/provenance/v1")
        ),
        Form(description: ".sbom", amd64: unsigned, arm64: unsigned, hang: tagged(".sbom", "text/spdx+json")),
        Form(description: "Notation", amd64: noSBOM, arm64: noSBOM, hang: referrer(notation)),
        Form(
            description: "Notation, of a platform",
            amd64: noSBOM,
            arm64: both,
            hang: referrer(notation, isOnPlatform: true)
        ),
        Form(
            description: "a bundle that signs",
            amd64: noSBOM,
            arm64: noSBOM,
            hang: referrer(bundle, "dev.sigstore.bundle.predicateType=https://sigstore.dev/cosign/sign/v1")
        ),
        Form(
            description: "a bundle that attests an SBOM",
            amd64: unsigned,
            arm64: unsigned,
            hang: referrer(bundle, "dev.sigstore.bundle.predicateType=https://spdx.dev/Document")
        ),
        Form(
            description: "a bundle that attests something else",
            amd64: both,
            arm64: both,
            hang: referrer(bundle, "dev.sigstore.bundle.predicateType=https://openvex.dev/ns/v0.2.0")
        ),
        Form(
            description: "a document of another kind",
            amd64: both,
            arm64: both,
            hang: referrer("application/vnd.example+json")
        ),
        Form(
            description: "SPDX, of a platform",
            amd64: unsigned,
            arm64: both,
            hang: referrer("application/spdx+json", isOnPlatform: true)
        ),
        Form(
            description: "CycloneDX",
            amd64: unsigned,
            arm64: unsigned,
            hang: referrer("application/vnd.cyclonedx+json")
        ),
        Form(
            description: "BuildKit's SBOM in the index",
            amd64: unsigned,
            arm64: both,
            hang: buildKit("https://spdx.dev/Document")
        ),
        Form(
            description: "BuildKit's provenance in the index",
            amd64: both,
            arm64: both,
            hang: buildKit("https://slsa.dev/provenance/v0.2")
        ),
    ]

    @Test(
        "a signature is not an SBOM, an SBOM is not a signature, and what hangs on a platform is of it alone",
        arguments: forms
    )
    func counted(form: Form) throws {
        let sample = try AttachedSample()
        let registry = try FaultyRegistry()
        registry.hold(sample.image, in: "me/app", tag: "1")
        let name = "\(registry.address)/me/app:1"
        if let other = try form.hang(sample, registry, name) { registry.hold(other, in: "me/app", tag: "1") }
        for (platform, expected) in [("linux/amd64", form.amd64), ("linux/arm64", form.arm64)] {
            let outcome = try sample.coracle(
                "lint",
                name,
                "--platform",
                platform,
                "--rule",
                "supply.unsigned=error",
                "--rule",
                "supply.no-sbom=error"
            ).run()
            let found = Set(outcome.output.matches(of: #/supply\.[a-z-]+/#).map { String($0.output) })
            #expect(found == expected, "\(platform): \(outcome.output)\(outcome.errors)")
            #expect(outcome.end == .exited(expected.isEmpty ? 0 : 9), "\(platform)")
        }
    }
}

import Diagnostics
import OCI
import TestSupport
import Testing

@testable import Signing

@Suite("Envelopes, bundles and payloads")
struct EnvelopeTests {
    private static let digest = Digest(sha256Of: Array("an image".utf8))

    @Test("what is signed is DSSE's encoding, with lengths in bytes")
    func message() {
        let type = Statement.mediaType
        #expect(text(Envelope.message(Array("{}".utf8), as: type)) == "DSSEv1 28 application/vnd.in-toto+json 2 {}")
        #expect(text(Envelope.message(Array("ü".utf8), as: "ü")) == "DSSEv1 2 ü 2 ü")
    }

    @Test("the statement of a signature is the one of cosign")
    func signature() {
        #expect(
            text(Statement.signature(of: Self.digest).bytes)
                == #"{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"\#(Self.digest.hex)"}}],"#
                + #""predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}"#
        )
    }

    @Test("the older payload has exactly cosign's bytes")
    func simple() throws {
        let payload = SimpleSigning("ghcr.io/me/server", Self.digest)
        #expect(
            text(payload.bytes)
                == #"{"critical":{"identity":{"docker-reference":"ghcr.io/me/server"},"image":{"docker-manifest-digest":"#
                + #""\#(Self.digest)"},"type":"cosign container image signature"},"optional":null}"#
        )
        #expect(try SimpleSigning(decoding: payload.bytes, named: "a") == payload)
        let other = text(payload.bytes).replacing("cosign container", with: "atomic container")
        #expect(try problem { _ = try SimpleSigning(decoding: Array(other.utf8), named: "a") }.code == .jsonUnexpected)
    }

    @Test("a bundle has the members that verifiers want, and no key id")
    func bundle() throws {
        let key = try PrivateKey.generate()
        let bundle = SignatureBundle(Envelope(Statement.signature(of: Self.digest), by: key), by: key.publicKey)
        let json = try JSON(parsing: bundle.bytes, named: "a")
        #expect(json.objectValue?.keys == ["mediaType", "verificationMaterial", "dsseEnvelope"])
        #expect(json["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json")
        #expect(json["verificationMaterial"]?["publicKey"]?["hint"] == .string(key.publicKey.hint))
        #expect(json["verificationMaterial"]?["tlogEntries"] == [])
        #expect(json["dsseEnvelope"]?["signatures"]?.arrayValue?.first?.objectValue?.keys == ["sig"])
        let read = try SignatureBundle(decoding: bundle.bytes, named: "a")
        #expect(read == bundle)
        #expect(read.envelope.isSigned(by: key.publicKey))
        #expect(!read.envelope.isSigned(by: try PrivateKey.generate().publicKey))
        #expect(try Statement(decoding: read.envelope.payload, named: "a") == Statement.signature(of: Self.digest))
    }

    @Test(
        "a bundle that is not one is refused",
        arguments: [
            ("application/vnd.dev.sigstore.bundle", "application/vnd.dev.other"), ("dsseEnvelope", "messageSignature"),
            ("\"signatures\":[", "\"signatures\":[],\"x\":["), ("\"payload\":\"", "\"payload\":\"%"),
            ("\"sig\":\"", "\"sig\":\"%"), ("{\"mediaType\"", "{\"mediaType\":\"\",\"mediaType\""),
            ("verificationMaterial", "material"),
        ]
    )
    func corrupt(old: String, new: String) throws {
        let key = try PrivateKey.generate()
        let bundle = SignatureBundle(Envelope(Statement.signature(of: Self.digest), by: key), by: key.publicKey)
        let changed = text(bundle.bytes).replacing(old, with: new)
        #expect(changed != text(bundle.bytes))
        let error = try problem { _ = try SignatureBundle(decoding: Array(changed.utf8), named: "a") }
        #expect([.jsonUnexpected, .jsonMalformed].contains(error.code))
    }

    @Test(
        "a bundle of another maker verifies, whichever way it names keys",
        arguments: [
            ("{\"sig\"", "{\"keyid\":\"\",\"sig\""), ("{\"sig\"", "{\"keyid\":\"HINT\",\"sig\""),
            ("{\"sig\"", "{\"keyid\":\"SHA256:x\",\"sig\""), (",\"tlogEntries\":[]", ""), ("\"HINT\"", "\"\""),
            ("[{\"sig\"", "[{\"sig\":\"AA==\"},{\"sig\""), ("{\"mediaType\"", "{\"more\":1,\"mediaType\""),
            ("bundle.v0.3+json", "bundle+json;version=0.2"),
        ]
    )
    func others(old: String, new: String) throws {
        let key = try PrivateKey.generate()
        let bundle = SignatureBundle(Envelope(Statement.signature(of: Self.digest), by: key), by: key.publicKey)
        func named(_ text: String) -> String { text.replacing("HINT", with: key.publicKey.hint) }
        let changed = text(bundle.bytes).replacing(named(old), with: named(new))
        #expect(changed != text(bundle.bytes))
        let read = try SignatureBundle(decoding: Array(changed.utf8), named: "a")
        #expect(read.envelope.isSigned(by: key.publicKey))
        #expect(!read.envelope.isSigned(by: try PrivateKey.generate().publicKey))
    }

    @Test("a bundle cut at any byte is refused")
    func cut() throws {
        let key = try PrivateKey.generate()
        let bytes = SignatureBundle(Envelope(Statement.signature(of: Self.digest), by: key), by: key.publicKey).bytes
        for count in 0..<bytes.count {
            #expect(throws: Diagnostic.self) { try SignatureBundle(decoding: Array(bytes.prefix(count)), named: "a") }
        }
    }

    @Test("statements of both versions are read, and digests of other kinds are passed over")
    func statements() throws {
        for version in ["v1", "v0.1"] {
            let json =
                #"{"_type":"https://in-toto.io/Statement/\#(version)","predicateType":"https://slsa.dev/provenance/v1","#
                + #""subject":[{"digest":{"gitCommit":"abc"}},{"name":"a","digest":{"sha256":"\#(Self.digest.hex)"}}],"#
                + #""predicate":{"a":1}}"#
            let statement = try Statement(decoding: Array(json.utf8), named: "a")
            #expect(statement.subjects == [Self.digest])
            #expect(statement.predicateType == .provenance)
            #expect(statement.predicate == ["a": 1])
        }
        let other = #"{"_type":"https://in-toto.io/Link/v1","predicateType":"a:b","subject":[]}"#
        #expect(try problem { _ = try Statement(decoding: Array(other.utf8), named: "a") }.code == .jsonUnexpected)
    }

    @Test(
        "types have short names and URIs",
        arguments: [
            ("spdx", PredicateType.spdx), ("spdxjson", .spdx), ("cyclonedx", .cycloneDX), ("slsa", .provenance),
            ("openvex", .openVEX), ("https://me/t", PredicateType(rawValue: "https://me/t")), ("sbom", nil), ("", nil),
            (":x", nil), ("a b:c", nil), ("https:", nil),
        ]
    )
    func types(text: String, type: PredicateType?) { #expect(PredicateType(named: text) == type) }

    @Test("a version of a document's URI is of its type, and a signature is of no other type")
    func versions() {
        #expect(PredicateType.cycloneDX.includes(PredicateType(rawValue: "https://cyclonedx.org/bom/v1.6")))
        #expect(PredicateType.spdx.includes(PredicateType(rawValue: "https://spdx.dev/Document/v2.3")))
        #expect(PredicateType.openVEX.includes(PredicateType(rawValue: "https://openvex.dev/ns/v0.2.0")))
        #expect(!PredicateType.spdx.includes(PredicateType(rawValue: "https://spdx.dev/Documents")))
        #expect(!PredicateType.spdx.includes(PredicateType(rawValue: "https://spdx.dev/Document/evil")))
        #expect(!PredicateType.signature.includes(.spdx))
        #expect(!PredicateType.spdx.includes(.signature))
    }
}

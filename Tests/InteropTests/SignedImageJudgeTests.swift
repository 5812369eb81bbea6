import TestSupport
import Testing

/// Everything that is signed about an image, verified by programs of others from the bytes in a layout.
@Suite("Signed images", .enabled(if: Judge.areThere, "`make test-deps` could not install the judges"))
struct SignedImageJudgeTests {
    @Test("securesystemslib and OpenSSL's ECDSA verify every signature that a build writes, and what it is of")
    func all() throws {
        let place = try TemporaryDirectory()
        let home = try DockerConfiguration()
        let registry = try FaultyRegistry()
        let name = "\(registry.address)/me/app:1"
        func coracle(_ arguments: String...) throws -> String {
            let variables: [String: String?] = home.environment.merging(["COSIGN_PASSWORD": "pw"]) { $1 }
            return try Built.coracle(arguments, environment: variables, directory: place.path).output()
        }
        _ = try coracle("key", "generate")
        let programs = try ["amd64", "arm64"].map { try FixtureProgram("hello", .go(architecture: $0)).path() }
        let signed = try coracle(
            "build",
            programs[0],
            programs[1],
            "-t",
            name,
            "--push",
            "--sign-key",
            "cosign.key",
            "--sbom",
            "spdx",
            "--provenance"
        )
        _ = try coracle("copy", name, "oci:all", "--referrers")
        let lines = try Judge.python(Self.script, [place("all"), place("cosign.pub")]).split(separator: "\n")
            .map(String.init)
        let index = String(signed.split(separator: "@")[1].dropLast())
        // On the index and on the images of both platforms.
        #expect(lines.filter { $0.hasPrefix(".sig of ") }.count == 3, "\(lines)")
        for type in ["sigstore.dev/cosign/sign/v1", "spdx.dev/Document"] {
            #expect(lines.filter { $0.hasPrefix("https://\(type) of ") }.count == 3, "\(type): \(lines)")
        }
        #expect(lines.contains("https://slsa.dev/provenance/v1 of \(index)"), "\(lines)")
        #expect(lines.contains("https://sigstore.dev/cosign/sign/v1 of \(index)"), "\(lines)")
        #expect(lines.allSatisfy { !$0.hasPrefix("wrong") }, "\(lines)")
        // The judge sees what is wrong.
        _ = try coracle("key", "generate", "--output", "other")
        #expect(throws: (any Error).self) { try Judge.python(Self.script, [place("all"), place("other.pub")]) }
    }

    /// Prints what each signature is of.
    private static let script = """
        import base64, hashlib, json, os, sys
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
        from securesystemslib.dsse import Envelope
        from securesystemslib.signer import SSlibKey

        folder = sys.argv[1] + "/blobs/sha256/"
        with open(sys.argv[2], "rb") as file: public = load_pem_public_key(file.read())
        key = SSlibKey.from_crypto(public)

        def blob(digest):
            with open(folder + digest.removeprefix("sha256:"), "rb") as file: data = file.read()
            assert "sha256:" + hashlib.sha256(data).hexdigest() == digest, digest
            return data

        for name in os.listdir(folder):
            if os.path.getsize(folder + name) > 1 << 20: continue
            try: manifest = json.loads(blob("sha256:" + name))
            except ValueError: continue
            for layer in manifest.get("layers") or [] if isinstance(manifest, dict) else []:
                if layer["mediaType"].startswith("application/vnd.dev.sigstore.bundle"):
                    bundle = json.loads(blob(layer["digest"]))
                    assert bundle["mediaType"] == layer["mediaType"] == manifest["artifactType"]
                    envelope = bundle["dsseEnvelope"]
                    for signature in envelope["signatures"]:
                        assert "keyid" not in signature
                        signature["keyid"] = key.keyid
                    read = Envelope.from_dict(envelope)
                    assert list(read.verify([key], 1)) == [key.keyid]
                    statement = json.loads(read.payload)
                    subject = manifest["subject"]
                    assert ["sha256:" + one["digest"]["sha256"] for one in statement["subject"]] == [subject["digest"]]
                    assert len(blob(subject["digest"])) == subject["size"]
                    assert manifest["annotations"]["dev.sigstore.bundle.predicateType"] == statement["predicateType"]
                    print(statement["predicateType"], "of", subject["digest"])
                elif layer["mediaType"] == "application/vnd.dev.cosign.simplesigning.v1+json":
                    payload = blob(layer["digest"])
                    signature = base64.b64decode(layer["annotations"]["dev.cosignproject.cosign/signature"], validate=True)
                    public.verify(signature, payload, ec.ECDSA(SHA256()))
                    critical = json.loads(payload)["critical"]
                    assert critical["type"] == "cosign container image signature"
                    digest = critical["image"]["docker-manifest-digest"]
                    blob(digest)
                    print(".sig of", digest)
        """
}

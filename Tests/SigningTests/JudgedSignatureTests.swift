import Diagnostics
import OCI
import TestSupport
import Testing

@testable import Signing

/// Envelopes and keys, judged by securesystemslib, PyNaCl and Python's scrypt.
@Suite(
    "Signatures of others, and ours for them",
    .enabled(if: Judge.areThere, "`make test-deps` could not install the judges")
)
struct JudgedSignatureTests {
    private static let digest = Digest(sha256Of: Array("an image".utf8))

    /// What `verify` and `sign` have in common.
    private static let dsse = """
        import json, sys
        from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
        from securesystemslib.dsse import Envelope
        from securesystemslib.exceptions import VerificationError
        from securesystemslib.signer import CryptoSigner, SSlibKey


        """

    /// Whether securesystemslib verifies the envelope of each bundle with the key.
    private static let verify =
        dsse + """
            with open(sys.argv[1], "rb") as file:
                key = SSlibKey.from_crypto(load_pem_public_key(file.read()))
            for path in sys.argv[2:]:
                with open(path) as file: envelope = json.load(file)["dsseEnvelope"]
                # It only looks at signatures with the name of the key.
                for signature in envelope["signatures"]: signature["keyid"] = key.keyid
                try:
                    print(len(Envelope.from_dict(envelope).verify([key], 1)))
                except VerificationError:
                    print("refused")
            """

    @Test("securesystemslib verifies what we sign, and nothing that was changed")
    func ours() throws {
        let place = try TemporaryDirectory()
        let key = try PrivateKey.generate()
        try place.file("a.pub", key.publicKey.pem)
        let provenance = Statement(about: Self.digest, .provenance, ["ü": ["\u{2028}", "<&>", .null], "n": 1])
        let bundles = [Statement.signature(of: Self.digest), provenance].map {
            text(SignatureBundle(Envelope($0, by: key), by: key.publicKey).bytes)
        }
        let other = SignatureBundle(Envelope(provenance, by: try PrivateKey.generate()), by: key.publicKey)
        let changed = [
            bundles[0].replacing("application/vnd.in-toto+json", with: "application/vnd.in-toto+jsoN"),
            bundles[0].replacing("\"payload\":\"e", with: "\"payload\":\"f"), text(other.bytes),
        ]
        #expect(!changed.contains(bundles[0]))
        let files = try (bundles + changed).enumerated().map { try place.file("\($0).json", $1) }
        let answers = try Judge.python(Self.verify, [place("a.pub")] + files).split(separator: "\n")
        #expect(answers == ["1", "1", "refused", "refused", "refused"])
    }

    @Test("we verify what securesystemslib signs, with its ids of keys, and nothing that was changed")
    func theirs() throws {
        let place = try TemporaryDirectory()
        let keys = try OpenSSLKeys()
        try keys.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out a.key")
        try keys.openssl("pkey -in a.key -pubout -out a.pub")
        let payload = text(Statement.signature(of: Self.digest).bytes)
        try place.file("payload", payload)
        let script =
            Self.dsse + """
                with open(sys.argv[1], "rb") as file:
                    signer = CryptoSigner(load_pem_private_key(file.read(), None))
                with open(sys.argv[2], "rb") as file:
                    envelope = Envelope(file.read(), "application/vnd.in-toto+json", {})
                envelope.sign(signer)
                envelope.sign(CryptoSigner.generate_ed25519())
                print(json.dumps(envelope.to_dict()))
                """
        let json = try Judge.python(script, [keys.place("a.key"), place("payload")])
        let envelope = try Envelope(decoding: Array(json.utf8), named: "theirs")
        let key = try PublicKey(pem: keys.file("a.pub"), named: "a.pub")
        // The second is of a kind that is not verified, and does not disturb.
        #expect(envelope.signatures.count == 2 && text(envelope.payload) == payload)
        #expect(envelope.isSigned(by: key))
        #expect(!envelope.isSigned(by: try PrivateKey.generate().publicKey))
        let other = Envelope(envelope.payload, as: "application/json", signatures: envelope.signatures)
        #expect(!other.isSigned(by: key))
    }

    /// Opens and seals keys as cosign does, with parts that are not ours.
    private static let sealed = """
        import base64, hashlib, json, re, sys
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import (
            Encoding, NoEncryption, PrivateFormat, PublicFormat, load_der_private_key)
        from nacl.secret import SecretBox

        def scrypt(password, salt, cost):
            return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=8, p=1, dklen=32, maxmem=1 << 28)

        def public(key):
            return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


        """

    @Test("PyNaCl opens a key that we sealed, and finds the same key in it", arguments: ["", "pw", "open sesame: ü"])
    func opened(password: String) throws {
        let place = try TemporaryDirectory()
        let key = try PrivateKey.generate()
        try place.file("a.key", key.sealed(password: password))
        let script =
            Self.sealed + """
                with open(sys.argv[1]) as file: text = file.read()
                label, body = re.fullmatch("-----BEGIN (.*)-----\\n((?s:.*))-----END \\\\1-----\\n", text).groups()
                assert label == "ENCRYPTED SIGSTORE PRIVATE KEY", label
                assert max(map(len, body.split())) == 64
                key = json.loads(base64.b64decode("".join(body.split()), validate=True))
                assert key["kdf"]["params"] == {"N": 65536, "r": 8, "p": 1}, key["kdf"]
                decode = lambda text: base64.b64decode(text, validate=True)
                box = SecretBox(scrypt(sys.argv[2], decode(key["kdf"]["salt"]), 65536))
                der = box.decrypt(decode(key["ciphertext"]), decode(key["cipher"]["nonce"]))
                print(public(load_der_private_key(der, None)), end="")
                """
        #expect(try Judge.python(script, [place("a.key"), password]) == text(key.publicKey.pem))
    }

    @Test(
        "we open a key that PyNaCl sealed, under each name and at each cost that cosign knows",
        arguments: [("SIGSTORE", 65536), ("COSIGN", 32768), ("SIGSTORE", 131072)]
    )
    func sealedByOthers(label: String, cost: Int) throws {
        let script =
            Self.sealed + """
                label, cost, password = sys.argv[1], int(sys.argv[2]), sys.argv[3]
                key = ec.generate_private_key(ec.SECP256R1())
                der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
                salt = bytes(range(32))
                nonce = bytes(range(24))
                encode = lambda data: base64.b64encode(data).decode()
                sealed = SecretBox(scrypt(password, salt, cost)).encrypt(der, nonce).ciphertext
                text = encode(json.dumps({
                    "kdf": {"name": "scrypt", "params": {"N": cost, "r": 8, "p": 1}, "salt": encode(salt)},
                    "cipher": {"name": "nacl/secretbox", "nonce": encode(nonce)}, "ciphertext": encode(sealed)}).encode())
                print(f"-----BEGIN ENCRYPTED {label} PRIVATE KEY-----")
                for start in range(0, len(text), 64): print(text[start:start + 64])
                print(f"-----END ENCRYPTED {label} PRIVATE KEY-----")
                print(public(key), end="")
                """
        let printed = try Judge.python(script, [label, "\(cost)", "pä"])
        let start = try #require(printed.firstRange(of: "-----BEGIN PUBLIC KEY-----")?.lowerBound)
        let key = try OpenSSLKeys.read(Array(printed[..<start].utf8), "pä")
        #expect(text(key.publicKey.pem) == printed[start...])
        #expect(try problem { _ = try OpenSSLKeys.read(Array(printed[..<start].utf8), "pa") }.code == .keyPassword)
    }
}

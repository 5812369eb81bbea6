import Diagnostics
import OCI
import TestSupport
import Testing

@testable import Signing

@Suite("Keys")
struct KeyTests {
    /// Made once: scrypt takes its time.
    private static let sealedJSON = Result { text(try SealedKey.seal([1, 2, 3], password: "pw")) }
    private static let count32 = (0..<32).map { UInt8($0) }

    @Test("HSalsa20, secretbox and scrypt give what other programs give")
    func vectors() throws {
        let (key, nonce) = (Self.count32, (0..<24).map { UInt8($0) })
        #expect(
            hex(Salsa20.subkey(key, nonce: Array(nonce[..<16])))
                == "f2a52d7cea2bb6babc32b07f89e22487a063c2481084ff41b8190fb7839d501c"
        )
        let box = SecretBox.seal(Array("coracle".utf8), key: key, nonce: nonce)
        #expect(hex(box) == "d47b073e695c8dfb1336e66f627edb0f3d904a2ea4a6c7")
        #expect(SecretBox.open(box, key: key, nonce: nonce) == Array("coracle".utf8))
        #expect(
            hex(try SealedKey.key("pw", Self.count32, 65536))
                == "02ca6d7dfb74da475ef104e2138bbc1873333547db86b4849cf59addf0f669f4"
        )
    }

    @Test("a box of which one bit is another does not open", arguments: [0, 15, 16, 22])
    func changedBox(place: Int) {
        let (key, nonce) = (Self.count32, (0..<24).map { UInt8($0) })
        var box = SecretBox.seal(Array("coracle".utf8), key: key, nonce: nonce)
        box[place] ^= 1
        #expect(SecretBox.open(box, key: key, nonce: nonce) == nil)
        #expect(SecretBox.open(Array(box.prefix(15)), key: key, nonce: nonce) == nil)
    }

    @Test("a key's hint is the base64 of the SHA-256 of its encoding")
    func hint() throws {
        // A PrivateKeyInfo without the public half, which is computed.
        let number = String(repeating: "0", count: 58) + "c0ffee"
        let der = bytes(
            "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420" + number
        )
        let key = try OpenSSLKeys.read(PEM.encode(der, as: "PRIVATE KEY"))
        #expect(key.publicKey.hint == "EocV+Wxb8bchOhcXXqBqyw61gPLbasmvqY8opmFlJMY=")
    }

    @Test("a sealed key opens with its password alone", arguments: ["", "pw", "open sesame: ü"])
    func sealed(password: String) throws {
        let key = try PrivateKey.generate()
        let file = try key.sealed(password: password)
        #expect(text(file).hasPrefix("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n"))
        #expect(try OpenSSLKeys.read(file, password).publicKey == key.publicKey)
        #expect(try problem { _ = try OpenSSLKeys.read(file, password + "x") }.code == .keyPassword)
        let older = text(file).replacing("SIGSTORE", with: "COSIGN")
        #expect(try OpenSSLKeys.read(Array(older.utf8), password).publicKey == key.publicKey)
    }

    @Test(
        "keys of openssl are read, whichever way they are written",
        arguments: [
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out a.key",
            "ecparam -name prime256v1 -genkey -out a.key",
            "ecparam -name prime256v1 -genkey -noout -out a.key",
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -pass pass:pw -out a.key",
        ]
    )
    func openssl(command: String) throws {
        let keys = try OpenSSLKeys()
        try keys.openssl(command)
        try keys.openssl("pkey -in a.key -passin pass:pw -pubout -out a.pub")
        let key = try OpenSSLKeys.read(try keys.file("a.key"), "pw")
        let open = try PublicKey(pem: try keys.file("a.pub"), named: "a.pub")
        #expect(key.publicKey == open)
        #expect(open.pem == (try keys.file("a.pub")))
    }

    @Test("openssl verifies our signatures, and we verify its")
    func signatures() throws {
        let keys = try OpenSSLKeys()
        try keys.openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out a.key")
        try keys.openssl("pkey -in a.key -pubout -out a.pub")
        let key = try OpenSSLKeys.read(try keys.file("a.key"))
        let message = Array("what is signed".utf8)
        try keys.place.file("message", message)
        try keys.place.file("ours", key.signature(of: message))
        #expect(text(try keys.openssl("dgst -sha256 -verify a.pub -signature ours message")) == "Verified OK\n")
        try keys.openssl("dgst -sha256 -sign a.key -out theirs message")
        #expect(key.publicKey.verifies(try keys.file("theirs"), of: message))
        #expect(!key.publicKey.verifies(try keys.file("theirs"), of: message + [0]))
        #expect(!(try PrivateKey.generate()).publicKey.verifies(try keys.file("theirs"), of: message))
        #expect(!key.publicKey.verifies([], of: message))
        #expect(!key.publicKey.verifies(try keys.file("theirs") + [0], of: message))
    }

    @Test(
        "a key of another kind is named, and not taken",
        arguments: [
            ("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out a.key", "RSA"),
            ("genpkey -algorithm ED25519 -out a.key", "Ed25519"),
            ("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out a.key", "another curve"),
            ("ecparam -name secp256k1 -genkey -noout -out a.key", "another curve"),
            ("genpkey -algorithm X25519 -out a.key", "another kind"),
        ]
    )
    func kinds(command: String, named: String) throws {
        let keys = try OpenSSLKeys()
        try keys.openssl(command)
        try keys.openssl("pkey -in a.key -pubout -out a.pub")
        let secret = try problem { _ = try OpenSSLKeys.read(try keys.file("a.key")) }
        let open = try problem { _ = try PublicKey(pem: try keys.file("a.pub"), named: "a.pub") }
        for problem in [secret, open] {
            #expect(problem.code == .keyKind, "\(problem)")
            #expect(problem.reason?.contains(named) == true, "\(problem)")
        }
    }

    @Test("the halves of a pair are not taken for each other")
    func halves() throws {
        let key = try PrivateKey.generate()
        #expect(try problem { _ = try OpenSSLKeys.read(key.publicKey.pem) }.code == .keyKind)
        let sealed = try key.sealed(password: "pw")
        let error = try problem { _ = try PublicKey(pem: sealed, named: "a.key") }
        #expect(error.code == .keyKind)
        #expect(error.hint?.contains("coracle key public --key a.key") == true)
    }

    @Test(
        "what is not a key's file is refused",
        arguments: [
            "", "hello\n", "-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\n%%%%\n-----END PUBLIC KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\n-----BEGIN PUBLIC KEY-----\n",
            "-----BEGIN PUBLIC KEY-----\nProc-Type: 4,ENCRYPTED\nAAAA\n-----END PUBLIC KEY-----\n",
            String(repeating: "x", count: 70_000),
        ]
    )
    func malformed(file: String) throws {
        #expect(try problem { _ = try PublicKey(pem: Array(file.utf8), named: "a.pub") }.code == .keyMalformed)
    }

    @Test("a file with two keys, or with bytes after a key's encoding, is refused")
    func twice() throws {
        let key = try PrivateKey.generate().publicKey
        #expect(try problem { _ = try PublicKey(pem: key.pem + key.pem, named: "a.pub") }.code == .keyMalformed)
        let longer = PEM.encode(key.der + [0], as: "PUBLIC KEY")
        #expect(try problem { _ = try PublicKey(pem: longer, named: "a.pub") }.code == .keyMalformed)
        var off = key.der
        off[60] ^= 1
        let beside = PEM.encode(off, as: "PUBLIC KEY")
        #expect(try problem { _ = try PublicKey(pem: beside, named: "a.pub") }.code == .keyMalformed)
    }

    @Test(
        "a sealed key with other parameters is refused before scrypt takes memory for it",
        arguments: [
            ("65536", "1073741824"), ("\"r\":8", "\"r\":1024"), ("\"p\":1", "\"p\":0"), ("scrypt", "argon2"),
            ("nacl/secretbox", "none"), ("\"salt\":\"", "\"salt\":\"AAAA"), ("\"nonce\":\"", "\"nonce\":\"AAAA"),
            ("{\"kdf\"", "{\"kdf\":1,\"kdf\""), ("65536", "-1"), ("65536", "99999999999999999999"),
        ]
    )
    func parameters(old: String, new: String) throws {
        let json = try Self.sealedJSON.get()
        let file = PEM.encode(Array(json.replacing(old, with: new).utf8), as: "ENCRYPTED SIGSTORE PRIVATE KEY")
        #expect(json.contains(old))
        #expect(try problem { _ = try OpenSSLKeys.read(file, "pw") }.code == .keyMalformed)
    }

    @Test("no message about a key has a part of it, or the password")
    func secrecy() throws {
        let file = try PrivateKey.generate().sealed(password: "correct-horse-battery")
        let lines = text(file).split(separator: "\n").map(String.init)
        var broken = lines
        broken[3] = "%" + broken[3].dropFirst()
        for (bytes, password) in [(Array(broken.joined(separator: "\n").utf8), "x"), (file, "wrong-horse-battery")] {
            let error = try problem { _ = try OpenSSLKeys.read(bytes, password) }
            let words = "\(error)"
            #expect(!words.contains("horse"))
            for line in lines.dropFirst().dropLast() { #expect(!words.contains(line.dropFirst(4))) }
        }
    }
}

import Diagnostics
import Testing

@testable import OCI

@Suite("Digests")
struct DigestTests {
    @Test(
        "a registered algorithm with its number of lowercase digits is a digest",
        arguments: [
            (
                "sha256:" + String(repeating: "ab", count: 32), Digest.Algorithm.sha256,
                String(repeating: "ab", count: 32)
            ),
            ("sha512:" + String(repeating: "09", count: 64), .sha512, String(repeating: "09", count: 64)),
        ]
    )
    func accepted(text: String, algorithm: Digest.Algorithm, hex: String) throws {
        let digest = try Digest(parsing: text)
        #expect(digest.algorithm == algorithm)
        #expect(digest.hex == hex)
        #expect(digest.description == text)
    }

    @Test(
        "a file's two digests are those of FIPS 180-4",
        arguments: [
            (
                "", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            ),
            (
                "abc", "a9993e364706816aba3e25717850c26c9cd0d89d",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            ),
        ]
    )
    func ofFile(text: String, sha1: String, sha256: String) {
        let digests = Array(text.utf8).withUnsafeBytes { FileDigests(of: $0) }
        #expect(digests.sha1 == sha1)
        #expect(digests.sha256 == sha256)
    }

    @Test(
        "anything else is refused before it could become a path",
        arguments: [
            "", ":", "sha256", "sha256:", "sha256:../../etc/x", "sha256:" + String(repeating: "AB", count: 32),
            "sha256:" + String(repeating: "a", count: 63), "sha256:" + String(repeating: "a", count: 65),
            "sha256:" + String(repeating: "g", count: 64), "SHA256:" + String(repeating: "a", count: 64),
            "md5:d41d8cd98f00b204e9800998ecf8427e", "sha384:" + String(repeating: "a", count: 96),
            "sha512:" + String(repeating: "a", count: 64), "sha256:" + String(repeating: "a", count: 128),
            "sha256:/" + String(repeating: "a", count: 63), "sha256::" + String(repeating: "a", count: 63),
            "sha256:" + String(repeating: "a", count: 63) + "\n", " sha256:" + String(repeating: "a", count: 64),
            "sha256:" + String(repeating: "а", count: 32), "sha256:" + String(repeating: "a", count: 63) + "\u{0}",
            "sha256+b64u:" + String(repeating: "a", count: 64), String(repeating: "a", count: 64),
        ]
    )
    func refused(text: String) throws {
        let error = #expect(throws: Diagnostic.self) { try Digest(parsing: text) }
        #expect(error?.code == .digestMalformed)
        #expect(error?.code.category == .verification)
    }

    @Test(
        "the digest of bytes is FIPS 180-4's",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ]
    )
    func known(text: String, hex: String) {
        #expect(Digest(sha256Of: Array(text.utf8)).description == "sha256:\(hex)")
    }

    @Test("bytes counted in pieces have the digest of the whole", arguments: [1, 7, 63, 64, 65, 1000])
    func pieces(size: Int) {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var hasher = SHA256Hasher()
        var rest = bytes[...]
        while !rest.isEmpty {
            Array(rest.prefix(size)).withUnsafeBytes { hasher.update($0) }
            rest = rest.dropFirst(size)
        }
        #expect(hasher.finalize() == Digest(sha256Of: bytes))
    }

    @Test("a diffID shows itself as its digest")
    func diffID() throws {
        let digest = try Digest(parsing: "sha256:" + String(repeating: "ab", count: 32))
        #expect(DiffID(digest).description == digest.description)
    }
}

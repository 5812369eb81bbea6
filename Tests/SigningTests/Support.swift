import Diagnostics
import Signing
import TestSupport
import Testing

/// The problem that `body` reports; a failure of the test if it reports none.
func problem(
    sourceLocation: SourceLocation = #_sourceLocation,
    of body: () throws -> Void
) throws -> Diagnostic {
    try #require(#expect(throws: Diagnostic.self, sourceLocation: sourceLocation) { try body() })
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// Bytes of hexadecimal digits.
func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.utf8.map { UInt8(hexDigit: $0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

extension UInt8 {
    fileprivate init(hexDigit digit: UInt8) {
        self = digit >= UInt8(ascii: "a") ? digit - UInt8(ascii: "a") + 10 : digit - UInt8(ascii: "0")
    }
}

/// Keys that openssl makes, in a directory of their own.
struct OpenSSLKeys {
    let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    /// Runs openssl with the words of `line`; returns what it prints.
    @discardableResult
    func openssl(_ line: String) throws -> [UInt8] {
        let words = line.split(separator: " ").map(String.init)
        return Array(try Command("openssl", words, directory: place.path).output().utf8)
    }

    func file(_ name: String) throws -> [UInt8] { try readFile(place(name)) }

    /// Reads a private key with a password.
    static func read(_ pem: [UInt8], _ password: String = "") throws -> PrivateKey {
        try PrivateKey(pem: pem, named: "a.key") { () throws(Diagnostic) in password }
    }
}

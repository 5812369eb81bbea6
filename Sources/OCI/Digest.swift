package import Diagnostics

/// The SHA-256 (or SHA-512) of some bytes, written `sha256:<64 lowercase hex digits>`.
///
/// image-spec, descriptor.md § Digests.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// image-spec, descriptor.md § Registered algorithms.
    package enum Algorithm: String, Hashable, Sendable, CaseIterable {
        /// What coracle writes.
        case sha256
        /// Read only.
        case sha512

        /// Length of the digest in hexadecimal digits.
        var hexLength: Int { self == .sha256 ? 64 : 128 }
    }

    /// What it was computed with.
    package let algorithm: Algorithm
    /// Lowercase, as many digits as the algorithm gives: safe as a file's name.
    package let hex: String

    /// Parses `ALGORITHM:HEX`.
    ///
    /// - Throws: `digest.malformed` for anything but a registered algorithm and its number of lowercase digits.
    package init(parsing text: String) throws(Diagnostic) {
        let fields = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard
            fields.count == 2,
            let algorithm = Algorithm(rawValue: String(fields[0])),
            fields[1].utf8.count == algorithm.hexLength,
            fields[1].utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else {
            throw Diagnostic(
                .digestMalformed,
                "`\(text.excerpt)` is not a digest",
                hint: "write it as `sha256:` followed by 64 lowercase hex digits"
            )
        }
        self.algorithm = algorithm
        hex = String(fields[1])
    }

    /// The digest of `bytes`.
    package init(sha256Of bytes: UnsafeRawBufferPointer) {
        var hasher = SHA256Hasher()
        hasher.update(bytes)
        self = hasher.finalize()
    }

    /// The digest of `bytes`.
    package init(sha256Of bytes: [UInt8]) { self = bytes.withUnsafeBytes { Digest(sha256Of: $0) } }

    /// The 32 bytes that a SHA-256 comes to.
    package init(sha256 bytes: [UInt8]) {
        algorithm = .sha256
        hex = String(lowercaseHexOf: bytes)
    }

    /// As a descriptor has it: `sha256:…`.
    package var description: String { "\(algorithm.rawValue):\(hex)" }
}

extension Diagnostic.Code {
    package static let digestMalformed = Self("digest.malformed", .verification)
}

extension String {
    /// Two digits for each byte.
    init(lowercaseHexOf bytes: some Collection<UInt8>) {
        self.init(unsafeUninitializedCapacity: 2 * bytes.count) { buffer in
            var place = 0
            for byte in bytes {
                buffer[place] = Self.digit(byte >> 4)
                buffer[place + 1] = Self.digit(byte & 15)
                place += 2
            }
            return place
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }
}

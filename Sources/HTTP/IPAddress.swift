internal import Glibc

/// An IP address written as a number: four bytes, or sixteen.
struct IPAddress: Hashable, Sendable {
    /// The bytes in network order: four or sixteen.
    let bytes: [UInt8]

    /// A dotted quad of decimal numbers without leading zeros, or an IPv6 address without brackets and zone.
    init?(_ text: some StringProtocol) {
        if let quad = Self.dottedQuad(text) {
            bytes = quad
            return
        }
        guard text.utf8.contains(UInt8(ascii: ":")), !text.utf8.contains(0) else { return nil }
        var address = in6_addr()
        guard inet_pton(AF_INET6, String(text), &address) == 1 else { return nil }
        bytes = Swift.withUnsafeBytes(of: address) { Array($0) }
    }

    init(bytes: [UInt8]) { self.bytes = bytes }

    private static func dottedQuad(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes = [UInt8]()
        for part in parts {
            // `0177` is octal to some readers and decimal to others.
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            var value = 0
            for digit in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                value = value * 10 + Int(digit - UInt8(ascii: "0"))
            }
            guard let byte = UInt8(exactly: value) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1]
    }

    /// Whether it is in 169.254.0.0/16 or fe80::/10, also embedded in another form: hosts on the same link, and the
    /// metadata service that hands credentials to programs in a cloud.
    var isLinkLocal: Bool {
        if let embedded { return embedded.isLinkLocal }
        return bytes.count == 4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
    }

    /// Whether it means a different host on each network: private, shared, loopback, link-local, unspecified,
    /// multicast or reserved, or an IPv6 form of such an IPv4 address.
    var isPrivate: Bool {
        if let embedded { return embedded.isPrivate }
        if bytes.count == 4 {
            return switch (bytes[0], bytes[1]) {
            case (0, _), (10, _), (127, _), (224...255, _): true
            case (100, 64...127), (169, 254), (172, 16...31), (192, 168), (198, 18...19): true
            case (192, 0): bytes[2] == 0
            default: false
            }
        }
        return switch (bytes[0], bytes[1]) {
        case (0xFC...0xFD, _), (0xFF, _): true
        // fe80::/10, link-local, and fec0::/10, what was site-local.
        case (0xFE, 0x80...0xFF): true
        default: bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] <= 1
        }
    }

    /// Whether the first `length` bits are those of `other`.
    func hasPrefix(_ length: Int, of other: IPAddress) -> Bool {
        guard bytes.count == other.bytes.count, length <= bytes.count * 8 else { return false }
        return (0..<length).allSatisfy { bit in
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            return bytes[bit / 8] & mask == other.bytes[bit / 8] & mask
        }
    }

    /// The IPv4 address that packets to this IPv6 address reach: mapped, compatible (RFC 4291 § 2.5.5), translated
    /// (RFC 6052), 6to4 (RFC 3056).
    private var embedded: IPAddress? {
        guard bytes.count == 16 else { return nil }
        let zeros: (Range<Int>) -> Bool = { range in bytes[range].allSatisfy { $0 == 0 } }
        if bytes[0] == 0x20, bytes[1] == 0x02 { return IPAddress(bytes: Array(bytes[2..<6])) }
        let last = IPAddress(bytes: Array(bytes[12...]))
        if zeros(0..<10), bytes[10] == 0xFF, bytes[11] == 0xFF { return last }
        if bytes[0..<4] == [0x00, 0x64, 0xFF, 0x9B], zeros(4..<12) { return last }
        // `::` and `::1` have meanings of their own.
        if zeros(0..<12), !(zeros(12..<15) && bytes[15] <= 1) { return last }
        return nil
    }
}

extension IPAddress: CustomStringConvertible {
    /// Four decimal numbers, or eight hexadecimal ones.
    var description: String {
        if bytes.count == 4 { return bytes.map { "\($0)" }.joined(separator: ".") }
        guard bytes.count == 16 else { return "?" }
        let groups = stride(from: 0, to: 16, by: 2).map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
        return groups.map { String($0, radix: 16) }.joined(separator: ":")
    }
}

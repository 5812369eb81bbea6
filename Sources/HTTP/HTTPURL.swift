package import Diagnostics

/// An absolute `http` or `https` address without user, password and fragment.
///
/// A strict subset of RFC 3986. Anything doubtful is refused, so that no two readers can disagree about which host is
/// meant.
package struct HTTPURL: Hashable, Sendable, CustomStringConvertible {
    package enum Scheme: String, Hashable, Sendable {
        case http, https
        package var defaultPort: Int { self == .http ? 80 : 443 }
    }

    /// The server behind an address. Credentials never go from one origin to another.
    package struct Origin: Hashable, Sendable, CustomStringConvertible {
        package let scheme: Scheme
        /// The host in lower case; an IPv6 address is in brackets.
        package let host: String
        package let port: Int

        /// The beginning of an address; the default port is omitted.
        package var description: String {
            "\(scheme.rawValue)://\(host)" + (port == scheme.defaultPort ? "" : ":\(port)")
        }
    }

    package let origin: Origin
    /// Path and query, with the leading slash.
    package var target: String

    /// Makes an address of parts that are known to be well formed, such as those of a parsed reference.
    package init(scheme: Scheme, host: String, port: Int? = nil, target: String) {
        origin = Origin(scheme: scheme, host: host.lowercased(), port: port ?? scheme.defaultPort)
        self.target = target
    }

    /// - Throws: `url.malformed`.
    package init(parsing text: String) throws(Diagnostic) {
        guard text.utf8.count <= Self.longest else { throw Self.malformed(text, "it is too long") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw Self.malformed(text, "it has a character that addresses do not have")
        }
        let lowercase = text.lowercased()
        guard
            let scheme: Scheme = lowercase.hasPrefix("https://") ? .https : lowercase.hasPrefix("http://") ? .http : nil
        else { throw Self.malformed(text, "it does not begin with `https://`") }

        let rest = text.utf8.dropFirst(scheme.rawValue.utf8.count + 3)
        let authority = rest.prefix { !"/?#".utf8.contains($0) }
        let path = rest[authority.endIndex...].prefix { $0 != UInt8(ascii: "#") }
        do throws(Malformation) {
            origin = try Self.origin(scheme, Substring(authority))
            target = try Self.target(Substring(path))
        } catch {
            throw Self.malformed(text, error.reason)
        }
    }

    /// The address as it is sent; the default port is omitted.
    package var description: String { "\(origin)\(target)" }

    /// The part of the target before the query.
    var path: Substring { target.prefix { $0 != "?" } }

    /// Longest address that is accepted, in bytes. Upload locations have a few hundred.
    private static let longest = 16 << 10
}

/// Why a text is not an address.
private struct Malformation: Error {
    let reason: String
}

extension HTTPURL {
    private static func origin(_ scheme: Scheme, _ authority: Substring) throws(Malformation) -> Origin {
        guard !authority.utf8.contains(UInt8(ascii: "@")) else {
            throw Malformation(reason: "it has a user's name or password in it")
        }
        let host: Substring
        let rest: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw Malformation(reason: "its `[` is not closed") }
            host = authority[...end]
            rest = authority[authority.index(after: end)...]
            guard let address = IPAddress(host.dropFirst().dropLast()), address.bytes.count == 16 else {
                throw Malformation(reason: "`\(host)` is not an IPv6 address")
            }
        } else {
            host = authority.prefix { $0 != ":" }
            rest = authority[host.endIndex...]
            guard isHostName(host) else { throw Malformation(reason: "`\(host)` is not the name of a host") }
        }
        var port = scheme.defaultPort
        if !rest.isEmpty {
            guard rest.first == ":", let number = portNumber(rest.dropFirst()) else {
                throw Malformation(reason: "its port is not a number from 1 to 65535")
            }
            port = number
        }
        return Origin(scheme: scheme, host: host.lowercased(), port: port)
    }

    /// Whether it is a dotted quad, or a DNS name that cannot be mistaken for a number: the URL standard of browsers
    /// reads every name whose last label is numeric as an IPv4 address, in decimal, octal or hexadecimal.
    private static func isHostName(_ text: Substring) -> Bool {
        if IPAddress(text) != nil { return true }
        guard text.utf8.count <= 253 else { return false }
        var labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // The root, as in `example.com.`
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        guard let last = labels.last, !last.allSatisfy(isDigit) else { return false }
        guard !(last.first == UInt8(ascii: "0") && last.dropFirst().first.map { $0 | 0x20 } == UInt8(ascii: "x")) else {
            return false
        }
        return labels.allSatisfy { label in
            (1...63).contains(label.count)
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        }
    }

    private static func portNumber(_ digits: Substring) -> Int? {
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy(isDigit), digits.first != "0",
            let port = Int(digits), port <= 65535
        else { return nil }
        return port
    }

    private static func target(_ text: Substring) throws(Malformation) -> String {
        var bytes = text.utf8[...]
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let first = bytes.popFirst(), let second = bytes.popFirst(), isHexadecimal(first),
                    isHexadecimal(second)
                else { throw Malformation(reason: "it has a `%` that is not followed by two hexadecimal digits") }
            } else if !isAlphanumeric(byte), !"-._~!$&'()*+,;=:@/?".utf8.contains(byte) {
                throw Malformation(reason: "it has a character that has to be percent-encoded")
            }
        }
        return text.hasPrefix("/") ? String(text) : "/" + text
    }

    /// Shows `text` without its possibly secret parts: user, password, query.
    static func malformed(_ text: String, _ reason: String) -> Diagnostic {
        var shown = text.prefix(200).prefix { $0 != "?" && $0 != "#" }
        if let at = shown.lastIndex(of: "@") { shown = "…" + shown[at...] }
        return Diagnostic(.urlMalformed, "`\(shown)` is not an address that can be used", because: reason)
    }
}

extension HTTPURL {
    /// Whether the host is this machine by its name: `localhost`, a name under it, 127.0.0.0/8 or `[::1]`.
    package var isLoopback: Bool {
        if let address { return address.isLoopback }
        let name = origin.host.hasSuffix(".") ? String(origin.host.dropLast()) : origin.host
        return name == "localhost" || name.hasSuffix(".localhost")
    }

    /// Whether the host is a number that means a different machine on each network: loopback, private,
    /// link-local, unspecified, shared, unique-local or multicast, or an IPv6 form of such an IPv4 address.
    package var isPrivateAddressLiteral: Bool { address?.isPrivate ?? false }

    /// The host as a number; `nil` if it is a name.
    var address: IPAddress? {
        IPAddress(origin.host.hasPrefix("[") ? origin.host.dropFirst().dropLast() : origin.host[...])
    }
}

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

func isAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}

func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
}

extension Diagnostic.Code {
    package static let urlMalformed = Self("url.malformed", .verification)
}

extension HTTPURL {
    /// The address with `parameters` after those it has, percent-encoded. What is there stays as it is: the location of
    /// an upload has a query of its own that only its server understands.
    package func appending(query parameters: [(name: String, value: String)]) -> HTTPURL {
        guard !parameters.isEmpty else { return self }
        var url = self
        let separator = target.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        url.target += ("?&".contains(target.last ?? "/") ? "" : separator) + Self.query(parameters)
        return url
    }

    /// `parameters` as a query or as a form (`application/x-www-form-urlencoded`), percent-encoded: `a=1&b=2`.
    package static func query(_ parameters: [(name: String, value: String)]) -> String {
        parameters.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }.joined(separator: "&")
    }

    /// `text` as the name or value of a parameter, or as one segment of a path (RFC 3986 § 2.3).
    package static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded = [UInt8]()
        for byte in text.utf8 {
            // A colon may stay, and digests are easier to read with it.
            if isAlphanumeric(byte) || "-._~:".utf8.contains(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}

@testable import HTTP

/// Addresses and the header fields of answers.
enum URLProbe {
    static func read(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let url = try? HTTPURL(parsing: text) {
            require((try? HTTPURL(parsing: url.description)) == url, "an address is not parsed as it was printed")
            require((try? url.resolving("")) == url, "an address does not lead to itself")
            _ = url.isLoopback
        }
        let base = HTTPURL(scheme: .https, host: "example.com", target: "/v2/a/blobs/uploads/?state=1")
        if let url = try? base.resolving(text) {
            require((try? HTTPURL(parsing: url.description)) == url, "a resolved address is not one")
            require((try? base.resolving(url.description)) == url, "a resolved address is resolved again")
        }
        let query = base.appending(query: [(name: text, value: text)])
        require((try? HTTPURL(parsing: query.description)) == query, "a parameter makes an address that is not one")
        for link in LinkHeader.links(in: text) { _ = try? base.resolving(link.target) }
        if let range = ContentRange(text), let bytes = range.bytes, let total = range.total {
            require(bytes.upperBound < total, "a range is not within its whole")
        }
        if let after = RetryAfter(text) {
            for now in [Int64(0), 1_800_000_000, .max] {
                require(after.delay(now: now) >= .zero, "a server wants to be asked earlier than now")
            }
        }
        if let seconds = HTTPDate.seconds(of: text) { _ = HTTPDate.day(of: seconds) }
        _ = IPAddress(text)
        for name in ["https_proxy", "NO_PROXY"] { _ = try? ProxySettings(environment: [name: text]).proxy(for: base) }
    }
}

/// One entry of `NO_PROXY`: hosts that are asked directly.
enum ProxyException: Hashable, Sendable {
    case all
    /// A name and all names under it, or an address; on one port if it is given.
    case host(String, port: Int?)
    /// All addresses with the same first `length` bits. Names are not resolved.
    case network(IPAddress, length: Int)

    /// `nil` if the word is malformed.
    init?(_ word: some StringProtocol) {
        let text = word.lowercased()
        if text == "*" {
            self = .all
            return
        }
        if let slash = text.firstIndex(of: "/") {
            guard let address = IPAddress(text[..<slash]), let length = Int(text[text.index(after: slash)...]),
                (0...address.bytes.count * 8).contains(length)
            else { return nil }
            self = .network(address, length: length)
            return
        }
        if let address = IPAddress(text) {
            self = .network(address, length: address.bytes.count * 8)
            return
        }
        var name = text[...]
        var port: Int?
        if let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]) {
            name = text[..<colon]
            port = number
        }
        if name.hasPrefix("["), name.hasSuffix("]"), let address = IPAddress(name.dropFirst().dropLast()) {
            self = port == nil ? .network(address, length: 128) : .host(String(name), port: port)
            return
        }
        if name.hasPrefix("*.") { name = name.dropFirst() }
        if name.hasPrefix(".") { name = name.dropFirst() }
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: ":")) else { return nil }
        self = .host(String(name), port: port)
    }

    func covers(_ url: HTTPURL) -> Bool {
        switch self {
        case .all: return true
        case .network(let network, let length):
            return url.address?.hasPrefix(length, of: network) ?? false
        case .host(let name, let port):
            guard port == nil || port == url.origin.port else { return false }
            if url.origin.host == name { return true }
            return url.address == nil && url.origin.host.hasSuffix(".\(name)")
        }
    }
}

package import Diagnostics

/// Which requests go through a proxy, according to `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` in either case.
package struct ProxySettings: Hashable, Sendable {
    private var proxies: [HTTPURL.Scheme: Proxy] = [:]
    private var exceptions: [ProxyException] = []

    /// No proxy at all.
    package init() {}

    /// Variables in lower case take precedence; an empty one counts as unset.
    ///
    /// - Parameter environment: the process's variables.
    /// - Throws: `proxy.malformed`, with the variable's name and never its value.
    package init(environment: [String: String]) throws(Diagnostic) {
        for scheme in [HTTPURL.Scheme.http, .https] {
            for name in ["\(scheme.rawValue)_proxy", "all_proxy"].flatMap({ [$0, $0.uppercased()] }) {
                guard let value = environment[name], !value.isEmpty else { continue }
                proxies[scheme] = try Proxy(value, from: name)
                break
            }
        }
        let list = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        exceptions = list.split { $0 == "," || $0 == " " }.compactMap { ProxyException($0) }
    }

    /// The proxy for a request to `url`; `nil` if it is sent directly. This machine is never asked through a proxy.
    func proxy(for url: HTTPURL) -> Proxy? {
        guard !url.isLoopback, !exceptions.contains(where: { $0.covers(url) }) else { return nil }
        return proxies[url.origin.scheme]
    }
}

/// An HTTP proxy (RFC 9110 § 9.3.6). Its text form does not contain the password.
struct Proxy: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    struct Login: Hashable, Sendable {
        let username: String
        let password: String
    }

    /// The host; an IPv6 address is without brackets.
    let host: String
    let port: Int
    let login: Login?

    var description: String { "`\(host):\(port)`" }
    var debugDescription: String { description }

    /// - Parameters:
    ///   - value: `[http://][USER[:PASSWORD]@]HOST[:PORT][/]`
    ///   - variable: the variable that it is from.
    init(_ value: String, from variable: String) throws(Diagnostic) {
        let lowercase = value.lowercased()
        if let scheme = ["https", "socks", "socks4", "socks4a", "socks5", "socks5h"].first(where: {
            lowercase.hasPrefix("\($0)://")
        }) {
            throw Diagnostic(
                .proxyMalformed,
                "`\(variable)` names a proxy that uses `\(scheme)`, which coracle does not support",
                at: .option(variable),
                hint:
                    "give an address that begins with `http://`: connections to https through it stay encrypted"
            )
        }
        var rest = lowercase.hasPrefix("http://") ? value.dropFirst(7) : value[...]
        var login: Login?
        if let at = rest.lastIndex(of: "@") {
            let user = rest[..<at].prefix { $0 != ":" }
            let password = rest[user.endIndex..<at].dropFirst()
            guard let user = Self.decoded(user), let password = Self.decoded(password) else {
                throw Self.malformed(variable, "its user or password has a `%` without two hexadecimal digits")
            }
            Secrets.add(password, of: user)
            login = Login(username: user, password: password)
            rest = rest[rest.index(after: at)...]
        }
        guard let url = try? HTTPURL(parsing: "http://\(rest)"), url.target == "/" else {
            throw Self.malformed(variable, "the part after `http://` and the user is not a host with a port")
        }
        host = url.address?.bytes.count == 16 ? String(url.origin.host.dropFirst().dropLast()) : url.origin.host
        port = url.origin.port
        self.login = login
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes = [UInt8]()
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy(isHexadecimal), let byte = UInt8(Substring(digits), radix: 16)
            else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func malformed(_ variable: String, _ reason: String) -> Diagnostic {
        Diagnostic(
            .proxyMalformed,
            "`\(variable)` is not the address of a proxy",
            at: .option(variable),
            because: reason,
            hint: "write it as `http://HOST:PORT`"
        )
    }
}

extension Diagnostic.Code {
    package static let proxyMalformed = Self("proxy.malformed", .usage)
}

package import Diagnostics
import HTTP

/// The token server of a registry. The registry chooses its address, and a credential is sent to it.
struct TokenRealm: Hashable, Sendable {
    let url: HTTPURL
    /// The registry's name at the token server.
    let service: String?

    /// `nil` if `challenge` names no server.
    ///
    /// A registry must not be able to make us talk to hosts inside our own network, nor send a credential in the clear.
    /// Allowed are https, but not to an address that is a private number or this machine, unless the registry is
    /// there, too; http, to this machine if the registry is reached the same way, to the registry itself if that is how it
    /// is reached, and to hosts that the user named.
    /// - Parameter allowsPlainHTTP: whether the user named a host, as `HOST[:PORT]`.
    /// - Throws: `registry.realm-refused`.
    init?(
        _ challenge: Challenge,
        of registry: HTTPURL,
        allowsPlainHTTP: (String) -> Bool
    ) throws(Diagnostic) {
        guard let realm = challenge.parameters["realm"], !realm.isEmpty else { return nil }
        let url: HTTPURL
        do throws(Diagnostic) {
            url = try HTTPURL(parsing: realm)
        } catch {
            throw Self.refused("its `realm` is not a plain address", by: registry)
        }
        self.url = url
        service = challenge.parameters["service"]
        let isNamed = url.origin.userNames.contains(where: allowsPlainHTTP)
        if isNamed || url.origin == registry.origin { return }
        let isLocal = registry.isLoopback && url.isLoopback
        switch url.origin.scheme {
        case .http:
            guard isLocal, registry.origin.scheme == .http else {
                throw Self.refused(
                    "`\(url.origin.host)` would be spoken to without TLS",
                    by: registry,
                    hint: "if that is what you want: `--insecure-registry \(url.origin.userNames.last ?? "")`"
                )
            }
        case .https:
            let isInside = url.isLoopback || url.isPrivateAddressLiteral
            guard !isInside || isLocal || url.origin.host == registry.origin.host else {
                throw Self.refused("`\(url.origin.host)` is inside this machine's network", by: registry)
            }
        }
    }

    private static func refused(_ reason: String, by registry: HTTPURL, hint: String? = nil) -> Diagnostic {
        Diagnostic(
            .registryRealmRefused,
            "`\(registry.origin.host)` names a token server that cannot be trusted",
            because: "\(reason); no credential was sent",
            hint: hint ?? "if the registry is yours, correct the `realm` of its authentication"
        )
    }
}

extension HTTPURL.Origin {
    /// The forms in which a user can name it as a registry: `HOST:PORT`, and `HOST` if the port is the default.
    var userNames: [String] {
        port == scheme.defaultPort ? ["\(host):\(port)", host] : ["\(host):\(port)"]
    }
}

extension Diagnostic.Code {
    package static let registryRealmRefused = Self("registry.realm-refused", .verification)
}

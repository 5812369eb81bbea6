import OCI

@testable import Registry

/// `WWW-Authenticate` and what a token server says.
enum ChallengeProbe {
    static func read(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        for challenge in Challenge.parse([text]) {
            require(challenge.scheme == challenge.scheme.lowercased(), "a scheme is not in lower case")
            let repository = RepositoryName(registry: "example.com", path: "a/b")
            var scope = TokenScope(AuthorizationScope([.pull], in: repository))
            let least = scope
            for value in challenge.parameters.values { scope.insert(challenge: value) }
            require(scope.covers(least), "a scope gets smaller by what a challenge adds")
        }
        _ = try? Token(parsing: bytes, from: "probe")
    }
}

/// What is known about one registry: the authentication that it requires, and its tokens.
struct RegistryAccess: Sendable {
    enum Wish: Hashable, Sendable {
        case basic
        case token(TokenRealm)
    }

    struct KeptToken: Sendable {
        /// `Bearer …`.
        let authorization: String
        let scope: TokenScope
        let asked: ContinuousClock.Instant
        let end: ContinuousClock.Instant
        /// Whether it replaces a token that was refused.
        let isReplacement: Bool
    }

    /// A build that pushes to many repositories has a token for each.
    private static let capacity = 256
    /// A replacement that is refused sooner than this was never valid.
    private static let probation: Duration = .seconds(30)

    var wish: Wish
    private var tokens: [KeptToken] = []

    init(wish: Wish) { self.wish = wish }

    /// A token that is valid for `scope`, and will be for a while.
    func token(for scope: TokenScope, _ now: ContinuousClock.Instant) -> String? {
        tokens.last { $0.end - Token.margin > now && $0.scope.covers(scope) }?.authorization
    }

    mutating func keep(_ token: KeptToken) {
        tokens.removeAll { $0.end <= token.asked || token.scope.covers($0.scope) }
        if tokens.count >= Self.capacity { tokens.removeFirst() }
        tokens.append(token)
    }

    /// Removes a token that was refused. Returns whether it was the second in a row for `scope`, so that another would be
    /// refused, too.
    mutating func gives(up rejected: String, for scope: TokenScope, _ now: ContinuousClock.Instant) -> Bool {
        let index = tokens.lastIndex { $0.authorization == rejected }
        guard let index else { return false }
        let token = tokens.remove(at: index)
        return token.isReplacement && token.scope.covers(scope) && now - token.asked < Self.probation
    }
}

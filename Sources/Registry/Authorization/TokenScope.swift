import OCI

/// The scope of a token in the syntax of token servers: `repository:me/app:pull,push`, one for each resource.
struct TokenScope: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        /// `repository:me/app`.
        let resource: String
        var actions: Set<String>

        /// Sorted, so that what is asked does not depend on the order of a set.
        var text: String { "\(resource):\(actions.sorted().joined(separator: ","))" }
    }

    /// Largest number of scopes; no registry asks for as many.
    private static let limit = 32

    private var entries: [Entry] = []

    /// A push looks for existing blobs first, so pushing includes pulling.
    init(_ scope: AuthorizationScope) {
        insert("repository:\(scope.repository.path)", scope.actions.contains(.push) ? ["pull", "push"] : ["pull"])
        for source in scope.sources where source.registry == scope.repository.registry {
            insert("repository:\(source.path)", ["pull"])
        }
    }

    /// Adds the scopes that a challenge asks for, separated by spaces. Malformed ones are ignored.
    mutating func insert(challenge text: String) {
        for scope in text.split(separator: " ") {
            guard
                scope.utf8.count <= 512, scope.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
                let colon = scope.lastIndex(of: ":"), colon != scope.startIndex
            else { continue }
            let actions = scope[scope.index(after: colon)...].split(separator: ",").map(String.init)
            if !actions.isEmpty { insert(String(scope[..<colon]), actions) }
        }
    }

    private mutating func insert(_ resource: String, _ actions: [String]) {
        if let index = entries.firstIndex(where: { $0.resource == resource }) {
            entries[index].actions.formUnion(actions)
        } else if entries.count < Self.limit {
            entries.append(Entry(resource: resource, actions: Set(actions)))
        }
    }

    /// One text for each resource, those to push to first: some token servers read only the first.
    var texts: [String] {
        let pushed = entries.filter { $0.actions.contains("push") }
        return (pushed + entries.filter { !$0.actions.contains("push") }).map(\.text)
    }

    /// Whether a token for this scope also covers `other`.
    func covers(_ other: TokenScope) -> Bool {
        other.entries.allSatisfy { wanted in
            entries.contains { $0.resource == wanted.resource && $0.actions.isSuperset(of: wanted.actions) }
        }
    }
}

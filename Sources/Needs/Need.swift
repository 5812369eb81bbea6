/// Something that a program asks of the image it runs in, besides its loader and libraries.
package enum Need: String, CaseIterable, Hashable, Comparable, Sendable {
    /// A bundle of certificate authorities, to verify servers.
    case certificates
    /// Time zones by name.
    case zones
    /// Names of users and groups.
    case accounts
    /// A directory for files that last no longer than it does.
    case temporaryFiles = "temporary-files"
    /// Addresses of hosts, by name.
    case nameLookup = "name-lookup"
    /// A shell.
    case shell
    /// Media types of files, by the endings of their names.
    case mediaTypes = "media-types"

    package static func < (left: Need, right: Need) -> Bool { left.order < right.order }

    private var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What is known of one need, and what from.
package enum NeedAnswer: Hashable, Sendable {
    /// The code that asks for it is in the program. That it is linked does not say that it is ever called.
    case needed(String)
    /// Something hints at it.
    case likely(String)
    /// It cannot be seen.
    case unknown(String)
    /// The program carries its own, and takes the image's where there is one.
    case carried(String)
    /// Nothing in the program asks for it.
    case unneeded(String)

    /// What shows it: words that follow a colon.
    package var reason: String {
        switch self {
        case .needed(let reason), .likely(let reason), .unknown(let reason), .carried(let reason),
            .unneeded(let reason):
            reason
        }
    }

    /// Whether an image without it would be a risk.
    package var isWanted: Bool {
        switch self {
        case .needed, .likely, .unknown: true
        case .carried, .unneeded: false
        }
    }

    /// One word, for programs that read it.
    package var word: String {
        switch self {
        case .needed: "needed"
        case .likely: "likely"
        case .unknown: "unknown"
        case .carried: "carried"
        case .unneeded: "unneeded"
        }
    }

    /// Which of two programs' answers counts for an image of both: the one that asks for more.
    package var weight: Int {
        switch self {
        case .needed: 4
        case .likely: 3
        case .unknown: 2
        case .carried: 1
        case .unneeded: 0
        }
    }
}

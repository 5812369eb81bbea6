/// What an application directory is, by the files that its ecosystem has.
package enum ApplicationKind: String, CaseIterable, Hashable, Sendable {
    case node = "Node.js"
    case python = "Python"
    case java = "Java"
    case dotnet = ".NET"
    case ruby = "Ruby"
    case staticSite = "static site"

    /// To follow "it is", with its article.
    package var description: String {
        switch self {
        case .staticSite: "a static site"
        case .node, .python, .java, .dotnet, .ruby: "a \(rawValue) application"
        }
    }

    /// The base of the catalogue that runs it; nil where there is none.
    var catalogueBase: String? {
        switch self {
        case .node: "debian13/nodejs"
        case .python: "debian13/python3"
        case .java: "debian13/java-headless"
        case .staticSite: "debian13/static:debug"
        case .dotnet, .ruby: nil
        }
    }

    /// A base of someone else's, for what the catalogue has none for.
    package var thirdPartyBase: String? {
        switch self {
        case .dotnet: "mcr.microsoft.com/dotnet/aspnet:8.0"
        case .ruby: "docker.io/library/ruby:3.4-slim"
        case .node, .python, .java, .staticSite: nil
        }
    }
}

/// What an application directory was recognised as: how it is started, and what it stands on.
package struct RecognizedApplication: Hashable, Sendable {
    package let kind: ApplicationKind
    /// The file that shows it, and what else was gone by.
    package let evidence: String
    /// The base of the catalogue.
    package let base: String?
    /// What runs it, by the name that bases have it by: `node`.
    package let interpreter: String
    /// What follows the interpreter.
    package let arguments: [String]
    /// `NAME=VALUE`.
    package var environment: [String] = []
    package var ports: [String] = []
    /// Relative to the directory: what others wrote, and changes less often than the rest.
    package var dependencies: [String] = []
}

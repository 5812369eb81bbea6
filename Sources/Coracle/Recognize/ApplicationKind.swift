/// What an application directory is, by the files that its ecosystem has.
enum ApplicationKind: String, CaseIterable, Hashable, Sendable {
    case node = "Node.js"
    case python = "Python"
    case java = "Java"
    case dotnet = ".NET"
    case ruby = "Ruby"
    case staticSite = "static site"

    /// To follow "it is", with its article.
    var description: String {
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
    var foreignBase: String? {
        switch self {
        case .dotnet: "mcr.microsoft.com/dotnet/aspnet:8.0"
        case .ruby: "docker.io/library/ruby:3.4-slim"
        case .node, .python, .java, .staticSite: nil
        }
    }
}

/// What an application directory was recognised as: how it is started, and what it stands on.
struct RecognizedApplication: Hashable, Sendable {
    let kind: ApplicationKind
    /// The file that shows it, and what else was gone by.
    let evidence: String
    /// The base of the catalogue.
    let base: String?
    /// What runs it, by the name that bases have it by: `node`.
    let interpreter: String
    /// What follows the interpreter.
    let arguments: [String]
    /// `NAME=VALUE`.
    var environment: [String] = []
    var ports: [String] = []
    /// Relative to the directory: what others wrote, and changes less often than the rest.
    var dependencies: [String] = []
}

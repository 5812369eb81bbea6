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

    /// The base of the catalogue that runs it; `nil` if there is none.
    package var catalogueBase: String? {
        switch self {
        case .node: "debian13/nodejs"
        case .python: "debian13/python3"
        case .java: "debian13/java-headless"
        case .staticSite: "debian13/static:debug"
        case .dotnet, .ruby: nil
        }
    }

    /// What runs it, by the name that bases have it by.
    package var interpreter: String {
        switch self {
        case .node: "node"
        case .python: "python3"
        case .java: "java"
        case .dotnet: "dotnet"
        case .ruby: "ruby"
        case .staticSite: "/busybox/busybox"
        }
    }

    /// The version of Java that `catalogueBase` has.
    package static let catalogueJava = 21

    /// A third-party base, for applications that no base of the catalogue runs.
    package var thirdPartyBase: String? {
        switch self {
        case .dotnet: "mcr.microsoft.com/dotnet/aspnet:8.0"
        case .ruby: "docker.io/library/ruby:3.4-slim"
        case .node, .python, .java, .staticSite: nil
        }
    }
}

extension ApplicationKind {
    /// The kind that `program` runs, such as `/usr/bin/python3.13`; `nil` if it runs none of them.
    package init?(interpreter program: String) {
        let name = program.split(separator: "/").last ?? ""
        // Versions are part of many names.
        switch String(name.prefix { !$0.isNumber && $0 != "." }) {
        case "node", "nodejs": self = .node
        case "python": self = .python
        case "java": self = .java
        case "dotnet": self = .dotnet
        case "ruby": self = .ruby
        default: return nil
        }
    }
}

/// What an application directory was recognised as: how it is started, and what it stands on.
package struct RecognizedApplication: Hashable, Sendable {
    package let kind: ApplicationKind
    /// The file that shows it, and what else the decision rests on.
    package var evidence: String
    /// The base of the catalogue.
    package var base: String?
    /// Why that base, and not the usual one of its kind; or why the catalogue has none.
    package var baseReason: String?
    /// A third-party base that runs it, if the catalogue has none.
    package var thirdPartyBase: String?
    /// What runs it, by the name that bases have it by: `node`.
    package var interpreter: String
    /// What follows the interpreter; empty if it is not known what starts.
    package var arguments: [String]
    /// `NAME=VALUE`.
    package var environment: [String] = []
    package var ports: [String] = []
    /// Third-party code, which changes less often than the rest. Relative to the directory.
    package var dependencies: [String] = []
    /// Whether each of `dependencies` is a layer, in their order.
    package var isLayered = false
    /// What the user states in the directory and the image does not do, in sentences.
    package var passedOver: [String] = []
    /// Which Java its main class needs; `nil` for other kinds, and where that cannot be seen.
    package var classes: ClassVersion?
    /// What keeps it from starting although it is known how it starts.
    package var problem: Problem?

    /// Something that is missing or does not fit, found before the image is made.
    package struct Problem: Hashable, Sendable {
        package let summary: String
        package let reason: String
        package let hint: String
    }

    package init(
        kind: ApplicationKind,
        evidence: String,
        base: String?,
        interpreter: String,
        arguments: [String] = [],
        environment: [String] = [],
        ports: [String] = [],
        dependencies: [String] = []
    ) {
        self.kind = kind
        self.evidence = evidence
        self.base = base
        self.interpreter = interpreter
        self.arguments = arguments
        self.environment = environment
        self.ports = ports
        self.dependencies = dependencies
        thirdPartyBase = kind.thirdPartyBase
    }

    /// The same, started by `arguments`.
    package func starting(_ arguments: [String]) -> RecognizedApplication {
        var application = self
        application.arguments = arguments
        return application
    }
}

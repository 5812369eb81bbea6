import ByteIO

/// A kind of source, by the files that say so, and by the toolchain that builds it.
package enum Ecosystem: String, CaseIterable, Hashable, Sendable {
    case go, cargo, swift, maven, gradle, python, node

    /// Files at a project's top. Those of several ecosystems may be there: the first is built.
    var manifests: [String] {
        switch self {
        case .go: ["go.mod", "go.work"]
        case .cargo: ["Cargo.toml"]
        case .swift: ["Package.swift"]
        case .maven: ["pom.xml"]
        case .gradle: ["settings.gradle", "settings.gradle.kts", "build.gradle", "build.gradle.kts"]
        case .python: ["requirements.txt", "pyproject.toml"]
        case .node: ["package.json"]
        }
    }

    /// To follow "it is source of".
    var language: String {
        switch self {
        case .go: "Go"
        case .cargo: "Rust"
        case .swift: "Swift"
        case .maven, .gradle: "Java"
        case .python: "Python"
        case .node: "Node.js"
        }
    }

    /// The ecosystem whose manifest a file called `name` is.
    init?(manifest name: String) {
        guard let found = Self.allCases.first(where: { $0.manifests.contains(name) }) else { return nil }
        self = found
    }

    /// Whether a manifest is at the top of `directory`.
    func isIn(_ directory: FilePath) -> Bool {
        manifests.contains { SourceProject.isFile(directory.appending($0)) }
    }
}

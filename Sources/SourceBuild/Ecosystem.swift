import Applications
import ByteIO
import Diagnostics
import OCI

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
        case .python: ["requirements.txt", "pyproject.toml", "Pipfile.lock"]
        case .node: ["package.json"]
        }
    }

    /// To follow "it is source of".
    package var language: String {
        switch self {
        case .go: "Go"
        case .cargo: "Rust"
        case .swift: "Swift"
        case .maven, .gradle: "Java"
        case .python: "Python"
        case .node: "Node.js"
        }
    }

    /// Whether source is not what runs.
    var isCompiled: Bool { kind == nil }

    /// What the source is already, before its packages are installed; `nil` if source is not what runs.
    var kind: ApplicationKind? {
        switch self {
        case .python: .python
        case .node: .node
        case .go, .cargo, .swift, .maven, .gradle: nil
        }
    }

    /// The toolchain's own variables, without those that a platform decides. `*` is any end.
    var variables: [String] {
        switch self {
        case .go:
            [
                "CGO_CFLAGS", "CGO_CFLAGS_ALLOW", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_ENABLED", "CGO_LDFLAGS",
                "CGO_LDFLAGS_ALLOW", "GO111MODULE", "GO386", "GOAMD64", "GOARM64", "GOAUTH", "GOCACHE",
                "GOCACHEPROG", "GODEBUG", "GOENV", "GOEXPERIMENT", "GOFIPS140", "GOFLAGS", "GOINSECURE",
                "GOMODCACHE", "GONOPROXY", "GONOSUMDB", "GOPATH", "GOPPC64", "GOPRIVATE", "GOPROXY", "GORISCV64",
                "GOROOT", "GOSUMDB", "GOVCS", "GOWORK",
            ]
        case .cargo: ["CARGO_*", "CFLAGS*", "CC_*", "OPENSSL_*", "RUSTC*", "RUSTFLAGS", "RUSTUP_*", "AR_*", "CXX*"]
        case .swift: ["SWIFT_*", "SWIFTPM_*", "SWIFTLY_*"]
        case .maven, .gradle: ["JAVA_HOME", "JAVA_TOOL_OPTIONS", "MAVEN_*", "GRADLE_*", "JDK_*"]
        case .python: ["PIP_*", "UV_*", "PYENV_*", "REQUESTS_CA_BUNDLE", "CFLAGS", "LDFLAGS"]
        case .node: ["npm_config_*", "NPM_*", "NODE_EXTRA_CA_CERTS", "PNPM_*", "YARN_*", "NVM_*", "VOLTA_HOME"]
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

/// How source of one ecosystem becomes what goes in an image.
protocol Recipe {
    init(_ project: SourceProject, _ workshop: Workshop) throws(Diagnostic)

    /// For each platform, in their order: a program, or a directory that the planner takes as if the user had brought it.
    func products(for platforms: [Platform]) async throws(Diagnostic) -> [FilePath]
}

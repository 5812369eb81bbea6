import ByteIO
import OCI

/// A `package.json`, as far as it says what has to be done before the package starts.
struct NodeManifest {
    let hasDependencies: Bool
    /// Whether `npm run build` does something.
    let hasBuildScript: Bool

    /// `nil` if there is none that can be read.
    init?(at directory: FilePath) {
        guard let bytes = try? OpenFile.content(of: directory.appending("package.json"), limit: 4 << 20),
            let json = try? JSON(parsing: bytes, named: "package.json")
        else { return nil }
        hasDependencies = ["dependencies", "workspaces"].contains { name in
            !(json[name]?.objectValue?.members.isEmpty ?? true) || !(json[name]?.arrayValue?.isEmpty ?? true)
        }
        hasBuildScript = json["scripts"]?["build"]?.stringValue.map { !$0.isEmpty } ?? false
    }
}

/// The program that installs packages of Node.js: the one whose lock file is there.
enum NodeManager: String, CaseIterable {
    case npm, pnpm, yarn

    /// Names of the program; Debian has another tool called yarn.
    var programs: [String] { self == .yarn ? ["yarn", "yarnpkg"] : [rawValue] }

    private var locks: [String] {
        switch self {
        case .npm: ["package-lock.json", "npm-shrinkwrap.json"]
        case .pnpm: ["pnpm-lock.yaml"]
        case .yarn: ["yarn.lock"]
        }
    }

    init?(at directory: FilePath) {
        let found = Self.allCases.first { $0.lock(in: directory) != nil }
        guard let found else { return nil }
        self = found
    }

    func lock(in directory: FilePath) -> FilePath? {
        locks.lazy.map { directory.appending($0) }.first { SourceProject.isFile($0) }
    }
}

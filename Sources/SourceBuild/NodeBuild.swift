import ByteIO
import Diagnostics
import Glibc
import OCI
import Plan

/// Installs what a lock file of Node.js names, and runs the package's own build script if it has one.
struct NodeBuild: Recipe {
    private let project: SourceProject
    private let workshop: Workshop
    private let manager: NodeManager
    private let lock: FilePath
    private let tool: BuildTool

    init(_ project: SourceProject, _ workshop: Workshop) throws(Diagnostic) {
        (self.project, self.workshop) = (project, workshop)
        guard let manager = NodeManager(at: project.directory), let lock = manager.lock(in: project.directory) else {
            throw Diagnostic(
                .sourceNoLock,
                "`\(project.typed.display)` has no lock file",
                at: .file(path: project.typed.display),
                because: "it does not say which versions of its packages are meant",
                hint: "make one and commit it: `npm install --package-lock-only`"
            )
        }
        (self.manager, self.lock) = (manager, lock)
        tool = try BuildTool(oneOf: manager.programs, for: "there is a `\(lock.name)`", in: workshop)
    }

    func products(for platforms: [Platform]) async throws(Diagnostic) -> [FilePath] {
        noteScripts()
        var products = [FilePath]()
        for platform in platforms { products.append(try await product(for: platform)) }
        return products
    }

    private func product(for platform: Platform) async throws(Diagnostic) -> FilePath {
        let stage = try Stage(
            of: project,
            for: platform,
            leavingOut: ["node_modules"],
            keeping: ["node_modules"],
            workshop
        ).directory
        let words = try await project.words(in: workshop)
        var environment = workshop.environment(.node, words)
        environment.stated["CI"] = "1"
        if manager == .yarn {
            environment.stated["YARN_ENABLE_SCRIPTS"] = "0"
            environment.stated["YARN_NODE_LINKER"] = "node-modules"
        }
        let commands = Commands(
            project: project,
            workshop: workshop,
            platform: platform,
            environment: environment,
            shown: [(workshop.directory, "OUT")]
        )
        let hasBuild = NodeManifest(at: project.directory)?.hasBuildScript ?? false
        if hasBuild {
            try await commands.run(tool, install(for: platform, isForBuild: true) + words.flags, in: stage)
            try await commands.run(tool, ["run", "build"], in: stage)
            // What the build needed is not for the image.
            deleteTree(stage.appending("node_modules"))
        }
        try await commands.run(tool, install(for: platform, isForBuild: false) + words.flags, in: stage)
        if manager == .yarn, isNewYarn {
            try await commands.run(tool, ["workspaces", "focus", "--production"], in: stage)
        }
        for name in [".package-lock.json", ".cache", ".yarn-state.yml", ".yarn-integrity", ".modules.yaml"] {
            deleteTree(stage.appending("node_modules").appending(name))
        }
        return stage
    }

    /// The words that install what the lock says, and nothing else.
    private func install(for platform: Platform, isForBuild: Bool) -> [String] {
        var words: [String]
        switch manager {
        case .npm:
            words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
            if !isForBuild {
                // Packages with compiled parts are chosen for the image, not for this machine.
                words += ["--omit=dev", "--os=linux", "--cpu=\(processor(platform))", "--libc=glibc"]
            }
            if workshop.isOffline { words.append("--offline") }
        case .pnpm:
            words = ["install", "--frozen-lockfile", "--ignore-scripts"] + (isForBuild ? [] : ["--prod"])
            if workshop.isOffline { words.append("--offline") }
        case .yarn where isNewYarn: words = ["install", "--immutable"]
        case .yarn:
            words = ["install", "--frozen-lockfile", "--ignore-scripts", "--non-interactive"]
            words += isForBuild ? [] : ["--production"]
            if workshop.isOffline { words.append("--offline") }
        }
        return words
    }

    /// Node's own name (`process.arch`).
    private func processor(_ platform: Platform) -> String {
        switch platform.architecture {
        case "amd64": "x64"
        case "386": "ia32"
        case "ppc64le": "ppc64"
        default: platform.architecture
        }
    }

    /// Whether the lock is of a yarn after 1, which has other options.
    private var isNewYarn: Bool {
        let bytes = (try? OpenFile.content(of: lock, limit: 64 << 20)) ?? []
        return String(decoding: bytes, as: UTF8.self).contains("__metadata:")
    }

    /// Packages whose install scripts would compile or download something.
    private func noteScripts() {
        guard manager == .npm, let bytes = try? OpenFile.content(of: lock, limit: 64 << 20),
            let json = try? JSON(parsing: bytes, named: lock.display)
        else { return }
        let names = (json["packages"]?.objectValue?.members ?? []).filter { member in
            member.value["hasInstallScript"]?.boolValue ?? false && !(member.value["dev"]?.boolValue ?? false)
        }.map { $0.key.split(separator: "node_modules/").last.map(String.init) ?? $0.key }
        guard let first = names.first else { return }
        workshop.note(
            Diagnostic(
                .sourceScriptsNotRun,
                "the install script of `\(first)` is not run"
                    + (names.count > 1 ? " (and \(names.count - 1) more)" : ""),
                at: .file(path: lock.name),
                because: "it would compile or download something for this machine, and not for the image's",
                hint: "if the package needs it, install the packages in the directory yourself, and build again"
            )
        )
    }
}

extension Diagnostic.Code {
    static let sourceNoLock = Self("source.no-lock", .input)
    static let sourceScriptsNotRun = Self("source.scripts-not-run", .input)
}

import Dockerfiles

/// Where the files of a Dockerfile's stages are from: the build context, what is built of it, or another image.
struct StageSource {
    enum Origin: Hashable {
        /// A path of the build context, and the commands that run over it in the stage.
        case context(String, after: [BuildCommand])
        /// A program that a command makes.
        case built(BuildCommand, directory: String)
        /// What coracle adds by itself: what, as a noun.
        case runtime(String)
        /// Another image's.
        case image(String)
        case unknown
    }

    /// A file or a directory that `COPY` has brought.
    private struct Copied {
        /// In the stage.
        let place: String
        /// In the build context, or in `stage`.
        let source: String
        /// `nil` for the build context.
        let stage: Int?
    }

    private let stages: DockerfileStages
    private let files: ProjectFiles
    private var copied: [[Copied]] = []
    private(set) var commands: [[BuildCommand]] = []
    /// Commands that may change what is copied out of the stage, and that nothing stands for.
    private(set) var others: [[(text: String, line: Int)]] = []
    /// Account names with the numbers that `useradd` and others give them.
    private(set) var accounts: [Accounts] = []

    /// Reads the stages before `limit`.
    init(_ stages: DockerfileStages, before limit: Int, _ files: ProjectFiles) {
        self.stages = stages
        self.files = files
        for index in 0..<limit { read(index) }
    }

    private mutating func read(_ index: Int) {
        var (directory, copied, commands) = ("/", [Copied](), [BuildCommand]())
        var others: [(text: String, line: Int)] = []
        var variables = StageVariables()
        var accounts = Accounts()
        // What golang's images start in.
        if stages.chain(of: index).base.value.contains("golang") { directory = "/go" }
        for step in stages.chain(of: index).steps {
            switch step.content {
            case .directory(let text): directory = ImagePath.absolute(text.value, in: directory)
            case .environment(let pairs), .argument(let pairs): variables.set(pairs, step.name)
            case .copy(let copy):
                let stage = copy.from.map { stages.index(of: $0.value, before: index) }
                // It is a file of another image.
                if case .some(.none) = stage { continue }
                for source in copy.sources {
                    let place = CopyPlace(copy, of: source.value, in: directory) { path in
                        stage == nil ? files.kind(path) : nil
                    }
                    let from =
                        stage == nil ? ImagePath.relative(source.value) : ImagePath.absolute(source.value, in: "/")
                    copied.append(Copied(place: place.path, source: from, stage: stage ?? nil))
                }
            case .run(.shell(let line), let documents):
                for placed in ShellCommands.placed(line, documents, variables, in: directory) {
                    let words = Array(placed.command.program)
                    accounts.read(words)
                    let build = BuildCommand(
                        placed.command,
                        placeholders: placed.placeholders,
                        in: placed.directory,
                        line: step.line
                    )
                    if let build {
                        commands.append(build)
                    } else if !Self.isPreparation(words) {
                        others.append((placed.command.shown, step.line))
                    }
                }
            default: continue
            }
        }
        self.copied.append(copied)
        self.commands.append(commands)
        self.others.append(others)
        self.accounts.append(accounts)
    }

    /// Whether a command only prepares what compiles, or is about packages, accounts and leftovers.
    private static func isPreparation(_ words: [String]) -> Bool {
        let programs: Set<String> = [
            "apt-get", "apt", "apk", "dnf", "yum", "microdnf", "set", "cd", "echo", "mkdir", "touch", "rm", "useradd",
            "adduser", "groupadd", "addgroup", "rustup", "corepack", "strip", "upx", "git", "export", "true", "java",
            "chmod", "chown", "update-ca-certificates", "curl", "wget", "ls", "pwd",
        ]
        let tools: Set<String> = [
            "go", "cargo", "swift", "npm", "yarn", "pnpm", "pip", "pip3", "poetry", "mvn", "gradle",
        ]
        guard let first = words.first.map(ImagePath.name) else { return true }
        if programs.contains(first) { return true }
        return tools.contains(first) && words.dropFirst().first != "generate"
    }

    /// What `path` of the stage `index` is.
    func origin(of path: String, in index: Int, depth: Int = 0) -> Origin {
        guard depth < 20 else { return .unknown }
        // The last command that makes it, as builders work in their order.
        let isOfContext = context(of: path, in: index).flatMap { files.kind($0) } != nil
        if let command = commands[index].last(where: { $0.makes(path) && ($0.output != nil || !isOfContext) }) {
            return .built(command, directory: context(of: command.directory, in: index) ?? ".")
        }
        if let name = Self.runtime(path) { return .runtime(name) }
        let nearest = copied[index].filter { ImagePath.rest(of: path, below: $0.place) != nil }
            .max { $0.place.utf8.count < $1.place.utf8.count }
        let java = commands[index].last { $0.tool == .maven || $0.tool == .gradle }
        if let nearest, let rest = ImagePath.rest(of: path, below: nearest.place) {
            if let stage = nearest.stage {
                return origin(of: ImagePath.absolute(rest, in: nearest.source), in: stage, depth: depth + 1)
            }
            let source = ImagePath.joined(nearest.source, rest)
            if java == nil || files.kind(source) != nil { return .context(source, after: commands[index]) }
        }
        // A Java build takes its archive apart in any directory.
        if let java { return .built(java, directory: context(of: java.directory, in: index) ?? ".") }
        // `node_modules` beside a `package.json` that was copied alone.
        for command in commands[index].reversed() where command.directory != "/" {
            guard let rest = ImagePath.rest(of: path, below: command.directory) else { continue }
            let directory = context(of: command.directory, in: index) ?? "."
            return .context(ImagePath.joined(directory, rest), after: commands[index])
        }
        let base = stages.chain(of: index).base
        return commands[index].isEmpty && base.obstacle == nil ? .image(base.value) : .unknown
    }

    /// The directory of the build context that is at `path` of the stage.
    private func context(of path: String, in index: Int) -> String? {
        let nearest = copied[index].filter { $0.stage == nil && ImagePath.rest(of: path, below: $0.place) != nil }
            .max { $0.place.utf8.count < $1.place.utf8.count }
        guard let nearest, let rest = ImagePath.rest(of: path, below: nearest.place) else { return nil }
        // A file that was copied into the directory says nothing of the directory.
        if nearest.place == path, files.isFile(nearest.source) { return nil }
        return ImagePath.joined(nearest.source, rest)
    }

    /// Files that every image of coracle's has.
    static func runtime(_ path: String) -> String? {
        let parts: [(prefix: String, name: String)] = [
            ("/etc/ssl", "certificates"), ("/etc/pki", "certificates"), ("/usr/share/ca-certificates", "certificates"),
            ("/usr/share/zoneinfo", "time zones"), ("/usr/local/go/lib/time/zoneinfo.zip", "time zones"),
            ("/etc/passwd", "accounts"), ("/etc/group", "accounts"), ("/etc/nsswitch.conf", "name lookup"),
        ]
        return parts.first { ImagePath.rest(of: path, below: $0.prefix) != nil }?.name
    }
}

/// The arguments and the environment of a stage, as far as they are known.
struct StageVariables {
    private(set) var values: [String: String] = [:]
    /// The same with `{version}` and the like for arguments that a builder is given for that.
    private(set) var placeholders: [String: String] = [:]

    mutating func set(_ pairs: [DockerfilePair], _ instruction: String) {
        for pair in pairs {
            let value = pair.value.flatMap { $0.obstacle == nil ? $0.value : nil }
            values[pair.name] = value
            placeholders[pair.name] = instruction == "ARG" ? Self.placeholder(pair.name) ?? value : value
        }
    }

    private static func placeholder(_ name: String) -> String? {
        let parts = name.uppercased().split(separator: "_")
        if parts.contains("VERSION") || name.uppercased() == "TAG" || name.uppercased() == "GIT_TAG" {
            // A toolchain's version is another thing.
            return ["GO", "GOLANG", "RUST", "NODE", "ALPINE", "DEBIAN", "PYTHON"].contains { parts.first ?? "" == $0 }
                ? nil : "{version}"
        }
        if !Set(parts).isDisjoint(with: ["COMMIT", "REVISION", "SHA", "REF"]) { return "{commit}" }
        return parts.contains("DATE") || parts.contains("TIME") ? "{date}" : nil
    }
}

/// Where a `COPY` puts a source.
struct CopyPlace {
    /// An absolute path in the image, of the file or of the directory whose content is copied.
    let path: String
    let isDirectory: Bool

    /// - Parameter kind: says what a source is, where that is known.
    init(_ copy: DockerfileCopy, of source: String, in directory: String, _ kind: (String) -> ProjectFiles.Kind?) {
        let destination = copy.destination.value
        let place = ImagePath.absolute(destination, in: directory)
        let isInto =
            destination.hasSuffix("/") || destination.hasSuffix("/.") || [".", ".."].contains(destination)
            || copy.sources.count > 1 || place == directory || Self.usual.contains(place)
        let name = ImagePath.name(source)
        switch kind(ImagePath.relative(source)) {
        case .directory?: isDirectory = true
        case .file?: isDirectory = false
        case nil:
            let looksLikeFile = name.dropFirst().contains(".") || source.contains("*")
            // A program has the name of its place, or goes into a directory of programs.
            let isSame = !isInto && ImagePath.name(place) == name && !Self.directories.contains(name)
            let isProgram = isSame || Self.programs.contains(place)
            isDirectory = name.isEmpty || source.hasSuffix("/") || !looksLikeFile && !isProgram
        }
        path = isDirectory || !isInto ? place : ImagePath.absolute(name, in: place)
    }

    private static let programs: Set<String> = ["/bin", "/usr/bin", "/usr/local/bin", "/usr/sbin", "/usr/local/sbin"]
    /// Names that programs do not have.
    private static let directories: Set<String> = [
        "dist", "build", "public", "out", "static", "assets", "node_modules", "vendor", "www", "html", "templates",
        "migrations", "config", "conf", "etc", "lib", "bin", "app", "src", "target", "data", "site",
    ]
    /// Directories that images have.
    private static let usual = programs.union(["/", "/etc", "/opt", "/srv", "/usr", "/tmp", "/var", "/root", "/lib"])
}

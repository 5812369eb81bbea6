import Dockerfiles

/// A command of an earlier stage that makes something of the source.
struct BuildCommand: Hashable {
    enum Tool: String {
        case go, cargo, swift, maven, gradle, node, python
        /// Another one, which coracle does not start.
        case other
    }

    let tool: Tool
    /// Where it runs, in the stage.
    let directory: String
    /// As it is written.
    let text: String
    let line: Int
    /// Go's packages as they are named; Cargo's and Swift's programs.
    var packages: [String] = []
    /// Those that Cargo was asked for with `--bin`.
    var programs: [String] = []
    /// Where the program goes, in the stage; `nil` for the tool's usual place.
    var output: String?
    /// Whether `output` is a directory for sure.
    var isOutputDirectory = false
    var ldflags: [String] = []
    var tags: [String] = []
    var flags: [String] = []
    var environment: [String: String] = [:]

    /// The command that `command` is; `nil` if it builds nothing, or with another tool.
    ///
    /// - Parameters:
    ///   - placeholders: the same command with `{version}` and the like in the place of a builder's arguments.
    ///   - directory: where it runs, in the stage.
    init?(
        _ command: ShellCommands.Command,
        placeholders: ShellCommands.Command,
        in directory: String,
        line: Int
    ) {
        let words = Array(command.program)
        guard let first = words.first else { return nil }
        let verb = words.dropFirst().first { !$0.hasPrefix("-") && !$0.hasPrefix("+") } ?? ""
        let tool: Tool? =
            switch (ImagePath.name(first), verb) {
            case ("go", "build"), ("go", "install"): .go
            case ("cargo", "build"), ("cargo", "install"), ("cargo", "b"), ("cargo", "zigbuild"): .cargo
            case ("swift", "build"): .swift
            case ("mvn", _), ("mvnw", _): .maven
            case ("gradle", _), ("gradlew", _): .gradle
            case ("npm", "ci"), ("npm", "install"), ("npm", "i"), ("npm", "run"), ("yarn", _), ("pnpm", _), ("bun", _):
                .node
            case ("npx", _), ("corepack", _): nil
            case ("pip", "install"), ("pip", "wheel"), ("pip3", "install"), ("pip3", "wheel"), ("poetry", _), ("uv", _),
                ("pipenv", _), ("pdm", _):
                .python
            case ("python", "pip"), ("python3", "pip"): .python
            case (let name, _) where Self.others.contains(name): .other
            default: nil
            }
        guard let tool else { return nil }
        self.tool = tool
        self.directory = directory
        text = command.shown
        self.line = line
        for (name, value) in placeholders.assignments { environment[name] = value }
        switch tool {
        case .go: readGo(words, Array(placeholders.program))
        case .cargo: readCargo(words)
        case .swift: output = ImagePath.absolute(".build/release", in: directory)
        case .maven, .gradle, .node, .python, .other: break
        }
    }

    private static let others: Set<String> = [
        "composer", "bundle", "make", "cmake", "ninja", "meson", "hugo", "jekyll", "mkdocs", "zola", "dotnet", "mix",
        "sbt", "lein", "bazel", "just", "rake", "tsc", "vite", "ng",
    ]

    /// Flags of `go build` whose value is the next word.
    private static let goValues: Set<String> = [
        "o", "ldflags", "tags", "mod", "modfile", "gcflags", "asmflags", "gccgoflags", "p", "buildmode",
        "installsuffix", "pkgdir", "overlay", "pgo", "toolexec", "C", "compiler", "covermode", "coverpkg", "buildvcs",
    ]
    /// Those that coracle sets by itself, or that say nothing of the program.
    private static let goUsual: Set<String> = [
        "a", "v", "x", "trimpath", "installsuffix", "buildvcs", "p", "o", "ldflags", "tags", "C",
    ]

    private mutating func readGo(_ words: [String], _ placeholders: [String]) {
        let isInstall = words.dropFirst().first == "install"
        var rest = Array(zip(words, placeholders)).dropFirst(2)
        while let (word, written) = rest.popFirst() {
            guard word.hasPrefix("-") else {
                packages.append(word)
                continue
            }
            let parts = written.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0].drop { $0 == "-" })
            var value = parts.count == 2 ? String(parts[1]) : nil
            var known = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first
                .map(String.init)
            if value == nil, Self.goValues.contains(name), name != "buildvcs", let next = rest.popFirst() {
                (known, value) = (next.0, next.1)
            }
            switch name {
            case "o":
                output = known.map { ImagePath.absolute($0, in: directory) }
                isOutputDirectory = known?.hasSuffix("/") ?? false
            case "ldflags": ldflags = Self.linkerFlags(value ?? "")
            case "tags": tags = (value ?? "").split { ", ".contains($0) }.map(String.init)
            case _ where Self.goUsual.contains(name): break
            default: flags.append(value.map { "-\(name)=\($0)" } ?? written)
            }
        }
        if isInstall {
            output = environment["GOBIN"] ?? "/go/bin"
            isOutputDirectory = true
        }
        // The platform and coracle itself decide these.
        for name in ["GOOS", "GOARCH", "GOARM", "GOAMD64", "GO111MODULE", "GOTOOLCHAIN", "GOBIN"] {
            environment[name] = nil
        }
        if environment["CGO_ENABLED"] == "0" { environment["CGO_ENABLED"] = nil }
        if packages.isEmpty { packages = ["."] }
    }

    /// `-X main.version=1` and others, a flag with its value each, without those that coracle has.
    private static func linkerFlags(_ text: String) -> [String] {
        var words = ShellCommands(text, [:]).commands.first?.words[...] ?? []
        var flags = [String]()
        while let word = words.popFirst() {
            switch word {
            case "-s", "-w", "-extldflags": if word == "-extldflags" { _ = words.popFirst() }
            case "-X": if let value = words.popFirst() { flags.append("-X \(value)") }
            case _ where word.hasPrefix("-extldflags="): break
            default: flags.append(word)
            }
        }
        return flags
    }

    private mutating func readCargo(_ words: [String]) {
        let isInstall = words.contains("install")
        var (profile, target, root) = ("debug", String?.none, String?.none)
        var place = environment["CARGO_TARGET_DIR"]
        var rest = words.dropFirst(2)
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            func value() -> String? { parts.count == 2 ? parts[1] : rest.popFirst() }
            switch parts[0] {
            case "--release", "-r": profile = "release"
            case "--profile": profile = value() ?? profile
            case "--target": target = value()
            case "--target-dir": place = value()
            case "--root": root = value()
            case "--bin": if let name = value() { programs.append(name) }
            case "-p", "--package": if let name = value() { packages.append(name) }
            case "--features", "-F": tags += (value() ?? "").split { ", ".contains($0) }.map(String.init)
            case "--no-default-features", "--all-features": flags.append(word)
            case "--path", "--manifest-path", "--jobs", "-j", "--color": _ = value()
            default: break
            }
        }
        isOutputDirectory = true
        if isInstall {
            output = ImagePath.absolute((root ?? "/usr/local/cargo") + "/bin", in: directory)
        } else {
            let parts = [place ?? "target", target, profile].compactMap(\.self)
            output = ImagePath.absolute(parts.joined(separator: "/"), in: directory)
        }
        environment["CARGO_TARGET_DIR"] = nil
    }

    /// Whether it makes the program at `path` of its stage.
    func makes(_ path: String) -> Bool {
        switch tool {
        case .go:
            guard let output else {
                // The program of `.` has the module's name.
                let names = packages.map { ImagePath.name($0) }
                return ImagePath.directory(path) == directory
                    && (names.contains(ImagePath.name(path)) || !Set(names).isDisjoint(with: ["", "..."]))
            }
            if path == output { return !isOutputDirectory }
            guard ImagePath.directory(path) == output else { return false }
            // `-o /out ./cmd/...` makes several programs, each with its package's name.
            return isOutputDirectory
                || packages.contains { $0.hasSuffix("...") || ImagePath.name($0) == ImagePath.name(path) }
        case .cargo, .swift: return output.map { ImagePath.directory(path) == $0 } ?? false
        case .maven:
            return ImagePath.rest(of: path, below: directory)?.split(separator: "/").contains("target") ?? false
        case .gradle:
            return ImagePath.rest(of: path, below: directory)?.split(separator: "/").contains("build") ?? false
        case .node, .python, .other: return false
        }
    }

    /// The package of Go that the program `name` is made of.
    func package(of name: String) -> String {
        if let exact = packages.first(where: { ImagePath.name($0) == name && !$0.hasSuffix("...") }) { return exact }
        guard let first = packages.first else { return "." }
        return first.hasSuffix("/...") ? String(first.dropLast(3)) + name : first
    }
}

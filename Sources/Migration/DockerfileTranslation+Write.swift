import Dockerfiles
import OCI

extension DockerfileTranslation {
    private typealias Value = ProjectDraft.Value

    /// What runs the applications of a base.
    private var runtime: BuildCommand.Tool? {
        let text = base.value.lowercased()
        let name = ImagePath.name(String(text.prefix { $0 != "@" }))
        if name.hasPrefix("node") || name.hasPrefix("bun:") { return .node }
        if name.hasPrefix("python") || name.hasPrefix("pypy") { return .python }
        let java = ["temurin", "openjdk", "jre", "jdk", "java", "corretto", "zulu", "graalvm"]
        return java.contains(where: text.contains) ? .maven : nil
    }

    func write() {
        var start = start
        findProgramOfLastStage(start)
        if base.obstacle == nil, base.value == "scratch" {} else { noteBase() }
        let chosen = choose(start)
        if let chosen {
            writeSource(chosen, &start)
        } else {
            leave(
                nil,
                "`path`: an image needs a program or a directory, and the Dockerfile copies "
                    + (placed.isEmpty ? "none" : "only files: put them into a directory, and name it")
            )
        }
        for command in commands where !done.contains(command) {
            leave(command.line, "`\(command.text)`: run it before")
        }
        writeBase()
        writeFiles(besides: chosen)
        writeStart(start, chosen)
        writeConfiguration(start, chosen)
        draft.images = [image]
    }

    // MARK: Source

    /// What is given to `build`: the program, or the directory of the application.
    private struct Chosen {
        var key = "path"
        var value: String
        var place: String
        var isDirectory: Bool
        var reasons: [String] = []
        var command: BuildCommand?
        /// The program that is meant, if the source has several.
        var program: String?
        /// What of the copies it stands for.
        var covered: (Placed) -> Bool
        var owner: (uid: UInt32, gid: UInt32)?
        var mode: UInt16?
    }

    /// A program that a `RUN` of the last stage itself makes, and that it starts.
    private func findProgramOfLastStage(_ start: Start) {
        let compilers: Set<BuildCommand.Tool> = [.go, .cargo, .swift]
        for path in candidates(for: start.entrypoint) {
            guard !placed.contains(where: { $0.place == path }),
                let command = commands.last(where: { compilers.contains($0.tool) && $0.makes(path) })
            else { continue }
            let below = placed.filter {
                ImagePath.rest(of: command.directory, below: $0.place) != nil && $0.isDirectory
            }
            let nearest = below.max { $0.place.utf8.count < $1.place.utf8.count }
            let rest = nearest.flatMap { ImagePath.rest(of: command.directory, below: $0.place) } ?? ""
            let directory = ImagePath.joined(nearest?.source ?? ".", rest)
            // The source was needed to compile, and nothing else.
            placed.removeAll { ImagePath.rest(of: $0.place, below: command.directory) != nil }
            replace(
                baseLine,
                "`\(base.value)` compiles the program: your own toolchain does, and the image needs no compiler"
            )
            placed.append(
                Placed(
                    source: directory,
                    origin: .built(command, directory: directory),
                    place: path,
                    isDirectory: false,
                    reason: "line \(command.line) builds it",
                    line: command.line,
                    isExecutable: true,
                    program: ImagePath.name(path)
                )
            )
            isCompilersBase = true
            done = commands
            return
        }
    }

    private func choose(_ start: Start) -> Chosen? {
        if let application = chooseApplication() { return application }
        let programs = candidates(for: start.entrypoint)
        let built = placed.filter { if case .built = $0.origin { true } else { false } }
        if let file = built.first(where: { programs.contains($0.place) }) ?? built.first {
            return chosen(built: file)
        }
        let words = start.entrypoint.dropFirst() + start.arguments
        let named = programs + words.map { ImagePath.absolute($0, in: workingDirectory?.text ?? "/") }
        let own = placed.filter { !$0.source.contains("*") }
        func holds(_ file: Placed) -> Bool { named.contains { ImagePath.rest(of: $0, below: file.place) != nil } }
        let file =
            own.first { programs.contains($0.place) && !$0.isDirectory }
            ?? own.first { $0.isDirectory && $0.source == "." }
            ?? own.first { $0.isDirectory && holds($0) }
            ?? own.first { named.contains($0.place) }
            ?? own.first(where: \.isDirectory) ?? own.first(where: \.isExecutable)
            ?? patternMatch(named)
        guard let file else { return nil }
        var chosen = Chosen(
            value: file.source,
            place: file.place,
            isDirectory: file.isDirectory,
            reasons: [file.reason],
            covered: { other in
                other.line == file.line && other.place == file.place
                    || file.isDirectory && Self.isWithin(other, file.source, file.place)
            }
        )
        (chosen.owner, chosen.mode) = (file.owner, file.mode)
        return chosen
    }

    /// Whether `file` is in the directory `source`, and goes where that one goes.
    private static func isWithin(_ file: Placed, _ source: String, _ place: String) -> Bool {
        guard case .context(let path, _) = file.origin, file.owner == nil || file.owner ?? (0, 0) == (0, 0) else {
            return false
        }
        // What matches a pattern has its own name.
        let isPattern = path.contains("*")
        let own = isPattern ? ImagePath.joined(".", String(ImagePath.directory(path).dropFirst())) : path
        let target = isPattern ? ImagePath.directory(file.place) : file.place
        guard let rest = source == "." ? (own == "." ? "" : own) : ImagePath.rest(of: own, below: source) else {
            return false
        }
        return ImagePath.absolute(rest, in: place) == target
    }

    /// The only file that a pattern such as `target/*.jar` matches now.
    private func patternMatch(_ named: [String]) -> Placed? {
        for file in placed where file.source.contains("*") && !file.isDirectory && named.contains(file.place) {
            let directory = file.source.split(separator: "/").dropLast().joined(separator: "/")
            let pattern = NamePattern(ImagePath.name(file.source))
            let names = files.names(directory.isEmpty ? "." : directory).filter { pattern.matches($0) }
            guard names.count == 1 else {
                leave(
                    file.line,
                    "`\(file.source)` matches \(names.count) files now: write the one that is meant into `path`"
                )
                continue
            }
            return Placed(
                source: ImagePath.joined(directory.isEmpty ? "." : directory, names[0]),
                origin: file.origin,
                place: file.place,
                isDirectory: false,
                reason: "\(file.reason): what `\(file.source)` matches now",
                line: file.line,
                owner: file.owner,
                mode: file.mode,
                isExecutable: file.isExecutable
            )
        }
        return nil
    }

    private func chosen(built file: Placed) -> Chosen {
        guard case .built(let command, let directory) = file.origin else { preconditionFailure("it was filtered") }
        var chosen = Chosen(
            key: "source",
            value: directory,
            place: file.place,
            isDirectory: file.isDirectory,
            reasons: ["\(file.reason): `\(command.text)`"],
            command: command,
            covered: { $0.place == file.place }
        )
        (chosen.owner, chosen.mode) = (file.owner, file.mode)
        switch command.tool {
        case .go:
            let package = command.package(of: ImagePath.name(file.place))
            let isPath = package == "." || package.hasPrefix("./") || package.hasPrefix("../") || package.hasPrefix("/")
            if isPath {
                var path = ImagePath.joined(directory, package)
                if !files.isDirectory(path) { path = directory }
                chosen.value = path == "." ? "." : "./\(path)"
            } else {
                chosen.value = package
            }
        case .maven, .gradle:
            chosen.isDirectory = true
            if !file.isDirectory { chosen.place = ImagePath.directory(file.place) }
            // Layers of one archive are copied one by one.
            chosen.covered = { placed in if case .built(command, _) = placed.origin { true } else { false } }
        case .cargo:
            let known = CargoPrograms.names(in: directory, files)
            // What was named is among those that Cargo makes, even if they are not known.
            let several = command.programs + (known.count > 1 ? known : [])
            chosen.program = file.program.flatMap { several.contains($0) ? $0 : nil }
        case .swift, .node, .python, .other: break
        }
        return chosen
    }

    /// An application that an interpreter runs, with packages that a tool installs.
    private func chooseApplication() -> Chosen? {
        guard let runtime, runtime != .maven else { return nil }
        var all = commands
        for file in placed { if case .context(_, let after) = file.origin { all += after } }
        let tools = all.filter { $0.tool == runtime }
        guard let first = tools.first else { return nil }
        let pairs: [(root: String, file: Placed)] = placed.compactMap { file in
            guard case .context(let path, _) = file.origin, !path.contains("*") else { return nil }
            if path == "." { return (file.place, file) }
            guard file.place.hasSuffix("/" + path) else { return nil }
            let root = String(file.place.dropLast(path.utf8.count + 1))
            return (root.isEmpty ? "/" : root, file)
        }
        let root = pairs.first { $0.file.source == "." }?.root ?? pairs.last?.root ?? workingDirectory?.text ?? "/app"
        for command in Set(commands.filter { $0.tool == runtime }.map(\.text)).sorted() {
            let line = commands.first { $0.text == command }?.line
            done += commands.filter { $0.text == command }
            replace(line, "`\(command)`: `source` has your own tool do it")
        }
        var texts = [String]()
        for command in tools where !texts.contains(command.text) { texts.append(command.text) }
        let owner = pairs.last { $0.root == root }?.file.owner
        return Chosen(
            key: "source",
            value: ".",
            place: root,
            isDirectory: true,
            reasons: ["line \(first.line): " + texts.map { "`\($0)`" }.joined(separator: ", ")],
            command: first,
            covered: { Self.isWithin($0, ".", root) || $0.place == root && $0.source == "." },
            owner: owner
        )
    }

    private func writeSource(_ chosen: Chosen, _ start: inout Start) {
        image.reasons = []
        var member = ProjectDraft.Member(key: chosen.key, value: .text(chosen.value))
        member.reasons = chosen.reasons
        image.members.append(member)
        if let program = chosen.program { image.add("bin", .text(program)) }
        let isArchive = chosen.command.map { $0.tool == .maven || $0.tool == .gradle } ?? false
        if isArchive { javaStart(&start) }
        let name = ImagePath.name(chosen.isDirectory ? chosen.place : chosen.value == "." ? "" : chosen.value)
        let usual = chosen.isDirectory ? "/app" : "/app/\(name)"
        if chosen.place != usual { image.add("dest", .text(chosen.place)) }
        if let command = chosen.command { writeSettings(command, chosen) }
        if let owner = chosen.owner, owner != (0, 0) { image.add("chown", .text("\(owner.uid):\(owner.gid)")) }
        if let mode = chosen.mode, mode & 0o400 != 0, mode != 0o755 || chosen.isDirectory {
            image.add("chmod", .text(Self.octal(mode)))
        }
    }

    private func writeSettings(_ command: BuildCommand, _ chosen: Chosen) {
        guard command.tool == .go || command.tool == .cargo else {
            guard !command.flags.isEmpty else { return }
            return leave(command.line, "`\(command.flags.joined(separator: " "))`: make them the package's defaults")
        }
        var members = [ProjectDraft.Member]()
        func add(_ key: String, _ value: Value) { members.append(ProjectDraft.Member(key: key, value: value)) }
        if !command.flags.isEmpty { add("flags", .list(command.flags)) }
        if !command.ldflags.isEmpty { add("ldflags", .list(command.ldflags)) }
        if !command.tags.isEmpty { add("tags", .list(command.tags)) }
        let variables = command.environment.sorted { $0.key < $1.key }
        if !variables.isEmpty {
            add("env", .mapping(variables.map { ProjectDraft.Member(key: $0.key, value: .text($0.value)) }))
        }
        if !members.isEmpty { image.add(command.tool == .go ? "go" : "cargo", .mapping(members)) }
    }

    /// coracle finds the archive and its class; options of Java are for the variable that Java reads.
    private func javaStart(_ start: inout Start) {
        guard start.entrypoint.first.map(ImagePath.name) == "java" else { return }
        let words = start.entrypoint.dropFirst()
        guard !words.contains("-cp"), !words.contains("-classpath") else { return }
        guard let jar = words.firstIndex(where: { $0 == "-jar" || !$0.hasPrefix("-") }) else { return }
        let options = words[..<jar]
        if !options.isEmpty {
            start.environment.append(("JAVA_TOOL_OPTIONS", options.joined(separator: " ")))
        }
        let after = words[jar...].dropFirst(words[jar] == "-jar" ? 2 : 1)
        start.arguments = Array(after) + start.arguments
        start.entrypoint = []
        if let line = entrypoint?.line ?? command?.line { replace(line, "coracle starts the archive that it finds") }
    }

    // MARK: Base

    private func noteBase() {
        if let obstacle = base.obstacle {
            leave(baseLine, "`FROM \(base.value)`: \(obstacle); write the base into `base`")
        }
    }

    private func writeBase() {
        guard base.obstacle == nil, !isCompilersBase else { return }
        let reason: String? =
            switch true {
            case base.value == "scratch": nil
            case base.value.contains("distroless/static"):
                "`scratch`, coracle's own, has the same: certificates, time zones and accounts"
            case runtime == .node: "coracle's own is `debian13/nodejs`"
            case runtime == .python: "coracle's own is `debian13/python3`"
            case runtime == .maven: "coracle's own is `debian13/java-headless`"
            case ["debian", "ubuntu", "alpine"].contains(where: base.value.contains):
                "`coracle advise` names the smallest base that fits"
            default: nil
            }
        image.add("base", .text(base.value), "line \(baseLine)" + (reason.map { "; \($0)" } ?? ""))
        guard base.value == "scratch", !bringsRuntime else { return }
        image.add(
            "no-runtime",
            .flag(true),
            "FROM scratch, and nothing is copied beside what is below. Without this line there are certificates, time zones and accounts"
        )
    }

    // MARK: Files

    private func writeFiles(besides chosen: Chosen?) {
        noteIgnoreFile(besides: chosen)
        var additions = [(text: String, reason: String)]()
        for file in placed where !(chosen?.covered(file) ?? false) {
            if case .built(let command, _) = file.origin {
                leave(
                    file.line,
                    "`\(command.text)` makes one more program: build it, and give it to `add` for `\(file.place)`"
                )
                continue
            }
            additions.append((Self.addition(file), file.reason))
        }
        var member = ProjectDraft.Member(key: "add", value: .list(additions.map(\.text)))
        for reason in additions.map(\.reason) where !member.reasons.contains(reason) { member.reasons.append(reason) }
        if !additions.isEmpty { image.members.append(member) }
        writeForeign()
        writeTexts()
        image.add(
            "mkdir",
            .list(
                made.map { made in
                    let owner = made.owner.map { ":\($0.uid):\($0.gid)" } ?? ""
                    let mode = made.mode.map(Self.octal) ?? (owner.isEmpty ? nil : "0755")
                    return made.path + (mode.map { ":\($0)" } ?? "") + owner
                }
            )
        )
        image.add("symlink", .list(links.map { "\($0.path):\($0.target)" }))
        image.add("ca", .list(authorities))
    }

    /// `IMAGE=SRC:DST[:MODE[:UID:GID]]`, as `COPY --from=IMAGE` has it.
    private func writeForeign() {
        guard !foreign.isEmpty else { return }
        let texts = foreign.map { file in
            var text = "\(file.image)=\(file.source.replacing(":", with: "\\:")):\(file.place)"
            if file.mode != nil || file.owner != nil { text += ":" + (file.mode.map(Self.octal) ?? "") }
            if let owner = file.owner { text += ":\(owner.uid):\(owner.gid)" }
            return text
        }
        var member = ProjectDraft.Member(key: "add-from", value: .list(texts))
        for reason in foreign.map({ "line \($0.line)" }) where !member.reasons.contains(reason) {
            member.reasons.append(reason)
        }
        image.members.append(member)
    }

    /// What stands in the Dockerfile itself.
    private func writeTexts() {
        let files = written.map { file -> [ProjectDraft.Member] in
            var members = [ProjectDraft.Member(key: "to", value: .text(file.place))]
            if let mode = file.mode { members.append(ProjectDraft.Member(key: "mode", value: .text(Self.octal(mode)))) }
            if let owner = file.owner, owner != (0, 0) {
                members.append(ProjectDraft.Member(key: "owner", value: .text("\(owner.uid):\(owner.gid)")))
            }
            var text = ProjectDraft.Member(key: "text", value: .lines(file.text))
            text.reasons = ["line \(file.line)"]
            return members + [text]
        }
        image.add("write", .mappings(files))
    }

    /// coracle reads an ignore file in the directory that it is given: the context's own says nothing about a directory in it.
    private func noteIgnoreFile(besides chosen: Chosen?) {
        guard let bytes = files.bytes(".dockerignore") else { return }
        let patterns = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).filter {
            !$0.hasPrefix("#") && !$0.hasPrefix("!")
        }
        let firsts = Set(patterns.map { String($0.drop { $0 == "/" || $0 == " " }.prefix { $0 != "/" && $0 != " " }) })
        var directories = [String]()
        for file in placed where file.isDirectory {
            guard case .context(let path, _) = file.origin, path != ".", !directories.contains(path) else { continue }
            if chosen?.value == ".", chosen?.covered(file) ?? false { continue }
            let first = String(path.prefix { $0 != "/" })
            if firsts.contains(where: { NamePattern($0).matches(first) }) { directories.append(path) }
        }
        guard !directories.isEmpty else { return }
        leave(
            nil,
            "`.dockerignore`: coracle reads the one in each directory that it is given: write the lines that are about them into "
                + directories.map { "`\($0)/.coracleignore`" }.joined(separator: ", ")
        )
    }

    /// `SRC:DST[:MODE[:UID:GID]]`.
    private static func addition(_ file: Placed) -> String {
        let source = file.source.replacing(":", with: "\\:")
        let isPattern = file.source.contains("*")
        let place = isPattern && file.isDirectory == false ? ImagePath.directory(file.place) + "/" : file.place
        var text = "\(source):\(place.hasSuffix("//") ? "/" : place)"
        var owner = file.owner
        if let numbers = owner, numbers == (0, 0) { owner = nil }
        let usual: UInt16 = file.isExecutable ? 0o755 : 0o644
        if let mode = file.mode ?? (owner == nil ? nil : usual) { text += ":\(octal(mode))" }
        if let owner { text += ":\(owner.uid):\(owner.gid)" }
        return text
    }

    private static func octal(_ mode: UInt16) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    // MARK: Configuration

    private func writeStart(_ start: Start, _ chosen: Chosen?) {
        var reasons = start.reasons
        let isProgram = chosen.map { chosen in
            !chosen.isDirectory && candidates(for: start.entrypoint).contains(chosen.place)
        }
        if isProgram == true, start.entrypoint.count == 1 {
            // The program is what starts.
            reasons = reasons.filter { !$0.contains("CMD is what starts") }
        } else if isProgram == true {
            var words = start.entrypoint
            words[0] = chosen?.place ?? words[0]
            add("entrypoint", words, reasons)
            reasons = []
        } else if !start.entrypoint.isEmpty {
            add("entrypoint", start.entrypoint, reasons)
            reasons = []
        }
        add("cmd", start.arguments, reasons)
    }

    /// Words as the option takes them: one with blanks, or that looks like an array, stands in an array.
    private func add(_ key: String, _ words: [String], _ reasons: [String]) {
        let isOdd =
            words.count == 1 && (words[0].contains(" ") || words[0].isEmpty) || words.contains { $0.hasPrefix("[") }
        let array = String(decoding: JSON.strings(words).encoded(), as: UTF8.self)
        guard !words.isEmpty else { return }
        var member = ProjectDraft.Member(key: key, value: isOdd ? .text(array) : .list(words))
        member.reasons = reasons
        image.members.append(member)
    }

    private func writeConfiguration(_ start: Start, _ chosen: Chosen?) {
        var variables = environment.map { ($0.name, $0.value?.value ?? "") }
        for (name, value) in start.environment {
            variables.removeAll { $0.0 == name }
            variables.append((name, value))
        }
        func mapping(_ pairs: [(String, String)]) -> Value {
            .mapping(pairs.filter { !$0.0.isEmpty }.map { ProjectDraft.Member(key: $0.0, value: .text($0.1)) })
        }
        if usesPath {
            var member = ProjectDraft.Member(key: "env", value: mapping(variables))
            member.reasons = ["the base's PATH is taken for the usual one"]
            image.members.append(member)
        } else {
            image.add("env", mapping(variables))
        }
        image.add("label", mapping(labels.map { ($0.name, $0.value?.value ?? "") }))
        writeUser()
        let directory = workingDirectory?.text
        if let directory, !(chosen?.isDirectory ?? false) || chosen?.place != directory {
            image.add("workdir", .text(directory))
        } else if directory == nil, base.value == "scratch", chosen?.isDirectory ?? false {
            image.add("workdir", .text("/"), "the Dockerfile has no WORKDIR")
        }
        image.add("expose", .list(ports))
        image.add("volume", .list(volumes))
        if let stopSignal { image.add("stop-signal", .text(stopSignal)) }
        if let (check, line) = healthcheck {
            image.add(
                "healthcheck",
                .text(Self.text(of: check)),
                "line \(line): Docker and podman read it; Kubernetes has probes instead"
            )
        }
    }

    private func writeUser() {
        guard let (text, line) = user else {
            guard base.value == "scratch" else { return }
            return image.add("user", .text("root"), "the Dockerfile has no USER. Without this line it is 65532")
        }
        let name = String(text.prefix { $0 != ":" })
        let earlier = source.accounts.last { $0.numbers(of: text) != nil && $0.has(name) }
        let known = accounts.has(name) ? accounts : bringsRuntime && base.value == "scratch" ? earlier : nil
        guard let known, let numbers = known.numbers(of: text) else {
            return image.add("user", .text(text))
        }
        let number = numbers.uid == numbers.gid ? "\(numbers.uid)" : "\(numbers.uid):\(numbers.gid)"
        let reason =
            known.isWithoutNumber(name)
            ? "line \(line): the number of `\(name)` was left to the builder; 65532 is coracle's"
            : "line \(line): `\(text)`"
        image.add("user", .text(number), reason)
    }

    /// `interval=15s retries=4 CMD ["/server", "ping"]`.
    private static func text(of check: DockerfileHealthcheck) -> String {
        let settings = check.settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value) " }.joined()
        return switch check.command {
        case nil: "NONE"
        case .words(let words)?: settings + "CMD " + String(decoding: JSON.strings(words).encoded(), as: UTF8.self)
        case .shell(let script)?: "\(settings)CMD \(script)"
        }
    }
}

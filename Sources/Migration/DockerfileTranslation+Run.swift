import Dockerfiles

extension DockerfileTranslation {
    func read(_ command: DockerfileCommand, _ documents: [DockerfileDocument], _ step: DockerfileStep) {
        switch command {
        case .shell(let line):
            for placed in ShellCommands.placed(line, documents, variables, in: directory) {
                read(placed.command, placed.placeholders, in: placed.directory, step.line)
            }
        case .words(let words):
            var command = ShellCommands.Command()
            (command.words, command.text) = (words, words.joined(separator: " "))
            read(command, command, in: directory, step.line)
        }
    }

    private func read(
        _ command: ShellCommands.Command,
        _ marked: ShellCommands.Command,
        in here: String,
        _ line: Int
    ) {
        let words = Array(command.program)
        guard let first = words.first else { return }
        let arguments = Array(words.dropFirst())
        if let build = BuildCommand(command, placeholders: marked, in: here, line: line), build.tool != .other {
            commands.append(build)
            return
        }
        if isPackageManager(ImagePath.name(first)) {
            return readPackages(ImagePath.name(first), arguments, command, line)
        }
        guard command.shellPart == nil else { return leave(line, "`\(command.shown)`: run it before, or in a base") }
        let isDone =
            switch ImagePath.name(first) {
            case "set", "true", ":", "echo", "cd", "export", "umask", "whoami", "id", "ls", "pwd": true
            case "useradd", "adduser", "groupadd", "addgroup", "usermod":
                account(words, line)
            case "mkdir", "install": makeDirectories(first, arguments, in: here)
            case "chown", "chgrp": changeOwner(arguments, in: here, isGroup: ImagePath.name(first) == "chgrp")
            case "chmod": changeMode(arguments, in: here)
            case "ln": link(arguments, in: here)
            case "rm": removes(arguments)
            case "strip":
                done(
                    line,
                    "`strip`: coracle's own builds have no symbols; strip a program before you give it to coracle"
                )
            case "update-ca-certificates":
                done(line, "`update-ca-certificates`: coracle writes the file that it would write")
            case "locale-gen", "ldconfig", "sync", "hash":
                done(line, "`\(command.shown)`: nothing has to be done")
            case "setcap":
                refused(
                    line,
                    command,
                    "programs keep their capabilities with `xattrs: security.capability`, if they have them"
                )
            case "curl", "wget", "git":
                refused(line, command, "coracle downloads nothing: download it, and give the files to `add`")
            default: false
            }
        if !isDone { leave(line, "`\(command.shown)`: run it before, or choose a base that has what it makes") }
    }

    private func done(_ line: Int, _ text: String) -> Bool {
        replace(line, text)
        return true
    }

    private func refused(_ line: Int, _ command: ShellCommands.Command, _ text: String) -> Bool {
        leave(line, "`\(command.shown)`: \(text)")
        return true
    }

    // MARK: Packages

    private func isPackageManager(_ name: String) -> Bool {
        ["apt-get", "apt", "apk", "dnf", "yum", "microdnf", "zypper", "aptitude", "dpkg"].contains(name)
    }

    /// Packages whose files coracle brings.
    private static let brought: Set<String> = [
        "ca-certificates", "tzdata", "ca-certificates-bundle", "netbase", "mime-support", "media-types",
    ]

    private func readPackages(
        _ program: String,
        _ arguments: [String],
        _ command: ShellCommands.Command,
        _ line: Int
    ) {
        let verb = arguments.first { !$0.hasPrefix("-") } ?? ""
        guard ["install", "add", "reinstall"].contains(verb) else {
            if ["update", "upgrade", "dist-upgrade", "clean", "autoremove", "autoclean", "makecache"].contains(verb) {
                return replace(line, "`\(command.shown)`: nothing is installed")
            }
            return leave(line, "`\(command.shown)`: choose a base without what it changes")
        }
        var packages = [String]()
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if ["-t", "--virtual", "--repository", "-X", "-o"].contains(word) { _ = rest.popFirst() }
            if !word.hasPrefix("-"), word != verb, word != ".", !packages.contains(word) { packages.append(word) }
        }
        let brought = packages.filter { Self.brought.contains($0) }
        let others = packages.filter { !Self.brought.contains($0) }
        if !brought.isEmpty {
            bringsRuntime = true
            replace(line, "coracle brings what \(brought.map { "`\($0)`" }.joined(separator: " and ")) would")
        }
        guard !others.isEmpty else { return }
        let names = others.map { "`\($0)`" }.joined(separator: ", ")
        if let own = baseOfCatalogue(with: others) {
            return leave(line, "packages \(names): `base: \(own)`, coracle's own, has them")
        }
        leave(
            line,
            "packages \(names): choose a base that has them "
                + "(`coracle advise` helps), or define one (`coracle base lock`)"
        )
    }

    /// What the bases of the catalogue have, each what those before it have, too.
    private static let catalogue: [(name: String, packages: Set<String>)] = [
        ("base", ["libc6", "libssl3", "libssl3t64", "libzstd1", "zlib1g"]),
        ("cc", ["libgomp1", "libstdc++6", "libgcc-s1"]), ("python3", ["python3", "python3-minimal"]),
    ]

    /// The smallest base of the catalogue that has `packages` of the Dockerfile's Debian; `nil` if none has them.
    private func baseOfCatalogue(with packages: [String]) -> String? {
        guard ["debian", "bookworm", "trixie"].contains(where: base.value.contains) else { return nil }
        let release = ["bookworm", "debian:12", "debian12"].contains(where: base.value.contains) ? 12 : 13
        var known: Set<String> = []
        for entry in Self.catalogue {
            known.formUnion(entry.packages)
            if known.isSuperset(of: packages) { return "debian\(release)/\(entry.name)" }
        }
        return nil
    }

    // MARK: Accounts

    private func account(_ words: [String], _ line: Int) -> Bool {
        guard accounts.read(words) else { return false }
        replace(line, "`\(words.joined(separator: " "))`: coracle writes an account for the `user`")
        return true
    }

    // MARK: Directories, owners and modes

    /// `mkdir [-p] [-m MODE] PATH…`, `install -d [-m MODE] [-o USER] [-g GROUP] PATH…`.
    private func makeDirectories(_ program: String, _ arguments: [String], in here: String) -> Bool {
        let isInstall = ImagePath.name(program) == "install"
        guard !isInstall || arguments.contains("-d") else { return false }
        var (mode, user, group, paths) = (UInt16?.none, String?.none, String?.none, [String]())
        var rest = arguments[...]
        while let word = rest.popFirst() {
            switch word {
            case "-m", "--mode":
                guard let number = rest.popFirst().flatMap({ UInt16($0, radix: 8) }) else { return false }
                mode = number
            case "-o" where isInstall: user = rest.popFirst()
            case "-g" where isInstall: group = rest.popFirst()
            case _ where word.hasPrefix("-m") && !word.hasPrefix("--"):
                guard let number = UInt16(word.dropFirst(2), radix: 8) else { return false }
                mode = number
            case _ where word.hasPrefix("--mode="):
                guard let number = UInt16(word.dropFirst(7), radix: 8) else { return false }
                mode = number
            case _ where word.hasPrefix("-"): break
            default:
                guard !Self.isPattern(word) else { return false }
                paths.append(word)
            }
        }
        var owner: (uid: UInt32, gid: UInt32)?
        if user != nil || group != nil {
            owner = accounts.numbers(of: [user ?? "0", group].compactMap(\.self).joined(separator: ":"))
            guard owner != nil else { return false }
        }
        for path in paths {
            let path = ImagePath.absolute(path, in: here)
            made.removeAll { $0.path == path }
            made.append(Made(path: path, mode: mode, owner: owner))
        }
        return !paths.isEmpty
    }

    private static func isPattern(_ word: String) -> Bool { word.contains { "*?{}[]$~`".contains($0) } }

    /// Without options, with whether `-R` was among them; `nil` if a path is not one that is known here.
    private func targets(
        _ arguments: [String],
        in here: String
    ) -> (first: String, paths: [String], isDeep: Bool)? {
        let words = arguments.filter { !$0.hasPrefix("-") }
        guard let first = words.first, words.count > 1 else { return nil }
        let paths = words.dropFirst().map { ImagePath.absolute($0, in: here) }
        guard !words.contains(where: Self.isPattern), paths.allSatisfy(isOurs) else { return nil }
        let isDeep = arguments.contains { $0 == "--recursive" || $0.hasPrefix("-") && $0.contains("R") }
        return (first, paths, isDeep)
    }

    /// Whether the project brings `path`, or something below it.
    private func isOurs(_ path: String) -> Bool {
        path == workingDirectory?.text || volumes.contains(path) || places[path] != nil
            || made.contains { ImagePath.rest(of: $0.path, below: path) != nil }
            || written.contains { ImagePath.rest(of: $0.place, below: path) != nil }
            || placed.contains { file in
                ImagePath.rest(of: file.place, below: path) != nil
                    || file.isDirectory && ImagePath.rest(of: path, below: file.place) != nil
            }
    }

    private func changeOwner(_ arguments: [String], in here: String, isGroup: Bool) -> Bool {
        guard let (name, paths, isDeep) = targets(arguments, in: here) else { return false }
        let text = isGroup ? "0:\(name)" : name.hasSuffix(":") ? String(name.dropLast()) : name
        guard let owner = accounts.numbers(of: text) else { return false }
        for path in paths {
            change(path, isDeep: isDeep) { file in
                file.owner = (isGroup ? file.owner?.uid ?? 0 : owner.uid, owner.gid)
            } made: { made in
                made.owner = (isGroup ? made.owner?.uid ?? 0 : owner.uid, owner.gid)
            }
        }
        return true
    }

    private func changeMode(_ arguments: [String], in here: String) -> Bool {
        // `-R` is an option; `-x` would be a mode.
        guard let (text, paths, isDeep) = targets(arguments, in: here) else { return false }
        let makesExecutable = ["+x", "a+x", "ugo+x", "a+rx", "+rx", "u+x"].contains(text)
        guard makesExecutable || text.utf8.allSatisfy({ (0x30...0x37).contains($0) }),
            text.utf8.count <= 4 || makesExecutable
        else { return text == "g=u" || text == "g+w" ? openToGroup(paths) : false }
        let mode = UInt16(text, radix: 8)
        for path in paths {
            change(path, isDeep: isDeep) { file in
                file.mode = mode ?? (file.isDirectory ? nil : 0o755)
                if makesExecutable { file.isExecutable = true }
            } made: { made in
                if let mode { made.mode = mode }
            }
        }
        return true
    }

    /// What OpenShift asks for: the group has the rights of the owner.
    private func openToGroup(_ paths: [String]) -> Bool {
        for path in paths {
            change(path, isDeep: true) {
                $0.mode = 0o775
            } made: {
                $0.mode = 0o775
            }
        }
        return true
    }

    /// Changes what is at `path`, and with `isDeep` what is below it.
    private func change(
        _ path: String,
        isDeep: Bool,
        file change: (inout Placed) -> Void,
        made changeMade: (inout Made) -> Void
    ) {
        func isMeant(_ other: String) -> Bool {
            other == path || isDeep && ImagePath.rest(of: other, below: path) != nil
        }
        for index in isDeep ? Array(placed.indices) : places[path] ?? [] where isMeant(placed[index].place) {
            change(&placed[index])
        }
        for index in written.indices where isMeant(written[index].place) {
            var file = written[index].placed
            change(&file)
            (written[index].mode, written[index].owner) = (file.mode, file.owner)
        }
        let isMade = made.contains { $0.path == path }
        for index in made.indices where isMeant(made[index].path) { changeMade(&made[index]) }
        // The working directory and volumes are there without a `mkdir`.
        guard !isMade, places[path] == nil, !written.contains(where: { $0.place == path }) else { return }
        var directory = Made(path: path)
        changeMade(&directory)
        made.append(directory)
    }

    private func link(_ arguments: [String], in here: String) -> Bool {
        let words = arguments.filter { !$0.hasPrefix("-") }
        guard words.count == 2, arguments.contains(where: { $0.hasPrefix("-") && $0.contains("s") }),
            !words.contains(where: Self.isPattern)
        else { return false }
        links.append((ImagePath.absolute(words[1], in: here), words[0]))
        return true
    }

    /// Whether only what a package manager leaves is removed.
    private func removes(_ arguments: [String]) -> Bool {
        let leftovers = [
            "/var/lib/apt", "/var/cache", "/tmp", "/var/tmp", "/var/log", "/usr/share/doc",
        ]
        return arguments.filter { !$0.hasPrefix("-") }.allSatisfy { path in
            // Whoever's home it is in.
            path.split(separator: "/").contains(".cache")
                || leftovers.contains { ImagePath.rest(of: path, below: $0) != nil }
        }
    }
}

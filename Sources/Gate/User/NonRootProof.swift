package import Diagnostics
package import Findings
package import Layers
package import OCI

/// Proves that the image's user can start its program and read its files, or finds what prevents it.
package struct NonRootProof<Root: ImageRoot> {
    let root: Root
    let execution: ImageConfig.Execution
    private let user: ContainerUser?

    /// - Parameter execution: of the image's configuration.
    package init(_ root: Root, _ execution: ImageConfig.Execution) throws(Diagnostic) {
        self.root = root
        self.execution = execution
        user = ContainerUser(execution.user ?? "", in: try UserDatabase(of: root))
    }

    /// The same for another user than the image's own.
    package init(_ root: Root, _ execution: ImageConfig.Execution, as user: ContainerUser) {
        (self.root, self.execution, self.user) = (root, execution, user)
    }

    /// The findings, in the order of the rules.
    ///
    /// - Parameter libraries: what the loader opens for the program, beside the program and its loader.
    package func findings(libraries: [EntryPath] = []) throws(Diagnostic) -> [Finding] {
        guard let user else { return [unknownUser] + FileSweep(root, nil).findings }
        let walk = RootWalk(root: root, user: user)
        var findings = identity(of: user)
        findings += try start(walk, libraries)
        // A path that keeps the program from starting is reported once.
        let reported = Set(findings.compactMap(\.path))
        findings += readable(walk).filter { finding in finding.path.map { !reported.contains($0) } ?? true }
        findings += surroundings(walk)
        return findings + FileSweep(root, user).findings
    }

    // MARK: Who it is

    private var unknownUser: Finding {
        Finding(
            .userUnknown,
            "the image's user `\(execution.user ?? "")` is not in its `/etc/passwd` and `/etc/group`",
            because: "a container runtime says `unable to find user` and starts nothing",
            hint: "build with a number, such as `--user \(UserID.nonroot)`"
        )
    }

    private func identity(of user: ContainerUser) -> [Finding] {
        if user.isRoot {
            let said = execution.user.flatMap { $0.isEmpty ? nil : "its user is `\($0)`" } ?? "it names no user"
            return [
                Finding(
                    .userRoot,
                    "the image runs as root",
                    because:
                        "\(said); Kubernetes' `runAsNonRoot` refuses it: container has runAsNonRoot and image will run as root",
                    hint: "build it with `--user \(UserID.nonroot)`, or with `USER \(UserID.nonroot)` in a Dockerfile"
                )
            ]
        }
        guard !user.isNumeric else { return [] }
        return [
            Finding(
                .userNotNumeric,
                "the image's user is the name `\(execution.user ?? "")`",
                because:
                    "Kubernetes' `runAsNonRoot` refuses names: image has non-numeric user, cannot verify user is non-root",
                hint: "build with `--user \(user)`, which is the same user"
            )
        ]
    }

    // MARK: What it reads

    /// Files of the application that the image's user, the only one to read them, may not read.
    private func readable(_ walk: RootWalk<Root>) -> [Finding] {
        var unreadable = [RootEntry]()
        var unreadableCount = 0
        var closed: RootEntry?
        var closedFiles = [(directory: RootEntry, first: RootEntry)]()
        for entry in root.entries {
            if let directory = closed, directory.path.contains(entry.path) {
                let isNew = closedFiles.last?.directory != directory
                if entry.origin.isOfUser, entry.kind == .file, isNew { closedFiles.append((directory, entry)) }
                continue
            }
            closed = nil
            switch entry.kind {
            case .directory: if !walk.user.may(.execute, entry) { closed = entry }
            case .file:
                guard entry.origin.isOfUser, !walk.user.may(.read, entry) else { continue }
                // A program may be run without being read.
                guard !walk.user.may(.execute, entry) else { continue }
                unreadableCount += 1
                if unreadable.count < Self.listLimit { unreadable.append(entry) }
            case .symlink, .hardlink, .other: continue
            }
        }
        var findings = closedFiles.map { directory, first in
            denied(.userUnreadable, .execute, directory, "has `\(first.path)` in it", walk.user)
        }
        findings += unreadable.map { entry in
            denied(.userUnreadable, .read, entry, "is the application's", walk.user)
        }
        if unreadableCount > Self.listLimit {
            findings.append(
                Finding(
                    .userUnreadable,
                    "user \(walk.user) cannot read \(unreadableCount - Self.listLimit) more of the application's files",
                    hint: Self.hint(walk.user)
                )
            )
        }
        return findings
    }

    private static var listLimit: Int { 5 }

    // MARK: Where it is

    private func surroundings(_ walk: RootWalk<Root>) -> [Finding] {
        var findings = [Finding]()
        switch walk.reach(execution.startDirectory.utf8) {
        case .denied(let directory):
            findings.append(denied(.userWorkdir, .execute, directory, "leads to the working directory", walk.user))
        case .found(let entry) where entry.kind == .directory && !walk.user.may(.execute, entry):
            findings.append(denied(.userWorkdir, .execute, entry, "is the working directory", walk.user))
        // A runtime makes the one that is missing.
        case .found, .missing, .loop: break
        }
        if let finding = notDirectory(execution.startDirectory, "--workdir", walk) { findings.append(finding) }
        findings += execution.volumes.compactMap { notDirectory($0, "--volume", walk) }
        findings += home(walk).map { [$0] } ?? []
        guard !walk.user.isRoot else { return findings }
        for port in execution.exposedPorts {
            guard let number = port.split(separator: "/").first.flatMap({ Int($0) }), (1...1023).contains(number) else {
                continue
            }
            findings.append(
                Finding(
                    .userPort,
                    "user \(walk.user) may not listen on port \(number) everywhere",
                    because:
                        "below 1024 it needs NET_BIND_SERVICE or the sysctl net.ipv4.ip_unprivileged_port_start=0, "
                        + "else `bind: permission denied`",
                    hint: "listen on a port from 1024 on, such as \(number + 8000), and let the service map it"
                )
            )
        }
        return findings
    }

    /// A file, or another thing, where a directory has to be: an engine does not create the container.
    private func notDirectory(_ path: String, _ option: String, _ walk: RootWalk<Root>) -> Finding? {
        guard case .found(let entry) = walk.reach(path.utf8), entry.kind != .directory else { return nil }
        return Finding(
            .userWorkdir,
            "`\(path)` of `\(option)` is not a directory",
            in: entry.path,
            as: .error,
            because: "the image has a file there, and an engine refuses to create the container: `not a directory`",
            hint: "name a directory, such as `\(option) /data`"
        )
    }

    private func home(_ walk: RootWalk<Root>) -> Finding? {
        let said = execution.value(of: "HOME").flatMap { $0.isEmpty ? nil : $0 }
        guard let home = said ?? walk.user.home, !home.isEmpty, !walk.user.isRoot else { return nil }
        let source = said == nil ? "`/etc/passwd` says" : "the variable `HOME` says"
        let problem: String
        switch walk.reach(home.utf8) {
        case .found(let entry) where entry.kind == .directory && walk.user.may(.execute, entry): return nil
        case .found(let entry) where entry.kind == .directory:
            problem = "`\(entry.path)` has mode \(entry.modeText) and belongs to \(entry.uid):\(entry.gid)"
        case .denied(let entry):
            problem = "`\(entry.path)` has mode \(entry.modeText) and belongs to \(entry.uid):\(entry.gid)"
        case .found, .missing, .loop: problem = "the image does not have that directory"
        }
        // Debian's accounts without a home say so.
        guard !["/nonexistent", "/dev/null", "/"].contains(home) else { return nil }
        return Finding(
            .userHome,
            "user \(walk.user) has no home directory `\(home)`",
            because: "\(source) so, and \(problem)",
            hint: "make one: `--mkdir \(home):0755:\(walk.user)`, or set `--env HOME=/tmp`"
        )
    }

    // MARK: Words

    func denied(
        _ rule: Rule,
        _ permission: ContainerUser.Permission,
        _ entry: RootEntry,
        _ why: String,
        _ user: ContainerUser
    ) -> Finding {
        let verb: String =
            switch permission {
            case .execute: entry.kind == .directory ? "enter" : "execute"
            case .write: "write"
            case .read: "read"
            }
        return Finding(
            rule,
            "user \(user) may not \(verb) `\(entry.path)`: permission denied",
            in: entry.path,
            because: "its mode is \(entry.modeText), it belongs to \(entry.uid):\(entry.gid), and it \(why)",
            hint: Self.hint(user, entry)
        )
    }

    private static func hint(_ user: ContainerUser, _ entry: RootEntry? = nil) -> String {
        switch entry?.origin {
        case .base:
            "it is the base's, and stays as it is: put what is needed elsewhere, or choose a user who may with `--user`"
        case .addition: "give it another mode or owner: `--add SRC:DST:0755` or `--add SRC:DST:0700:\(user)`"
        case .application, .runtime, nil:
            "give the application's files to the user with `--chown \(user)`, or open them with `--chmod 0755`"
        }
    }
}

extension RootEntry {
    /// In octal, as `ls` and `chmod` know it.
    package var modeText: String { "0" + String(mode, radix: 8) }
}

import Dockerfiles

extension DockerfileTranslation {
    /// Endings of archives that `ADD` unpacks.
    private static let archives = [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".txz", ".tar.zst"]

    func read(_ copy: DockerfileCopy, _ step: DockerfileStep) {
        let written = "`\(step.name) \(step.text)`"
        guard let destination = known(copy.destination, step) else { return }
        var owner: (uid: UInt32, gid: UInt32)?
        if let text = copy.owner, let name = known(text, step) {
            owner = accounts.numbers(of: name)
            if owner == nil { leave(step.line, "\(written): the number of `\(name)` is not known") }
        }
        var mode: UInt16?
        if let text = copy.mode, let digits = known(text, step) {
            mode = UInt16(digits, radix: 8)
            if mode == nil { leave(step.line, "\(written): `\(digits)` is not a mode in octal digits") }
        }
        for document in copy.documents { write(document, destination, owner, mode) }
        for exclusion in copy.exclusions {
            leave(step.line, "`\(exclusion)` of \(written): leave files out with `.dockerignore`")
        }
        var from: Int?
        if let text = copy.from {
            guard let name = known(text, step) else { return }
            guard let index = stages.index(of: name, before: last) else {
                return readForeign(copy, name, owner, mode, step)
            }
            from = index
            for command in source.others[index] {
                leave(command.line, "`\(command.text)` of an earlier stage: run it before")
            }
        }
        for source in copy.sources {
            guard let text = known(source, step) else { continue }
            if copy.isAdd, text.contains("://") || text.hasPrefix("git@") {
                download(text, copy, destination, step)
                continue
            }
            if copy.isAdd, from == nil, Self.archives.contains(where: text.hasSuffix) {
                leave(step.line, "\(written): `ADD` unpacks archives: unpack it, and give the directory to `add`")
                continue
            }
            place(text, copy, from: from, owner, mode, step)
        }
    }

    /// A file whose text is `document`.
    private func write(
        _ document: DockerfileDocument,
        _ destination: String,
        _ owner: (uid: UInt32, gid: UInt32)?,
        _ mode: UInt16?
    ) {
        let place = file(document.name, at: destination)
        guard document.content.obstacle == nil, !document.content.value.utf8.contains(0) else {
            leave(
                document.line - 1,
                "save the \(document.lines.count) lines of `<<\(document.name)` as a file, and give it to `add` for "
                    + "`\(place)`: \(document.content.obstacle ?? "there is a NUL in them")"
            )
            return
        }
        // A later file takes the earlier one's place.
        self.written.removeAll { $0.place == place }
        self.written.append(
            Written(place: place, text: document.content.value, line: document.line - 1, mode: mode, owner: owner)
        )
    }

    /// Where a file called `name` goes: behind a slash it keeps its name.
    private func file(_ name: String, at destination: String) -> String {
        let isDirectory = destination.hasSuffix("/") || destination == "." || destination == ".."
        return ImagePath.absolute(isDirectory ? "\(destination)/\(name)" : destination, in: directory)
    }

    /// A file that a builder would download: how to have it, and what to write then.
    private func download(_ address: String, _ copy: DockerfileCopy, _ destination: String, _ step: DockerfileStep) {
        let written = "`\(step.name) \(step.text)`: coracle downloads nothing: "
        let path = address.drop { $0 != ":" }.dropFirst(3).prefix { $0 != "?" && $0 != "#" }
        let name = ImagePath.name(String(path.drop { $0 != "/" }))
        // What it proposes goes into a shell, between quotes.
        guard address.hasPrefix("https://") || address.hasPrefix("http://"), !address.hasSuffix(".git"), !name.isEmpty,
            address.utf8.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "'") && $0 != 0x7F })
        else { return leave(step.line, written + "download it, and give the file to `add`") }
        let digest = copy.checksum.flatMap { $0.obstacle == nil ? $0.value : nil } ?? ""
        let isHash =
            digest.hasPrefix("sha256:")
            && digest.dropFirst(7).utf8.allSatisfy { "0123456789abcdefABCDEF".utf8.contains($0) }
        let hash = isHash ? String(digest.dropFirst(7)) : nil
        let check = hash.map { " && echo '\($0)  \(name)' | sha256sum -c" } ?? ""
        leave(
            step.line,
            written + "`curl -fsSLo '\(name)' '\(address)'\(check)` before, and `add: \(name):"
                + "\(file(name, at: destination))\(Self.downloadMode(copy))`"
                + (hash == nil ? "; verify what was downloaded" : "")
        )
    }

    /// A file that is downloaded has the mode 0600.
    private static func downloadMode(_ copy: DockerfileCopy) -> String {
        let digits = copy.mode.flatMap { $0.obstacle == nil ? $0.value : nil }.flatMap { UInt16($0, radix: 8) }
        return ":0" + String(digits ?? 0o600, radix: 8)
    }

    private func place(
        _ text: String,
        _ copy: DockerfileCopy,
        from stage: Int?,
        _ owner: (uid: UInt32, gid: UInt32)?,
        _ mode: UInt16?,
        _ step: DockerfileStep
    ) {
        let origin: StageSource.Origin =
            stage.map { source.origin(of: ImagePath.absolute(text, in: "/"), in: $0) }
            ?? .context(ImagePath.relative(text), after: [])
        let written = "`\(step.name) \(step.text)`"
        switch origin {
        case .unknown:
            leave(step.line, "\(written): it is not known what makes `\(text)`")
            return
        case .image(let name):
            addForeign(ImagePath.absolute(text, in: "/"), of: name, copy, owner, mode, step)
        case .runtime(let name):
            bringsRuntime = true
            return replace(step.line, "coracle adds \(name) by itself")
        case .built(let command, let directory):
            let isArchive = command.tool == .maven || command.tool == .gradle
            let place = CopyPlace(copy, of: text, in: self.directory) { _ in
                isArchive && text.hasSuffix("/") ? .directory : .file(isExecutable: true)
            }
            add(
                Placed(
                    source: directory,
                    origin: origin,
                    place: place.path,
                    isDirectory: place.isDirectory,
                    reason: "line \(step.line): what line \(command.line) builds",
                    line: step.line,
                    owner: owner,
                    mode: mode,
                    isExecutable: true,
                    program: ImagePath.name(text)
                )
            )
        case .context(let path, let commands):
            if let name = authority(path, copy) {
                authorities.append(path)
                return replace(step.line, name)
            }
            let place = CopyPlace(copy, of: text, in: directory) { _ in files.kind(path) }
            let builders = commands.map { "`\($0.text)`" }
            let made = files.kind(path) == nil && !builders.isEmpty && !path.contains("*")
            let how = made ? "; it is made by " + builders.joined(separator: " and ") : ""
            add(
                Placed(
                    source: path,
                    origin: origin,
                    place: place.path,
                    isDirectory: place.isDirectory,
                    reason: "line \(step.line)\(how)",
                    line: step.line,
                    owner: owner,
                    mode: mode,
                    isExecutable: files.kind(path) == .file(isExecutable: true)
                )
            )
        }
    }

    private func add(_ new: Placed) {
        let others = places[new.place] ?? []
        // A later file takes the earlier one's place.
        if !new.isDirectory, let index = others.first(where: { !placed[$0].isDirectory }) {
            placed[index] = new
        } else {
            places[new.place] = others + [placed.count]
            placed.append(new)
        }
    }

    /// What is done with a certificate that `update-ca-certificates` would take; `nil` for other files.
    private func authority(_ path: String, _ copy: DockerfileCopy) -> String? {
        let place = ImagePath.absolute(copy.destination.value, in: directory)
        guard ImagePath.rest(of: place, below: "/usr/local/share/ca-certificates") != nil else { return nil }
        return "`ca` adds the authority to the certificates that programs read"
    }

    /// A file out of an image that is not a stage.
    private func readForeign(
        _ copy: DockerfileCopy,
        _ image: String,
        _ owner: (uid: UInt32, gid: UInt32)?,
        _ mode: UInt16?,
        _ step: DockerfileStep
    ) {
        let texts = copy.sources.map { ImagePath.absolute($0.value, in: "/") }
        let names = Set(texts.compactMap { StageSource.runtime($0) })
        if texts.allSatisfy({ StageSource.runtime($0) != nil }), let name = names.first {
            bringsRuntime = true
            return replace(step.line, "coracle adds \(name) by itself")
        }
        for source in copy.sources {
            guard let text = known(source, step) else { continue }
            addForeign(ImagePath.absolute(text, in: "/"), of: image, copy, owner, mode, step)
        }
    }

    /// Directories that images have already: a file that is copied to one of them keeps its name.
    private static let usualDirectories: Set = [
        "/", "/bin", "/etc", "/lib", "/opt", "/sbin", "/srv", "/tmp", "/usr/bin", "/usr/lib", "/usr/local/bin",
        "/usr/local/lib", "/usr/local/sbin", "/usr/sbin",
    ]

    private func addForeign(
        _ source: String,
        of image: String,
        _ copy: DockerfileCopy,
        _ owner: (uid: UInt32, gid: UInt32)?,
        _ mode: UInt16?,
        _ step: DockerfileStep
    ) {
        // `add-from` has no braces and classes, and no pattern above the last name.
        let isPattern = source.contains { "*?[".contains($0) }
        let isOdd = source.contains("[") || ImagePath.directory(source).contains { "*?".contains($0) }
        if isPattern && isOdd || image == "scratch" {
            leave(
                step.line,
                "`\(step.name) \(step.text)`: name the files of `\(image)` one by one with `add-from`, for "
                    + "`\(ImagePath.absolute(copy.destination.value, in: directory))`"
            )
            return
        }
        let written = copy.destination.value
        var place = ImagePath.absolute(written, in: directory)
        let isDirectory =
            written.hasSuffix("/") || written == "." || written.hasSuffix("/.") || copy.sources.count > 1 || isPattern
            || Self.usualDirectories.contains(place) || place == directory
        if isDirectory, !place.hasSuffix("/") { place += "/" }
        foreign.append(
            Foreign(image: image, source: source, place: place, line: step.line, owner: owner, mode: mode)
        )
    }
}

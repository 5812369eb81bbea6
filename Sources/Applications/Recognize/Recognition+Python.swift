extension Recognition {
    /// Files that only Python projects have, or one of the scripts that start one.
    func python() -> Result? {
        let marks = ["requirements.txt", "pyproject.toml", "setup.py", "Pipfile", "uv.lock", "manage.py"]
            .filter(contents.hasFile)
        let scripts = ["__main__.py", "main.py", "app.py"].filter(contents.hasFile)
        // Only to find packages is the whole tree asked.
        let packages = PythonPackages(in: contents)
        let places = packages.places
        guard let mark = (marks + scripts + places.map { $0.isEmpty ? "*.dist-info" : $0 }).first else { return nil }
        let application = pythonApplication("`\(mark)`", packages)
        switch pythonStart(mark, scripts, packages) {
        case .unclear(let reason, let entrypoint):
            return .unclear(application, reason: reason, entrypoint: entrypoint)
        case .found(let start):
            var found = application.starting(start.arguments)
            if start.evidence != place(mark) { found.evidence += ", `\(start.evidence)`" }
            found.add(path: start.searchPath)
            found.passedOver += start.passedOver
            found.problem = missingRequirement(found.arguments, packages)
            return .application(found)
        }
    }

    func pythonApplication(_ evidence: String, _ packages: PythonPackages) -> RecognizedApplication {
        let places = packages.places.filter { !$0.isEmpty }
        var application = pythonApplication(evidence, packages.version)
        application.dependencies = places
        application.add(path: places.map(place))
        return application
    }

    /// - Parameter version: the Python that something in the files is for.
    func pythonApplication(_ evidence: String, _ version: PythonPackages.Version?) -> RecognizedApplication {
        var application = RecognizedApplication(
            kind: .python,
            evidence: evidence,
            base: ApplicationKind.python.catalogueBase,
            interpreter: "python3"
        )
        guard let version else {
            application.follow(pythonVersion, VersionedBase.python, "Python") { "\($0.major).\($0.minor)" }
            return application
        }
        let reason = "`\(version.evidence)` is for Python \(version.number)" + (version.isForMusl ? " and musl" : "")
        if version.isForMusl {
            application.base = nil
            application.baseReason = reason + ", and the catalogue's Python is linked with glibc"
            application.thirdPartyBase = "docker.io/library/python:\(version.number)-alpine"
            return application
        }
        switch version.number {
        case "3.11":
            application.base = "debian12/python3"
            application.baseReason = reason
        case "3.13": application.baseReason = reason
        default:
            // Modules without compiled parts run in any later version.
            guard version.isBinding else { break }
            application.base = nil
            application.baseReason = reason
            application.thirdPartyBase = "docker.io/library/python:\(version.number)-slim"
        }
        return application
    }

    /// Which Python the author wants: what version managers and buildpacks read, else `requires-python`.
    private var pythonVersion: StatedVersion? {
        let files = [".python-version", "runtime.txt"].lazy.compactMap { name in
            let line = contents.line(name).map { $0.hasPrefix("python-") ? String($0.dropFirst(7)) : $0 }
            // Patch levels are those of the author's machine.
            let numbers = line?.split(separator: ".").prefix(2).joined(separator: ".")
            return StatedVersion(numbers, in: "`\(name)`")
        }
        if let stated = files.first { return stated }
        let project = contents.read("pyproject.toml").map { DeclaredPrograms($0) }
        return StatedVersion(project?.requiredPython, in: "`requires-python` of `pyproject.toml`")
    }

    // MARK: Dependencies

    /// A package that the started script imports, and that was not installed.
    ///
    /// Only what is certain: `requirements.txt` names it, and the script itself imports a module of that name.
    func missingRequirement(
        _ arguments: [String],
        _ packages: PythonPackages
    ) -> RecognizedApplication.Problem? {
        guard packages.places.isEmpty, let bytes = contents.read("requirements.txt"),
            let file = arguments.last(where: { $0.hasPrefix("\(destination)/") && $0.hasSuffix(".py") }),
            let script = contents.read(String(file.dropFirst(destination.count + 1)))
        else { return nil }
        let requirements = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map {
                $0.prefix { $0.isLetter || $0.isNumber || "-_.".contains($0) }.lowercased().replacing("-", with: "_")
            }
            .filter { !$0.isEmpty && !$0.hasPrefix("_") }
        for line in String(decoding: script, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            guard words.count > 1, words[0] == "import" || words[0] == "from" else { continue }
            let module = words[1].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            guard requirements.contains(module.lowercased()), !contents.hasFile("\(module).py"),
                !contents.hasDirectory(String(module))
            else { continue }
            return RecognizedApplication.Problem(
                summary: "`\(file)` imports `\(module)`, which is not installed",
                reason: "`requirements.txt` names it, and the directory has no installed packages",
                hint: "run `pip install --target site-packages --python-version 3.13 --only-binary :all: "
                    + "-r requirements.txt` in the directory, and build again"
            )
        }
        return nil
    }
}

extension RecognizedApplication {
    /// Adds directories that Python looks for modules in.
    fileprivate mutating func add(path directories: [String]) {
        guard !directories.isEmpty else { return }
        let known = environment.first { $0.hasPrefix("PYTHONPATH=") }
        environment.removeAll { $0.hasPrefix("PYTHONPATH=") }
        let all = (known.map { [String($0.dropFirst("PYTHONPATH=".count))] } ?? []) + directories
        environment.append("PYTHONPATH=" + all.joined(separator: ":"))
    }
}

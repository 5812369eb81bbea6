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
        let start: (evidence: String, arguments: [String], environment: [String])
        if let program = declaredProgram {
            start = program
        } else if let script = scripts.first {
            // A directory with a `__main__.py` is a program as a whole.
            let place = script == "__main__.py" ? (destination.isEmpty ? "/" : destination) : place(script)
            start = (place, [place], [])
        } else {
            let modules = contents.topDirectories.filter { contents.hasFile("\($0)/__main__.py") }
            if modules.count == 1 {
                start = (modules[0], ["-m", modules[0]], [])
            } else if modules.isEmpty, let django = django(packages) {
                switch django {
                case .application(let arguments): start = (arguments.last ?? "", arguments, [])
                case .refused(let reason, let entrypoint):
                    return .unclear(application, reason: reason, entrypoint: entrypoint)
                }
            } else {
                return .unclear(
                    application,
                    reason: modules.isEmpty
                        ? "there is a `\(mark)`, and neither `__main__.py` nor `main.py` nor `app.py`"
                        : "there are several modules with a `__main__.py`: "
                            + modules.map { "`\($0)`" }.joined(separator: ", ")
                )
            }
        }
        var found = application.starting(start.arguments)
        if start.evidence != place(mark) { found.evidence += ", `\(start.evidence)`" }
        found.add(path: start.environment)
        found.problem = missingRequirement(found.arguments, packages)
        return .application(found)
    }

    func pythonApplication(_ evidence: String, _ packages: PythonPackages) -> RecognizedApplication {
        let places = packages.places.filter { !$0.isEmpty }
        var application = RecognizedApplication(
            kind: .python,
            evidence: evidence,
            base: ApplicationKind.python.catalogueBase,
            interpreter: "python3",
            dependencies: places
        )
        application.add(path: places.map(place))
        guard let version = packages.version else { return application }
        let reason = "`\(version.evidence)` is for Python \(version.number)"
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

    // MARK: What starts

    /// `[project.scripts]` of `pyproject.toml`, if it has one program, whose module is there.
    ///
    /// PyPA, Declaring project metadata § scripts.
    private var declaredProgram: (evidence: String, arguments: [String], environment: [String])? {
        guard let bytes = contents.read("pyproject.toml") else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
            .map { $0.drop { $0 == " " || $0 == "\t" } }
        guard let start = lines.firstIndex(where: { $0.hasPrefix("[project.scripts]") }) else { return nil }
        let programs = lines[(start + 1)...].prefix { !$0.hasPrefix("[") }.compactMap { line -> (String, String)? in
            let fields = line.split(separator: "=", maxSplits: 1)
            guard fields.count == 2, !line.hasPrefix("#") else { return nil }
            let value = fields[1].filter { $0 != " " }
            guard let quote = value.first, quote == "\"" || quote == "'" else { return nil }
            return (fields[0].filter { $0 != " " }, String(value.dropFirst().prefix { $0 != quote }))
        }
        guard programs.count == 1 else { return nil }
        let (name, object) = programs[0]
        let parts = object.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(\.isPythonName) else { return nil }
        let file = parts[0].replacing(".", with: "/")
        let roots = ["", "src/"] + PythonPackages(in: contents).places.filter { !$0.isEmpty }.map { "\($0)/" }
        let root = roots.first { root in
            contents.hasFile("\(root)\(file).py") || contents.hasFile("\(root)\(file)/__init__.py")
        }
        guard let root else { return nil }
        let function = parts[1].split(separator: ".")
        let code = "import sys; from \(parts[0]) import \(function[0]); sys.exit(\(parts[1])())"
        return (
            "[project.scripts] \(name)", ["-c", code],
            // With `-c`, Python looks into the working directory.
            root == "src/" ? [place("src")] : root.isEmpty ? [destination.isEmpty ? "/" : destination] : []
        )
    }

    private enum Django {
        case application([String])
        case refused(String, entrypoint: [String]?)
    }

    /// A Django project, served by what is installed for it.
    private func django(_ packages: PythonPackages) -> Django? {
        guard contents.hasFile("manage.py") else { return nil }
        let projects = contents.topDirectories.filter {
            contents.hasFile("\($0)/wsgi.py") || contents.hasFile("\($0)/asgi.py")
        }
        guard projects.count == 1 else {
            return .refused("there is a `manage.py`, and no single directory with a `wsgi.py`", entrypoint: nil)
        }
        func isInstalled(_ name: String) -> Bool {
            packages.places.contains { contents.hasDirectory($0.isEmpty ? name : "\($0)/\(name)") }
        }
        let project = projects[0]
        if contents.hasFile("\(project)/wsgi.py"), isInstalled("gunicorn") {
            return .application(["-m", "gunicorn", "--bind", "0.0.0.0:8000", "\(project).wsgi"])
        }
        if contents.hasFile("\(project)/asgi.py"), isInstalled("uvicorn") {
            return .application(["-m", "uvicorn", "--host", "0.0.0.0", "--port", "8000", "\(project).asgi:application"])
        }
        return .refused(
            "it is a Django project without an installed server (`gunicorn` or `uvicorn`)",
            entrypoint: ["python3", place("manage.py"), "runserver", "--noreload", "0.0.0.0:8000"]
        )
    }

    // MARK: Dependencies

    /// A package that the started script imports, and that was not installed.
    ///
    /// Only what is certain: `requirements.txt` names it, and the script itself imports a module of that name.
    private func missingRequirement(
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

extension Substring {
    /// Whether it is a dotted name, which is code where it is put into code.
    fileprivate var isPythonName: Bool {
        !isEmpty && !hasPrefix(".") && !hasSuffix(".")
            && allSatisfy { $0 == "_" || $0 == "." || $0.isLetter || $0.isNumber }
    }
}

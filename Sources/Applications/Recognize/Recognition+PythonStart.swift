/// How a Python application starts.
struct PythonStart {
    let evidence: String
    /// What follows `python3`.
    let arguments: [String]
    /// Directories, in the image, in which Python looks for the module besides.
    var searchPath: [String] = []
    var passedOver: [String] = []

    enum Choice {
        case found(PythonStart)
        case unclear(String, entrypoint: [String]?)
    }
}

extension Recognition {
    /// What the author states, then what Django's project says, then the file or module that is usually started.
    ///
    /// - Parameters:
    ///   - mark: the file that shows that it is Python's.
    ///   - scripts: those that are started by their names.
    func pythonStart(_ mark: String, _ scripts: [String], _ packages: PythonPackages) -> PythonStart.Choice {
        let declared = DeclaredPrograms(contents.read("pyproject.toml") ?? [])
        let django = contents.hasFile("manage.py") ? django(packages) : nil
        var passedOver = [String]()
        if let program = declared.main {
            let isForDevelopers = program.module.split(separator: ".").last == "manage"
            if isForDevelopers, case .found(let server)? = django { return .found(server) }
            if let start = start(of: program, packages) { return .found(start) }
            passedOver.append("`[project.scripts]` names `\(program.module)`, which is not in the directory")
        } else if !declared.all.isEmpty {
            let names = declared.all.map { "`\($0.name)`" }.joined(separator: ", ")
            let entrypoint = declared.all.lazy.compactMap { start(of: $0, packages) }.first.map {
                ["python3"] + $0.arguments
            }
            guard !scripts.isEmpty || django != nil else {
                return .unclear("`[project.scripts]` has several programs: \(names)", entrypoint: entrypoint)
            }
            passedOver.append("`[project.scripts]` has several programs: \(names)")
        }
        if let script = scripts.first {
            if let served = servedApplication(in: script, packages) { return served }
            // A directory with a `__main__.py` is a program as a whole.
            let place = script == "__main__.py" ? (destination.isEmpty ? "/" : destination) : place(script)
            return .found(PythonStart(evidence: place, arguments: [place], passedOver: passedOver))
        }
        if let django { return django }
        return module(mark, packages)
    }

    /// The one module that is a program, or the one program of an installed package.
    private func module(_ mark: String, _ packages: PythonPackages) -> PythonStart.Choice {
        let source = contents.hasDirectory("src") ? contents.directories(in: "src") : []
        let modules =
            contents.topDirectories.filter { contents.hasFile("\($0)/__main__.py") }
            + source.filter { contents.hasFile("src/\($0)/__main__.py") }.map { "src/\($0)" }
        if modules.count == 1 {
            let name = modules[0].split(separator: "/").last.map(String.init) ?? ""
            let path = modules[0].hasPrefix("src/") ? [place("src")] : []
            return .found(PythonStart(evidence: modules[0], arguments: ["-m", name], searchPath: path))
        }
        guard modules.isEmpty else {
            return .unclear(
                "there are several modules with a `__main__.py`: "
                    + modules.map { "`\($0)`" }.joined(separator: ", "),
                entrypoint: nil
            )
        }
        let scripts = ConsoleScripts(in: contents, packages)
        // Beside a project's own files, packages are its dependencies, and their programs are tools.
        let own = scripts.all.filter {
            packages.places.contains(mark) || $0.package == DeclaredPrograms.project(contents)
        }
        if own.count == 1 {
            let evidence = own[0].name
            return .found(PythonStart(evidence: evidence, arguments: own[0].arguments(in: self)))
        }
        if own.count > 1 {
            let names = own.prefix(5).map { "`\($0.name)`" }.joined(separator: ", ")
            return .unclear(
                "its packages have several programs: \(names)",
                entrypoint: ["python3"] + own[0].arguments(in: self)
            )
        }
        // The layouts of FastAPI's and others' guides.
        let below = ["app/main.py", "src/main.py", "src/app.py", "app/app.py"].filter(contents.hasFile)
        for script in below {
            if case .found(let start)? = servedApplication(in: script, packages) { return .found(start) }
        }
        return .unclear(
            "there is a `\(mark)`, and neither `__main__.py` nor `main.py` nor `app.py`",
            entrypoint: served(scripts) ?? below.first.map { ["python3", place($0)] } ?? onlyScript
        )
    }

    /// The server that is installed, for the file that it is usually pointed to.
    private func served(_ scripts: ConsoleScripts) -> [String]? {
        if contents.hasFile("wsgi.py"), let server = scripts["gunicorn"] {
            return ["python3"] + server.arguments(in: self) + ["--bind", "0.0.0.0:8000", "wsgi"]
        }
        if contents.hasFile("asgi.py"), let server = scripts["uvicorn"] {
            return ["python3"] + server.arguments(in: self) + ["--host", "0.0.0.0", "--port", "8000", "asgi:app"]
        }
        return nil
    }

    private var onlyScript: [String]? {
        let scripts = contents.topFiles.filter { $0.hasSuffix(".py") && $0 != "setup.py" && $0 != "conftest.py" }
        return scripts.count == 1 ? ["python3", place(scripts[0])] : nil
    }

    /// What starts `program`; `nil` if its module is not in the directory.
    private func start(of program: DeclaredPrograms.Program, _ packages: PythonPackages) -> PythonStart? {
        let file = program.module.replacing(".", with: "/")
        let roots = ["", "src/"] + packages.places.filter { !$0.isEmpty }.map { "\($0)/" }
        let root = roots.first { root in
            contents.hasFile("\(root)\(file).py") || contents.hasFile("\(root)\(file)/__init__.py")
        }
        guard let root else { return nil }
        let function = program.function.prefix { $0 != "." }
        let code = "import sys; from \(program.module) import \(function); sys.exit(\(program.function)())"
        return PythonStart(
            evidence: "[project.scripts] \(program.name)",
            arguments: ["-c", code],
            // With `-c`, Python looks into the working directory.
            searchPath: root == "src/" ? [place("src")] : root.isEmpty ? [destination.isEmpty ? "/" : destination] : []
        )
    }

    /// A script that only defines an application: started as a script, it would end at once.
    private func servedApplication(in script: String, _ packages: PythonPackages) -> PythonStart.Choice? {
        guard script.hasSuffix(".py"), script != "__main__.py",
            let found = contents.read(script).flatMap({ PythonWebApplication($0) })
        else { return nil }
        let module = script.dropLast(3).replacing("/", with: ".")
        let scripts = ConsoleScripts(in: contents, packages)
        let server = found.isAsynchronous ? "uvicorn" : "gunicorn"
        let address =
            found.isAsynchronous ? ["--host", "0.0.0.0", "--port", "8000"] : ["--bind", "0.0.0.0:8000"]
        let words = scripts[server]?.arguments(in: self) ?? ["-m", server]
        let arguments = words + address + ["\(module):\(found.name)"]
        if scripts[server] != nil || isInstalled(server, packages) {
            return .found(PythonStart(evidence: "\(module):\(found.name)", arguments: arguments))
        }
        // Installed packages show what is missing; without them nothing is certain.
        guard !packages.places.isEmpty else { return nil }
        return .unclear(
            "`\(script)` defines `\(found.name)` and starts nothing, and `\(server)` is not among its packages: add it to them",
            entrypoint: ["python3"] + arguments
        )
    }

    private func isInstalled(_ name: String, _ packages: PythonPackages) -> Bool {
        packages.places.contains { contents.hasDirectory($0.isEmpty ? name : "\($0)/\(name)") }
    }

    /// A Django project, served by what is installed for it.
    private func django(_ packages: PythonPackages) -> PythonStart.Choice {
        let projects = contents.topDirectories.filter {
            contents.hasFile("\($0)/wsgi.py") || contents.hasFile("\($0)/asgi.py")
        }
        guard projects.count == 1 else {
            return .unclear("there is a `manage.py`, and no single directory with a `wsgi.py`", entrypoint: nil)
        }
        func served(by arguments: String...) -> PythonStart.Choice {
            .found(PythonStart(evidence: arguments.last ?? "", arguments: arguments))
        }
        let project = projects[0]
        if contents.hasFile("\(project)/wsgi.py"), isInstalled("gunicorn", packages) {
            return served(by: "-m", "gunicorn", "--bind", "0.0.0.0:8000", "\(project).wsgi")
        }
        if contents.hasFile("\(project)/asgi.py"), isInstalled("uvicorn", packages) {
            return served(by: "-m", "uvicorn", "--host", "0.0.0.0", "--port", "8000", "\(project).asgi:application")
        }
        return .unclear(
            "it is a Django project without an installed server (`gunicorn` or `uvicorn`)",
            entrypoint: ["python3", place("manage.py"), "runserver", "--noreload", "0.0.0.0:8000"]
        )
    }
}

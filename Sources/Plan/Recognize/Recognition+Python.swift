extension Recognition {
    /// Files that only Python projects have, or one of the scripts that start one.
    func python() -> Result? {
        let marks = ["requirements.txt", "pyproject.toml", "setup.py", "Pipfile", "uv.lock"].filter(contents.hasFile)
        let scripts = ["__main__.py", "main.py", "app.py"].filter(contents.hasFile)
        let packages = sitePackages
        guard let mark = (marks + scripts + packages.map(\.name)).first else { return nil }
        let arguments: [String]
        if let script = scripts.first {
            // A directory with a `__main__.py` is a program as a whole.
            arguments = script == "__main__.py" ? [destination.isEmpty ? "/" : destination] : [place(script)]
        } else {
            let modules = contents.topDirectories.filter { contents.hasFile("\($0)/__main__.py") }
            guard modules.count == 1 else {
                return .unclear(
                    .python,
                    reason: modules.isEmpty
                        ? "there is a `\(mark)`, and neither `__main__.py` nor `main.py` nor `app.py`"
                        : "there are several modules with a `__main__.py`: "
                            + modules.map { "`\($0)`" }.joined(separator: ", ")
                )
            }
            arguments = ["-m", modules[0]]
        }
        let version = packages.lazy.compactMap(\.version).first
        return .application(
            RecognizedApplication(
                kind: .python,
                evidence: "`\(mark)`, `\(arguments.last ?? "")`"
                    + (version.map { "; its packages are Python \($0)'s" } ?? ""),
                base: version == "3.11" ? "debian12/python3" : ApplicationKind.python.catalogueBase,
                interpreter: "python3",
                arguments: arguments,
                environment: packages.isEmpty
                    ? [] : ["PYTHONPATH=" + packages.map { place($0.name) }.joined(separator: ":")],
                dependencies: packages.map(\.name)
            )
        )
    }

    /// Where packages were installed, and the version of Python they are for where the path says it.
    private var sitePackages: [(name: String, version: String?)] {
        if contents.hasDirectory("site-packages") { return [("site-packages", nil)] }
        for environment in [".venv", "venv"] {
            let start = "\(environment)/lib/python"
            let found = contents.directories(from: start, to: "/site-packages")
            guard let first = found.first(where: { $0.split(separator: "/").count == 4 }) else { continue }
            let version = first.dropFirst(start.count).prefix { $0 != "/" }
            return [(first, String(version))]
        }
        return []
    }
}

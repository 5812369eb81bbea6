import ByteIO

/// Which packages a project of Python asks for, and in which form.
enum PythonRequirements: Hashable {
    /// A `requirements.txt`.
    case file
    /// A `pyproject.toml` with a lock of uv.
    case uv
    /// A lock of another package manager.
    case locked(PythonLock)
    /// A `pyproject.toml` of a package, which is installed with what it depends on.
    case package
    /// The `dependencies` of a `pyproject.toml` that is not a package.
    case list([String])

    private static let largest = 4 << 20

    /// `nil` if the project in `directory` asks for nothing.
    init?(at directory: FilePath) {
        func text(_ name: String) -> String? {
            (try? OpenFile.content(of: directory.appending(name), limit: Self.largest))
                .map { String(decoding: $0, as: UTF8.self) }
        }
        if SourceProject.isFile(directory.appending("uv.lock")) {
            self = .uv
            return
        }
        if let text = text("requirements.txt") {
            let lines = text.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }
            // Options other than those that name more are not packages.
            let isAsking = lines.contains { line in
                !line.isEmpty && !line.hasPrefix("#")
                    && (!line.hasPrefix("-")
                        || ["-r", "-e", "--requirement", "--editable"].contains { line.hasPrefix($0) })
            }
            guard isAsking else { return nil }
            self = .file
            return
        }
        if let lock = PythonLock(at: directory) {
            self = .locked(lock)
            return
        }
        guard let text = text("pyproject.toml") else { return nil }
        let dependencies = Self.dependencies(of: text)
        guard !dependencies.isEmpty else { return nil }
        let isPackage = text.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("[build-system]") }
        self = isPackage ? .package : .list(dependencies)
    }

    /// The texts of `dependencies = [ … ]` in the table `project`.
    ///
    /// PyPA, Declaring project metadata § dependencies; TOML § Array.
    static func dependencies(of text: String) -> [String] {
        var (isInProject, isInList) = (false, false)
        var found = [String]()
        for line in text.split(whereSeparator: \.isNewline) {
            var rest = line.drop(while: \.isWhitespace)
            if !isInList {
                if rest.hasPrefix("[") { isInProject = rest.prefix { $0 != "#" && !$0.isWhitespace } == "[project]" }
                guard isInProject, rest.hasPrefix("dependencies"),
                    case let value = rest.dropFirst("dependencies".count).drop(while: \.isWhitespace),
                    value.first == "=",
                    case let list = value.dropFirst().drop(while: \.isWhitespace), list.first == "["
                else { continue }
                isInList = true
                rest = list.dropFirst()
            }
            while let next = rest.first {
                rest = rest.dropFirst()
                switch next {
                case "\"", "'":
                    found.append(String(rest.prefix { $0 != next }))
                    rest = rest.drop { $0 != next }.dropFirst()
                case "#": rest = rest.dropFirst(rest.count)
                case "]": return found
                default: continue
                }
            }
        }
        return found
    }
}

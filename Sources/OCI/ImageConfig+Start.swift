// What a container of an image starts, and where it is looked for: image-spec, config.md § Properties, and what container
// engines make of it.

extension ImageConfig.Execution {
    /// The PATH that container engines set where the image's environment has none.
    package static let defaultSearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// The program and its arguments: the entry point, then the command. An empty entry point is the same as none.
    package var words: [String] { (entrypoint ?? []) + (cmd ?? []) }

    /// The word that names the program; `nil` if there is none, or if it is empty: engines refuse both.
    package var program: String? { words.first.flatMap { $0.isEmpty ? nil : $0 } }

    /// The directory in which the program starts: engines take `/` where the image names none.
    package var startDirectory: String { workingDir.flatMap { $0.isEmpty ? nil : $0 } ?? "/" }

    /// The value of an environment variable, which may be empty; `nil` if the variable is not set.
    package func value(of name: String) -> String? {
        let variable = env.last { variable in
            variable.utf8.starts(with: name.utf8) && variable.utf8.dropFirst(name.utf8.count).first == UInt8(ascii: "=")
        }
        return variable.flatMap { String($0.utf8.dropFirst(name.utf8.count + 1)) }
    }

    /// The PATH that the program is looked up in.
    ///
    /// A PATH that is set and empty stays empty: no program is found by its name, as in runc.
    package var searchPath: String { value(of: "PATH") ?? Self.defaultSearchPath }

    /// The absolute paths at which `name` is looked for, in order; the first executable file is what starts.
    ///
    /// As Go's `exec.LookPath` does, by which runc looks: a name with a slash is taken from `startDirectory`, any other is
    /// looked for in the directories of `searchPath`. Empty and relative directories of PATH are left out, because runc
    /// refuses to start what it finds there (`execvp` would take an empty one for the working directory).
    package func candidates(for name: String) -> [String] {
        if name.hasPrefix("/") { return [name] }
        if name.contains("/") { return ["\(startDirectory)/\(name)"] }
        return searchPath.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(name)" }
    }
}

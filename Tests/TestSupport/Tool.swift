import Glibc

/// Programs that the tests use and that the system has to have.
package enum Tool {
    /// The path of `name`, from PATH and the administrator's folders.
    ///
    /// - Throws: what to install it with. A test never skips itself.
    package static func path(of name: String) throws -> String {
        if name.contains("/") { return name }
        let search = Environment.current["PATH"] ?? ""
        let folders = search.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
        for folder in folders where access("\(folder)/\(name)", X_OK) == 0 { return "\(folder)/\(name)" }
        throw SupportError("`\(name)` is not installed: run `make test-deps`")
    }

    /// Debian's Python: it is the one that has the packages of `make test-deps`.
    package static let python = "/usr/bin/python3"

    /// Runs a Python script with `arguments` as `sys.argv[1:]`; returns what it prints.
    @discardableResult
    package static func python(
        _ script: String,
        _ arguments: [String] = [],
        timeLimit: Double = 60
    ) throws -> String {
        guard access(python, X_OK) == 0 else {
            throw SupportError("`\(python)` is not installed: run `make test-deps`")
        }
        return try Command(python, ["-c", script] + arguments, timeLimit: timeLimit).output()
    }
}

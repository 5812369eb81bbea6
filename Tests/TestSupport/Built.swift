import Glibc

/// What SwiftPM built beside the test bundle.
package enum Built {
    /// The folder of the test bundle, which is that of the products.
    package static let folder: String = {
        guard let resolved = realpath("/proc/self/exe", nil) else { return "." }
        defer { free(resolved) }
        let path = String(cString: resolved)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }()

    /// The folder beside the test bundle for what tests make once a run. Each process of a run has its own: `make test`
    /// starts several side by side, and names them by CORACLE_TEST_PART.
    package static let fixtures = part("coracle-fixtures")

    /// `name` beside the test bundle, for this process of a run alone.
    static func part(_ name: String) -> String {
        "\(folder)/\(name)\(Environment.current["CORACLE_TEST_PART"].map { "-\($0)" } ?? "")"
    }

    /// An empty folder beside the test bundle, for what is made once a run and used by many tests: its path.
    ///
    /// It is left there, as nothing ends with the last of them; the next run empties it.
    package static func emptied(_ name: String) throws -> String {
        let path = "\(fixtures)/\(name)"
        try Command.shell(#"rm -rf "$1" && mkdir -p "$1""#, [path]).output()
        return path
    }

    /// The command `coracle`: the static program, which users get, if CORACLE_STATIC names it as in `make test`; else the
    /// one that SwiftPM built. A test target that uses it depends on `CoracleCLI`, so that it is built.
    ///
    /// The one that SwiftPM built is twenty times as slow: without optimisation, ArgumentParser checks the declarations of
    /// all options again at every start.
    package static let coracle = Environment.current["CORACLE_STATIC"] ?? dynamic

    /// The command as SwiftPM built it, with a loader, for what has to be put under it by LD_PRELOAD.
    package static let dynamic = "\(folder)/coracle"

    /// The folder of `coracle`, for a PATH.
    package static let commandFolder = coracle.lastIndex(of: "/").map { String(coracle[..<$0]) } ?? "."

    /// What a `coracle` without a cache must not have in its environment, above all the developer's own cache.
    package static let withoutCache: [String: String?] = ["CORACLE_CACHE": nil, "XDG_CACHE_HOME": nil, "HOME": nil]

    /// `coracle` with these arguments, and without a cache unless `environment` says where.
    package static func coracle(
        _ arguments: [String],
        environment: [String: String?] = [:],
        directory: String? = nil,
        timeLimit: Double = 60
    ) -> Command {
        Command(
            coracle,
            arguments,
            environment: withoutCache.merging(environment) { $1 },
            directory: directory,
            timeLimit: timeLimit
        )
    }
}

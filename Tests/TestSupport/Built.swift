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

    /// The command `coracle`. A test target that uses it depends on `CoracleCLI`, so that it is built.
    package static let coracle = "\(folder)/coracle"

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

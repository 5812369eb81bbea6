import Request
import Plan

/// What a toolchain sees of the environment: a few variables of the user's, by name, and what is stated here.
struct ToolEnvironment: Sendable {
    /// Where programs are, whose the files are, and how the network is reached.
    private static let common = [
        "ALL_PROXY", "HOME", "HTTPS_PROXY", "HTTP_PROXY", "LOGNAME", "NETRC", "NO_PROXY", "PATH", "SOURCE_DATE_EPOCH",
        "SSH_AUTH_SOCK", "SSL_CERT_DIR", "SSL_CERT_FILE", "USER", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "all_proxy",
        "http_proxy", "https_proxy", "no_proxy",
        // git fetches modules, and says which commit a checkout is at.
        "GIT_ASKPASS", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_SSH", "GIT_SSH_COMMAND",
        // Compilers of C.
        "AR", "CC", "CXX", "PKG_CONFIG", "PKG_CONFIG_LIBDIR", "PKG_CONFIG_PATH", "PKG_CONFIG_SYSROOT_DIR",
    ]

    /// Those of the user's that the tool gets, sorted.
    let kept: [String]
    /// What this build states for every toolchain; it changes no byte of a program.
    private let fixed: [String: String]
    /// What is stated for this toolchain and platform.
    var stated: [String: String] = [:]
    private let values: [String: String]

    /// - Parameters:
    ///   - names: the toolchain's own variables; `*` at the end is any end.
    ///   - temporary: where the tool puts what it does not keep.
    init(_ environment: [String: String], with names: [String], temporary: String) {
        fixed = ["LC_ALL": "C.UTF-8", "TMPDIR": temporary, "TZ": "UTC"]
        let all = Self.common + names
        kept = environment.keys.filter { key in
            all.contains { $0 == key || ($0.hasSuffix("*") && key.hasPrefix($0.dropLast())) }
        }.sorted()
        values = environment
    }

    subscript(name: String) -> String? {
        stated[name] ?? fixed[name] ?? (kept.contains(name) ? values[name] : nil)
    }

    /// All that the tool gets.
    var variables: [String: String] {
        var all: [String: String] = [:]
        for name in kept { all[name] = values[name] }
        return all.merging(fixed) { $1 }.merging(stated) { $1 }
    }

    /// For a person: the names of what is taken over, as values may be secrets, and what is stated besides the command line.
    var text: String {
        let taken = kept.filter { stated[$0] == nil }.joined(separator: " ")
        return "LC_ALL=C.UTF-8 TZ=UTC TMPDIR=OUT/tmp" + (taken.isEmpty ? "" : ", and yours: \(taken)")
    }

    /// What is stated, as a shell takes it before a command.
    func assignments(hiding hidden: Set<String> = []) -> String {
        stated.filter { !hidden.contains($0.key) }.sorted { $0.key < $1.key }
            .map { "\($0.key)=\(CommandText([$0.value])) " }.joined()
    }
}

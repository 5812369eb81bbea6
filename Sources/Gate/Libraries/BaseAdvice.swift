import OCI

/// Which base has what an image lacks: for hints.
struct BaseAdvice {
    /// The newest symbol versions that the libraries of a suite's bases define, read from its packages.
    private struct Suite {
        let name: String
        let newest: [String: [Int]]
    }

    private static let suites = [
        Suite(name: "debian12", newest: ["GLIBC": [2, 36], "GLIBCXX": [3, 4, 30], "CXXABI": [1, 3, 13]]),
        Suite(name: "debian13", newest: ["GLIBC": [2, 41], "GLIBCXX": [3, 4, 33], "CXXABI": [1, 3, 15]]),
    ]
    /// Which packages each kind of base has, the smallest first.
    private static let libraries: [(base: String, names: [String])] = [
        ("base-nossl", ["libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libresolv.so.2"]),
        ("base", ["libssl.so.3", "libcrypto.so.3"]),
        ("cc", ["libgcc_s.so.1", "libstdc++.so.6", "libgomp.so.1"]),
    ]

    let base: String?
    let platform: Platform

    /// The base that has `library`.
    func library(_ library: String) -> String {
        if library == "libssl.so.1.1" || library == "libcrypto.so.1.1" {
            return "build it with OpenSSL 3: no supported release of Debian has 1.1 any more"
        }
        if library.hasPrefix("libc.musl-") {
            return "it was built for Alpine: build it on Debian, or choose a base that has musl"
        }
        let kind = Self.libraries.first { $0.names.contains(library) }?.base
        guard let kind, isDebian else { return "choose a base that has it, add it with `--add`, or link it statically" }
        let suite = base.flatMap { base in Self.suites.first { base.hasPrefix($0.name + "/") }?.name } ?? "debian13"
        return "stand on `\(suite)/\(kind)`, which has it, add it with `--add`, or link it statically"
    }

    /// The base that has `version` of `library`.
    func version(_ version: String, of library: String) -> String {
        let numbers = SymbolVersion.numbers(version)
        let family = String(SymbolVersion.family(version))
        let suite = Self.suites.first { suite in
            guard let newest = suite.newest[family], !numbers.isEmpty else { return false }
            return !newest.lexicographicallyPrecedes(numbers)
        }
        let way = library.hasPrefix("libc.so") ? "or link statically" : "or build it on a system as old as the base"
        guard let suite, isDebian else { return "choose a newer base, \(way)" }
        return "works on \(suite.name)/\(kind(for: library)), \(way)"
    }

    /// The user's own kind of base where it is one of the catalogue's, else the smallest that has `library`.
    private func kind(for library: String) -> String {
        if let base, Self.suites.contains(where: { base.hasPrefix($0.name + "/") }),
            let slash = base.firstIndex(of: "/")
        {
            return String(base[base.index(after: slash)...])
        }
        let least = Self.libraries.first { $0.names.contains(library) }?.base ?? "cc"
        return least == "base-nossl" ? "base" : least
    }

    /// Whether the catalogue has bases for the platform.
    private var isDebian: Bool { ["amd64", "arm64"].contains(platform.architecture) }
}

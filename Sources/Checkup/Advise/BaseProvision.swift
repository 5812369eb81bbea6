import ELF

/// What a base provides to what is linked dynamically, as far as a table knows.
struct BaseProvision: Hashable, Sendable {
    /// `nil` if absent.
    let libc: Libc?
    let libraries: Set<String>
    /// The newest version that it defines of each family: `GLIBC` 2.36.
    let newest: [String: [Int]]
    /// Versions without a number.
    var others: Set<String> = []

    /// What keeps an application from running; `nil` if nothing does.
    func problem(with requirements: LinkRequirements) -> String? {
        if requirements.libcs.contains(.musl), libc != .musl {
            return libc == nil ? "has no C library; the program is linked with musl" : "has \(name(libc)), not musl"
        }
        if requirements.libcs.contains(.glibc), libc != .glibc {
            return libc == nil ? "has no C library; the program is linked dynamically" : "has \(name(libc)), not glibc"
        }
        // Musl's own name differs from processor to processor.
        let missing = requirements.libraries.keys.filter { !libraries.contains($0) && !$0.hasPrefix("libc.musl-") }
        if let first = missing.sorted().first {
            return "lacks \(first)" + (missing.count > 1 ? " and \(missing.count - 1) more" : "")
        }
        let tooNew = requirements.versions.filter { !defines($0.name) }
        guard
            let worst = tooNew.max(by: {
                Self.parts($0.name).number.lexicographicallyPrecedes(Self.parts($1.name).number)
            })
        else { return nil }
        let family = Self.parts(worst.name).family
        let own = newest[family].map { "; has up to \(family)_" + $0.map(String.init).joined(separator: ".") } ?? ""
        return "lacks \(worst.name) of \(worst.library)\(own)"
    }

    private func name(_ libc: Libc?) -> String { libc?.rawValue ?? "none" }

    /// Families that the table does not know get no row.
    private func defines(_ version: String) -> Bool {
        if others.contains(version) { return true }
        let (family, number) = Self.parts(version)
        if family == "GLIBC", number.isEmpty { return false }
        guard let own = newest[family], !number.isEmpty else { return true }
        return number == own || number.lexicographicallyPrecedes(own)
    }

    /// `GLIBC_2.38` is `GLIBC` and 2, 38.
    private static func parts(_ version: String) -> (family: String, number: [Int]) {
        guard let bar = version.firstIndex(of: "_") else { return (version, []) }
        let fields = version[version.index(after: bar)...].split(separator: ".", omittingEmptySubsequences: false)
        let numbers = fields.compactMap { Int($0) }
        return (String(version[..<bar]), numbers.count == fields.count ? numbers : [])
    }
}

extension BaseProvision {
    package static let nothing = BaseProvision(libc: nil, libraries: [], newest: [:])

    static let glibcLibraries: Set<String> = [
        "libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libresolv.so.2", "libutil.so.1",
        "libanl.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1",
    ]

    /// What Debian's packages have in them, of those that bases are made from.
    private static let packages: [String: Set<String>] = [
        "libc6": glibcLibraries,
        "libssl3": ["libssl.so.3", "libcrypto.so.3"], "libssl3t64": ["libssl.so.3", "libcrypto.so.3"],
        "zlib1g": ["libz.so.1"], "libzstd1": ["libzstd.so.1"], "libgcc-s1": ["libgcc_s.so.1"],
        "libstdc++6": ["libstdc++.so.6"], "libgomp1": ["libgomp.so.1"], "libexpat1": ["libexpat.so.1"],
        "libffi8": ["libffi.so.8"], "libsqlite3-0": ["libsqlite3.so.0"], "liblzma5": ["liblzma.so.5"],
        "libbz2-1.0": ["libbz2.so.1.0"], "libuuid1": ["libuuid.so.1"], "libcrypt1": ["libcrypt.so.1"],
        "libreadline8": ["libreadline.so.8"], "libreadline8t64": ["libreadline.so.8"],
        "libncursesw6": ["libncursesw.so.6"], "libtinfo6": ["libtinfo.so.6"], "libatomic1": ["libatomic.so.1"],
        "libuv1": ["libuv.so.1"], "libuv1t64": ["libuv.so.1"],
    ]

    private static let suites: [String: (newest: [String: [Int]], others: Set<String>)] = [
        "debian12": (
            [
                "GLIBC": [2, 36], "GLIBCXX": [3, 4, 30], "CXXABI": [1, 3, 13], "GCC": [12, 0, 0], "OPENSSL": [3, 0, 9],
            ],
            ["GLIBC_ABI_DT_RELR"]
        ),
        "debian13": (
            [
                "GLIBC": [2, 41], "GLIBCXX": [3, 4, 33], "CXXABI": [1, 3, 15], "GCC": [14, 0, 0], "OPENSSL": [3, 5, 0],
            ],
            ["GLIBC_ABI_DT_RELR", "GLIBC_ABI_DT_X86_64_PLT", "GLIBC_ABI_GNU2_TLS"]
        ),
    ]

    /// The provision of a base with these packages of a suite; `nil` if the table does not know the suite.
    init?(of packages: [String], in suite: String) {
        guard let versions = Self.suites[suite] else { return nil }
        self.init(
            libc: packages.contains("libc6") ? .glibc : nil,
            libraries: packages.reduce(into: []) { $0.formUnion(Self.packages[$1] ?? []) },
            newest: versions.newest,
            others: versions.others
        )
    }
}

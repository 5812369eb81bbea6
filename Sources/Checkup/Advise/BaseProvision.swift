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
}

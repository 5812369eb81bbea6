package import Diagnostics

/// What the packages of a suite are made of.
package enum PackageFormat: String, Hashable, Sendable {
    /// Debian's.
    case deb
    /// Those of Alpine, Wolfi and Chainguard.
    case apk
}

/// A release of Debian, by its name in the catalogue: `debian12`; or a system with apk packages: `alpine-3.24`, `wolfi`.
package struct DebianSuite: Hashable, Sendable, Comparable {
    /// The number of the release, such as 12; of Alpine that behind the point; 0 for a system without releases.
    package let number: Int
    /// The codename, such as `bookworm`; of a system with apk packages its name, as `ID` in `os-release` has it.
    package let codename: String
    /// The name, such as `debian12`. Its directory has the same name.
    package let name: String
    package let format: PackageFormat

    /// The releases of Debian that bases can be made from, the newest stable one first.
    package static let known = [
        DebianSuite(number: 13, codename: "trixie"),
        DebianSuite(number: 12, codename: "bookworm"),
    ]

    /// The other suites that coracle has definitions of.
    package static let others = [
        DebianSuite(apk: "alpine", major: 3, number: 24),
        DebianSuite(apk: "wolfi"),
    ]

    /// Systems with apk packages that bases can be made from, without those whose releases have numbers.
    private static let rolling = ["wolfi", "chainguard"]

    /// The suites of its packages: the release, its updates and its security updates.
    package var archives: [String] { Self.archives(of: codename) }

    /// Debian and its descendants name them alike.
    package static func archives(of codename: String) -> [String] {
        [codename, "\(codename)-updates", "\(codename)-security"]
    }

    /// The release called `name`: those of Debian that are known, any of Alpine as `alpine-3.24`, `wolfi` and `chainguard`.
    ///
    /// - Throws: `base.suite-unknown`.
    package init(named name: String) throws(Diagnostic) {
        guard let suite = Self.known.first(where: { $0.name == name }) ?? Self.apk(named: name) else {
            throw Diagnostic(
                .baseSuiteUnknown,
                "`\(name)` is not a system that bases are made from",
                because: "there are \(Self.known.map { "`\($0.name)`" }.joined(separator: " and "))"
                    + ", and with apk packages releases such as `alpine-3.24`, `wolfi` and `chainguard`"
            )
        }
        self = suite
    }

    private static func apk(named name: String) -> DebianSuite? {
        if rolling.contains(name) { return DebianSuite(apk: name) }
        guard name.hasPrefix("alpine-") else { return nil }
        let parts = name.dropFirst("alpine-".count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]), (3...99).contains(major),
            (0...999).contains(minor)
        else { return nil }
        let suite = DebianSuite(apk: "alpine", major: major, number: minor)
        return suite.name == name ? suite : nil
    }

    private init(number: Int, codename: String) {
        self.number = number
        self.codename = codename
        name = "debian\(number)"
        format = .deb
    }

    private init(apk system: String, major: Int? = nil, number: Int = 0) {
        self.number = number
        codename = system
        name = major.map { "\(system)-\($0).\(number)" } ?? system
        format = .apk
    }

    /// The version in `os-release`, such as `3.24`; `nil` for a system without releases.
    package var version: String? {
        switch format {
        case .deb: "\(number)"
        case .apk: name.firstIndex(of: "-").map { String(name[name.index(after: $0)...]) }
        }
    }

    /// `ID` in `os-release`.
    package var systemID: String { format == .deb ? "debian" : codename }

    /// The directory of `architecture`, which is Debian's name, in repositories: `x86_64`.
    package func directory(of architecture: String) -> String {
        switch (format, architecture) {
        case (.apk, "amd64"): "x86_64"
        case (.apk, "arm64"): "aarch64"
        default: architecture
        }
    }

    /// Whether a package for `found` can be used on `architecture`, which is Debian's name.
    func takes(_ found: String, for architecture: String) -> Bool {
        found == directory(of: architecture) || found == (format == .apk ? "noarch" : "all")
    }

    /// Whether `left` is the older release. Every release of Debian is newer than other systems, which are never meant by the name
    /// of a base alone.
    package static func < (left: DebianSuite, right: DebianSuite) -> Bool {
        if left.format != right.format { return left.format == .apk }
        if left.format == .apk, left.codename != right.codename { return left.codename > right.codename }
        return (left.number, left.name) < (right.number, right.name)
    }
}

extension Diagnostic.Code {
    package static let baseSuiteUnknown = Self("base.suite-unknown", .usage)
}

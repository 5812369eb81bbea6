package import Diagnostics

/// A release of Debian, by its name in the catalogue: `debian12`.
package struct DebianSuite: Hashable, Sendable, Comparable {
    /// The number of the release, such as 12.
    package let number: Int
    /// The codename, such as `bookworm`.
    package let codename: String

    /// The releases that bases can be made from, the newest stable one first.
    package static let known = [
        DebianSuite(number: 13, codename: "trixie"),
        DebianSuite(number: 12, codename: "bookworm"),
    ]

    /// The name, such as `debian12`. Its directory has the same name.
    package var name: String { "debian\(number)" }

    /// The suites of its packages: the release, its updates and its security updates.
    package var archives: [String] { Self.archives(of: codename) }

    /// Debian and its descendants name them alike.
    static func archives(of codename: String) -> [String] { [codename, "\(codename)-updates", "\(codename)-security"] }

    /// The release called `name`.
    ///
    /// - Throws: `base.suite-unknown`.
    package init(named name: String) throws(Diagnostic) {
        guard let suite = Self.known.first(where: { $0.name == name }) else {
            throw Diagnostic(
                .baseSuiteUnknown,
                "`\(name)` is not a release of Debian that bases are made from",
                because: "there are \(Self.known.map { "`\($0.name)`" }.joined(separator: " and "))"
            )
        }
        self = suite
    }

    private init(number: Int, codename: String) {
        self.number = number
        self.codename = codename
    }

    /// Whether `left` is the older release.
    package static func < (left: DebianSuite, right: DebianSuite) -> Bool { left.number < right.number }
}

extension Diagnostic.Code {
    package static let baseSuiteUnknown = Self("base.suite-unknown", .usage)
}

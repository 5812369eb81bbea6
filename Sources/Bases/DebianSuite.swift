package import Diagnostics

/// One release of Debian as a catalogue names it: `debian12`.
package struct DebianSuite: Hashable, Sendable, Comparable {
    /// Such as 12.
    package let number: Int
    /// Such as `bookworm`.
    package let codename: String

    /// Those that bases can be made from, the newest stable first.
    package static let known = [
        DebianSuite(number: 13, codename: "trixie"),
        DebianSuite(number: 12, codename: "bookworm"),
    ]

    /// Such as `debian12`, which is also the name of its folder.
    package var name: String { "debian\(number)" }

    /// What its packages are in: the release, its updates and its security updates.
    package var archives: [String] { [codename, "\(codename)-updates", "\(codename)-security"] }

    /// The one called `name`.
    ///
    /// - Throws: `base.suite-unknown`.
    package init(named name: String) throws(Diagnostic) {
        guard let suite = Self.known.first(where: { $0.name == name }) else {
            throw Diagnostic(
                .baseSuiteUnknown,
                "`\(name)` is no release of Debian that bases are made from",
                because: "there are \(Self.known.map { "`\($0.name)`" }.joined(separator: " and "))"
            )
        }
        self = suite
    }

    private init(number: Int, codename: String) {
        self.number = number
        self.codename = codename
    }

    /// The older one first.
    package static func < (left: DebianSuite, right: DebianSuite) -> Bool { left.number < right.number }
}

extension Diagnostic.Code {
    package static let baseSuiteUnknown = Self("base.suite-unknown", .usage)
}

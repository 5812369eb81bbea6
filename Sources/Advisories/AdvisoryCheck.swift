import Debian
package import Diagnostics
package import Findings
import Hygiene
import Inventory
import Layers
import OCI

/// Which of an image's Debian packages have known vulnerabilities, by the user's own copy of Debian's data.
///
/// A version is compared as dpkg does, and by source package: so Debian's data is. Nothing is said of what is not a Debian
/// package but that it is not known.
package struct AdvisoryCheck<Root: ImageRoot> {
    /// So many vulnerabilities are named in a message.
    private static var mostNamed: Int { 10 }

    private let root: Root
    private let file: AdvisoryFile
    /// What mends a base, as a sentence; `nil` if nothing better is known than building again.
    private let update: String?
    /// Vulnerabilities that the user allows, by rule.
    private let ignored: Set<String>

    /// - Parameters:
    ///   - update: how the image's base gets newer packages, as a hint.
    ///   - ignored: identifiers of vulnerabilities that are passed over, such as `CVE-2025-0001`.
    package init(_ root: Root, _ file: AdvisoryFile, update: String? = nil, ignoring ignored: Set<String> = []) {
        self.root = root
        self.file = file
        self.update = update
        self.ignored = ignored
    }

    /// - Throws: `advisories.malformed`, `json.malformed`, `control.malformed`; what keeps the image from being read.
    package func findings() throws(Diagnostic) -> [Finding] {
        let packages = try DebianPackage.installed(in: root)
        guard !packages.isEmpty else { return [unknown("it has no records of Debian packages")] }
        let release = try OSRelease(in: root)
        guard let release, release.id == "debian" else {
            let system = release?.name ?? release?.id
            return [unknown(system.map { "the advisories are Debian's, and it is `\($0)`" } ?? "it has no os-release")]
        }
        guard let codename = release.codename else { return [unknown("its os-release has no codename")] }
        let names = Set(packages.map(\.source)).union(packages.map(\.name))
        guard let advisories = try file.advisories(for: names, in: codename) else {
            return [unknown("`\(file.name)` has nothing about the release `\(codename)`")]
        }
        var findings = [Finding]()
        for (_, group) in Dictionary(grouping: packages, by: { "\($0.source) \($0.sourceVersion)" }).sorted(by: {
            $0.key < $1.key
        }) {
            findings += try self.findings(in: group, advisories)
        }
        if let own = root.entries.first(where: { $0.origin.isOfUser && $0.kind == .file }) {
            findings.append(
                Finding(
                    .advisoryUnknown,
                    "whether the application's own files have vulnerabilities is not known",
                    in: own.path,
                    because: "the advisories are about Debian's packages alone",
                    hint: "a scanner that knows more reads the image, or its SBOM"
                )
            )
        }
        return findings
    }

    private func unknown(_ reason: String) -> Finding {
        Finding(
            .advisoryUnknown,
            "it is not known which vulnerabilities the image has",
            because: reason,
            hint: "a scanner that knows more reads the image, or its SBOM"
        )
    }

    /// What is known of the packages of one source in one version.
    private func findings(
        in packages: [DebianPackage],
        _ advisories: [String: [Advisory]]
    ) throws(Diagnostic) -> [Finding] {
        guard let first = packages.first else { return [] }
        var (fixed, open, unimportant) = ([Match](), [Match](), 0)
        for package in packages {
            for advisory in advisories[package.name] ?? [] where advisory.package == package.name {
                try sort(advisory, try version(package.version, of: package), &fixed, &open, &unimportant)
            }
        }
        let source = try version(first.sourceVersion, of: first)
        for advisory in advisories[first.source] ?? [] where advisory.package == nil {
            try sort(advisory, source, &fixed, &open, &unimportant)
        }
        let installed = packages.map { "`\($0.name)`" }.joined(separator: ", ")
        let rest = "installed: \(installed); the advisories are of \(file.date.description.prefix(10))"
        var findings = [Finding]()
        if !fixed.isEmpty {
            findings.append(
                Finding(
                    .advisoryFixed,
                    Self.summary(first, fixed.count, "that an update mends"),
                    in: first.record,
                    because: "\(Self.list(fixed)); \(rest)",
                    hint: update ?? "build the image again on a newer base",
                    subject: first.source
                )
            )
        }
        if !open.isEmpty {
            let more =
                switch unimportant {
                case 0: ""
                case 1: "; 1 more is unimportant by Debian's judgement"
                default: "; \(unimportant) more are unimportant by Debian's judgement"
                }
            findings.append(
                Finding(
                    .advisoryOpen,
                    Self.summary(first, open.count, "that nothing in the release mends yet"),
                    in: first.record,
                    because: "\(Self.list(open))\(more); \(rest)",
                    hint:
                        "Debian's page about it says whether it matters: `https://security-tracker.debian.org/tracker/source-package/\(first.source)`",
                    subject: first.source
                )
            )
        }
        return findings
    }

    /// A vulnerability of the version that is there, and what mends it.
    private struct Match {
        let id: String
        let version: String?
        var isUndetermined = false

        var text: String {
            if isUndetermined { return "\(id) (undetermined)" }
            return version.map { "\(id) (fixed in \($0))" } ?? id
        }
    }

    private func sort(
        _ advisory: Advisory,
        _ version: DebianVersion,
        _ fixed: inout [Match],
        _ open: inout [Match],
        _ unimportant: inout Int
    ) throws(Diagnostic) {
        guard !ignored.contains(advisory.id), !advisory.unaffected.contains(where: { Self.equals($0, version) }) else {
            return
        }
        if let end = advisory.end, try version >= known(end) { return }
        switch advisory.remedy {
        case .released(let remedy): fixed.append(Match(id: advisory.id, version: remedy))
        case .unreleased(let remedy):
            if advisory.isUnimportant {
                unimportant += 1
            } else {
                open.append(Match(id: advisory.id, version: remedy))
            }
        case .undetermined: open.append(Match(id: advisory.id, version: nil, isUndetermined: true))
        }
    }

    /// A version that the file names.
    private func known(_ text: String) throws(Diagnostic) -> DebianVersion {
        do throws(Diagnostic) {
            return try DebianVersion(parsing: text)
        } catch {
            throw AdvisoryFile.malformed(
                file.name,
                "`\(text.excerpt)` is not a version: \(error.reason ?? error.summary)"
            )
        }
    }

    private static func equals(_ text: String, _ version: DebianVersion) -> Bool {
        (try? DebianVersion(parsing: text)) == version
    }

    private func version(_ text: String, of package: DebianPackage) throws(Diagnostic) -> DebianVersion {
        do throws(Diagnostic) {
            return try DebianVersion(parsing: text)
        } catch {
            var error = error
            error.subject = .file(path: package.record.description)
            throw error
        }
    }

    private static func summary(_ package: DebianPackage, _ count: Int, _ rest: String) -> String {
        "`\(package.source)` \(package.sourceVersion) has "
            + (count == 1 ? "a known vulnerability \(rest)" : "\(count) known vulnerabilities \(rest)")
    }

    /// Sorted by identifier.
    private static func list(_ matches: [Match]) -> String {
        let sorted = matches.sorted { $0.id < $1.id }
        let named = sorted.prefix(mostNamed).map(\.text).joined(separator: ", ")
        return sorted.count > mostNamed ? "\(named) and \(sorted.count - mostNamed) more" : named
    }
}

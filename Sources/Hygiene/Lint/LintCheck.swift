package import Diagnostics
package import Findings
import Layers
import Lifetimes
package import OCI

/// Whether an image is as a team wants its images.
package struct LintCheck<Root: ImageRoot> {
    /// The facts about an image beside its files.
    package struct Facts: Sendable {
        package let manifest: Manifest
        package let config: ImageConfig
        /// Full references.
        package let names: [Reference]
        /// The time from which ages are counted.
        package let now: Timestamp

        package init(manifest: Manifest, config: ImageConfig, names: [Reference], now: Timestamp) {
            self.manifest = manifest
            self.config = config
            self.names = names
            self.now = now
        }
    }

    private let root: Root
    private let facts: Facts
    private let settings: LintSettings

    package init(_ root: Root, _ facts: Facts, _ settings: LintSettings) {
        self.root = root
        self.facts = facts
        self.settings = settings
    }

    /// - Throws: what keeps a file from being read.
    package func findings() throws(Diagnostic) -> [Finding] {
        var findings = base.compactMap(\.self)
        findings += try lifetime()
        findings += [latestOnly, shell, packageManager].compactMap(\.self) + labels
        return settings.applied(to: findings)
    }

    // MARK: The base

    private var base: [Finding?] {
        let annotations = facts.manifest.annotations
        let name = annotations[AnnotationKey.baseName]
        let digest = annotations[AnnotationKey.baseDigest]
        return [name.flatMap { floating($0) }, name.flatMap { digest == nil ? unpinned($0) : nil }, old]
    }

    private func floating(_ name: String) -> Finding? {
        guard let reference = try? Reference(parsing: name), reference.digest == nil, let tag = reference.tag,
            Self.moves(tag)
        else { return nil }
        return Finding(
            .lintBaseFloating,
            "the base `\(name)` is another image tomorrow",
            because: "the tag `\(tag)` names no version with at least two numbers, and moves with every release",
            hint:
                "name a version, such as `--base \(reference.familiar.replacing(":\(tag)", with: "")):1.2`, or a digest"
        )
    }

    /// Whether a tag names no version, or only its first number.
    ///
    /// A date or a number of a build, of four digits at least, names one image by itself.
    static func moves(_ tag: String) -> Bool {
        let words = tag.lowercased().split { !$0.isLetter && !$0.isNumber }
        // A commit's.
        if words.contains(where: { $0.count >= 7 && $0.allSatisfy(\.isHexDigit) && $0.contains(where: \.isNumber) }) {
            return false
        }
        let digits = tag.drop { !("0"..."9").contains($0) }
        let parts = digits.split(whereSeparator: { !("0"..."9").contains($0) && $0 != "." })
        return !parts.contains { part in
            let numbers = part.split(separator: ".")
            return numbers.count >= 2 || (numbers.first?.count ?? 0) >= 4
        }
    }

    private func unpinned(_ name: String) -> Finding {
        Finding(
            .lintBaseUnpinned,
            "which `\(name)` the image stands on is not recorded",
            because: "it has the annotation \(AnnotationKey.baseName), and no \(AnnotationKey.baseDigest)",
            hint: "build with `coracle build --base`, which records the digest, or add the annotation"
        )
    }

    private var old: Finding? {
        guard let maxAge = settings.maxAge, let made = baseCreated else { return nil }
        let age = facts.now.secondsSince1970.subtractingReportingOverflow(made.secondsSince1970).partialValue
        guard age > maxAge else { return nil }
        return Finding(
            .lintBaseOld,
            "the base is \(age / 86400) days old, and may be \(maxAge / 86400)",
            because: "the newest of its layers was made on \(made.description.prefix(10)), as the image's history says",
            hint: "build again on a newer base"
        )
    }

    /// When the base was made. Of an image that coracle did not make it is not known which layers are the base's: the first
    /// one certainly is.
    private var baseCreated: Timestamp? {
        let steps = facts.config.history.filter { !$0.isEmptyLayer }
        let isOwn = facts.manifest.layers.map { $0.annotations?[AnnotationKey.compression] != nil }
        var times = [Timestamp]()
        for (index, step) in steps.enumerated() {
            guard isOwn.contains(true) ? index < isOwn.count && !isOwn[index] : index == 0 else { continue }
            if let time = step.created.flatMap({ try? Timestamp(parsing: $0) }) { times.append(time) }
        }
        // Reproducible builds say 1970, or what zip archives begin with.
        return times.max().flatMap { $0.secondsSince1970 > 400_000_000 ? $0 : nil }
    }

    private func lifetime() throws(Diagnostic) -> [Finding] {
        guard let release = try OSRelease(in: root), let end = release.endOfLife else { return [] }
        let name = release.name ?? end.name
        let hint = "stand on a newer release; `coracle base list` has those of Debian with their dates"
        switch end.phase(at: facts.now) {
        case .ended:
            let regular = end.longTermDate == nil ? "" : ", that of those who make it on \(end.date)"
            return [
                Finding(
                    .lintBaseEndOfLife,
                    "the base, \(name), gets no security updates any more",
                    because: "its support ended on \(end.lastDate)\(regular)",
                    hint: hint
                )
            ]
        case .longTerm:
            let note = Finding(
                .lintBaseLongTerm,
                "the base, \(name), has only long-term support, until \(end.lastDate)",
                because: "its regular support ended on \(end.date); \(EndOfLife.longTermMeaning)",
                hint: hint
            )
            return [note]
                + [endsSoon(name, "long-term support", end.lastDate, "no more updates follow", hint)]
                .compactMap(\.self)
        case .regular:
            let next = end.longTermDate.map { "long-term support follows, until \($0): \(EndOfLife.longTermMeaning)" }
            return [
                endsSoon(
                    name,
                    next == nil ? "support" : "regular support",
                    end.date,
                    next ?? "no more updates follow",
                    hint
                )
            ].compactMap(\.self)
        }
    }

    private func endsSoon(_ name: String, _ support: String, _ date: String, _ next: String, _ hint: String) -> Finding?
    {
        guard let window = settings.warnBefore, let days = EndOfLife.days(from: facts.now, to: date),
            days <= window / 86400
        else { return nil }
        let left = days == 0 ? "today" : days == 1 ? "tomorrow" : "in \(days) days"
        return Finding(
            .lintBaseEndsSoon,
            "the \(support) of the base, \(name), ends \(left)",
            because: "its last day is \(date); \(next)",
            hint: hint
        )
    }

    // MARK: The image

    private var latestOnly: Finding? {
        guard !facts.names.isEmpty, facts.names.allSatisfy({ $0.tag == "latest" && $0.digest == nil }) else {
            return nil
        }
        return Finding(
            .lintLatestOnly,
            "the image has no tag but `latest`",
            because: "it is called " + facts.names.map { "`\($0.text)`" }.joined(separator: ", "),
            hint:
                "give it its version, too, such as `-t \(facts.names[0].repositoryName):1.0`: users need a version to go back to"
        )
    }

    private static var shells: [String] {
        ["/bin/sh", "/bin/bash", "/bin/ash", "/bin/dash", "/usr/bin/sh", "/usr/bin/bash", "/busybox/sh", "/bin/zsh"]
    }

    private static var packageManagers: [String] {
        [
            "/usr/bin/apt-get", "/usr/bin/apt", "/usr/bin/dpkg", "/sbin/apk", "/usr/bin/apk", "/usr/bin/dnf",
            "/usr/bin/microdnf", "/usr/bin/yum", "/usr/bin/rpm", "/usr/bin/zypper", "/usr/bin/pacman",
        ]
    }

    private var shell: Finding? {
        found(
            Self.shells,
            .lintShell,
            "the image has a shell",
            "an intruder could use it, too: stand on a base without one, and look inside with a debug twin (`--debug-twin`)"
        )
    }

    private var packageManager: Finding? {
        found(
            Self.packageManagers,
            .lintPackageManager,
            "the image has a package manager",
            "nothing is installed in production: stand on a base without, such as those of `coracle base list`"
        )
    }

    private func found(_ paths: [String], _ rule: Rule, _ summary: String, _ hint: String) -> Finding? {
        let there = paths.filter { root.resolve($0)?.kind == .file }
        guard let first = there.first else { return nil }
        return Finding(
            rule,
            summary,
            in: EntryPath(normalizing: first),
            because: there.map { "`\($0)`" }.joined(separator: ", "),
            hint: hint
        )
    }

    private var labels: [Finding] {
        let (labels, annotations) = (facts.config.config.labels, facts.manifest.annotations)
        let missing = settings.labels.filter { labels[$0]?.isEmpty != false && annotations[$0]?.isEmpty != false }
        guard let first = missing.first else { return [] }
        return [
            Finding(
                .lintLabelMissing,
                missing.count == 1 ? "a label is missing" : "\(missing.count) labels are missing",
                because: missing.map { "`\($0)`" }.joined(separator: ", "),
                hint: "add each with `--label`, such as `--label \(first)=…`"
            )
        ]
    }
}

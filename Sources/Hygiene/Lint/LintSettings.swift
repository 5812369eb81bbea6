package import Findings

/// What a team wants of its images.
package struct LintSettings: Hashable, Sendable {
    /// How findings of a rule are reported.
    package enum Level: String, Hashable, Sendable, CaseIterable {
        /// The rule is not checked.
        case off
        case warning
        case error
    }

    /// The rules whose level can be set.
    package static let rules = Rule.lint + Rule.advisories + Rule.supply + Rule.upkeep

    /// The rules that are checked only if their level is set.
    private static let unasked: Set<String> = [Rule.lintArbitraryUser.code]

    /// The levels of rules that do not have their own severity, by code.
    package var levels: [String: Level] = [:]
    /// Keys that an image has to have among its labels or annotations.
    package var labels = [
        "org.opencontainers.image.source", "org.opencontainers.image.version", "org.opencontainers.image.licenses",
        "org.opencontainers.image.revision",
    ]
    /// The age that a base may have, in seconds; `nil` if it may have any.
    package var maxAge: Int64?
    /// How long before the support of a base ends that is reported, in seconds; `nil` to report it only afterwards.
    package var warnBefore: Int64?
    /// How much of an image may be wasted, in percent; `nil` if it is not looked at.
    package var maxWaste: Int?

    /// What images are commonly asked for.
    package init() {}

    /// Whether a rule that is checked only if its level is set is to be checked.
    package func isOn(_ rule: Rule) -> Bool { (levels[rule.code] ?? .off) != .off }

    /// Reads a share such as `20` or `20%`; `nil` if `text` is not one.
    package static func percent(_ text: String) -> Int? {
        let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits).flatMap { $0 <= 100 ? $0 : nil }
    }

    /// The findings with the levels of these settings.
    package func applied(to findings: [Finding]) -> [Finding] {
        findings.compactMap { finding in
            switch levels[finding.rule.code] {
            case nil: Self.unasked.contains(finding.rule.code) ? nil : finding
            case .off?: nil
            case .warning?: finding.with(.warning)
            case .error?: finding.with(.error)
            }
        }
    }

    /// Reads an age such as `30d`, `12h` or `2w`, in seconds; `nil` if `text` is not one.
    package static func seconds(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["w": 7 * 86400, "d": 86400, "h": 3600]
        guard let unit = text.last.flatMap({ units[$0] }) else { return nil }
        let digits = text.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits) else {
            return nil
        }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : seconds
    }
}

extension Finding {
    fileprivate func with(_ severity: Rule.Severity) -> Finding {
        Finding(Rule(rule.code, severity, rule.title), summary, in: path, because: reason, hint: hint)
    }
}

/// What a team wants of its images.
public struct LintSettings: Hashable, Sendable {
    /// What becomes of what a rule finds.
    public enum Level: String, Hashable, Sendable, CaseIterable {
        /// It is not looked for.
        case off
        case warning
        case error
    }

    /// Of rules that are not as bad as they say by themselves, by code.
    public var levels: [String: Level] = [:]
    /// Keys that an image has to have among its labels or annotations.
    public var labels = [
        "org.opencontainers.image.source", "org.opencontainers.image.version", "org.opencontainers.image.licenses",
        "org.opencontainers.image.revision",
    ]
    /// How old a base may be, in seconds; nil for any age.
    public var maxAge: Int64?

    /// What images are commonly asked for.
    public init() {}

    /// `findings` as bad as is said here.
    func applied(to findings: [Finding]) -> [Finding] {
        findings.compactMap { finding in
            switch levels[finding.rule.code] {
            case nil: finding
            case .off?: nil
            case .warning?: finding.with(.warning)
            case .error?: finding.with(.error)
            }
        }
    }

    /// `30d`, `12h`, `2w`: seconds; nil for anything else.
    public static func seconds(_ text: String) -> Int64? {
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
        Finding(Rule(rule.code, severity, rule.title), summary, in: path, because: evidence, hint: hint)
    }
}

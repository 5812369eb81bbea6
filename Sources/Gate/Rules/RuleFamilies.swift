package import Findings
import Hygiene

extension Rule {
    /// Every rule that something checks, by code. A family's rules stand in the file named after it: `run.…` in
    /// `RunRules.swift`, `user.…` in `UserRules.swift`, `pod.…` in `PodRules.swift`; `secret.…`, `junk.…`, `size.…`, `lint.…`, `advisory.…`, `sbom.…` and
    /// `supply.…` in `Hygiene`.
    package static let all: [Rule] =
        (run + user + pod + secret + junk + size + lint + advisories + sbom + supply + upkeep)
        .sorted { $0.code < $1.code }

    /// The rule with this code; `nil` if there is none.
    package static func named(_ code: String) -> Rule? { all.first { $0.code == code } }
}

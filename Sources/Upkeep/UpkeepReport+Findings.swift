import BaseLocking
import Bases
package import Checkup
import Diagnostics
package import Findings
import Hygiene
import Lifetimes
package import OCI

extension UpkeepReport {
    /// What is outdated, as findings of rules, for pages that show the results of code scanners.
    package var findings: CheckReport {
        CheckReport(
            images: rows.map { row in
                CheckReport.Image(row.title, row.platform ?? .usual, row.findings(at: now))
            }
        )
    }
}

extension UpkeepRow {
    /// What is outdated about it.
    package func findings(at now: Timestamp) -> [Finding] {
        var findings = onlineFindings
        if let end = endOfLife, end.phase(at: now) == .ended {
            findings.append(
                Finding(
                    .lintBaseEndOfLife,
                    "the base, \(end.name), gets no security updates any more",
                    because: "its support ended on \(end.lastDate)",
                    hint: "stand on a newer release; `coracle base list` has those of Debian with their dates"
                )
            )
        }
        return findings
    }

    /// The part that other rules of `lint` do not find.
    package var onlineFindings: [Finding] {
        var findings = [Finding]()
        if needsNewBase {
            findings.append(
                Finding(
                    .upkeepBaseMoved,
                    "`\(base ?? subject)` stands for a newer image",
                    because: name?.words.map { "the name \($0)" + (change.map { "; that changes \($0.words)" } ?? "") },
                    hint: line == nil
                        ? "build the image again on the new base, or `coracle rebase` it"
                        : "`coracle update \(subject)`"
                )
            )
        }
        for (rule, isSecurity) in [(Rule.upkeepSecurity, true), (Rule.upkeepPackages, false)] {
            let list = updates?.filter { $0.isSecurity == isSecurity } ?? []
            guard !list.isEmpty else { continue }
            let names = list.prefix(10).map { "\($0.name) \($0.old) → \($0.new)" }.joined(separator: ", ")
            let count = list.count == 1 ? "1 package has a" : "\(list.count) packages have a"
            findings.append(
                Finding(
                    rule,
                    "\(count) \(isSecurity ? "security update" : "newer version")",
                    because: names + (list.count > 10 ? " and \(list.count - 10) more" : ""),
                    hint:
                        "build again on a base that has them: `coracle base lock --update` renews one of the catalogue"
                )
            )
        }
        if !unknowns.isEmpty {
            findings.append(
                Finding(
                    .upkeepUnknown,
                    "it is not known whether the image is outdated",
                    because: unknowns.joined(separator: "; "),
                    hint: "`coracle outdated \(subject)` shows what is known"
                )
            )
        }
        return findings
    }
}

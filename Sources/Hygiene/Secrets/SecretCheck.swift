package import Diagnostics
package import Findings
import Layers

/// Looks for what must not be shipped among what the user puts into the image.
///
/// Files are looked into only where name and size make it plausible, and nothing of a secret gets into a message.
package struct SecretCheck<Root: ImageRoot> {
    private let root: Root

    package init(_ root: Root) { self.root = root }

    package func findings() throws(Diagnostic) -> [Finding] {
        var findings = [Finding]()
        var counts = [Rule: Int]()
        var inDependencies = [RootEntry]()
        var scan = ApplicationScan()
        for entry in root.entries where entry.origin.isOfUser {
            scan.see(entry)
            guard entry.kind == .file, !scan.isInRepository, entry.size > 0 else { continue }
            // Most files, and nothing is to be known of them but their endings.
            guard !SecretSuspicion.isAboveSuspicion(entry.path.name) else { continue }
            guard let verdict = try verdict(on: entry, scan) else { continue }
            let rule = verdict.rule
            if scan.isDependency {
                inDependencies.append(entry)
                continue
            }
            counts[rule, default: 0] += 1
            guard counts[rule, default: 0] <= Self.listLimit else { continue }
            findings.append(
                Finding(rule, Self.summary(rule, entry), in: entry.path, because: verdict.reason, hint: Self.hint(rule))
            )
        }
        for rule in Rule.secret {
            guard let count = counts[rule], count > Self.listLimit else { continue }
            findings.append(Finding(rule, "\(count - Self.listLimit) more of the same", hint: Self.hint(rule)))
        }
        return findings + dependencyFinding(inDependencies)
    }

    private static var listLimit: Int { 10 }

    private func verdict(
        on entry: RootEntry,
        _ scan: ApplicationScan
    ) throws(Diagnostic) -> SecretSuspicion.Verdict? {
        let name = String(decoding: entry.path.name, as: UTF8.self)
        let directory = entry.path.parent.map { String(decoding: $0.name, as: UTF8.self) } ?? ""
        guard
            let suspicion = SecretSuspicion.of(name, in: directory, isDependency: scan.isDependency),
            entry.size <= suspicion.sizeLimit
        else { return nil }
        if case .name = suspicion.proof { return suspicion.verdict(on: SecretContent([])) }
        guard let bytes = try root.bytes(of: entry, at: 0, count: Int(entry.size)) else { return nil }
        return suspicion.verdict(on: SecretContent(bytes))
    }

    private static func summary(_ rule: Rule, _ entry: RootEntry) -> String {
        switch rule {
        case .secretPrivateKey: "`\(entry.path)` is or has a private key"
        case .secretDotenv: "`\(entry.path)` has settings of one machine, and often its passwords"
        case .secretKubeconfig: "`\(entry.path)` is a kubeconfig"
        case .secretCloud: "`\(entry.path)` has a cloud's credentials"
        default: "`\(entry.path)` has a password or token"
        }
    }

    private static func hint(_ rule: Rule) -> String {
        "everyone who pulls the image can read it: leave it out with a line in `.coracleignore` and hand it in when the "
            + "container starts; what is meant to be public passes with `--allow \(rule.code)`"
    }

    private func dependencyFinding(_ entries: [RootEntry]) -> [Finding] {
        guard let first = entries.first else { return [] }
        let shown = entries.prefix(5).map { "`\($0.path)`" }.joined(separator: ", ")
        let rest = entries.count > 5 ? ", and \(entries.count - 5) more" : ""
        let count = entries.count == 1 ? "1 file looks" : "\(entries.count) files look"
        return [
            Finding(
                .secretInDependency,
                "\(count) like a secret, in folders of dependencies",
                in: first.path,
                because: shown + rest,
                hint:
                    "packages often contain public keys for their own tests: leave them out with a line in `.coracleignore`"
            )
        ]
    }
}

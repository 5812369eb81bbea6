import Applications
import Bases
package import ByteIO
package import Diagnostics
import ELF
import Images
import Layers
import Needs
package import OCI
import Plan
import Rootfs

extension ImageAccess {
    /// Which bases the program or directory at `path` can stand on.
    ///
    /// - Parameter now: what ages are counted from.
    /// - Throws: what keeps it from being read, and from being understood.
    package func advise(_ path: FilePath, at now: Timestamp) throws(DiagnosticList) -> Advice {
        let survey = try ApplicationSurvey(of: path)
        do throws(Diagnostic) {
            let catalogue = try catalogue()
            var facts = [BaseFacts]()
            for entry in catalogue.bases.all { facts.append(try BaseFacts(entry, in: catalogue.bases, at: now)) }
            return Advisor(path: path, survey: survey, bases: facts, scratchSize: try RuntimeLayer.compressedSize())
                .advice
        } catch {
            throw DiagnosticList(error, [])
        }
    }
}

/// Weighs bases.
private struct Advisor {
    let path: FilePath
    let application: Application
    let needs: ApplicationNeeds
    let bases: [BaseFacts]
    /// Size of the layer that an image without a base gets, in bytes.
    let scratchSize: Int64
    private let requirements: LinkRequirements
    private let recognized: RecognizedApplication?
    private let entries: [LayerEntry]

    init(path: FilePath, survey: ApplicationSurvey, bases: [BaseFacts], scratchSize: Int64) {
        self.path = path
        self.scratchSize = scratchSize
        self.bases = bases
        application = survey.application
        needs = survey.needs
        let variant = application.variants.first
        recognized = variant?.recognized
        entries = (variant?.dependencies ?? []) + (variant?.entries ?? [])
        requirements = LinkRequirements(of: entries)
    }

    var advice: Advice {
        let rows = ([scratch] + bases.map(row) + ThirdPartyBase.all.map(row)).filter { !$0.name.isEmpty }
        let best = best(rows)
        let fitting = rows.filter { $0.problem == nil && $0.name != best?.name }
        let others = rows.filter { $0.problem != nil }
        return Advice(
            subject: subject,
            rows: [best].compactMap(\.self) + fitting + others,
            recommended: best?.name,
            reason: reason(best),
            command: best.map(command),
            needs: NeedsReport(needs).json
        )
    }

    // MARK: What it is

    private var subject: [String] {
        guard let variant = application.variants.first else { return [] }
        var lines = [String]()
        if let recognized {
            lines.append("\(path.display) is \(recognized.kind.description) (\(recognized.evidence))")
            lines.append("  starts   \(CommandText([recognized.interpreter] + recognized.arguments))")
        } else {
            let linkage = variant.programs.values.first.map { Linkage(of: $0.elf).description } ?? "a directory"
            lines.append("\(path.display) is \(linkage), for \(variant.platform)")
        }
        if let line = NeedsReport(needs).line { lines.append("  made by  \(line)") }
        for need in Need.allCases {
            let answer = needs[need].answer
            guard case .unneeded = answer else {
                if case .unknown = answer { continue }
                lines.append("  \(answer.word.leftAligned(8)) \(need.rawValue): \(needs.reason(need))")
                continue
            }
        }
        if !requirements.libraries.isEmpty {
            lines.append("  links    \(requirements.libraries.keys.sorted().joined(separator: ", "))")
        }
        let newest = requirements.versions.filter { $0.name.hasPrefix("GLIBC_2") }.max { left, right in
            left.name.compareNumerically(right.name)
        }
        if let newest { lines.append("  newest   \(newest.name) of \(newest.library)") }
        return lines
    }

    // MARK: Rows

    private var scratch: Advice.Row {
        Advice.Row(
            name: "scratch",
            problem: recognized.map { "has no \($0.interpreter)" }
                ?? BaseProvision.nothing.problem(with: requirements) ?? shellProblem(nil),
            size: scratchSize,
            libc: "-",
            shell: nil,
            packageManager: nil,
            user: "\(UserID.nonroot.uid)",
            endOfLife: "-",
            debugging: "kubectl debug --image=busybox",
            origin: .scratch
        )
    }

    private func row(_ base: BaseFacts) -> Advice.Row {
        let definition = base.entry.definition
        let provision = BaseProvision(of: definition.packages, in: definition.suite.name)
        var problem = recognized.flatMap { found -> String? in
            // Debian 12 has the same names.
            let runs = found.base?.split(separator: "/").last.map { $0.split(separator: ":")[0] } ?? ""
            return definition.name == runs ? nil : "has no \(found.interpreter)"
        }
        if problem == nil, let found = recognized?.base, found.hasPrefix("debian12/"),
            definition.suite.name != "debian12"
        {
            problem = "has another version of \(recognized?.kind.rawValue ?? "it")"
        }
        problem = problem ?? provision?.problem(with: requirements)
        if problem == nil, provision == nil { problem = "its packages are not known" }
        return Advice.Row(
            name: recognized?.kind == .staticSite && problem == nil ? "\(base.entry.name):debug" : base.entry.name,
            problem: problem ?? shellProblem(base.hasShell ? "yes" : nil),
            size: base.size,
            libc: base.libc.map { name in
                let version = provision?.newest["GLIBC"].map { " " + $0.map(String.init).joined(separator: ".") }
                return name + (version ?? "")
            } ?? "-",
            shell: base.hasShell ? "yes" : nil,
            packageManager: nil,
            user: base.isRoot ? "root" : "\(UserID.nonroot.uid)",
            endOfLife: base.lifetime,
            debugging: "--base \(definition.fullName):debug",
            origin: .catalogue(suite: definition.suite.name, hasEnded: base.hasEnded)
        )
    }

    private func row(_ base: ThirdPartyBase) -> Advice.Row {
        Advice.Row(
            name: base.reference,
            problem: recognized.map { "has no \($0.interpreter) without \(base.packageManager ?? "a package manager")" }
                ?? base.provision.problem(with: requirements) ?? shellProblem(base.shell),
            size: Int64(base.megabytes * 1_000_000),
            libc: base.libc,
            shell: base.shell,
            packageManager: base.packageManager,
            user: base.user,
            endOfLife: base.endOfLife,
            debugging: base.shell == nil ? "kubectl debug --image=busybox" : "kubectl exec -- sh",
            origin: .table
        )
    }

    /// A program that certainly starts a shell does not run without.
    private func shellProblem(_ shell: String?) -> String? {
        guard shell == nil, recognized == nil, case .needed(let reason) = needs[.shell].answer else { return nil }
        return "has no shell, and the program \(reason)"
    }

    // MARK: The best

    /// The best base that fits: `scratch` for a static program, else the smallest of the newest suite.
    private func best(_ rows: [Advice.Row]) -> Advice.Row? {
        let fitting = rows.filter { $0.problem == nil }
        if let scratch = fitting.first(where: { $0.origin == .scratch }) { return scratch }
        // The rows of the catalogue are in the order of their suites, the newest first.
        let newestOrigin = fitting.lazy.map(\.origin).first { origin in
            if case .catalogue(_, hasEnded: false) = origin { true } else { false }
        }
        let newest = fitting.filter { $0.origin == newestOrigin }
        return newest.min { ($0.size ?? .max) < ($1.size ?? .max) }
            ?? fitting.min { ($0.size ?? .max) < ($1.size ?? .max) }
    }

    private func reason(_ best: Advice.Row?) -> String {
        guard let best else {
            if let name = recognized?.kind.thirdPartyBase { return "`--base \(name)` is made for it" }
            return "link it statically, bring the missing libraries with `--add`, or build it for an older system"
        }
        if best.origin == .scratch { return "a static program needs only what coracle adds" }
        if let recognized { return "it has \(recognized.interpreter)" }
        return best.origin != .table
            ? "the smallest base with all libraries that it links, supported longest"
            : "no base of the catalogue fits, and this one may"
    }

    private func command(_ best: Advice.Row) -> String {
        let isChosenAnyway = best.origin == .scratch || best.name == recognized?.base
        return "coracle build \(path.display)" + (isChosenAnyway ? "" : " --base \(best.name)")
    }
}

extension String {
    /// Whether it comes before `other`, its numbers taken as numbers: `GLIBC_2.9` before `GLIBC_2.34`.
    fileprivate func compareNumerically(_ other: String) -> Bool {
        func numbers(_ text: String) -> [Int] { text.split { !$0.isNumber }.map { Int($0) ?? 0 } }
        return numbers(self).lexicographicallyPrecedes(numbers(other))
    }
}

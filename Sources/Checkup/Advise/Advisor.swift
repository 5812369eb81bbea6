import Request
import Applications
import Bases
package import ByteIO
package import Diagnostics
import ELF
import Findings
import Images
import Layers
import Needs
package import OCI
import Plan
import Rootfs
import Stack

extension ImageAccess {
    /// Which bases the program or directory at `path` can stand on.
    ///
    /// - Parameter now: what ages are counted from.
    /// - Throws: what keeps it from being read, and from being understood.
    package func advise(_ path: FilePath, at now: Timestamp) throws(DiagnosticList) -> Advice {
        let survey = try ApplicationSurvey(of: path)
        do throws(Diagnostic) {
            let catalogue = try catalogue().bases
            let trials = try BaseTrials(of: path, survey.application, self)
            let entries = catalogue.all
            var weighed = [WeighedBase]()
            for (entry, answer) in zip(entries, try trials.answers(on: entries)) {
                weighed.append(WeighedBase(facts: try BaseFacts(entry, in: catalogue, at: now), answer: answer))
            }
            // A shell helps where nothing else does.
            let refused = weighed.filter(\.isRefused).map(\.facts.entry).filter { $0.definition.apk == nil }
            let debug = refused.map { BaseCatalogue.Entry($0.definition, BaseVariant(isDebug: true), in: $0.section) }
            for (entry, answer) in zip(debug, try trials.answers(on: debug)) where answer == .runs {
                weighed.append(WeighedBase(facts: try BaseFacts(entry, in: catalogue, at: now), answer: answer))
            }
            return Advisor(
                path: path,
                survey: survey,
                bases: weighed,
                scratch: trials.answerOnScratch,
                scratchSize: try RuntimeLayer.compressedSize()
            ).advice
        } catch {
            throw DiagnosticList(error, [])
        }
    }
}

/// A base of the catalogue, and whether the application runs on it.
private struct WeighedBase {
    let facts: BaseFacts
    let answer: BaseTrials.Answer

    var isRefused: Bool { if case .refused = answer { true } else { false } }
}

/// Weighs bases.
private struct Advisor {
    let path: FilePath
    let application: Application
    let needs: ApplicationNeeds
    let bases: [WeighedBase]
    let scratchAnswer: BaseTrials.Answer
    /// Size of the layer that an image without a base gets, in bytes.
    let scratchSize: Int64
    private let requirements: LinkRequirements
    private let recognized: RecognizedApplication?

    init(
        path: FilePath,
        survey: ApplicationSurvey,
        bases: [WeighedBase],
        scratch: BaseTrials.Answer,
        scratchSize: Int64
    ) {
        self.path = path
        self.scratchSize = scratchSize
        self.bases = bases
        scratchAnswer = scratch
        application = survey.application
        needs = survey.needs
        let variant = application.variants.first
        recognized = variant?.recognized
        requirements = LinkRequirements(of: (variant?.dependencies ?? []) + (variant?.entries ?? []))
    }

    var advice: Advice {
        let rows = [scratch] + bases.map(row) + ThirdPartyBase.all.map(row)
        let best = best(rows)
        let fitting = rows.filter { $0.problem == nil && $0.name != best?.name }
        let others = rows.filter { $0.problem != nil }
        return Advice(
            subject: subject,
            rows: [best].compactMap(\.self) + fitting + others,
            recommended: best?.name,
            reason: reason(best, among: fitting),
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
            problem: recognized.map { "has no \($0.interpreter)" } ?? scratchAnswer.problem,
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

    private func row(_ base: WeighedBase) -> Advice.Row {
        let facts = base.facts
        let definition = facts.entry.definition
        return Advice.Row(
            name: facts.entry.name,
            problem: problem(on: base),
            size: facts.size,
            libc: facts.libc ?? "-",
            shell: facts.hasShell ? "yes" : nil,
            packageManager: nil,
            user: facts.isRoot ? "root" : "\(UserID.nonroot.uid)",
            endOfLife: facts.lifetime,
            debugging: definition.apk == nil
                ? "--base \(definition.fullName):debug"
                : facts.hasShell ? "kubectl exec -- sh" : "kubectl debug --image=busybox",
            origin: .catalogue(suite: definition.suite.name, hasEnded: facts.hasEnded)
        )
    }

    private func problem(on base: WeighedBase) -> String? {
        guard base.answer.lacksProgram, let recognized else { return base.answer.problem }
        return "has no \(recognized.interpreter)"
    }

    private func row(_ base: ThirdPartyBase) -> Advice.Row {
        Advice.Row(
            name: base.reference,
            problem: recognized.map { "has no \($0.interpreter) without \(base.packageManager ?? "a package manager")" }
                ?? base.provision.problem(with: requirements) ?? shellProblem(hasShell: base.shell != nil),
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
    private func shellProblem(hasShell: Bool) -> String? {
        guard !hasShell, recognized == nil, case .needed(let reason) = needs[.shell].answer else { return nil }
        return "has no shell, and the program \(reason)"
    }

    // MARK: The best

    /// The best base on which the check finds nothing: `scratch` for a static program, what `build` would choose by itself, else
    /// the smallest of the newest suite.
    private func best(_ rows: [Advice.Row]) -> Advice.Row? {
        let fitting = rows.filter { $0.problem == nil && $0.origin != .table }
        if let scratch = fitting.first(where: { $0.origin == .scratch }) { return scratch }
        if let chosen = recognized?.base, let row = fitting.first(where: { $0.name == chosen }) { return row }
        // The rows of the catalogue are in the order of their suites, the newest first.
        let newestOrigin = fitting.lazy.map(\.origin).first { origin in
            if case .catalogue(_, hasEnded: false) = origin { true } else { false }
        }
        let newest = fitting.filter { $0.origin == newestOrigin }
        return newest.min { ($0.size ?? .max) < ($1.size ?? .max) }
            ?? fitting.min { ($0.size ?? .max) < ($1.size ?? .max) }
    }

    private func reason(_ best: Advice.Row?, among fitting: [Advice.Row]) -> String {
        guard let best else {
            if let name = recognized?.kind.thirdPartyBase { return "`--base \(name)` is made for it" }
            if let other = fitting.first {
                return "no base of the catalogue fits; by its table entry `\(other.name)` may, which "
                    + "`coracle check \(path.display) --base \(other.name)` can say for certain"
            }
            if let nearest { return nearest }
            return "link it statically, bring the missing libraries with `--add`, or build it for an older system"
        }
        if best.origin == .scratch { return "a static program needs only what coracle adds" }
        if let recognized { return "it has \(recognized.interpreter)" }
        return "the smallest base on which the check finds nothing missing, supported longest"
            + (smaller(than: best) ?? "")
    }

    /// A base of a fraction of the size of `best` that lacks a few libraries and nothing else; `nil` if there is none.
    private func smaller(than best: Advice.Row) -> String? {
        guard let size = best.size, case .catalogue(let suite, _) = best.origin,
            let small = lackingLibraries.first(where: { $0.entry.definition.suite.name == suite }),
            small.size < size / 4, small.libraries.count <= 3
        else { return nil }
        let name = "`\(small.entry.name)` (\(ByteCount(small.size)))"
        return "; \(name) lacks only \(words(for: small)), for a base of your own"
    }

    /// What to do about the base that lacks the fewest libraries, if it lacks nothing else; `nil` if there is none.
    private var nearest: String? {
        guard let best = lackingLibraries.first else { return nil }
        return "`\(best.entry.name)` is the nearest, and lacks \(words(for: best)): "
            + "define a base of your own with these packages, in `Bases/\(best.entry.definition.suite.name)/NAME.yaml`, and lock it with `coracle base lock`; or link it statically"
    }

    private typealias Lacking = (entry: BaseCatalogue.Entry, size: Int64, libraries: [String])

    /// The bases on which nothing but libraries is missing, the fewest first, then the smallest.
    private var lackingLibraries: [Lacking] {
        let candidates = bases.compactMap { base in
            base.answer.missingLibraries.map { (entry: base.facts.entry, size: base.facts.size ?? .max, libraries: $0) }
        }
        return candidates.sorted { ($0.libraries.count, $0.size) < ($1.libraries.count, $1.size) }
    }

    private func words(for lacking: Lacking) -> String {
        let suite = lacking.entry.definition.suite.name
        let libraries = lacking.libraries.prefix(3).map { library in
            "`\(library)`" + (DebianPackages.words(for: library, in: suite).map { " (\($0))" } ?? "")
        }
        let more = lacking.libraries.count > 3 ? " and \(lacking.libraries.count - 3) more" : ""
        return libraries.joined(separator: ", ") + more
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

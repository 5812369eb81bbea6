import Diagnostics
import ELF
import Findings
import OCI

extension BaseAdvice {
    /// So many bases are tried at most.
    private static let mostTrials = 16

    /// Finds out on which base nothing is missing. That is not guessed from single findings: the checks of how programs start and
    /// load run again, with the files of the other base below those of the application.
    ///
    /// `nil` if none of `findings` depends on the base.
    ///
    /// - Parameter findings: what the checks of starting and loading found in `image`.
    init?(
        on findings: [Finding],
        in image: GatedImage<some ImageRoot>,
        _ alternatives: AlternativeBases
    ) throws(Diagnostic) {
        let errors = findings.filter { $0.severity == .error }
        guard errors.contains(where: { Rule.ofBase.contains($0.rule) }) else { return nil }
        let bases = alternatives.load(image.platform)
        let newest = bases.first.map { Self.parts($0.name).suite } ?? ""
        let own = image.base.map(Self.parts)
        let knownSuite = own.flatMap { own in
            bases.contains { Self.parts($0.name).suite == own.suite } ? own.suite : nil
        }
        let suite = knownSuite ?? newest
        let lacking = Set(errors.filter { $0.rule == .libraryMissing }.compactMap(\.subject))
        let candidates = Self.order(bases.filter { $0.name != image.base }, lacking, like: own, suite: suite)
        var best: (base: AlternativeBase, left: [Finding])?
        for candidate in candidates.prefix(Self.mostTrials) {
            // If all lack a library, the base that lacks the fewest is worth a look, to say what is missing there.
            guard candidate.lacks == 0 || best == nil else { break }
            let left = try Self.errors(in: image, on: candidate.base)
            if best.map({ Self.weight(left) < Self.weight($0.left) }) ?? true { best = (candidate.base, left) }
            if left.isEmpty { break }
        }
        let works = best.flatMap { $0.left.isEmpty ? $0.base : nil }
        self.init(
            works: works?.name,
            smaller: try works.flatMap { works throws(Diagnostic) in
                try Self.smaller(
                    than: works,
                    bases.filter { $0.name == image.base } + candidates.map(\.base),
                    in: image
                )
            },
            nearest: best.flatMap { Self.nearest($0.base, $0.left, insteadOf: errors) },
            of: bases,
            for: alternatives.source,
            suite: suite
        )
    }

    /// A program without its loader is worse than any number of missing libraries, of which nothing is known then.
    private static func weight(_ left: [Finding]) -> Int {
        left.count + (left.contains { $0.rule == .loaderMissing } ? 10_000 : 0)
    }

    private static func nearest(_ base: AlternativeBase, _ left: [Finding], insteadOf errors: [Finding]) -> Nearest? {
        // Without its loader nothing else of a program was looked for.
        let hadNone = errors.contains { $0.rule == .loaderMissing }
        let isBetter = left.count < errors.count || hadNone && !left.contains { $0.rule == .loaderMissing }
        guard !left.isEmpty, isBetter else { return nil }
        return Nearest(
            name: base.name,
            problems: left.map { finding in
                guard finding.rule == .libraryMissing, let library = finding.subject else { return finding.summary }
                return "`\(library)` is missing"
            },
            lacks: Set(left.compactMap(\.subject))
        )
    }

    /// How much larger than another a base is that has far more in it than what is missing there.
    private static let largeFactor: Int64 = 4
    /// So many libraries are brought to a base rather than found on a large one.
    private static let fewLibraries = 3

    /// A base of a fraction of the size of `works` on which nothing but a few libraries is missing.
    private static func smaller(
        than works: AlternativeBase,
        _ bases: [AlternativeBase],
        in image: GatedImage<some ImageRoot>
    ) throws(Diagnostic) -> Nearest? {
        let small = bases.filter { $0.size < works.size / largeFactor && $0.names.contains("libc.so.6") }
        var best: (name: String, lacks: Set<String>)?
        for base in small.prefix(mostTrials / 4) {
            let left = try errors(in: image, on: base)
            let lacks = Set(left.compactMap(\.subject))
            guard left.allSatisfy({ $0.rule == .libraryMissing && $0.subject != nil }), lacks.count <= fewLibraries,
                best.map({ lacks.count < $0.lacks.count }) ?? true
            else { continue }
            best = (base.name, lacks)
        }
        return best.map { Nearest(name: $0.name, problems: [], lacks: $0.lacks) }
    }

    // MARK: Trying bases

    private struct Candidate {
        let base: AlternativeBase
        /// Number of missing libraries that the base does not have either.
        let lacks: Int
        /// How far it is from the image's own base.
        let distance: Int
    }

    /// Those that lack the fewest of the libraries first; of these the same kind of base, then the same release, then the smallest.
    private static func order(
        _ bases: [AlternativeBase],
        _ lacking: Set<String>,
        like own: (suite: String, kind: String)?,
        suite: String
    ) -> [Candidate] {
        let candidates = bases.map { base in
            let parts = parts(base.name)
            return Candidate(
                base: base,
                lacks: lacking.count { !base.names.contains($0) },
                distance: parts.kind == own?.kind ? 0 : parts.suite == suite ? 1 : 2
            )
        }
        return candidates.sorted { left, right in
            if left.lacks != right.lacks { return left.lacks < right.lacks }
            if left.distance != right.distance { return left.distance < right.distance }
            return left.base.size == right.base.size
                ? left.base.name < right.base.name : left.base.size < right.base.size
        }
    }

    /// `debian12` and `cc` of `debian12/cc:debug`.
    private static func parts(_ name: String) -> (suite: String, kind: String) {
        let words = name.split(separator: "/", maxSplits: 1)
        guard words.count == 2 else { return ("", name) }
        return (String(words[0]), String(words[1].prefix { $0 != ":" }))
    }

    /// The errors that are left of those that keep programs from starting, if the image stood on `base`.
    private static func errors(
        in image: GatedImage<some ImageRoot>,
        on base: AlternativeBase
    ) throws(Diagnostic) -> [Finding] {
        let root = ReplacedBase(of: image.root, by: base)
        var execution = image.execution
        // The interpreter has another name there: the application goes on the base's own.
        if let program = execution.program, let own = base.entrypoint.first,
            ProgramSearch(image).entrypoint.map({ $0.origin == .base }) ?? true, root.resolve(program) == nil
        {
            let rest = execution.entrypoint.map { Array($0.dropFirst()) }
            if let rest {
                execution.entrypoint = [own] + rest
            } else {
                execution.cmd = [own] + execution.words.dropFirst()
            }
        }
        let other = GatedImage(root: root, platform: image.platform, execution: execution, base: base.name)
        return ImageGate.sorted(try ImageGate.startFindings(in: other)).filter { $0.severity == .error }
    }
}

extension Rule {
    /// What another base may mend.
    static let ofBase: Set<Rule> = [
        .programMissing, .interpreterMissing, .loaderMissing, .libcMismatch, .libraryMissing, .libraryUnreachable,
        .versionMissing, .executableStack, .extensionTag,
    ]
}

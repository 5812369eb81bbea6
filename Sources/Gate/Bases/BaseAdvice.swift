package import Diagnostics
import ELF
package import OCI

/// On which base of the catalogue nothing of what an image lacks is missing: for hints.
///
/// That is not guessed from single findings: the checks of how programs start and load are run again, with the files of the other
/// base below those of the application.
package struct BaseAdvice: Sendable {
    /// A base on which less is missing.
    struct Nearest: Sendable {
        let name: String
        /// What is still wrong there, the most important first.
        let missing: [Finding]

        /// Whether it has `library`, and that is all right there.
        func has(_ library: String) -> Bool { !missing.contains { $0.subject == library } }
    }

    /// So many bases are tried at most.
    private static let mostTrials = 16
    private static let mostNamed = 3

    /// The base on which no error is left; `nil` if there is none.
    let works: String?
    /// The base with the fewest errors, if there are fewer than now, and no base works.
    let nearest: Nearest?
    private let bases: [AlternativeBase]
    /// What `coracle advise` takes for the same application.
    private let source: String?
    /// The release of Debian whose packages are named.
    private let suite: String

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
        (self.bases, source) = (bases, alternatives.source)
        let newest = bases.first.map { Self.parts($0.name).suite } ?? ""
        let own = image.base.map(Self.parts)
        let knownSuite = own.flatMap { own in
            bases.contains { Self.parts($0.name).suite == own.suite } ? own.suite : nil
        }
        let suite = knownSuite ?? newest
        self.suite = suite
        let lacking = Set(errors.filter { $0.rule == .libraryMissing }.compactMap(\.subject))
        let candidates = Self.order(bases.filter { $0.name != image.base }, lacking, like: own, suite: suite)
        var best: (base: AlternativeBase, left: [Finding])?
        for candidate in candidates.prefix(Self.mostTrials) {
            // Of bases that lack a library only the one that lacks the fewest is worth a look, to say what is missing there.
            guard candidate.lacks == 0 || best == nil else { break }
            let left = try Self.errors(in: image, on: candidate.base)
            if best.map({ left.count < $0.left.count }) ?? true { best = (candidate.base, left) }
            if left.isEmpty { break }
        }
        works = best.flatMap { $0.left.isEmpty ? $0.base.name : nil }
        nearest = best.flatMap { best in
            // Without its loader nothing else of a program was looked for.
            let hadNone = errors.contains { $0.rule == .loaderMissing }
            let isBetter =
                best.left.count < errors.count || hadNone && !best.left.contains { $0.rule == .loaderMissing }
            guard !best.left.isEmpty, isBetter else { return nil }
            return Nearest(name: best.base.name, missing: best.left)
        }
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

    // MARK: Words

    /// What is to be said of bases to something that is missing, as the beginning of a hint; `nil` if nothing is known.
    ///
    /// - Parameter library: what is missing, if it is a library.
    func words(about library: String? = nil) -> String? {
        if let works { return "works on \(works)" }
        if let nearest, library.map(nearest.has) ?? true {
            let shown = nearest.missing.prefix(Self.mostNamed).map { finding in
                finding.rule == .libraryMissing
                    ? finding.subject.map { "`\($0)` is missing" } ?? finding.summary : finding.summary
            }
            let more = nearest.missing.count - Self.mostNamed
            return "choose `\(nearest.name)`, which has it; what is left there: \(shown.joined(separator: "; "))"
                + (more > 0 ? "; and \(more) more" : "")
        }
        guard let library else { return nil }
        let having = bases.filter { $0.names.contains(library) }.map { "`\($0.name)`" }
        guard having.isEmpty else {
            return "choose one of the bases that have it, \(having.prefix(Self.mostNamed).joined(separator: ", "))"
        }
        guard !bases.isEmpty else { return nil }
        return "no base of the catalogue has it"
            + (DebianPackages.words(for: library, in: suite).map { ": \($0), for a base of your own" } ?? "")
    }

    /// The command that weighs all bases; `nil` for a finished image, and where a base was found.
    var command: String? {
        guard works == nil, let source else { return nil }
        return "`coracle advise \(source)` weighs all bases"
    }
}

extension Rule {
    /// What another base may mend.
    static let ofBase: Set<Rule> = [
        .programMissing, .interpreterMissing, .loaderMissing, .libcMismatch, .libraryMissing, .libraryUnreachable,
        .versionMissing, .executableStack, .extensionTag,
    ]
}

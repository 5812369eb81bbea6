import ByteIO
package import Diagnostics
import ELF
package import Findings
import Hygiene
import Layers

/// All checks of an image, one after the other.
package enum ImageGate {
    /// The findings of all checks: the most severe first, then by rule and path.
    ///
    /// - Parameter bases: the bases that hints may name. Each is checked in the same way before it is named.
    /// - Throws: the reason why a file cannot be read.
    package static func findings(
        in image: GatedImage<some ImageRoot>,
        weighing bases: AlternativeBases? = nil
    ) throws(Diagnostic) -> [Finding] {
        let chain = try StartChain(image)
        let closure = try chain.closure(image)
        // Each goes over all files by itself, and none needs what another found.
        let results = inStretches(of: 1, Check.allCases.count) { stretch in
            stretch.map { index in
                Result<[Finding], Diagnostic> { () throws(Diagnostic) in
                    try Self.findings(of: Check.allCases[index], in: image, chain, closure)
                }
            }
        }
        var (ofStart, others) = ([Finding](), [Finding]())
        for (check, result) in zip(Check.allCases, results.joined()) {
            if check.isOfStart { ofStart += try result.get() } else { others += try result.get() }
        }
        if let bases, let advice = try BaseAdvice(on: ofStart, in: image, bases) {
            // The same findings once more, with hints that know of all of them.
            var advised = image
            advised.advice = advice
            ofStart = try startFindings(in: advised)
        }
        return sorted(ofStart + others)
    }

    /// What keeps programs from starting and from being loaded, in no particular order.
    static func startFindings(in image: GatedImage<some ImageRoot>) throws(Diagnostic) -> [Finding] {
        let chain = try StartChain(image)
        let closure = try chain.closure(image)
        var findings = [Finding]()
        for check in Check.allCases where check.isOfStart {
            findings += try Self.findings(of: check, in: image, chain, closure)
        }
        return findings
    }

    /// The checks, in the order in which their errors are thrown.
    private enum Check: CaseIterable {
        case start, programs, nonRoot, secrets, junk, needs

        /// Whether it finds what keeps programs from starting and from being loaded, which another base may mend.
        var isOfStart: Bool { self == .start || self == .programs }
    }

    private static func findings<Root>(
        of check: Check,
        in image: GatedImage<Root>,
        _ chain: StartChain<Root>,
        _ closure: LoadedLibraries<Root>?
    ) throws(Diagnostic) -> [Finding] {
        switch check {
        case .start: return try StartCheck(image, chain).findings()
        case .programs: return try ProgramCheck.findings(in: image, chain, closure)
        case .nonRoot:
            let libraries = closure.map { $0.loaded.dropFirst().map(\.entry.path) } ?? []
            return try NonRootProof(image.root, image.execution).findings(libraries: libraries)
        case .secrets: return try SecretCheck(image.root).findings()
        case .junk: return try JunkCheck(image.root).findings()
        case .needs: return try NeedsCheck(image).findings()
        }
    }

    /// What keeps the program of `image` from starting, for a start that is not the image's own; without what its user may
    /// not do.
    package static func startErrors(in image: GatedImage<some ImageRoot>) throws(Diagnostic) -> [Finding] {
        let chain = try StartChain(image)
        var findings = try StartCheck(image, chain).findings().filter { $0.severity == .error }
        if let program = chain.program, let elf = chain.elf {
            findings += try LoaderCheck(image).findings(in: program, elf, .error)
        }
        return findings
    }

    /// What keeps `user` from starting the program of `image` and from reading the application's files.
    package static func denials(
        to user: ContainerUser,
        in image: GatedImage<some ImageRoot>
    ) throws(Diagnostic) -> [Finding] {
        let closure = try StartChain(image).closure(image)
        let libraries = closure.map { $0.loaded.dropFirst().map(\.entry.path) } ?? []
        let rules: [Rule] = [.userPermissionDenied, .userUnreadable, .userWorkdir]
        return try NonRootProof(image.root, image.execution, as: user).findings(libraries: libraries)
            .filter { rules.contains($0.rule) }
    }

    /// The findings in the order in which they are reported, without duplicates.
    package static func sorted(_ findings: [Finding]) -> [Finding] {
        var seen = Set<Finding>()
        let distinct = findings.filter { seen.insert($0).inserted }
        return distinct.sorted { left, right in
            if left.severity != right.severity { return left.severity > right.severity }
            if left.rule.code != right.rule.code { return left.rule.code < right.rule.code }
            if left.path != right.path { return (left.path ?? .root) < (right.path ?? .root) }
            return left.summary < right.summary
        }
    }
}

import Bases
import ByteIO
import Diagnostics
import Findings
import Gate
import Images
import OCI
import Plan
import Request
import Stack

/// An application, planned on one base after the other and checked as `check` would.
struct BaseTrials {
    /// Whether the application runs on a base.
    enum Answer: Hashable {
        case runs
        /// Why not, in words and by what is wrong.
        case refused(String, [Finding])
        /// Nothing is known of the base, for this reason.
        case unknown(String)

        /// Whether the base does not have what has to start.
        var lacksProgram: Bool {
            guard case .refused(_, let errors) = self else { return false }
            return errors.contains { [.programMissing, .interpreterMissing].contains($0.rule) }
        }

        /// The libraries that are missing, if that is all that is wrong.
        var missingLibraries: [String]? {
            guard case .refused(_, let errors) = self, !errors.isEmpty,
                errors.allSatisfy({ $0.rule == .libraryMissing && $0.subject != nil })
            else { return nil }
            return Set(errors.compactMap(\.subject)).sorted()
        }

        /// Why the base is not recommended; `nil` if it may be.
        var problem: String? {
            switch self {
            case .runs: nil
            case .refused(let reason, _), .unknown(let reason): reason
            }
        }
    }

    private let platform: Platform?
    private let bases: KnownBases?
    private let request: BuildRequest

    /// - Throws: what is wrong with a directory of bases.
    init(of path: FilePath, _ application: Application, _ access: ImageAccess) throws(Diagnostic) {
        platform = application.variants.first?.platform
        bases = try platform.flatMap { platform throws(Diagnostic) in try KnownBases(for: platform, access) }
        var request = BuildRequest(paths: [path])
        request.allowsEscapingSymlinks = true
        request.platforms = platform.map { [$0] } ?? []
        request.choosesBase = false
        request.gate = .refusingNothing
        self.request = request
    }

    /// Whether it runs without a base.
    var answerOnScratch: Answer {
        Self.answer(Result { () throws(DiagnosticList) in try Planner.plan(request) }, hasLibc: false)
    }

    /// Whether it runs on each of the bases.
    ///
    /// - Throws: what reading a package of the cache throws.
    func answers(on entries: [BaseCatalogue.Entry]) throws(Diagnostic) -> [Answer] {
        guard let bases, let first = entries.first else {
            let reason = "is not there" + (platform.map { " for \($0)" } ?? "")
            return entries.map { _ in .unknown(reason) }
        }
        var found = [BaseReader.Found?]()
        for entry in entries { found.append(try bases.base(entry)) }
        var request = request
        request.base = .catalogue(first.name)
        var plans = Planner.plans(request, on: found.compactMap(\.self))[...]
        return zip(entries, found).map { entry, base in
            guard base != nil, let plan = plans.popFirst() else {
                let (name, isLocked) = (entry.definition.fullName, entry.section.lock != nil)
                return .unknown(
                    isLocked
                        ? "is not known before it is fetched: `coracle base fetch \(name)`"
                        : "is not known before it is locked: `coracle base lock \(name)`"
                )
            }
            return Self.answer(plan, hasLibc: entry.libc != nil)
        }
    }

    private static func answer(_ plan: Result<BuildPlan, DiagnosticList>, hasLibc: Bool) -> Answer {
        switch plan {
        case .failure(let problems): return .refused(problems.items[0].summary, [])
        case .success(let plan):
            let errors = plan.images.flatMap(\.findings).filter { $0.severity == .error }
            return reason(errors, hasLibc: hasLibc).map { reason in
                .refused(reason, errors)
            } ?? .runs
        }
    }

    /// In words that follow the name of a base; `nil` without errors.
    private static func reason(_ errors: [Finding], hasLibc: Bool) -> String? {
        guard let first = errors.first else { return nil }
        if !hasLibc, errors.contains(where: { $0.rule == .loaderMissing }) {
            return "has no C library; the program is linked dynamically"
        }
        let missing = Set(errors.filter { $0.rule == .libraryMissing }.compactMap(\.subject)).sorted()
        if let library = missing.first {
            return "lacks \(library)" + (missing.count > 1 ? " and \(missing.count - 1) more" : "")
        }
        return first.summary + (errors.count > 1 ? "; and \(errors.count - 1) more" : "")
    }
}

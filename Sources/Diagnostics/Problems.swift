/// The problems that were found so far. The planner goes on after one, so that a user can correct all of them in one go.
package struct Problems {
    /// The number of problems that are reported one by one: a tree with ten thousand sockets has one problem.
    private static let limit = 20

    /// Those that are reported one by one.
    package private(set) var diagnostics: [Diagnostic] = []
    private var unreported = 0
    private var repeated = 0

    package init() {}

    package var isEmpty: Bool { diagnostics.isEmpty }
    /// The number of problems, with those that were found again.
    package var count: Int { diagnostics.count + unreported + repeated }

    /// Adds `problem`; one that was found before, for another platform's image perhaps, is only counted.
    package mutating func add(_ problem: Diagnostic) {
        guard !diagnostics.contains(where: { $0.withoutHint == problem.withoutHint }) else {
            repeated += 1
            return
        }
        if diagnostics.count < Self.limit { diagnostics.append(problem) } else { unreported += 1 }
    }

    /// Adds problems that were collected separately, behind those that are here.
    package mutating func add(_ others: Problems) {
        for problem in others.diagnostics { add(problem) }
        unreported += others.unreported
        repeated += others.repeated
    }

    /// Runs `body`; adds the error that it throws, and returns `nil` then.
    package mutating func collect<Result>(_ body: () throws(Diagnostic) -> Result) -> Result? {
        do throws(Diagnostic) {
            return try body()
        } catch {
            add(error)
            return nil
        }
    }

    /// - Throws: all problems, if there are any.
    package func check() throws(DiagnosticList) {
        var reported = diagnostics
        if unreported > 0, let last = reported.last {
            reported.append(Diagnostic(last.code, "\(unreported) more problems like these"))
        }
        if let list = DiagnosticList(reported) { throw list }
    }
}

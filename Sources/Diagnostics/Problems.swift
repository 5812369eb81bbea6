/// What was found wrong so far. The planner goes on after a problem, so that a user mends all of them in one go.
package struct Problems {
    /// Maximum number that is reported one by one: a tree with ten thousand sockets has one problem, not ten thousand.
    private static let limit = 20

    private var diagnostics: [Diagnostic] = []
    private var unreported = 0
    private var repeated = 0

    package init() {}

    package var isEmpty: Bool { diagnostics.isEmpty }
    /// The repeated ones are counted: something was wrong again.
    package var count: Int { diagnostics.count + unreported + repeated }

    /// A problem that was reported already, perhaps for another platform's image, is not reported again.
    package mutating func add(_ problem: Diagnostic) {
        guard !diagnostics.contains(where: { $0.isSame(as: problem) }) else {
            repeated += 1
            return
        }
        if diagnostics.count < Self.limit { diagnostics.append(problem) } else { unreported += 1 }
    }

    /// Adds problems that were kept apart, to be reported after these.
    package mutating func add(_ others: Problems) {
        for problem in others.diagnostics { add(problem) }
        unreported += others.unreported
        repeated += others.repeated
    }

    /// Runs `body` and keeps what it throws; nil then.
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

extension Diagnostic {
    /// Whether it says the same of the same thing.
    fileprivate func isSame(as other: Diagnostic) -> Bool {
        code == other.code && summary == other.summary && subject == other.subject && reason == other.reason
    }
}

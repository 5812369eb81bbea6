import Diagnostics
import Gate
import Glibc
import OCI
import Synchronization

/// What the user sees: results on standard output, everything else on standard error.
enum Console {
    /// Standard output took no more.
    struct OutputFailure: Error {
        let number: Int32

        /// As a shell reports a program that a closed pipe ended; a full disk is a problem of this machine.
        var exitCode: Int32 { number == EPIPE ? 128 + SIGPIPE : Diagnostic.Category.localIO.rawValue }
    }

    /// To be called before any file is opened: one that got the number of a closed standard stream would have written
    /// into it what is meant for the user.
    static func prepare() {
        // Read-only, so that writing there is an error.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Writes a result, with a line feed at its end.
    static func output(_ text: String) throws(OutputFailure) {
        show([])
        if let number = write(text, to: STDOUT_FILENO) {
            if number != EPIPE {
                log("error[io.failed]: cannot write to standard output: \(String(cString: strerror(number)))")
            }
            throw OutputFailure(number: number)
        }
    }

    /// Writes a result: the document if there is one, else the lines, made safe for a terminal.
    static func output(_ document: ResultDocument?, else lines: [String]) throws(OutputFailure) {
        if let document {
            try output(String(decoding: document.json.encoded(pretty: true), as: UTF8.self))
        } else {
            try output(lines.map(\.escapedForTerminal).joined(separator: "\n"))
        }
    }

    /// Writes what is not a result.
    static func log(_ text: String) {
        drawn.withLock { drawn in
            // There is no third place to complain about a standard error that takes nothing.
            _ = write(erasing(drawn) + text, to: STDERR_FILENO)
            drawn = 0
        }
    }

    /// How many lines of a block stand above the cursor.
    private static let drawn = Mutex(0)

    /// Shows a block of lines in the place of the one before; none to take it away. For terminals.
    ///
    /// The cursor stays below the block and is never hidden, so that nothing is to be mended if the process ends here.
    static func show(_ lines: [String]) {
        drawn.withLock { drawn in
            guard drawn > 0 || !lines.isEmpty else { return }
            let text = erasing(drawn) + lines.map { $0.escapedForTerminal + "\n" }.joined()
            _ = write(text, to: STDERR_FILENO, endingLine: false)
            drawn = lines.count
        }
    }

    /// ECMA-48: CUU, CR and ED take away so many lines above the cursor.
    private static func erasing(_ lines: Int) -> String { lines > 0 ? "\u{1B}[\(lines)A\r\u{1B}[J" : "" }

    static func report(_ problems: [Diagnostic]) {
        for problem in problems { log(lines(problem, "error[\(problem.code)]")) }
    }

    static func note(_ notes: [Diagnostic]) {
        for note in notes { log(lines(note, "note")) }
    }

    /// What a check found: each with its code, which `--allow` takes.
    static func tell(_ findings: [Finding]) {
        for finding in findings { tell(finding.diagnostic, by: finding.rule) }
    }

    /// The same for one, in words of its own.
    static func tell(_ finding: Diagnostic, by rule: Rule) {
        // An error that is told and stops nothing was excused.
        let label = rule.severity == .error ? "allowed" : "\(rule.severity)"
        log(lines(finding, "\(label)[\(rule.code)]"))
    }

    private static func lines(_ problem: Diagnostic, _ label: String) -> String {
        var lines = ["\(label): \(problem.summary.escapedForTerminal)"]
        if let subject = problem.subject { lines.append("  at: \(subject.description.escapedForTerminal)") }
        if let reason = problem.reason { lines.append("  because: \(reason.escapedForTerminal)") }
        if let hint = problem.hint { lines.append("  hint: \(hint.escapedForTerminal)") }
        return lines.joined(separator: "\n")
    }

    /// Returns the error's number, nil if all was written.
    private static func write(_ text: String, to descriptor: Int32, endingLine: Bool = true) -> Int32? {
        var rest = Array((text.hasSuffix("\n") || !endingLine ? text : text + "\n").utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0 { return errno }
            rest = rest.dropFirst(count)
        }
        return nil
    }
}

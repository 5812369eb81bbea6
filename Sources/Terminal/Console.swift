import ByteIO
package import Diagnostics
package import Findings
import Glibc
package import OCI
import Synchronization

/// What the user sees: results on standard output, everything else on standard error.
package enum Console {
    /// Standard output took no more.
    package struct OutputFailure: Error {
        package let number: Int32

        /// As a shell reports a program that a closed pipe ended; a full disk is a problem of this machine.
        package var exitCode: Int32 { number == EPIPE ? 128 + SIGPIPE : Diagnostic.Category.localIO.rawValue }
    }

    /// To be called before any file is opened: a file with the number of a closed standard stream would receive what is
    /// meant for the user. And what is made here can be read and deleted by its owner, whatever the umask.
    package static func prepare() {
        umask(umask(0o077) & ~0o700)
        // Read-only, so that writing there is an error.
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDONLY)
        }
    }

    /// Writes a result, with a line feed at its end.
    ///
    /// - Parameter effect: what the command has done, whether or not this can be written, such as `the image is written`.
    package static func output(_ text: String, after effect: String? = nil) throws(OutputFailure) {
        show([])
        if let number = write(text, to: STDOUT_FILENO) { throw failure(number, after: effect) }
    }

    /// Writes a part of a result as it is.
    package static func output(bytes: [UInt8]) throws(OutputFailure) {
        show([])
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw OutputFailure(number: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes a result into `file`, which appears whole; `-` is standard output.
    package static func output(bytes: [UInt8], to file: String) throws {
        if file == "-" { return try output(bytes: bytes) }
        try [bytes].write(to: FilePath(file))
    }

    /// Writes a result: the document if there is one, else the lines, made safe for a terminal.
    package static func output(
        _ document: ResultDocument?,
        else lines: [String],
        after effect: String? = nil
    ) throws(OutputFailure) {
        if let document {
            try output(String(decoding: document.json.encoded(pretty: true), as: UTF8.self), after: effect)
        } else {
            try output(lines.map(\.escapedForTerminal).joined(separator: "\n"), after: effect)
        }
    }

    /// Writes lines as they come, made safe for a terminal: there may be more of them than fit into memory as text.
    package static func output(_ lines: some Sequence<String>) throws(OutputFailure) {
        var text = ""
        for line in lines {
            text += line.escapedForTerminal + "\n"
            guard text.utf8.count > 1 << 16 else { continue }
            try output(text)
            text = ""
        }
        if !text.isEmpty { try output(text) }
    }

    /// Writes `document` with a last member `key`, a list whose elements are written as they come.
    package static func output(
        _ document: ResultDocument,
        _ key: String,
        _ elements: some Sequence<JSON>
    ) throws(OutputFailure) {
        var members = JSONObject()
        if case .object(let known) = document.json { members = known }
        members[key] = .array([])
        let whole = String(decoding: JSON.object(members).encoded(pretty: true), as: UTF8.self)
        // The list's end is that of the document: `[]`, and a line with its brace.
        var text = String(whole.dropLast("]\n}\n".count))
        var isFirst = true
        for element in elements {
            let lines = String(decoding: element.encoded(pretty: true), as: UTF8.self).split(separator: "\n")
            text += (isFirst ? "\n" : ",\n") + lines.map { "    \($0)" }.joined(separator: "\n")
            isFirst = false
            guard text.utf8.count > 1 << 16 else { continue }
            try output(part: text)
            text = ""
        }
        try output(text + (isFirst ? "]\n}\n" : "\n  ]\n}\n"))
    }

    private static func output(part text: String) throws(OutputFailure) {
        if let number = write(text, to: STDOUT_FILENO, endingLine: false) { throw failure(number) }
    }

    private static func failure(_ number: Int32, after effect: String? = nil) -> OutputFailure {
        if number != EPIPE {
            log("error[io.failed]: cannot write to standard output: \(String(cString: strerror(number)))")
            if let effect { log("  hint: \(effect) all the same") }
        }
        return OutputFailure(number: number)
    }

    /// Writes what is not a result.
    package static func log(_ text: String) {
        Activity.hear()
        drawn.withLock { drawn in
            // There is no third place to report that standard error takes nothing.
            _ = write(erasing(drawn) + text, to: STDERR_FILENO)
            drawn = 0
        }
    }

    /// How many lines of a block stand above the cursor.
    private static let drawn = Mutex(0)

    /// Shows a block of lines instead of the one before; none to take it away. For terminals.
    ///
    /// The cursor stays below the block and is never hidden, so that nothing has to be restored if the process ends here.
    package static func show(_ lines: [String]) {
        Activity.hear()
        redraw(lines)
    }

    /// The same for a block that says nothing new.
    package static func redraw(_ lines: [String]) {
        drawn.withLock { drawn in
            guard drawn > 0 || !lines.isEmpty else { return }
            let text = erasing(drawn) + lines.map { $0.escapedForTerminal + "\n" }.joined()
            _ = write(text, to: STDERR_FILENO, endingLine: false)
            drawn = lines.count
        }
    }

    /// ECMA-48: CUU, CR and ED take away so many lines above the cursor.
    private static func erasing(_ lines: Int) -> String { lines > 0 ? "\u{1B}[\(lines)A\r\u{1B}[J" : "" }

    // MARK: Messages

    /// Errors, those of one kind in one block.
    package static func report(_ problems: [Diagnostic]) {
        for block in MessageBlock.blocks(problems, .error, label: { "error[\($0.code)]" }) { write(block) }
    }

    /// What is worth knowing and not wrong.
    package static func note(_ notes: [Diagnostic]) {
        for (some, severity, label) in [
            (notes.filter(\.code.isWarning), MessageBlock.Severity.warning, "warning"),
            (notes.filter { !$0.code.isWarning }, .remark, "note"),
        ] {
            for block in MessageBlock.blocks(some, severity, label: { _ in label }) { write(block) }
        }
    }

    /// What a check found: each with its code, which `--allow` takes.
    package static func report(_ findings: [Finding]) {
        for finding in findings { report(finding.diagnostic, by: finding.rule, as: finding.severity) }
    }

    /// The same for one, in words of its own.
    package static func report(_ finding: Diagnostic, by rule: Rule, as severity: Rule.Severity) {
        // An error that is reported and stops nothing was allowed.
        let label = severity == .error ? "allowed" : "\(severity)"
        write(MessageBlock("\(label)[\(rule.code)]", severity == .warning ? .warning : .remark, finding))
    }

    private static func write(_ block: MessageBlock) { log(block.text(for: .errors)) }

    // MARK: Bytes

    /// Returns the error's number; `nil` if all was written.
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

import Request
import ByteIO
import Diagnostics
import Glibc
import OCI
import Plan
import Synchronization

/// A program of a toolchain, found on `PATH`.
struct BuildTool: Sendable {
    /// A build takes minutes, and one that hangs for hours is of no use.
    private static let timeLimit = Duration.seconds(4 * 3600)
    /// Size of what is read of a tool that describes a project, in bytes.
    private static let largestAnswer = 64 << 20

    let name: String
    private let path: FilePath
    private let workshop: Workshop

    /// - Parameter evidence: what asks for it, in words.
    /// - Throws: `source.no-toolchain`.
    init(_ name: String, for evidence: String, in workshop: Workshop) throws(Diagnostic) {
        try self.init(oneOf: [name], for: evidence, in: workshop)
    }

    /// The first of `names` that is there.
    init(oneOf names: [String], for evidence: String, in workshop: Workshop) throws(Diagnostic) {
        self.workshop = workshop
        guard let name = names.first(where: { workshop.program(named: $0) != nil }),
            let path = workshop.program(named: name)
        else {
            throw Diagnostic(
                .sourceNoToolchain,
                "\(names.map { "`\($0)`" }.joined(separator: " or ")) is not on `PATH`",
                because: "\(evidence), and coracle builds with the toolchain that is there",
                hint: "install it, or build elsewhere and give coracle the program"
            )
        }
        (self.name, self.path) = (name, path)
    }

    /// How it ended, and its last words.
    struct Outcome {
        let hasSucceeded: Bool
        let reason: String?
        /// Its standard output, if that was asked for.
        let output: [UInt8]
        let lastLines: [String]

        func says(_ text: String) -> Bool { lastLines.contains { $0.contains(text) } }
    }

    /// Runs it in `directory`, and keeps the end of what it writes.
    ///
    /// - Parameter isAnswer: whether its standard output is wanted as a whole.
    func run(
        _ arguments: [String],
        in directory: FilePath,
        _ environment: ToolEnvironment,
        isAnswer: Bool = false
    ) async -> Outcome {
        let process = ChildProcess(
            path,
            [name] + arguments,
            environment: environment.variables,
            directory: directory,
            outputs: [1, 2],
            // Only the end is kept, however much there is, and of an answer what may be read.
            outputLimit: .max,
            timeLimit: Self.timeLimit,
            endsGroup: true
        )
        let answer = Mutex<[UInt8]>([])
        let tail = Tail()
        let ending = await process.run { descriptor, bytes in
            if isAnswer, descriptor == 1 {
                answer.withLock { if $0.count <= Self.largestAnswer { $0.append(contentsOf: bytes) } }
            } else {
                tail.add(bytes)
            }
        }
        let isTooLong = answer.withLock { $0.count > Self.largestAnswer }
        let reason = ending.reason(process) ?? (isTooLong ? "it wrote more than \(Self.largestAnswer) bytes" : nil)
        return Outcome(
            hasSucceeded: reason == nil,
            reason: reason,
            output: answer.withLock { $0 },
            lastLines: tail.lines
        )
    }

    /// The same; what it said last is shown if it fails.
    ///
    /// - Throws: `source.build-failed`.
    @discardableResult
    func runToEnd(
        _ arguments: [String],
        in directory: FilePath,
        _ environment: ToolEnvironment,
        isAnswer: Bool = false
    ) async throws(Diagnostic) -> Outcome {
        let outcome = await run(arguments, in: directory, environment, isAnswer: isAnswer)
        guard outcome.hasSucceeded else { throw failure(of: arguments, outcome) }
        return outcome
    }

    /// The document that it prints.
    ///
    /// - Throws: `source.build-failed`.
    func json(
        _ arguments: [String],
        in directory: FilePath,
        _ environment: ToolEnvironment
    ) async throws(Diagnostic) -> JSON {
        let outcome = try await runToEnd(arguments, in: directory, environment, isAnswer: true)
        do throws(Diagnostic) {
            return try JSON(parsing: outcome.output, named: "\(name)'s answer")
        } catch {
            throw Diagnostic(
                .sourceBuildFailed,
                "`\(CommandText([name] + arguments))` does not print a JSON document",
                because: error.reason ?? error.summary,
                hint: "coracle needs a newer `\(name)`, perhaps"
            )
        }
    }

    /// What to throw for `outcome`, whose last lines are shown at once.
    func failure(of arguments: [String], _ outcome: Outcome) -> Diagnostic {
        // Another image's failure has ended it: what it said last explains nothing.
        if Task.isCancelled { return .cancelled }
        for line in outcome.lastLines { workshop.say("  \(Secrets.struck(line))") }
        return Diagnostic(
            .sourceBuildFailed,
            "`\(CommandText([name] + arguments.prefix(arguments.first == "-m" ? 3 : 1)))` failed",
            because: outcome.reason,
            hint: outcome.lastLines.isEmpty ? nil : "its last lines are above"
        )
    }
}

/// The end of what a tool writes.
private final class Tail: Sendable {
    private static let size = 64 << 10
    private static let lineCount = 40
    private static let lineLength = 2000

    private let kept = Mutex<[UInt8]>([])

    func add(_ bytes: UnsafeRawBufferPointer) {
        kept.withLock { kept in
            kept.append(contentsOf: bytes)
            if kept.count > 2 * Self.size { kept.removeFirst(kept.count - Self.size) }
        }
    }

    var lines: [String] {
        let text = String(decoding: kept.withLock { $0.suffix(Self.size) }, as: UTF8.self)
        return text.split(whereSeparator: \.isNewline).suffix(Self.lineCount).map { String($0.prefix(Self.lineLength)) }
    }
}

extension Diagnostic.Code {
    static let sourceNoToolchain = Self("source.no-toolchain", .input)
    static let sourceBuildFailed = Self("source.build-failed", .input)
}

import ByteIO
import Diagnostics
import Store

/// A program that an engine brings along, and the arguments that every call of it has.
struct EngineProgram: Sendable {
    let path: FilePath
    let arguments: [String]
    let environment: [String: String]

    /// Time limit for a question, and for a load, which decompresses and unpacks all layers.
    private static let (questionLimit, loadLimit): (Duration, Duration) = (.seconds(30), .seconds(3600))
    /// Number of bytes that a program may write.
    private static let outputLimit = 4 << 20

    /// As it would be typed, for messages.
    var display: String { ([path.name] + arguments).joined(separator: " ") }

    func with(_ more: [String]) -> EngineProgram {
        EngineProgram(path: path, arguments: arguments + more, environment: environment)
    }

    /// What it writes to standard output.
    ///
    /// - Throws: `engine.failed`.
    func output() async throws(Diagnostic) -> String { try await run(nil, Self.questionLimit) }

    /// The same of a call that loads an image by itself.
    ///
    /// - Throws: `engine.failed`.
    func loadOutput() async throws(Diagnostic) -> String { try await run(nil, Self.loadLimit) }

    /// Writes the archive into it, as it takes it.
    ///
    /// - Throws: `engine.failed`; `blob.…` for an archive that cannot be read.
    func load(_ stream: ArchiveStream) async throws(Diagnostic) -> String {
        let input = ArchiveInput(stream)
        let output = try await run(input, Self.loadLimit)
        // A program may stop reading at the end that the archive itself states.
        guard input.reader.size - input.reader.position <= 64 << 10 else {
            throw failed("it ended without reading the whole archive", output)
        }
        return output
    }

    private func run(_ feed: ArchiveInput?, _ limit: Duration) async throws(Diagnostic) -> String {
        let process = ChildProcess(
            path,
            [path.display] + arguments,
            environment: environment,
            feed: feed,
            outputs: [1, 2],
            outputLimit: Self.outputLimit,
            timeLimit: limit
        )
        let outcome = await process.run()
        if case .unfed(let problem) = outcome.ending { throw problem }
        if outcome.ending == .cancelled { throw .cancelled }
        let output = String(decoding: outcome[1], as: UTF8.self)
        guard let reason = outcome.ending.reason(process) else { return output }
        throw failed(reason, String(decoding: outcome[2], as: UTF8.self))
    }

    private func failed(_ reason: String, _ said: String) -> Diagnostic {
        // The end of what it says is usually what it failed for.
        let lines = said.split(whereSeparator: \.isNewline).map(String.init).filter { !$0.isEmpty }
        let words = lines.suffix(2).map { $0.excerpt(atMost: 300) }.joined(separator: "; ")
        let isDenied = said.lowercased().contains("permission denied")
        return Diagnostic(
            isDenied ? .engineDenied : .engineFailed,
            "`\(display)` failed",
            because: reason + (words.isEmpty ? "" : ", and says: \(words)"),
            hint: isDenied ? "only root may do this: run coracle as root, or with `sudo`" : nil
        )
    }

    /// The program that `PATH` has under `name`; `nil` if there is none.
    static func find(_ name: String, _ environment: [String: String]) -> EngineProgram? {
        FilePath.ofProgram(name, in: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").map {
            EngineProgram(path: $0, arguments: [], environment: environment)
        }
    }
}

/// An archive as standard input.
private struct ArchiveInput: ChildInput {
    let reader: ArchiveReader

    init(_ stream: ArchiveStream) { reader = ArchiveReader(stream) }

    func next() throws(Diagnostic) -> [UInt8] { try reader.read(1 << 18) }
}

extension String {
    /// The beginning, made short enough for a message.
    func excerpt(atMost count: Int) -> String { self.count > count ? prefix(count) + "…" : self }
}

extension Diagnostic.Code {
    static let engineFailed = Self("engine.failed", .localIO)
    static let engineDenied = Self("engine.denied", .localIO)
}

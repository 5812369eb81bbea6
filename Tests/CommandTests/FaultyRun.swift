import TestSupport
import Testing

/// A run of `coracle` in a directory of its own, with a home of its own.
struct FaultyRun {
    let outcome: Outcome

    /// What it has left in its directory, sorted; a part of what it was to write is a bug.
    let written: [String]

    /// Runs `coracle`.
    ///
    /// - Parameter files: What is in the working directory before.
    init(
        _ arguments: [String],
        credentials: DockerConfiguration? = nil,
        environment: [String: String?] = [:],
        files: [String: [UInt8]] = [:],
        timeLimit: Double = 90
    ) throws {
        let place = try TemporaryDirectory()
        for (name, bytes) in files { try place.file(name, bytes, mode: 0o755) }
        let credentials = try credentials ?? DockerConfiguration()
        let variables = credentials.environment.merging(environment) { _, changed in changed }
        outcome = try Built.coracle(
            arguments,
            environment: variables,
            directory: place.path,
            timeLimit: timeLimit
        ).run()
        written = try withExtendedLifetime(credentials) {
            try names(in: place.path).filter { name in !files.keys.contains { $0 == name || $0.hasPrefix("\(name)/") } }
        }
    }

    /// What the test prints when it fails.
    var story: String { "\(outcome.end), wrote \(written)\n\(outcome.output)\(outcome.errors)" }
}

/// A fault of a registry, and what a person has to read about it.
struct RegistryFault: Sendable, CustomTestStringConvertible {
    let testDescription: String

    /// The exit code.
    let exit: Int32

    /// Each is in what is written to standard error.
    let words: [String]

    /// How often a step is to have been asked for.
    let count: (step: RegistryStep, times: ClosedRange<Int>)?

    let answer: @Sendable (FaultyRegistry.Asked) -> ScriptedAnswer

    /// The answer to `step` is always `answer`.
    static func always(
        _ step: RegistryStep,
        _ description: String,
        _ answer: ScriptedAnswer,
        _ exit: Int32,
        _ words: String...,
        times: ClosedRange<Int>? = nil
    ) -> RegistryFault {
        RegistryFault(
            testDescription: "\(step): \(description)",
            exit: exit,
            words: words,
            count: times.map { (step, $0) },
            answer: { $0.step == step ? answer : $0.answer }
        )
    }

    /// The first answers to `step` are these; then all is well.
    static func first(
        _ step: RegistryStep,
        _ description: String,
        _ answers: [ScriptedAnswer],
        times: ClosedRange<Int>? = nil
    ) -> RegistryFault {
        RegistryFault(
            testDescription: "\(step): first \(description)",
            exit: 0,
            words: [],
            count: times.map { (step, $0) },
            answer: { $0.step == step && $0.number < answers.count ? answers[$0.number] : $0.answer }
        )
    }

    /// The answers to `step` are the right ones, changed.
    static func changed(
        _ step: RegistryStep,
        _ description: String,
        _ exit: Int32,
        _ words: String...,
        times: ClosedRange<Int>? = nil,
        by change: @escaping @Sendable (FaultyRegistry.Asked) -> ScriptedAnswer
    ) -> RegistryFault {
        RegistryFault(
            testDescription: "\(step): \(description)",
            exit: exit,
            words: words,
            count: times.map { (step, $0) },
            answer: { $0.step == step ? change($0) : $0.answer }
        )
    }
}

/// Small images for faulty registries.
enum SmallImage {
    /// One layer with two files, one of them 100,000 bytes that do not compress.
    static var image: HandmadeImage {
        get throws { try stored.get() }
    }

    /// The digest of its layer.
    static var layer: String {
        get throws { try image.layers[0] }
    }

    /// The same as an image layout called `image`, by path.
    static func layout() throws -> [String: [UInt8]] {
        try image.layout("image")
    }

    private static let stored = Result {
        try HandmadeImage(layers: [
            HandmadeImage.Layer("mkdir etc; echo hand >etc/name; openssl rand 100000 >noise")
        ])
    }
}

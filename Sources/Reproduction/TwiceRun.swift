package import ByteIO
import Comparison
package import Diagnostics
import Glibc
package import Images
package import OCI

/// Builds the same twice, in surroundings that differ in all that must not matter.
package struct TwiceRun: Sendable {
    private let program: FilePath
    private let words: [String]
    private let paths: [FilePath]
    private let environment: [String: String]
    private let directory: FilePath

    /// How long one build may take.
    private static let timeLimit = Duration.seconds(3600)
    private static let outputLimit = 4 << 20

    /// - Parameters:
    ///   - program: coracle itself.
    ///   - words: options of `build`, with absolute paths.
    ///   - paths: the application, as absolute paths. A copy of each is built the second time.
    ///   - environment: of this process.
    ///   - directory: exists, and is empty.
    package init(
        _ program: FilePath,
        _ words: [String],
        _ paths: [FilePath],
        environment: [String: String],
        in directory: FilePath
    ) {
        self.program = program
        self.words = words
        self.paths = paths
        self.environment = environment
        self.directory = directory
    }

    private struct Surroundings {
        let directory: FilePath
        let paths: [FilePath]
        let jobs: Int
        let umask: mode_t
        let variables: [String: String]
    }

    /// - Throws: `reproduce.build-failed`, `io.failed`; what reading and comparing the images throws.
    package func run(_ access: ImageAccess) async throws(Diagnostic) -> TwiceReport {
        let (first, second) = try surroundings()
        let began = ContinuousClock.now
        let one = try await build(first)
        // The clock is to show another second.
        let passed = began.duration(to: .now)
        if passed < .milliseconds(1100) { try? await Task.sleep(for: .milliseconds(1100) - passed) }
        let other = try await build(second)
        let images = try await (MadeImages(one, access), MadeImages(other, access))
        guard images.0.top != images.1.top else { return TwiceReport(images.0.top, images.1.top, nil) }
        let difference = try await ImageComparer(access).compare(
            .image(images.0.provider, name: "the first build"),
            .image(images.1.provider, name: "the second")
        )
        return TwiceReport(images.0.top, images.1.top, difference)
    }

    /// What is varied, for reports: what it was, and is then.
    package static let varied = [
        "cores 4 and 1", "umask 022 and 077", "locale C and tr_TR.UTF-8", "time zone UTC and Asia/Kathmandu",
        "working directory", "TMPDIR", "path, order and times of the inputs", "clock",
    ]

    private func surroundings() throws(Diagnostic) -> (Surroundings, Surroundings) {
        let (one, other) = (directory.appending("1"), directory.appending("the second place"))
        let inputs = other.appending("copies")
        for place in [one, other, one.appending("tmp"), other.appending("tmp"), inputs] { try makeDirectory(place) }
        var copies = [FilePath]()
        for (index, path) in paths.enumerated() {
            // Programs of several platforms may have one name.
            let place = inputs.appending("\(paths.count - index)")
            try makeDirectory(place)
            let copy = place.appending(name: Array((path.resolved ?? path).name.utf8))
            let named = path.name == "." || path.name == ".." ? copy : place.appending(name: Array(path.name.utf8))
            do throws(SystemError) {
                try TreeCopy.make(of: path, at: named)
            } catch {
                guard error.number == ENOENT else { throw error.diagnostic("copy", path.display) }
                throw Diagnostic(
                    .reproduceSourceMissing,
                    "there is no `\(path.display)`",
                    at: .option("--from"),
                    hint: "name the program or the directory that an image is made of"
                )
            }
            copies.append(named)
        }
        return (
            Surroundings(
                directory: one,
                paths: paths,
                jobs: 4,
                umask: 0o022,
                variables: ["LC_ALL": "C", "LANG": "C", "TZ": "UTC", "TMPDIR": one.appending("tmp").display]
            ),
            Surroundings(
                directory: other,
                paths: copies,
                jobs: 1,
                umask: 0o077,
                variables: [
                    "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu",
                    "TMPDIR": other.appending("tmp").display,
                ]
            )
        )
    }

    private func makeDirectory(_ path: FilePath) throws(Diagnostic) {
        guard path.withCString({ mkdir($0, 0o700) }) == 0 else {
            throw SystemError.last.diagnostic("create a directory", path.display)
        }
    }

    /// The layout that the build wrote.
    private func build(_ surroundings: Surroundings) async throws(Diagnostic) -> ImageLocation {
        let layout = surroundings.directory.appending("image.oci")
        let arguments =
            ["coracle", "build"] + words
            + [
                "--output=\(layout.display)", "--no-cache", "--jobs=\(surroundings.jobs)", "--progress=none", "--",
            ] + surroundings.paths.map(\.display)
        let process = ChildProcess(
            program,
            arguments,
            environment: environment.merging(surroundings.variables) { $1 },
            directory: surroundings.directory,
            outputs: [1, 2],
            outputLimit: Self.outputLimit,
            timeLimit: Self.timeLimit
        )
        // The child inherits it, and nothing else of this process makes files meanwhile.
        let before = umask(surroundings.umask)
        let outcome = await process.run()
        _ = umask(before)
        if let reason = outcome.ending.reason(process) {
            let errors = String(decoding: outcome[2], as: UTF8.self).split(separator: "\n")
            let line = errors.first { $0.hasPrefix("error[") } ?? errors.last
            throw Diagnostic(
                .reproduceBuildFailed,
                "one of the two builds failed",
                because: line.map { "\(reason): \(String($0).escapedForTerminal)" } ?? reason,
                hint: "build it with `coracle build` first"
            )
        }
        return .layout(layout, name: nil)
    }
}

/// Two builds of the same, compared.
package struct TwiceReport: Sendable {
    package let first: Digest
    package let second: Digest
    private let difference: ImageDifference?

    init(_ first: Digest, _ second: Digest, _ difference: ImageDifference?) {
        (self.first, self.second, self.difference) = (first, second, difference)
    }

    package var isSame: Bool { first == second }

    /// For a person, in lines.
    ///
    /// - Parameter image: the digest of the image whose inputs were built; `nil` if there is none.
    package func text(besides image: Digest?) -> [String] {
        let varied = "  varied: \(TwiceRun.varied.joined(separator: ", "))"
        guard isSame else {
            return ["twice, and different: \(first) and \(second)", varied]
                + (difference.map { ["all differences:"] + $0.text(atMost: 10).map { "  \($0)" } } ?? [])
        }
        var lines = ["twice the same: \(first)", varied]
        if let image {
            lines.append(
                image == first ? "  and it is the image" : "  and the image is another one: \(image)"
            )
        }
        return lines
    }

    /// For a program.
    package func json(besides image: (name: String, digest: Digest)?) -> JSON {
        var json = JSONObject()
        json["image"] = image.map { .string($0.name) }
        json["digest"] = image.map { .string($0.digest.description) }
        json["isSame"] = .bool(isSame && (image.map { $0.digest == first } ?? true))
        json["twice"] = [
            "first": .string(first.description), "second": .string(second.description), "isSame": .bool(isSame),
            "varied": .strings(TwiceRun.varied),
        ]
        json["difference"] = difference.map { .string($0.sentence) }
        return .object(json)
    }
}

extension Diagnostic.Code {
    static let reproduceBuildFailed = Self("reproduce.build-failed", .input)
}

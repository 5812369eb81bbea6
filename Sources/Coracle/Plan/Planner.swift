import ByteIO
package import Diagnostics
import ELF
import Glibc
import Layers
import OCI
import Rootfs

/// Decides the images. Looks at files, and opens no output.
package struct Planner {
    let request: BuildRequest
    var problems = Problems()
    var notes: [Diagnostic] = []

    private init(_ request: BuildRequest) { self.request = request }

    /// - Throws: everything that is wrong with the request, at once.
    package static func plan(_ request: BuildRequest) throws(DiagnosticList) -> BuildPlan {
        var planner = Planner(request)
        let plan = planner.plan()
        try planner.problems.check()
        guard let plan else { preconditionFailure("no plan, and no problem with it") }
        return plan
    }

    private mutating func plan() -> BuildPlan? {
        let names = checkedNames()
        checkCompressionLevel()
        let configuration = ConfigurationPlan(request.configuration, &problems)
        var base = LayerStack()
        addRuntime(to: &base)
        addAdditions(to: &base)
        guard let application = readApplication() else { return nil }
        let created = created(for: application)
        var applications = [BuildPlan.Image]()
        var layers = base.blueprints
        for variant in application.variants {
            var stack = base
            let problemCount = problems.count
            stack.add(
                variant.entries,
                createdBy: variant.createdBy,
                modified: request.modified.secondsSince1970,
                &problems
            )
            // What follows from a layer that is not whole is no other mistake.
            guard problems.count == problemCount else { continue }
            noteDangling(in: stack)
            guard let entrypoint = entrypoint(of: variant, in: stack) else { continue }
            let own = stack.blueprints.dropFirst(base.blueprints.count)
            let indexes = Array(base.blueprints.indices) + own.indices.map { layers.count + $0 - own.startIndex }
            layers += own
            notes += stack.notes.filter { note in !notes.contains { $0.summary == note.summary } }
            let config = configuration.config(
                entrypoint: entrypoint,
                workingDirectory: variant.workingDirectory,
                hasCertificates: stack.resolve(EntryPath(unchecked: Array(Certificates.path.utf8))) != nil,
                platform: variant.platform,
                created: created.time
            )
            applications.append(
                BuildPlan.Image(platform: variant.platform, evidence: variant.evidence, layers: indexes, config: config)
            )
        }
        guard problems.isEmpty else { return nil }
        return BuildPlan(
            output: request.output ?? .layout(FilePath("\(application.name).oci")),
            names: names,
            layers: layers.enumerated().map { index, blueprint in
                PlannedLayer(
                    blueprint: blueprint,
                    compression: compression(of: index, isRuntime: request.runtime != nil)
                )
            },
            images: applications,
            annotations: request.annotations,
            created: created.time,
            createdSource: created.source,
            notes: notes
        )
    }

    // MARK: Names and outputs

    private mutating func checkedNames() -> [Reference] {
        var names = [Reference]()
        for name in request.names {
            if name.digest != nil {
                problems.add(
                    Diagnostic(
                        .planNameWithDigest,
                        "`\(name.text)` cannot be the name of a new image",
                        at: .option("--tag"),
                        because: "it has a digest, and the image's digest is known only when it is built",
                        hint: "leave out what begins with `@`"
                    )
                )
            } else if !names.contains(where: { $0.normalized == name.normalized }) {
                names.append(name)
            }
        }
        return names
    }

    // MARK: Layers

    private mutating func checkCompressionLevel() {
        let levels = LayerCompression.levels
        guard let level = request.compressionLevel, !levels.contains(level) else { return }
        let reason = "levels go from \(levels.lowerBound) to \(levels.upperBound)"
        problems.add(
            .optionMalformed(.configurationMalformed, "--compression-level", "\(level)", because: reason, example: "9")
        )
    }

    /// The runtime layer is the same for every image of the same coracle, so that registries and nodes store it once:
    /// the level that the user chose is for the user's own files.
    private func compression(of index: Int, isRuntime: Bool) -> LayerCompression {
        if isRuntime, index == 0 { return .shared }
        return request.compressionLevel.map { LayerCompression(level: $0) } ?? LayerCompression()
    }

    private mutating func noteDangling(in stack: LayerStack) {
        let dangling = stack.danglingSymlinks
        guard let first = dangling.first, case .symlink(let target) = first.content else { return }
        let rest = dangling.count > 1 ? ", and \(dangling.count - 1) more" : ""
        let note = Diagnostic(
            .planDanglingSymlink,
            "a symlink leads to nothing in the image: `\(first.path)`\(rest)",
            because: "there is no `\(String(printing: target))` there"
        )
        if !notes.contains(where: { $0.summary == note.summary }) { notes.append(note) }
    }

    // MARK: What starts, and when it was made

    /// The entry point, checked to be there and to be startable.
    private mutating func entrypoint(of variant: Application.Variant, in stack: LayerStack) -> [String]? {
        let words = request.configuration.entrypoint ?? [variant.entrypoint]
        guard let first = words.first, !first.isEmpty else {
            problems.add(
                Diagnostic(
                    .planEntrypoint,
                    "the entry point is empty",
                    at: .option("--entrypoint"),
                    hint: "name the program that the container starts"
                )
            )
            return nil
        }
        let check = EntrypointCheck(
            stack: stack,
            workingDirectory: request.configuration.workingDirectory ?? variant.workingDirectory
        )
        let isFine: Void? = problems.collect { () throws(Diagnostic) in
            try check.check(first, known: variant.programs)
        }
        return isFine.map { words }
    }

    private func created(for application: Application) -> (time: Timestamp, source: String) {
        if case .at(let time, let source) = request.created { return (time, source) }
        let commits = application.variants.flatMap(\.programs.values).compactMap { program -> (Timestamp, String)? in
            guard let text = program.goBuildInfo?.commitTime, let time = try? Timestamp(parsing: text) else {
                return nil
            }
            return (time, "the commit time in `\(program.typed.display)`, vcs.time")
        }
        let epoch = (Timestamp(secondsSince1970: 0), "no SOURCE_DATE_EPOCH, and no commit time in the program")
        return commits.max { $0.0 < $1.0 } ?? epoch
    }
}

extension Diagnostic.Code {
    static let planNameWithDigest = Self("plan.name-with-digest", .usage)
    static let planDanglingSymlink = Self("plan.dangling-symlink", .input)
    static let planEntrypoint = Self("plan.entrypoint", .usage)
}

import ByteIO
package import Diagnostics
import ELF
import Glibc
import Layers
import OCI
import Rootfs
import SystemPackage

/// Decides the images. Looks at files, and opens no output.
package struct Planner {
    private let request: BuildRequest
    private var problems = Problems()
    private var notes: [Diagnostic] = []

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
            stack.add(
                variant.entries,
                createdBy: variant.createdBy,
                modified: request.modified.secondsSince1970,
                &problems
            )
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
                PlannedLayer(blueprint: blueprint, compression: compression(of: index, isRuntime: request.runtime != nil))
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

    /// The runtime layer is the same for every image of the same coracle, so that registries and nodes store it once:
    /// the level that the user chose is for the user's own files.
    private func compression(of index: Int, isRuntime: Bool) -> LayerCompression {
        guard let level = request.compressionLevel, !(isRuntime && index == 0) else { return LayerCompression() }
        return LayerCompression(level: level)
    }

    private mutating func addRuntime(to stack: inout LayerStack) {
        guard let runtime = request.runtime else { return }
        guard
            let certificates = certificates(runtime.certificates),
            let entries = problems.collect({ () throws(Diagnostic) in
                try RuntimeLayer.entries(
                    RuntimeOptions(certificates: certificates, includesZoneinfo: runtime.includesZoneinfo)
                )
            })
        else { return }
        var parts = ["accounts"]
        if certificates != .none { parts.insert("CA certificates", at: 0) }
        if runtime.includesZoneinfo { parts.insert("time zones", at: parts.count - 1) }
        stack.add(
            entries,
            createdBy: "coracle: runtime layer (\(parts.joined(separator: ", ")))",
            isReplaceable: true,
            &problems
        )
    }

    private mutating func certificates(_ wanted: BuildRequest.Certificates) -> RuntimeOptions.Certificates? {
        switch wanted {
        case .none: return RuntimeOptions.Certificates.none
        case .embedded(adding: []): return .embedded
        case .embedded(let files):
            guard let own = bundle(files) else { return nil }
            return problems.collect { () throws(Diagnostic) in
                .bundle(try CertificateBundle.embedded().merged(with: own).pem)
            }
        case .only(let files): return bundle(files).map { .bundle($0.pem) }
        }
    }

    private mutating func bundle(_ files: [FilePath]) -> CertificateBundle? {
        var all: CertificateBundle?
        for file in files {
            let bundle = problems.collect { () throws(Diagnostic) in
                try CertificateBundle(pem: try Self.readSmall(file, limit: CertificateBundle.sizeLimit), from: file.display)
            }
            guard let bundle else { continue }
            for certificate in bundle.certificates {
                notes.append(
                    Diagnostic(
                        .planTrusted,
                        "trusts `\(certificate.subject)`, valid until \(certificate.lastDay)",
                        at: .file(path: file.display),
                        because: "SHA-256 fingerprint \(certificate.fingerprint)"
                    )
                )
            }
            if case .at(let moment, _) = request.created { notes += bundle.expired(at: moment.secondsSince1970) }
            all = all?.merged(with: bundle) ?? bundle
        }
        return all
    }

    private static func readSmall(_ path: FilePath, limit: Int) throws(Diagnostic) -> [UInt8] {
        do throws(SystemError) {
            return try OpenFile(path, O_RDONLY | O_NONBLOCK).readAll(limit: limit)
        } catch {
            throw Diagnostic(
                .planUnreadable,
                "`\(path.display)` cannot be read",
                at: .file(path: path.display),
                because: error.number == EFBIG ? "it has more than \(limit) bytes" : error.description,
                hint: "check the path and its mode"
            )
        }
    }

    private mutating func addAdditions(to stack: inout LayerStack) {
        var entries = [LayerEntry]()
        for addition in request.additions { entries += self.entries(of: addition) }
        stack.add(
            entries.sorted { $0.path < $1.path },
            createdBy: "coracle: " + request.additions.map { "--add \($0.destination)" }.joined(separator: " "),
            modified: request.modified.secondsSince1970,
            &problems
        )
    }

    private mutating func entries(of addition: Addition) -> [LayerEntry] {
        let source = addition.source
        guard
            let path = problems.collect({ () throws(Diagnostic) in try EntryPath(absolute: addition.destination) })
        else { return [] }
        let status: FileStatus
        do throws(SystemError) {
            status = try FileStatus(at: source, following: true)
        } catch {
            problems.add(
                Diagnostic(
                    .planUnreadable,
                    "`\(source.display)` cannot be added",
                    at: .file(path: source.display),
                    because: error.description,
                    hint: "check the path given to `--add`"
                )
            )
            return []
        }
        switch status.kind {
        case .directory:
            guard var options = walkOptions(in: source) else { return [] }
            (options.fileMode, options.uid, options.gid) = (addition.mode, addition.uid, addition.gid)
            let walk = DirectoryWalk(source, to: path, options, &problems)
            notes += walk.notes
            return walk.entries
        case .regular:
            return [
                LayerEntry(
                    path,
                    .file(Self.resolved(source), status.stamp),
                    mode: addition.mode ?? (status.isExecutable ? 0o755 : 0o644),
                    uid: addition.uid,
                    gid: addition.gid,
                    modified: request.modified.secondsSince1970
                )
            ]
        default:
            problems.add(
                Diagnostic(
                    .treeSpecialFile,
                    "`\(source.display)` cannot be added",
                    at: .file(path: source.display),
                    because: "it is neither a file nor a directory"
                )
            )
            return []
        }
    }

    /// The file itself, where the user named a symlink to it: a symlink is followed for an argument, and only there.
    private static func resolved(_ path: FilePath) -> FilePath {
        path.withPlatformString { text in
            guard let real = realpath(text, nil) else { return path }
            defer { free(real) }
            return FilePath(platformString: real)
        }
    }

    private mutating func walkOptions(in root: FilePath) -> DirectoryWalk.Options? {
        guard
            let ignored = problems.collect({ () throws(Diagnostic) in
                try IgnoreFile(in: root)
            })
        else { return nil }
        var options = DirectoryWalk.Options()
        options.ignoring = ignored.rules
        // They say what is left out of the image, and are no part of what is in it.
        options.skipping = Set(ignored.files)
        options.modified = request.modified.secondsSince1970
        options.allowsEscapingSymlinks = request.allowsEscapingSymlinks
        options.largestFile = request.largestFile
        return options
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

    // MARK: The application

    private mutating func readApplication() -> Application? {
        let paths = request.paths
        guard !paths.isEmpty else {
            problems.add(
                Diagnostic(.planNoPath, "nothing to build from", hint: "name a static program or an application directory")
            )
            return nil
        }
        let directories = paths.filter { (try? FileStatus(at: $0, following: true))?.kind == .directory }
        if directories.isEmpty { return readPrograms() }
        guard paths.count == 1 else {
            problems.add(
                Diagnostic(
                    .planMixedPaths,
                    "one directory, or one or more programs, but not both",
                    because: "\(paths.count) paths were given, and `\(directories[0].display)` is a directory",
                    hint: "add what else belongs into the image with `--add SRC:DST`"
                )
            )
            return nil
        }
        return readDirectory(paths[0])
    }

    private mutating func readPrograms() -> Application? {
        let programs = request.paths.compactMap { path in
            problems.collect { () throws(Diagnostic) in try Program(at: Self.resolved(path)) }
        }
        guard programs.count == request.paths.count else { return nil }
        for program in programs { notes += program.notes }
        checkDistinct(programs)
        checkAsserted(programs)
        let names = Program.commonNames(of: programs)
        let destinations = names.map { name in
            problems.collect { [request] () throws(Diagnostic) in try EntryPath(absolute: request.destination ?? "/app/\(name)") }
        }
        var variants = [Application.Variant]()
        for (program, path) in zip(programs, destinations) {
            guard let path else { continue }
            let entry = LayerEntry(
                path,
                .file(program.path, program.status.stamp),
                mode: 0o755,
                modified: request.modified.secondsSince1970
            )
            variants.append(
                Application.Variant(
                    platform: program.platform,
                    evidence: program.evidence,
                    entries: [entry],
                    createdBy: "coracle: \(path)",
                    entrypoint: path.description,
                    workingDirectory: "/",
                    programs: [path: program]
                )
            )
        }
        return Application(name: names[0], variants: variants)
    }

    private mutating func checkDistinct(_ programs: [Program]) {
        for (index, program) in programs.enumerated() {
            guard let earlier = programs[..<index].first(where: { $0.platform == program.platform }) else { continue }
            problems.add(
                Diagnostic(
                    .planSamePlatform,
                    "two programs for \(program.platform)",
                    because: "an image starts one program: `\(earlier.path.display)` or `\(program.path.display)`",
                    hint: "add the second as a file: `--add \(program.path.display):/app/\(program.name)`"
                )
            )
        }
    }

    /// `--platform` changes nothing: it says what the programs are to be.
    private mutating func checkAsserted(_ programs: [Program]) {
        guard !request.platforms.isEmpty else { return }
        for program in programs where !request.platforms.contains(where: { $0.matches(program.platform) }) {
            problems.add(
                Diagnostic(
                    .planPlatformMismatch,
                    "`\(program.path.display)` is for \(program.platform)",
                    at: .option("--platform"),
                    because: "\(program.evidence), and \(Self.list(request.platforms)) was asked for",
                    hint: "build the program for that platform, or leave `--platform` out"
                )
            )
        }
        for platform in request.platforms where !programs.contains(where: { platform.matches($0.platform) }) {
            // One program of another platform is one mistake, not two.
            guard programs.contains(where: { program in request.platforms.contains { $0.matches(program.platform) } })
            else { continue }
            problems.add(
                Diagnostic(
                    .planPlatformMismatch,
                    "no program for \(platform)",
                    at: .option("--platform"),
                    because: "the programs given are for \(Self.list(programs.map(\.platform)))",
                    hint: "name one more program, built for \(platform)"
                )
            )
        }
    }

    private static func list(_ platforms: [Platform]) -> String { platforms.map(\.description).joined(separator: ", ") }

    private mutating func readDirectory(_ root: FilePath) -> Application? {
        guard var options = walkOptions(in: root) else { return nil }
        if let output = request.output ?? .some(.layout(FilePath("\(Application.name(of: root)).oci"))),
            let status = try? FileStatus(at: output.path)
        {
            options.skipping.insert(DirectoryWalk.FileIdentity(status))
        }
        let destination = problems.collect { [request] () throws(Diagnostic) in
            try EntryPath(absolute: request.destination ?? "/app")
        }
        guard let destination else { return nil }
        let walk = DirectoryWalk(root, to: destination, options, &problems)
        notes += walk.notes
        guard walk.entries.count > 1 else {
            if problems.isEmpty {
                problems.add(
                    Diagnostic(
                        .planEmptyDirectory,
                        "`\(root.display)` has nothing in it for an image",
                        at: .file(path: root.display),
                        because: walk.ignoredCount > 0 ? "all \(walk.ignoredCount) entries are ignored" : "it is empty"
                    )
                )
            }
            return nil
        }
        let directory = ApplicationDirectory(walk, at: destination)
        let chosen = problems.collect { [request] () throws(Diagnostic) in
            try directory.program(
                entrypoint: request.configuration.entrypoint?.first,
                workingDirectory: request.configuration.workingDirectory
            )
        }
        guard let chosen else { return nil }
        guard let platform = chosen.program?.platform ?? request.platforms.first else {
            problems.add(
                Diagnostic(
                    .planNoPlatform,
                    "the image's platform is not known",
                    because: "the entry point is no program that says it",
                    hint: "name it, such as `--platform linux/amd64`"
                )
            )
            return nil
        }
        if let program = chosen.program { checkAsserted([program]) }
        let variant = Application.Variant(
            platform: platform,
            evidence: chosen.program?.evidence ?? "`--platform` says so",
            entries: walk.entries,
            createdBy: "coracle: \(destination)",
            entrypoint: chosen.path,
            workingDirectory: destination.description,
            programs: chosen.program.map { [chosen.entry: $0] } ?? [:]
        )
        return Application(name: Application.name(of: root), variants: [variant])
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
        let check = EntrypointCheck(stack: stack, workingDirectory: request.configuration.workingDirectory ?? variant.workingDirectory)
        let isFine: Void? = problems.collect { () throws(Diagnostic) in
            try check.check(first, known: variant.programs)
        }
        return isFine.map { words }
    }

    private func created(for application: Application) -> (time: Timestamp, source: String) {
        if case .at(let time, let source) = request.created { return (time, source) }
        let commits = application.variants.flatMap(\.programs.values).compactMap { program -> (Timestamp, String)? in
            guard let text = program.goBuildInfo?.commitTime, let time = try? Timestamp(parsing: text) else { return nil }
            return (time, "the commit time in `\(program.path.display)` (vcs.time)")
        }
        return commits.max { $0.0 < $1.0 } ?? (Timestamp(secondsSince1970: 0), "1970, as nothing says when")
    }
}

extension Diagnostic.Code {
    static let planNameWithDigest = Self("plan.name-with-digest", .usage)
    static let planTrusted = Self("plan.trusted", .input)
    static let planUnreadable = Self("plan.unreadable", .input)
    static let planDanglingSymlink = Self("plan.dangling-symlink", .input)
    static let planNoPath = Self("plan.no-path", .usage)
    static let planMixedPaths = Self("plan.mixed-paths", .usage)
    static let planSamePlatform = Self("plan.same-platform", .usage)
    static let planPlatformMismatch = Self("plan.platform-mismatch", .input)
    static let planEmptyDirectory = Self("plan.empty-directory", .input)
    static let planNoPlatform = Self("plan.no-platform", .usage)
    static let planEntrypoint = Self("plan.entrypoint", .usage)
}

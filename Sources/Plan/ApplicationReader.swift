import Applications
import ByteIO
import Diagnostics
import Images
import Layers
import OCI
import Request
import SourceTree
import Stack

/// Reads the application: programs, or a directory.
struct ApplicationReader {
    /// What the application can stand on.
    enum Ground {
        /// Nothing: the images are made from scratch.
        case scratch
        /// What the user names.
        case base(ImageLocation)
        /// What the catalogue has for an application that needs something.
        case catalogue
        /// It is not decided, as it is only asked what the application is.
        case undecided
    }

    let request: BuildRequest
    let ground: Ground
    /// The application directory, if it was walked already.
    let walked: DirectoryTree?
    var remarks = Remarks()

    private init(_ request: BuildRequest, _ ground: Ground, _ walked: DirectoryTree?) {
        var request = request
        request.platforms = request.platforms.map(\.normalized)
        self.request = request
        self.ground = ground
        self.walked = walked
    }

    /// What is at the paths of `request`; `nil` if something is wrong with it.
    static func read(
        _ request: BuildRequest,
        on ground: Ground,
        walked: DirectoryTree? = nil
    ) -> Checked<Application?> {
        var reader = ApplicationReader(request, ground, walked)
        let application = reader.read()
        return Checked(application, reader.remarks)
    }

    private mutating func read() -> Application? {
        let paths = request.paths
        guard !paths.isEmpty else {
            remarks.problems.add(
                Diagnostic(
                    .planNoPath,
                    "nothing to build from",
                    hint: "name a static program or an application directory"
                )
            )
            return nil
        }
        let directories = paths.filter { (try? FileStatus(at: $0, following: true))?.kind == .directory }
        if directories.isEmpty {
            if paths.count == 1, let file = SingleFile(paths[0]) { return readFile(file) }
            return readPrograms()
        }
        if directories.count == paths.count, paths.count > 1 { return readDirectories(paths) }
        guard paths.count == 1 else {
            remarks.problems.add(
                Diagnostic(
                    .planMixedPaths,
                    "directories, or programs, but not both",
                    because: "\(paths.count) paths were given, and `\(directories[0].display)` is a directory",
                    hint: "add what else belongs in the image with `--add SRC:DST`"
                )
            )
            return nil
        }
        return readDirectory(paths[0])
    }

    private mutating func readPrograms() -> Application? {
        let programs = request.paths.compactMap { path in
            remarks.collect { [request] () throws(Diagnostic) in
                try Program(at: path, madeFrom: request.origin?.typed)
            }
        }
        guard programs.count == request.paths.count else { return nil }
        for program in programs {
            remarks.notes += program.notes(keepsCapabilities: request.keepsCapabilities)
            let fits = request.check(program.typed, program.status, at: request.destination ?? "")
            guard remarks.take(fits) else { return nil }
        }
        checkDistinct(programs)
        checkAsserted(programs)
        let names = Program.commonNames(of: programs)
        let destinations = names.map { name in
            remarks.collect { [request] () throws(Diagnostic) in
                try EntryPath(absolute: request.destination ?? "/app/\(name)")
            }
        }
        var variants = [Application.Variant]()
        for (program, path) in zip(programs, destinations) {
            guard let path else { continue }
            let entry = LayerEntry(
                path,
                .file(program.path, program.status.stamp),
                mode: request.fileMode(isExecutable: true),
                uid: request.owner?.uid ?? 0,
                gid: request.owner?.gid ?? 0,
                modified: request.modified.secondsSince1970,
                capability: request.keepsCapabilities ? program.path.fileCapabilities?.value ?? [] : []
            )
            variants.append(
                Application.Variant(
                    platform: platform(of: program),
                    evidence: program.evidence,
                    entries: [entry],
                    createdBy: "coracle: \(path)",
                    source: request.lineage(of: program.path),
                    entrypoint: path.description,
                    workingDirectory: nil,
                    programs: [path: program]
                )
            )
        }
        return Application(name: names[0], variants: variants)
    }

    private mutating func checkDistinct(_ programs: [Program]) {
        for (index, program) in programs.enumerated() {
            guard let earlier = programs[..<index].first(where: { $0.platform == program.platform }) else { continue }
            remarks.problems.add(
                Diagnostic(
                    .planSamePlatform,
                    "two programs for \(program.platform)",
                    because: "an image starts one program: `\(earlier.typed.display)` or `\(program.typed.display)`",
                    hint: "add the second as a file: `--add \(program.typed.display):/app/\(program.name)`"
                )
            )
        }
    }

    /// `--platform` changes nothing: it says what the programs are to be.
    mutating func checkAsserted(_ programs: [Program]) {
        checkAsserted(programs.map { ($0.typed, $0.platform) }, evidence: programs.map(\.evidence))
    }

    /// The same of programs or directories.
    mutating func checkAsserted(_ parts: [(path: FilePath, platform: Platform)], evidence: [String] = []) {
        guard !request.platforms.isEmpty else { return }
        for (index, part) in parts.enumerated() where !request.platforms.contains(where: { $0.takes(part.platform) }) {
            let found = evidence.indices.contains(index) ? "\(evidence[index]), and " : ""
            remarks.problems.add(
                Diagnostic(
                    .planPlatformMismatch,
                    "`\(part.path.display)` is for \(part.platform)",
                    at: .option("--platform"),
                    because: "\(found)\(Self.list(request.platforms)) was asked for",
                    hint:
                        "build \(evidence.isEmpty ? "it" : "the program") for that platform, or leave `--platform` out"
                )
            )
        }
        for platform in request.platforms where !parts.contains(where: { platform.takes($0.platform) }) {
            // One program of another platform is one mistake, not two.
            guard parts.contains(where: { part in request.platforms.contains { $0.takes(part.platform) } })
            else { continue }
            let kind = evidence.isEmpty ? "directory" : "program"
            remarks.problems.add(
                Diagnostic(
                    .planPlatformMismatch,
                    "no \(kind) for \(platform)",
                    at: .option("--platform"),
                    because: evidence.isEmpty
                        ? "the directories given are for \(Self.list(parts.map(\.platform)))"
                        : "the programs given are for \(Self.list(parts.map(\.platform)))",
                    hint: "name one more \(kind), built for \(platform)"
                )
            )
        }
    }

    /// What the image of `program` is for: the program's platform, or the newer one of its kind that was asked for.
    func platform(of program: Program) -> Platform {
        let own = program.platform
        guard !request.platforms.contains(where: { $0.matches(own) }) else { return own }
        return request.platforms.first { $0.takes(own) } ?? own
    }

    static func list(_ platforms: [Platform]) -> String { platforms.map(\.description).joined(separator: ", ") }
}

extension Platform {
    /// Whether an image for it may have a program for `other`: ARM's newer variants run what is for older ones.
    fileprivate func takes(_ other: Platform) -> Bool {
        matches(other) || (architecture == "arm" && isNewer(than: other))
    }
}

extension Diagnostic.Code {
    static let planNoPath = Self("plan.no-path", .usage)
    static let planMixedPaths = Self("plan.mixed-paths", .usage)
    static let planSamePlatform = Self("plan.same-platform", .usage)
    static let planEmptyDirectory = Self("plan.empty-directory", .input)
    static let planNoPlatform = Self("plan.no-platform", .usage)
}

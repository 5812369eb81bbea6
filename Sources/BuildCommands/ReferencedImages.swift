import ArgumentParser
import Build
package import ByteIO
import Diagnostics
package import Images
import Project
package import Request
import SharedOptions
import Terminal

/// The arguments of commands that build and push what files refer to: the options of `build` that are about all images.
/// What is about one stands in `coracle.yaml`.
package struct ReferenceArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp("The file that describes the images. Default: ./coracle.yaml", valueName: "yaml")
    )
    var file: String?

    @Option(
        help: ArgumentHelp("Also what that file says below `profiles` for this name. Repeatable.", valueName: "name")
    )
    var profile: [String] = []

    @Option(
        help: ArgumentHelp(
            "Push each image below this, under its name. Default: CORACLE_REPO or KO_DOCKER_REPO",
            valueName: "repository"
        )
    )
    var repository: String?

    @Option(flag: "tag") var tag: [String] = []
    @Option(flag: "tags") var tags: [String] = []
    @Flag(flag: "bare") var bare = false
    @Flag(flag: "debug-twin") var debugTwin = false
    @Option(flag: "sbom") var sbom: String?

    @OptionGroup(title: "Files") var files: FileOptions
    @OptionGroup(title: "Checks") var checks: CheckOptions
    @OptionGroup(title: "Dates") var dates: DateOptions
    @OptionGroup(title: "Speed") var effort: EffortOptions
    @OptionGroup(title: "Signatures") var signing: SigningOptions
    @OptionGroup(title: "Bases") var bases: BaseOptions
    @OptionGroup(title: "Bases") var newest: NewestOptions
    @OptionGroup(title: "Bases") var layering: LayeringOptions
    @OptionGroup(title: "Registries") var registry: RegistryOptions

    package init() {}

    /// The options of `build` with what was typed: every image is pushed.
    fileprivate func options() throws -> BuildOptions {
        var options = try BuildOptions.parse([])
        options.output.push = true
        (options.output.tag, options.output.tags, options.output.bare) = (tag, tags, bare)
        if let repository {
            let below = bare ? repository : "\(repository)/{name}"
            let all = tags.flatMap { $0.split(separator: ",").map(String.init) }
            options.output.tag += (all.isEmpty ? ["latest"] : all).map { "\(below):\($0)" }
            options.output.tags = []
        }
        (options.output.debugTwin, options.output.sbom) = (debugTwin, sbom)
        (options.files, options.checks, options.dates) = (files, checks, dates)
        (options.effort, options.signing) = (effort, signing)
        return options
    }
}

/// The images that files may refer to: those of `coracle.yaml`, and paths.
package struct ReferencedImages {
    /// An image that is referred to.
    package enum Subject: Hashable, Sendable {
        case image(String)
        case path(String)
    }

    /// An image that was pushed.
    package struct Pushed: Sendable {
        package let subject: Subject
        /// `REPOSITORY[:TAG]@DIGEST`.
        package let reference: String
        /// How it was checked; `nil` if it was not to be.
        package let gate: GateOptions?
    }

    private let arguments: ReferenceArguments
    private let options: BuildOptions
    private let project: ProjectDescription?
    /// The names of images that can be referred to.
    package let names: [String]

    /// - Throws: what is wrong with the file.
    package init(_ arguments: ReferenceArguments) throws {
        self.arguments = arguments
        let options = try arguments.options()
        self.options = options
        var many = try ManyOptions.parse([])
        (many.file, many.profile) = (arguments.file, arguments.profile)
        let project = try many.project(options)
        self.project = project
        guard let project else {
            names = []
            return
        }
        names =
            project.isSingle
            ? project.images.prefix(1).map { Self.single($0, project, options).title }
            : project.images.compactMap(\.name)
    }

    /// The file with the images; `nil` if there is none.
    package var file: FilePath? { project?.path }

    /// Builds the images, each once, and pushes them.
    ///
    /// - Parameters:
    ///   - subjects: each once. Images are among `names`.
    ///   - inputs: gets the paths that the images are made of, before any is built.
    ///   - observe: is called from any thread, for each as soon as it is pushed.
    ///   - finish: is called when all are pushed.
    package func build(
        _ subjects: [Subject],
        inputs: ([FilePath]) -> Void = { _ in },
        observe: @escaping @Sendable (Pushed) -> Void,
        finish: (ImageAccess) async throws -> Void
    ) async throws {
        var many = try ManyOptions.parse([])
        (many.file, many.profile) = (arguments.file, arguments.profile)
        many.only = subjects.compactMap { if case .image(let name) = $0 { name } else { nil } }
        try await arguments.registry.withAccess(
            bases: arguments.bases,
            layering: arguments.layering,
            newest: arguments.newest,
            project: many.directory
        ) { access in
            var images = [BatchImage]()
            var subject: [String: Subject] = [:]
            if let project, !many.only.isEmpty {
                if project.isSingle, let image = project.images.first {
                    let asked = Self.single(image, project, options)
                    images.append(BatchImage(asked.asked, named: asked.title, access))
                } else {
                    images = try many.batch(project, options, access)
                }
                for name in many.only { subject[name] = .image(name) }
            }
            for case .path(let path) in subjects {
                var asked = AskedImage(options)
                asked.options.paths = [path]
                let name = asked.options.programName
                asked.options.output.tag = asked.options.output.tag.map { $0.naming(image: name) }
                images.append(BatchImage(asked, named: path, access))
                subject[path] = .path(path)
            }
            let collisions = BatchItem.collisions(of: images.map(\.item)).filter { !$0.value.isEmpty }
            if let list = DiagnosticList(Diagnostic.merged(collisions)) { throw list }
            inputs(images.flatMap(\.item.request.paths))
            let run = BatchRun(options, many, access)
            let wanted = subject
            let gates = Dictionary(images.map { ($0.item.name, $0.item.request.gate) }) { first, _ in first }
            _ = try await run.made(images) { built in
                guard let subject = wanted[built.name], let reference = built.references.first else { return }
                observe(Pushed(subject: subject, reference: reference, gate: gates[built.name] ?? nil))
            }
            try await finish(access)
        }
    }

    /// The image of a file that describes one, and what it is called.
    private static func single(
        _ image: ProjectDescription.Image,
        _ project: ProjectDescription,
        _ options: BuildOptions
    ) -> (asked: AskedImage, title: String) {
        let asked = AskedImage(image, of: project, under: options)
        return (asked, asked.name ?? asked.options.programName)
    }
}

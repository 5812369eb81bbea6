import ArgumentParser
import Build
import ByteIO
import Diagnostics
import Images
import Migration
import OCI
import Project
import Terminal

/// Options about a file that says what to build, and about many images at once.
struct ManyOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Build what this file describes. Default without a path: ./coracle.yaml",
            valueName: "yaml"
        ),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var file: String?

    @Option(
        help: ArgumentHelp("Only the file's images with this name; * and ? match. Repeatable.", valueName: "name"),
        completion: .custom { words, _, _ in ManyOptions.imageNames(words) }
    )
    var only: [String] = []

    @Option(help: ArgumentHelp("Only the Nth of M equal shares of the file's images, such as 3/16.", valueName: "n/m"))
    var shard: String?

    @Flag(name: [.short, .long], help: "Go on with the other images when one fails.")
    var keepGoing = false

    @Option(
        help: ArgumentHelp("Also what the file says below `profiles` for this name. Repeatable.", valueName: "name")
    )
    var profile: [String] = []

    /// The names of the images of the file that `words` name, for a shell; empty if it cannot be read.
    private static func imageNames(_ words: [String]) -> [String] {
        let place = words.lastIndex { $0 == "--file" || $0 == "-f" }.map { words.index(after: $0) }
        let named = place.flatMap { words.indices.contains($0) ? FilePath(words[$0]) : nil }
        let project = try? ProjectDescription.read(
            named ?? ProjectFile.usual,
            BuildOptions.projectKeys,
            variable: { ProcessEnvironment.current[$0] },
            needsImages: false
        )
        return (project?.images ?? []).compactMap(\.name)
    }

    /// What a command builds.
    enum Subject {
        case one(AskedImage)
        case many(ProjectDescription)
    }

    /// What is meant: what was typed, or what a file says.
    ///
    /// - Throws: what is wrong with the file or with these options, at once.
    func subject(_ options: BuildOptions) throws(DiagnosticList) -> Subject {
        guard let project = try project(options) else {
            try refuse(
                [(shard != nil, "--shard"), (!only.isEmpty, "--only"), (keepGoing, "--keep-going")],
                isOne: true
            )
            try refuse([(!profile.isEmpty, "--profile")], isOne: false)
            return .one(AskedImage(options))
        }
        var options = options
        options.paths = []
        guard project.isSingle, let image = project.images.first else {
            if options.output.isStandardOutput { throw DiagnosticList(.severalImages) }
            return .many(project)
        }
        try refuse([(shard != nil, "--shard"), (!only.isEmpty, "--only"), (keepGoing, "--keep-going")], isOne: true)
        return .one(AskedImage(image, of: project, under: options))
    }

    /// The images of `project`, with what was typed over what it says.
    ///
    /// - Throws: what is wrong with the options of the images, or with these, at once.
    func batch(
        _ project: ProjectDescription,
        _ options: BuildOptions,
        _ access: ImageAccess
    ) throws(DiagnosticList) -> [BatchImage] {
        var options = options
        options.paths = []
        let typed = options.givenPlaces
        // There may be thousands, each with a request of its own.
        let images = inStretches(of: Self.imagesAtOnce, project.images.count) { [options] stretch in
            project.images[stretch].map { image in
                var asked = AskedImage(image, under: options, typed: typed, name: image.name ?? "")
                asked.options.setUsualOutput(image.name ?? "", project.directory)
                asked.file = project.path
                return BatchImage(asked, named: image.name ?? "", access)
            }
        }.flatMap(\.self)
        let places = Dictionary(images.indices.map { (images[$0].item.name, $0) }) { first, _ in first }
        let needs = images.map { $0.needs(places) }
        let named = BatchOrder.needed(by: try named(of: images), needs)
        // Check all images, not only this shard's: within a shard nothing may collide.
        let items = named.map { images[$0].item }
        let collisions = BatchItem.collisions(of: items)
        if collisions.contains(where: { !$0.value.isEmpty }) {
            let all = zip(items, collisions).map { Named($0.name, $0.problems + $1.value) }
            if let list = DiagnosticList(Diagnostic.merged(all)) { throw list }
        }
        return BatchOrder.needed(by: try shared(of: items.map(\.name)).map { named[$0] }, needs).map { images[$0] }
    }

    /// Images whose requests one core makes at a stretch.
    private static let imagesAtOnce = 64

    /// The directory of the images file that was named; `nil` for the working directory.
    var directory: FilePath? {
        guard let directory = file.map({ FilePath($0).directory }), directory != "." else { return nil }
        return directory
    }

    /// What a file says of the images; `nil` if none is meant.
    func project(_ options: BuildOptions) throws(DiagnosticList) -> ProjectDescription? {
        if let file {
            if let problem = Diagnostic.dockerfile(FilePath(file), at: "--file") { throw DiagnosticList(problem) }
            guard let path = options.paths.first else { return try read(FilePath(file), needsImages: true) }
            throw DiagnosticList(
                Diagnostic(
                    .usageConflict,
                    "`\(path)` and `--file` both say what to build",
                    at: .option("--file"),
                    because: "an images file has the path of each image",
                    hint: "choose among its images with `--only NAME`"
                )
            )
        }
        if options.paths.count == 1, let problem = Diagnostic.dockerfile(FilePath(options.paths[0]), at: nil) {
            throw DiagnosticList(problem)
        }
        // Where a project says what it is, its directory means the project.
        guard options.paths.isEmpty || options.paths == ["."] || options.paths == ["./"],
            !profile.isEmpty || (try? FileStatus(at: ProjectFile.usual, following: true)) != nil
        else { return nil }
        return try read(ProjectFile.usual, needsImages: !profile.isEmpty)
    }

    private func read(_ path: FilePath, needsImages: Bool) throws(DiagnosticList) -> ProjectDescription? {
        try ProjectDescription.read(
            path,
            BuildOptions.projectKeys,
            profiles: profile,
            variable: { ProcessEnvironment.current[$0] },
            needsImages: needsImages
        )
    }

    /// - Parameter isOne: whether what was named is one image; else there is no file.
    private func refuse(_ options: [(isGiven: Bool, name: String)], isOne: Bool) throws(DiagnosticList) {
        guard let option = options.first(where: \.isGiven)?.name else { return }
        throw DiagnosticList(
            Diagnostic(
                .usageConflict,
                isOne
                    ? "`\(option)` is about many images, and one was named"
                    : "`\(option)` is about a file, and a path was named",
                at: .option(option),
                hint: isOne
                    ? "list them in a file: `coracle build --file images.yaml`"
                    : "name the file: `coracle build --file images.yaml`"
            )
        )
    }

    /// The places of those that `--only` leaves.
    private func named(of images: [BatchImage]) throws(DiagnosticList) -> [Int] {
        guard !only.isEmpty else { return Array(images.indices) }
        let names = images.map(\.item.name)
        var problems = [Diagnostic]()
        for text in only where !names.contains(where: { NamePattern(text).matches($0) }) {
            let near = names.first { Spelling.distance(text, $0) <= 2 }
            problems.append(
                Diagnostic(
                    .usageMalformed,
                    "no image is called `\(text)`",
                    at: .option("--only"),
                    hint: near.map { "did you mean `\($0)`?" } ?? "the file lists \(names.count) images"
                )
            )
        }
        if let list = DiagnosticList(problems) { throw list }
        let patterns = only.map { NamePattern($0) }
        return names.indices.filter { index in patterns.contains { $0.matches(names[index]) } }
    }

    /// The places of those among `names` that `--shard` leaves.
    private func shared(of names: [String]) throws(DiagnosticList) -> [Int] {
        guard let shard else { return Array(names.indices) }
        do throws(Diagnostic) {
            return try Shard(parsing: shard).indices(of: names)
        } catch {
            throw DiagnosticList(error)
        }
    }
}

extension Diagnostic {
    fileprivate static let severalImages = Diagnostic(
        .usageConflict,
        "standard output cannot be several images",
        at: .option("--output"),
        hint: "write them to files"
    )
}

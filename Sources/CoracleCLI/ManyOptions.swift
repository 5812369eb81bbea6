import ArgumentParser
import Build
import ByteIO
import Diagnostics
import Images
import OCI

/// What is said of many images at once.
struct ManyOptions: ParsableArguments {
    /// What a project says of itself, at the top of its directory.
    private static let usualFile: FilePath = "coracle.yaml"

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "Build the images that this file lists. Default without a path: ./coracle.yaml",
            valueName: "yaml"
        )
    )
    var file: String?

    @Option(
        help: ArgumentHelp("Of the file's images those with this name; * and ? match. Repeatable.", valueName: "name")
    )
    var only: [String] = []

    @Option(help: ArgumentHelp("Of the file's images the Nth of M equal shares, such as 3/16.", valueName: "n/m"))
    var shard: String?

    @Flag(name: [.short, .long], help: "Build the other images where one fails.")
    var keepGoing = false

    /// The images of the file that is meant, with what was typed over what it says; nil where no file is.
    ///
    /// - Throws: what is wrong with the file or with these options, at once.
    func batch(_ options: BuildOptions, _ access: ImageAccess) throws(DiagnosticList) -> [BatchItem]? {
        guard let path = try path(options) else { return nil }
        let keys = OptionKeys()
        let file = try ImagesFile(readingFrom: path, options: keys.kinds)
        let items = file.images.map { entry in
            var options = keys.options(options, over: entry, in: file.directory)
            if options.output == nil, options.tarball == nil, !options.push {
                let name = "\(entry.name).oci"
                options.output = file.directory?.appending(name).display ?? name
            }
            let (request, problems) = options.parsed(access, named: entry.name)
            return BatchItem(name: entry.name, request: request, problems: problems)
        }
        let named = try named(of: items)
        // Of all images, whoever builds them: each machine would find nothing wrong with its share.
        let collisions = BatchItem.collisions(of: named)
        if collisions.contains(where: { !$0.items.isEmpty }) {
            let all = zip(named, collisions).map { (name: $0.name, items: $0.problems + $1.items) }
            if let list = DiagnosticList(Diagnostic.merged(all)) { throw list }
        }
        return try shared(of: named)
    }

    private func path(_ options: BuildOptions) throws(DiagnosticList) -> FilePath? {
        if let file {
            guard let path = options.paths.first else { return FilePath(file) }
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
        if options.paths.isEmpty, (try? FileStatus(at: Self.usualFile, following: true)) != nil,
            try ImagesFile.hasImages(Self.usualFile)
        {
            return Self.usualFile
        }
        let given = [(shard != nil, "--shard"), (!only.isEmpty, "--only"), (keepGoing, "--keep-going")].first(
            where: \.0
        )
        guard let (_, option) = given else { return nil }
        throw DiagnosticList(
            Diagnostic(
                .usageConflict,
                "`\(option)` is about many images, and one was named",
                at: .option(option),
                hint: "list them in a file: `coracle build --file images.yaml`"
            )
        )
    }

    /// Those that `--only` leaves.
    private func named(of items: [BatchItem]) throws(DiagnosticList) -> [BatchItem] {
        guard !only.isEmpty else { return items }
        var problems = [Diagnostic]()
        for text in only where !items.contains(where: { NamePattern(text).matches($0.name) }) {
            let near = items.map(\.name).filter { Spelling.distance(text, $0) <= 2 }.first
            problems.append(
                Diagnostic(
                    .usageMalformed,
                    "no image is called `\(text)`",
                    at: .option("--only"),
                    hint: near.map { "did you mean `\($0)`?" } ?? "the file lists \(items.count) images"
                )
            )
        }
        if let list = DiagnosticList(problems) { throw list }
        let patterns = only.map { NamePattern($0) }
        return items.filter { item in patterns.contains { $0.matches(item.name) } }
    }

    /// Of those, the ones that `--shard` leaves.
    private func shared(of items: [BatchItem]) throws(DiagnosticList) -> [BatchItem] {
        guard let shard else { return items }
        do throws(Diagnostic) {
            return try Shard(parsing: shard).indices(of: items.map(\.name)).map { items[$0] }
        } catch {
            throw DiagnosticList(error)
        }
    }
}

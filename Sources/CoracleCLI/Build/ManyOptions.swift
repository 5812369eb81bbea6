import ArgumentParser
import Build
import ByteIO
import Diagnostics
import Images
import OCI
import SourceBuild

/// Options about many images at once.
struct ManyOptions: ParsableArguments {
    /// A project's settings, at the top of its directory.
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
        help: ArgumentHelp("Only the file's images with this name; * and ? match. Repeatable.", valueName: "name")
    )
    var only: [String] = []

    @Option(help: ArgumentHelp("Only the Nth of M equal shares of the file's images, such as 3/16.", valueName: "n/m"))
    var shard: String?

    @Flag(name: [.short, .long], help: "Go on with the other images when one fails.")
    var keepGoing = false

    /// The images of the file that is meant, with what was typed over what it says; `nil` if no file is meant.
    ///
    /// - Parameter isBuilt: whether they are built, so that keys are opened for what is said about them.
    /// - Throws: what is wrong with the file or with these options, at once.
    func batch(
        _ options: BuildOptions,
        _ access: ImageAccess,
        isBuilt: Bool
    ) throws(DiagnosticList) -> [BatchItem]? {
        guard let path = try path(options) else { return nil }
        let file = try ImagesFile(readingFrom: path, options: BuildOptions.fileKeys)
        var all = [String: BuildOptions]()
        let items = file.images.map { entry in
            var options = options.over(entry, in: file.directory)
            if options.output.output == nil, options.output.tarball == nil, !options.output.push {
                let name = "\(entry.name).oci"
                options.output.output = file.directory?.appending(name).display ?? name
            }
            let parsed = options.parsed(access, named: entry.name)
            all[entry.name] = options
            var item = BatchItem(name: entry.name, request: parsed.request, problems: parsed.problems)
            // Many compilers side by side are another question: see decision 0060.
            if let project = SourceProject.find(parsed.request) { item.problems.append(.sourceInFile(project)) }
            item.files = [options.output.sbomOutput, options.signing.provenanceOutput].compactMap(\.self).map {
                FilePath($0)
            }
            return item
        }
        let named = try named(of: items)
        // Check all images, not only this shard's: within a shard nothing may collide.
        let collisions = BatchItem.collisions(of: named)
        if collisions.contains(where: { !$0.value.isEmpty }) {
            let all = zip(named, collisions).map { Named($0.name, $0.problems + $1.value) }
            if let list = DiagnosticList(Diagnostic.merged(all)) { throw list }
        }
        let chosen = try shared(of: named)
        guard isBuilt else { return chosen }
        return chosen.map { item in
            var item = item
            do throws(Diagnostic) {
                item.statements = try all[item.name]?.statements(item.request, access)
            } catch {
                item.problems.append(error)
            }
            return item
        }
    }

    /// The directory of the images file that was named; `nil` for the working directory.
    var directory: FilePath? {
        guard let directory = file.map({ FilePath($0).directory }), directory != "." else { return nil }
        return directory
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

    /// The ones among them that `--shard` leaves.
    private func shared(of items: [BatchItem]) throws(DiagnosticList) -> [BatchItem] {
        guard let shard else { return items }
        do throws(Diagnostic) {
            return try Shard(parsing: shard).indices(of: items.map(\.name)).map { items[$0] }
        } catch {
            throw DiagnosticList(error)
        }
    }
}

extension Diagnostic {
    fileprivate static func sourceInFile(_ project: SourceProject) -> Diagnostic {
        let path = project.typed.display
        return Diagnostic(
            .sourceInFile,
            "`\(path)` is source, and images of a file are made from finished programs",
            at: .file(path: path),
            hint: "build the program first (`CGO_ENABLED=0 go build -trimpath -o DIR/ PACKAGE`) and name it, build the "
                + "image by itself (`coracle build \(path)`), or write `no-build: true`"
        )
    }
}

extension Diagnostic.Code {
    static let sourceInFile = Self("source.in-images-file", .input)
}

package import ArgumentParser
import BuildCommands
import ByteIO
import Diagnostics
import Kubernetes
import Pins
import SharedOptions
import Terminal

/// `coracle resolve`.
package struct ResolveCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Build and push the images that manifests name, and print the manifests with them.",
        usage: "coracle resolve -f <file> ... [<options>]",
        discussion: HelpExamples(
            "coracle resolve -f deploy.yaml --repository ghcr.io/me >release.yaml",
            "helm template ./chart | coracle resolve -f - | kubectl apply -f -",
            "coracle resolve -f values.yaml --split repository,tag,digest",
            "coracle resolve -f k8s/ -R --kustomize overlays/live",
            note: """
                `image: coracle://shop` is the image `shop` of coracle.yaml, `coracle://./cmd`
                a program, a directory or source, and `ko://example.com/shop` a package of Go.
                Each is built once, pushed, and replaced by REPOSITORY:TAG@sha256:…; all other
                bytes stay as they are.
                """
        ).text
    )

    @OptionGroup(title: "Manifests") var manifests: ManifestOptions

    @Option(
        help: ArgumentHelp(
            "Keys for the pieces of a name, as in values of Helm: repository,tag,digest",
            valueName: "keys"
        )
    )
    var split: String?

    @Option(
        help: ArgumentHelp(
            "Put the images into this kustomization, or print its block for `-`, instead of the manifests.",
            valueName: "file"
        )
    )
    var kustomize: String?

    @OptionGroup(title: "Images") var arguments: ReferenceArguments

    package init() {}

    package func validate() throws {
        guard manifests.filename.isEmpty, kustomize == nil || kustomize == "-" else { return }
        throw ValidationError(ManifestOptions.noFiles)
    }

    package func run() async throws {
        let keys = try split.map { text throws(Diagnostic) in try SplitKeys(parsing: text) }
        if kustomize != nil, split != nil || manifests.selector != nil {
            let other = split != nil ? "--split" : "--selector"
            throw Diagnostic(
                .usageConflict,
                "`--kustomize` and `\(other)` contradict each other",
                at: .option("--kustomize"),
                because: "a kustomization names images by themselves",
                hint: "leave out `\(other)`"
            )
        }
        var last: [UInt8]?
        try await manifests.rounds { watcher in
            if let kustomize, kustomize != "-" { return try await edit(kustomize, watcher) }
            let resolution = try Resolution(manifests, arguments, splitting: keys)
            if kustomize != nil {
                let images = try await resolution.run(watcher) { _ in }
                return try Console.output(Kustomization.block(images).map { $0 + "\n" }.joined())
            }
            // Files that are to be read as one are written when one of them has changed.
            let output = ManifestOutput(isKept: watcher != nil)
            _ = try await resolution.run(watcher) { try output.write($0) }
            guard watcher != nil, output.bytes != last else { return }
            try Console.output(bytes: Manifest.separator(after: last?.last, output.bytes) + output.bytes)
            last = output.bytes
        }
    }

    /// Puts the images into a kustomization.
    private func edit(_ text: String, _ watcher: FileWatcher?) async throws {
        var path = FilePath(text)
        if (try? FileStatus(at: path, following: true))?.kind == .directory {
            let found = Kustomization.names.map { path.appending($0) }.first {
                (try? FileStatus(at: $0, following: true))?.kind == .regular
            }
            guard let found else {
                throw ManifestFile.unreadable(path, "the directory has no kustomization.yaml")
            }
            path = found
        }
        let file = try PinnedFile(readingFrom: path)
        let kustomization = try Kustomization(file)
        let resolution = try Resolution(manifests, arguments, besides: kustomization.mentions)
        try FileRewrite(file, replacing: [:]).check()
        let images = try await resolution.run(watcher) { _ in }
        let rewrite = FileRewrite(file, replacing: try kustomization.replacements(images))
        try rewrite.write()
        Console.log("wrote \(path.display)".escapedForTerminal)
    }
}

package import ArgumentParser
import BuildCommands
import Diagnostics
import SharedOptions
import Terminal

/// What `apply` and `create` have in common.
struct ApplyOptions: ParsableArguments {
    @OptionGroup(title: "Manifests") var manifests: ManifestOptions

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("What follows `--` is for kubectl.", valueName: "argument")
    )
    var rest: [String] = []

    @OptionGroup(title: "Images") var arguments: ReferenceArguments

    func validate() throws {
        guard manifests.filename.isEmpty else { return }
        throw ValidationError(ManifestOptions.noFiles)
    }

    /// Builds, pushes, and hands the manifests to kubectl when all images are there.
    func run(_ verb: String) async throws {
        // Before anything is built.
        let kubectl = try Kubectl(verb)
        var last: [UInt8]?
        try await manifests.rounds { watcher in
            let resolution = try Resolution(manifests, arguments)
            let output = ManifestOutput(isKept: true)
            _ = try await resolution.run(watcher) { try output.write($0) }
            let bytes = output.bytes
            guard bytes.contains(where: { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }) else {
                return Console.note([.nothingToApply])
            }
            if watcher != nil, bytes == last { return Console.log("nothing has changed for the cluster") }
            try await kubectl.run(bytes, rest)
            last = bytes
        }
    }
}

/// `coracle apply`.
package struct ApplyCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Build and push the images that manifests name, and apply the manifests with kubectl.",
        usage: "coracle apply -f <file> ... [<options>] [-- <kubectl arguments>]",
        discussion: HelpExamples(
            "coracle apply -f deploy.yaml --repository ghcr.io/me",
            "coracle apply -f k8s/ -l app=shop -- --namespace live --wait",
            "coracle apply -f k8s/ --watch",
            note: """
                As `coracle resolve`, whose output goes into `kubectl apply -f -` when all
                images are pushed: if one cannot be built, nothing is applied.
                """
        ).text
    )

    @OptionGroup var options: ApplyOptions

    package init() {}

    package func run() async throws { try await options.run("apply") }
}

/// `coracle create`.
package struct CreateCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Build and push the images that manifests name, and create their objects with kubectl.",
        usage: "coracle create -f <file> ... [<options>] [-- <kubectl arguments>]",
        discussion: HelpExamples(
            "coracle create -f job.yaml --repository ghcr.io/me",
            "coracle create -f job.yaml --tags 1.4 -- --namespace jobs",
            "kubectl kustomize overlays/live | coracle create -f -",
            note: """
                As `coracle apply`, for objects that are new each time, such as a job with
                `generateName`.
                """
        ).text
    )

    @OptionGroup var options: ApplyOptions

    package init() {}

    package func run() async throws { try await options.run("create") }
}

extension Diagnostic {
    fileprivate static let nothingToApply = Diagnostic(
        .kubectlUnasked,
        "there is nothing for kubectl to do",
        because: "the files have no document, or none with these labels"
    )
}

extension Diagnostic.Code {
    static let kubectlUnasked = Self("kubernetes.empty", .input)
}

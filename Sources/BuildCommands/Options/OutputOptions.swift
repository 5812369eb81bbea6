import ArgumentParser
import Diagnostics
import EngineCommands
import OCI
import Request
import SharedOptions

/// Where an image goes, and its names there.
struct OutputOptions: ParsableArguments {
    @Option(flag: "output") var output: String?
    @Option(flag: "tarball") var tarball: String?
    @Option(flag: "tag") var tag: [String] = []
    @Option(flag: "tags") var tags: [String] = []
    @Flag(flag: "bare") var bare = false
    @Flag(flag: "push") var push = false
    @Flag(flag: "load") var load = false
    @Option(flag: "load-to") var loadTo: String?
    @Option(flag: "format") var format: String?
    @Flag(flag: "debug-twin") var debugTwin = false
    @Flag(flag: "kubernetes") var kubernetes = false
    @Option(flag: "sbom") var sbom: String?
    @Option(flag: "sbom-output") var sbomOutput: String?
    @Option(flag: "sbom-add") var sbomAdd: [String] = []
    @Flag(flag: "json") var json = false

    /// Whether an engine gets the image.
    var isLoaded: Bool { load || loadTo != nil }

    /// Whether the image itself goes to standard output.
    var isStandardOutput: Bool { output == "-" || output?.hasSuffix("dest=-") ?? false }
}

extension BuildOptions {
    /// The options under "Output".
    static let outputFlags: [BuildFlag] = [
        .text(
            "output",
            \.output.output,
            "Write the image here: a directory, a file that ends in `.tar`, or `-` for standard output. Default: ./NAME.oci",
            value: "path",
            spelled: .init(short: "o", aliases: ["oci-layout-path"]),
            key: .path
        ),
        .text(
            "tarball",
            \.output.tarball,
            "Write one archive, whatever its name ends in.",
            value: "file",
            key: .path
        ),
        .each(
            "tag",
            \.output.tag,
            "A name for the image, taken literally. Repeatable.",
            value: "ref",
            spelled: .init(short: "t")
        ) { text, request throws(Diagnostic) in request.names.append(try Reference(parsing: text)) },
        .each(
            "tags",
            \.output.tags,
            "Tags for the default name, separated by commas, as in ko.",
            value: "tags"
        ),
        .flag(
            "bare",
            \.output.bare,
            "Use CORACLE_REPO or KO_DOCKER_REPO as the whole repository, without the program's name."
        ),
        .flag(
            "push",
            \.output.push,
            "Push the image under its names. Nothing is written here without -o."
        ) { $0.isPushed = true },
        .flag(
            "load",
            \.output.load,
            "Load the image into docker, podman or containerd, whichever is there. Nothing is written here without -o.",
            key: .none
        ) { $0.isLoaded = true },
        .text(
            "load-to",
            \.output.loadTo,
            "Load the image into this engine: docker, podman, containerd, k3s, kind or minikube.",
            value: "engine",
            key: .none
        ) { text, request throws(Diagnostic) in
            request.isLoaded = try EngineOptions.engine(text, "--load-to") != nil
        },
        .text(
            "format",
            \.output.format,
            "The media types of manifests: oci, or docker for registries that refuse OCI's. Default: oci",
            value: "format"
        ) { text, request throws(Diagnostic) in request.format = try FormatOption.format(text) },
        .flag(
            "debug-twin",
            \.output.debugTwin,
            "Make TAG-debug beside TAG: the same layers, with Debian's busybox as a shell."
        ) { $0.hasDebugTwin = true },
        .flag(
            "kubernetes",
            \.output.kubernetes,
            "Print the settings that a Kubernetes pod needs, as YAML for its spec, instead of the reference.",
            spelled: .init(inGroup: "print")
        ) { $0.describesPod = true },
        .text(
            "sbom",
            \.output.sbom,
            "Attach what is in the image to it: spdx, cyclonedx or none. Default: spdx where it is pushed, else none",
            value: "format"
        ),
        .text(
            "sbom-output",
            \.output.sbomOutput,
            "Write what is in the image into this file, as SPDX unless `--sbom` says otherwise.",
            value: "file",
            key: .path
        ),
        .each(
            "sbom-add",
            \.output.sbomAdd,
            "Also list what this file says: SPDX, CycloneDX or a Package.resolved. Repeatable.",
            value: "file",
            key: .path
        ),
        .flag("json", \.output.json, "Print one JSON document instead of one line.", key: .none),
    ]
}

import ArgumentParser
import Diagnostics
import Plan

/// What is asked of an image beside whether it can run.
struct PolicyArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Refuse an image whose layers, as they are stored, have more, such as 20MiB.",
            valueName: "size"
        )
    )
    var maxSize: String?

    @Flag(help: "Print what a Kubernetes pod has to say, as YAML for its spec, in the place of the reference.")
    var kubernetes = false

    @Flag(help: "Make TAG-debug beside TAG: the same layers with a shell, Debian's busybox.")
    var debugTwin = false

    /// - Throws: `usage.malformed`.
    func apply(to request: inout BuildRequest) throws(Diagnostic) {
        request.describesPod = kubernetes
        request.hasDebugTwin = debugTwin
        request.sizeLimit = try maxSize.map { text throws(Diagnostic) in try Quantity.bytes(text, "--max-size") }
    }
}

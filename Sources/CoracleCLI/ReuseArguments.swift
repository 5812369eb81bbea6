import ArgumentParser
import Diagnostics
import Images
import OCI
import Plan

/// How a directory is divided into layers, and which layers are taken from earlier images.
struct ReuseArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How a directory becomes layers: auto (dependency folders, large directories and files, the rest) or one. Default: known dependency folders apart",
            valueName: "how"
        )
    )
    var layers: String?

    @Option(help: ArgumentHelp("With --layers auto, how many layers at most. Default: 10", valueName: "n"))
    var maxLayers: Int?

    @Option(
        help: ArgumentHelp(
            "The image that this one follows: --layers auto keeps to its layers, and those that are equal are taken.",
            valueName: "image"
        )
    )
    var previous: String?

    @Option(
        help: ArgumentHelp(
            "Take equal layers from this image: a reference or a path. Repeatable; none for no image. Default with --push: the names pushed to",
            valueName: "image"
        )
    )
    var cacheFrom: [String] = []

    @Option(
        help: ArgumentHelp(
            "Keep under this reference what the layers were made from, for --cache-from on machines that start empty.",
            valueName: "ref"
        )
    )
    var cacheTo: String?

    @Flag(help: "Say of each layer why it was taken or built.")
    var explain = false

    /// - Throws: `usage.malformed`, `usage.conflict`; `reference.malformed`, `location.malformed`.
    func apply(to request: inout BuildRequest) throws(Diagnostic) {
        request.reuse.explains = explain
        switch layers {
        case "auto": request.split.rule = .auto
        case "one": request.split.rule = .one
        case nil: break
        case let other?:
            let reason = "it is neither `auto` nor `one`"
            throw .optionMalformed(.usageMalformed, "--layers", other, because: reason, example: "auto")
        }
        if let maxLayers {
            let counts = LayerSplit.layerCounts
            guard counts.contains(maxLayers) else {
                let reason = "it is not from \(counts.lowerBound) to \(counts.upperBound)"
                throw .optionMalformed(.usageMalformed, "--max-layers", "\(maxLayers)", because: reason, example: "10")
            }
            guard layers == "auto" else {
                throw Diagnostic(
                    .usageConflict,
                    "`--max-layers` means nothing without `--layers auto`",
                    at: .option("--max-layers"),
                    hint: "add `--layers auto`"
                )
            }
            request.split.mostLayers = maxLayers
        }
        request.reuse.previous = try previous.map { text throws(Diagnostic) in try ImageLocation(source: text) }
        request.reuse.target = try cacheTo.map { text throws(Diagnostic) in try Self.target(text) }
        guard cacheFrom != ["none"] else {
            request.reuse.sources = []
            return
        }
        guard !cacheFrom.isEmpty else { return }
        guard !cacheFrom.contains("none") else {
            throw Diagnostic(
                .usageConflict,
                "`--cache-from none` contradicts the others",
                at: .option("--cache-from"),
                hint: "leave it out, or leave out the others; an image of that name is `none:latest`"
            )
        }
        var sources = [ImageLocation]()
        for text in cacheFrom { sources.append(try ImageLocation(source: text)) }
        request.reuse.sources = sources
    }

    private static func target(_ text: String) throws(Diagnostic) -> Reference {
        let reference = try ImageLocation.reference(parsing: text)
        guard reference.digest == nil else {
            let reason = "it has a digest, and what is kept has its own"
            throw .optionMalformed(
                .usageMalformed,
                "--cache-to",
                text,
                because: reason,
                example: "ghcr.io/me/server:cache"
            )
        }
        return reference
    }
}

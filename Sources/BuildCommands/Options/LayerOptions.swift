import ArgumentParser
import ByteIO
import Diagnostics
import Images
import OCI
import Request

/// How a directory is divided into layers, and which layers are taken from earlier images.
struct LayerOptions: ParsableArguments {
    @Option(flag: "layers") var layers: String?
    @Option(flag: "max-layers") var maxLayers: Int?
    @Option(flag: "previous") var previous: String?
    @Option(flag: "cache-from") var cacheFrom: [String] = []
    @Option(flag: "cache-to") var cacheTo: String?
    @Flag(flag: "explain") var explain = false
    @Option(flag: "compression") var compression: String?
    @Option(flag: "compression-level") var compressionLevel: Int?
    @Option(flag: "prefetch") var prefetch: String?
}

extension BuildOptions {
    /// The options under "Layers".
    static let layerFlags: [BuildFlag] = [
        .text(
            "layers",
            \.layers.layers,
            """
            How a directory becomes layers: auto (dependency folders, large directories and files, the rest) or one. \
            Default: known dependency folders apart
            """,
            value: "how"
        ) { text, request throws(Diagnostic) in request.split.rule = try layerRule(text) },
        .number(
            "max-layers",
            \.layers.maxLayers,
            "With --layers auto, the largest number of layers. Default: 10",
            value: "n"
        ) { count, request throws(Diagnostic) in request.split.mostLayers = try layerCount(count) },
        .text(
            "previous",
            \.layers.previous,
            "The image that this one follows: --layers auto keeps its division, and equal layers are taken from it.",
            value: "image"
        ) { text, request throws(Diagnostic) in request.reuse.previous = try ImageLocation(source: text) },
        .all(
            "cache-from",
            \.layers.cacheFrom,
            """
            Take equal layers from this image: a reference or a path; `none` for no image. Repeatable. Default with \
            --push: the names pushed to
            """,
            value: "image"
        ) { texts, request throws(Diagnostic) in request.reuse.sources = try layerSources(texts) },
        .text(
            "cache-to",
            \.layers.cacheTo,
            "Record under this reference how the layers were made, for --cache-from on machines that start empty.",
            value: "ref"
        ) { text, request throws(Diagnostic) in request.reuse.target = try cacheTarget(text) },
        .flag(
            "explain",
            \.layers.explain,
            "Say for each layer why it was taken or built."
        ) { $0.reuse.explains = true },
        .text(
            "compression",
            \.layers.compression,
            """
            Compress layers by gzip, zstd, zstd:chunked (podman and CRI-O fetch what changed) or estargz (containerd's \
            stargz snapshotter fetches what is read). Default: gzip
            """,
            value: "format"
        ) { text, request throws(Diagnostic) in request.compression = try LayerFormatName.codec(text, "--compression")
        },
        .number(
            "compression-level",
            \.layers.compressionLevel,
            "1 (fastest) to 12 (smallest), with zstd to 19. Default: 2, with zstd 3",
            value: "level"
        ) { level, request in request.compressionLevel = level },
        .text(
            "prefetch",
            \.layers.prefetch,
            "With --compression estargz, a file that lists the paths in the image that a container reads first.",
            value: "file",
            key: .path
        ) { text, request throws(Diagnostic) in
            request.prefetched = try PrefetchList(readingFrom: FilePath(text)).paths
        },
    ]

    private static func layerRule(_ text: String) throws(Diagnostic) -> SplitOptions.Rule {
        switch text {
        case "auto": return .auto
        case "one": return .one
        default:
            let reason = "it is neither `auto` nor `one`"
            throw .optionMalformed(.usageMalformed, "--layers", text, because: reason, example: "auto")
        }
    }

    private static func layerCount(_ count: Int) throws(Diagnostic) -> Int {
        let counts = SplitOptions.layerCounts
        guard counts.contains(count) else {
            let reason = "it is not from \(counts.lowerBound) to \(counts.upperBound)"
            throw .optionMalformed(.usageMalformed, "--max-layers", "\(count)", because: reason, example: "10")
        }
        return count
    }

    private static func layerSources(_ texts: [String]) throws(Diagnostic) -> [ImageLocation] {
        if texts == ["none"] { return [] }
        guard !texts.contains("none") else {
            throw Diagnostic(
                .usageConflict,
                "`--cache-from none` contradicts the others",
                at: .option("--cache-from"),
                hint: "leave it out, or leave out the others; an image of that name is `none:latest`"
            )
        }
        var sources = [ImageLocation]()
        for text in texts { sources.append(try ImageLocation(source: text)) }
        return sources
    }

    private static func cacheTarget(_ text: String) throws(Diagnostic) -> Reference {
        let reference = try ImageLocation.reference(parsing: text)
        guard reference.digest == nil else {
            let reason = "it has a digest, and the record has its own"
            let example = "ghcr.io/me/server:cache"
            throw .optionMalformed(.usageMalformed, "--cache-to", text, because: reason, example: example)
        }
        return reference
    }
}

import Diagnostics
import Layers
package import OCI
package import Request

/// What of a request can be checked without looking at any file.
package enum RequestCheck {
    /// The names of the images, each once.
    package static func names(_ request: BuildRequest) -> Checked<[Reference]> {
        var remarks = Remarks()
        var names = [Reference]()
        for name in request.names {
            if name.digest != nil {
                remarks.problems.add(
                    Diagnostic(
                        .planNameWithDigest,
                        "`\(name.text)` cannot be the name of a new image",
                        at: .option("--tag"),
                        because: "it has a digest, and the image's digest is known only when it is built",
                        hint: "leave out what begins with `@`"
                    )
                )
            } else if !names.contains(where: { $0.normalized == name.normalized }) {
                names.append(name)
            }
        }
        return Checked(names, remarks)
    }

    /// How the user's own layers are compressed.
    ///
    /// The runtime layer is the same for every image of the same coracle, so that registries and nodes store it once:
    /// it is not compressed with the level that the user chooses.
    static func compression(_ request: BuildRequest) -> Checked<LayerCompression> {
        let codec = request.compression
        let levels = codec.levels
        var remarks = Remarks()
        if request.format == .docker, codec.mediaType != .layerTarGzip {
            remarks.problems.add(
                Diagnostic(
                    .usageConflict,
                    "`--format docker` and `--compression \(codec.rawValue)` contradict each other",
                    at: .option("--compression"),
                    because: "Docker's manifests have no media type for layers that are compressed with zstd",
                    hint: "use `--compression gzip`, or leave out `--format docker`"
                )
            )
        }
        if !request.prefetched.isEmpty, codec != .estargz {
            remarks.problems.add(
                Diagnostic(
                    .usageConflict,
                    "`--prefetch` means nothing for \(codec.rawValue) layers",
                    at: .option("--prefetch"),
                    because: "only eStargz says which files are wanted first",
                    hint: "use `--compression estargz`"
                )
            )
        }
        guard let level = request.compressionLevel else { return Checked(LayerCompression(codec), remarks) }
        if !levels.contains(level) {
            let reason = "levels of \(codec.rawValue) go from \(levels.lowerBound) to \(levels.upperBound)"
            remarks.problems.add(
                .optionMalformed(
                    .configurationMalformed,
                    "--compression-level",
                    "\(level)",
                    because: reason,
                    example: "9"
                )
            )
        }
        return Checked(LayerCompression(codec, level: level), remarks)
    }
}

extension Diagnostic.Code {
    static let planNameWithDigest = Self("plan.name-with-digest", .usage)
}

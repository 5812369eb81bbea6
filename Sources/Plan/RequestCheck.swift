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
        let levels = LayerCompression.levels
        guard let level = request.compressionLevel else { return Checked(LayerCompression()) }
        var remarks = Remarks()
        if !levels.contains(level) {
            let reason = "levels go from \(levels.lowerBound) to \(levels.upperBound)"
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
        return Checked(LayerCompression(level: level), remarks)
    }
}

extension Diagnostic.Code {
    static let planNameWithDigest = Self("plan.name-with-digest", .usage)
}

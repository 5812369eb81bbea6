import Archive
package import Check
import Diagnostics
import Layers
package import OCI
import Request

/// What images are: how they run, what they are made of, and what makes them large.
package struct ImageInspection: Sendable {
    package struct Image: Sendable {
        package let image: LocatedImage
        /// Number of files and directories.
        let fileCount: Int
        /// The largest files, the largest first; of equal ones the first in the listing.
        let biggest: [FileListing.Line]

        init(_ image: LocatedImage, _ files: FileListing) {
            self.image = image
            var count = 0
            var biggest = [FileListing.Line]()
            for line in files.lines {
                count += 1
                guard line.record.kind == .regular, line.size > 0 else { continue }
                if biggest.count == Self.shown, let last = biggest.last, last.size >= line.size { continue }
                biggest.insert(line, at: biggest.countOfPrefix { $0.size >= line.size })
                if biggest.count > Self.shown { biggest.removeLast() }
            }
            fileCount = count
            self.biggest = biggest
        }

        private static let shown = 10
    }

    package let images: [Image]

    /// For a person, in lines.
    package var text: [String] { images.flatMap(Self.text) }

    private static func text(_ inspected: Image) -> [String] {
        let (manifest, config) = (inspected.image.manifest, inspected.image.config.content)
        let names = inspected.image.names
        var lines = [names.isEmpty ? "(no name)" : names.joined(separator: ", ")]
        func add(_ label: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            lines.append("  " + label.leftAligned(13) + value)
        }
        add("digest", manifest.descriptor.digest.description)
        add("platform", config.platform.description)
        add("created", config.created)
        add("user", config.config.user)
        add("entry point", config.config.entrypoint?.joined(separator: " "))
        add("command", config.config.cmd?.joined(separator: " "))
        add("workdir", config.config.workingDir)
        for variable in config.config.env { add("env", variable) }
        add("ports", config.config.exposedPorts.joined(separator: " "))
        add("volumes", config.config.volumes.joined(separator: " "))
        add("stop signal", config.config.stopSignal)
        add("health check", config.config.healthcheck.flatMap { Healthcheck($0) }?.text)
        for (key, value) in config.config.labels.sorted(by: { $0.key < $1.key }) { add("label", "\(key)=\(value)") }
        for (key, value) in manifest.content.annotations.sorted(by: { $0.key < $1.key }) {
            add("annotation", "\(key)=\(value)")
        }
        let total = manifest.content.layers.totalSize
        add("layers", "\(manifest.content.layers.count), \(ByteCount(total)) compressed")
        let steps = config.history.filter { !$0.isEmptyLayer }
        for (index, layer) in manifest.content.layers.enumerated() {
            let step = index < steps.count ? steps[index].createdBy ?? "" : ""
            lines.append("    [\(index + 1)] \(ByteCount(layer.size).padded)  \(layer.digest)  \(step)")
        }
        lines.append("  biggest files, of \(inspected.fileCount)")
        for file in inspected.biggest {
            lines.append("    \(ByteCount(file.size).padded)  \(file.path)  [\(file.layer)]")
        }
        return lines
    }

    /// For a program.
    package var json: JSON {
        [
            "images": .array(
                images.map { inspected in
                    let manifest = inspected.image.manifest
                    return [
                        "names": .array(inspected.image.names.map { .string($0) }),
                        "digest": .string(manifest.descriptor.digest.description),
                        "manifest": manifest.content.json,
                        "config": inspected.image.config.content.json,
                        "files": .int(inspected.fileCount),
                        "biggestFiles": .array(
                            inspected.biggest.map { file in
                                [
                                    "path": .string(file.path.description),
                                    "size": .int(file.size),
                                    "layer": .int(file.layer),
                                ]
                            }
                        ),
                    ]
                }
            )
        ]
    }
}

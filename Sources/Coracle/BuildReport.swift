import ByteIO
import Diagnostics
import Layers
public import OCI
import Store

/// What was built.
public struct BuildReport: Sendable {
    private let plan: BuildPlan
    private let images: AssembledImages

    init(_ plan: BuildPlan, _ images: AssembledImages) {
        self.plan = plan
        self.images = images
    }

    /// `REFERENCE@sha256:…`, or `sha256:…` for an image without a name: what other programs are given.
    public var reference: String {
        let digest = images.set.top.digest.description
        return plan.names.first.map { "\($0.text)@\(digest)" } ?? digest
    }

    /// For a person, in lines.
    public var summary: [String] {
        var lines = ["wrote \(plan.output.path.display)"]
        for (planned, image) in zip(plan.images, images.images) {
            let size = image.layers.reduce(0) { $0 + $1.descriptor.size }
            let layers = image.layers.count == 1 ? "1 layer" : "\(image.layers.count) layers"
            let user = image.config.content.config.user ?? ""
            lines.append("  \(image.platform)  \(ByteCount(size)) in \(layers), user \(user)")
            for (index, layer) in zip(planned.layers, image.layers) {
                let size = ByteCount(layer.descriptor.size).padded
                lines.append("    \(size)  \(plan.layers[index].blueprint.createdBy)")
            }
        }
        lines.append("  created \(plan.created) (\(plan.createdSource))")
        return lines
    }

    /// For a program.
    public var json: JSON {
        var json = JSONObject()
        json["reference"] = .string(reference)
        json["digest"] = .string(images.set.top.digest.description)
        json["mediaType"] = .string(images.set.top.mediaType.rawValue)
        json["names"] = .array(plan.names.map { .string($0.text) })
        json["output"] = .string(plan.output.path.display)
        json["created"] = plan.createdJSON
        json["images"] = .array(
            zip(plan.images, images.images).map { planned, image in
                [
                    "platform": .string(image.platform.description),
                    "platformEvidence": .string(planned.evidence),
                    "manifest": Self.json(image.manifest.descriptor),
                    "config": Self.json(image.config.descriptor),
                    "layers": .array(
                        zip(planned.layers, image.layers).map { index, layer in
                            plan.layers[index].json(written: layer)
                        }
                    ),
                ]
            }
        )
        json["notes"] = plan.notesJSON
        return .object(json)
    }

    private static func json(_ descriptor: Descriptor) -> JSON {
        ["digest": .string(descriptor.digest.description), "size": .int(descriptor.size)]
    }
}

extension BuildPlan {
    /// For a person, in lines.
    public var summary: [String] {
        let named = names.isEmpty ? "" : " as " + names.map(\.text).joined(separator: ", ")
        var lines = ["would write \(output.path.display)\(named)"]
        for image in images {
            lines.append("  \(image.platform)  (\(image.evidence))")
            for index in image.layers {
                let (size, blueprint) = (ByteCount(layers[index].size).padded, layers[index].blueprint)
                lines.append("    \(size)  \(blueprint.createdBy): \(blueprint.entries.count) entries")
            }
            let config = image.config.config
            lines.append("    entry point  \((config.entrypoint ?? []).joined(separator: " "))")
            if let command = config.cmd { lines.append("    command      \(command.joined(separator: " "))") }
            lines.append("    user         \(config.user ?? "")")
            lines.append("    workdir      \(config.workingDir ?? "")")
            for variable in config.env { lines.append("    env          \(variable)") }
            for port in config.exposedPorts { lines.append("    port         \(port)") }
            for volume in config.volumes { lines.append("    volume       \(volume)") }
            if let signal = config.stopSignal { lines.append("    stop signal  \(signal)") }
            for (key, value) in config.labels.sorted(by: { $0.key < $1.key }) {
                lines.append("    label        \(key)=\(value)")
            }
            for (key, value) in annotations.sorted(by: { $0.key < $1.key }) {
                lines.append("    annotation   \(key)=\(value)")
            }
        }
        lines.append("  created \(created) (\(createdSource))")
        return lines
    }

    /// For a program.
    public var json: JSON {
        var json = JSONObject()
        json["names"] = .array(names.map { .string($0.text) })
        json["output"] = .string(output.path.display)
        json["created"] = createdJSON
        json["images"] = .array(
            images.map { image in
                [
                    "platform": .string(image.platform.description),
                    "platformEvidence": .string(image.evidence),
                    "config": image.config.json,
                    "layers": .array(image.layers.map { layers[$0].json() }),
                ]
            }
        )
        json["notes"] = notesJSON
        return .object(json)
    }

    fileprivate var createdJSON: JSON { ["time": .string(created.description), "from": .string(createdSource)] }

    fileprivate var notesJSON: JSON { .array(notes.map(\.json)) }
}

extension PlannedLayer {
    /// Of the tar, in bytes.
    fileprivate var size: Int64 { LayerLayout(blueprint).size }

    /// What the layer is for, how it is made, and, once it is written, what it became.
    fileprivate func json(written: WrittenLayer? = nil) -> JSON {
        var json = JSONObject()
        if let written {
            json["digest"] = .string(written.descriptor.digest.description)
            json["size"] = .int(written.descriptor.size)
            json["diffID"] = .string(written.diffID.description)
        }
        json["uncompressedSize"] = .int(written?.uncompressedSize ?? size)
        json["why"] = .string(blueprint.createdBy)
        json["compression"] = .string(compression.description)
        json["entries"] = .int(blueprint.entries.count)
        json["files"] = .array(blueprint.entries.filter { !$0.isDirectory }.map(\.json))
        return .object(json)
    }
}

extension LayerEntry {
    fileprivate var json: JSON {
        var json = JSONObject()
        json["path"] = .string(path.description)
        json["mode"] = .string(String(mode, radix: 8))
        json["owner"] = .string("\(uid):\(gid)")
        switch content {
        case .bytes(let bytes): json["size"] = .int(bytes.count)
        case .file(let source, let stamp):
            json["size"] = .int(stamp.size)
            json["source"] = .string(source.display)
        case .symlink(let target): json["linkTarget"] = .string(String(printing: target))
        case .hardlink(let target): json["hardlinkTo"] = .string(target.description)
        case .directory: break
        }
        return .object(json)
    }
}

import ByteIO
import Diagnostics
import Gate
import Layers
package import OCI
package import Plan
import Stack
import Store

/// What was built.
package struct BuildReport: Sendable {
    package let plan: BuildPlan
    package let images: AssembledImages

    /// Whether the summary says of each layer why it was built.
    private let isExplainingLayers: Bool

    init(_ plan: BuildPlan, _ images: AssembledImages, explainingLayers: Bool) {
        isExplainingLayers = explainingLayers
        self.plan = plan
        self.images = images
    }

    /// `REFERENCE@sha256:…`, or `sha256:…` for an image without a name: what other programs are given.
    package var reference: String {
        let digest = images.set.top.digest.description
        return plan.names.first.map { "\($0.text)@\(digest)" } ?? digest
    }

    /// The same for each name.
    package var references: [String] {
        plan.names.isEmpty ? [reference] : plan.names.map { "\($0.text)@\(images.set.top.digest)" }
    }

    /// For a person, in lines.
    package var summary: [String] {
        Self.destinations(plan.output, pushedTo: plan.isPushed ? plan.names : []) + imageSummary
    }

    /// Where images went, in lines.
    static func destinations(_ output: BuildRequest.Output?, pushedTo names: [Reference]) -> [String] {
        (output.map { ["wrote \($0.path.display)"] } ?? []) + names.map { "pushed \($0.text)" }
    }

    /// What the images are, wherever they went, in lines.
    var imageSummary: [String] {
        var lines = [String]()
        for (planned, image) in zip(plan.images, images.images) {
            let all = image.manifest.content.layers
            let size = all.totalSize
            let layers = all.count == 1 ? "1 layer" : "\(all.count) layers"
            let user = image.config.content.config.user ?? ""
            lines.append("  \(image.platform)  \(ByteCount(size)) in \(layers), user \(user)")
            if let base = planned.base { lines.append("    \(base.line)") }
            for ((index, layer), provenance) in zip(zip(planned.layers, image.layers), image.provenance) {
                let size = ByteCount(layer.descriptor.size).padded
                let why = isExplainingLayers ? ": \(provenance.explanation)" : ""
                lines.append("    \(size)  \(plan.layers[index].blueprint.createdBy)\(why)")
                if plan.layers[index].blueprint.kind == .runtime {
                    lines += (planned.runtime?.lines(isCompressed: true) ?? []).map { "               \($0)" }
                }
            }
            lines += planned.programLine
        }
        lines.append("  created \(plan.created) (\(plan.createdSource))")
        return lines + twinSummary
    }

    /// For a program.
    package var json: JSON { json(of: nil) }

    /// The same for one image of many, called `name`: without lists of files, which would be long and much the same.
    package func json(of name: String?) -> JSON {
        var json = JSONObject()
        json["name"] = name.map { .string($0) }
        json["reference"] = .string(reference)
        json["digest"] = .string(images.set.top.digest.description)
        json["mediaType"] = .string(images.set.top.mediaType.rawValue)
        json["names"] = .array(plan.names.map { .string($0.text) })
        json["output"] = plan.output.map { .string($0.path.display) }
        json["pushed"] = plan.isPushed ? true : nil
        json["created"] = plan.createdJSON
        json["images"] = .array(
            zip(plan.images, images.images).map { planned, image in
                var json = JSONObject()
                json["platform"] = .string(image.platform.description)
                json["platformEvidence"] = .string(planned.evidence)
                json["base"] = planned.base?.json
                planned.addNeeds(to: &json)
                json["manifest"] = Self.json(image.manifest.descriptor)
                json["config"] = Self.json(image.config.descriptor)
                json["layers"] = .array(
                    zip(zip(planned.layers, image.layers), image.provenance).map { pair, provenance in
                        plan.layers[pair.0].json(written: pair.1, provenance, listingFiles: name == nil)
                    }
                )
                return .object(json)
            }
        )
        json["notes"] = plan.notesJSON
        json["findings"] = plan.findingsJSON
        json["debugTwin"] = twinJSON
        json["kubernetes"] = kubernetes.map { .string($0.joined(separator: "\n") + "\n") }
        return .object(json)
    }

    private static func json(_ descriptor: Descriptor) -> JSON {
        ["digest": .string(descriptor.digest.description), "size": .int(descriptor.size)]
    }
}

extension BuildPlan {
    /// For a person, in lines.
    package var summary: [String] {
        let named = names.isEmpty ? "" : " as " + names.map(\.text).joined(separator: ", ")
        var lines = [String]()
        if let output { lines.append("would write \(output.path.display)\(named)") }
        if isPushed { lines.append("would push\(named)") }
        for image in images {
            lines.append("  \(image.platform)  (\(image.evidence))")
            if let base = image.base {
                lines.append("    \(base.line)")
                lines.append("    base digest  \(base.manifest.digest)")
            }
            for index in image.layers {
                let (size, blueprint) = (ByteCount(layers[index].size).padded, layers[index].blueprint)
                lines.append("    \(size)  \(blueprint.createdBy): \(blueprint.entries.count) entries")
                if blueprint.kind == .runtime {
                    lines += (image.runtime?.lines(isCompressed: false) ?? []).map { "               \($0)" }
                }
            }
            lines += image.programLine
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
            for (key, value) in image.annotations.sorted(by: { $0.key < $1.key }) {
                lines.append("    annotation   \(key)=\(value)")
            }
        }
        lines.append("  created \(created) (\(createdSource))")
        return lines
    }

    /// For a program, with what of the images is new.
    package func json(_ nextPush: NextPush? = nil) -> JSON { json(of: nil, nextPush) }

    /// The same for one image of many, called `name`: without lists of files.
    package func json(of name: String?, _ nextPush: NextPush? = nil) -> JSON {
        var json = JSONObject()
        json["name"] = name.map { .string($0) }
        json["names"] = .array(names.map { .string($0.text) })
        json["output"] = output.map { .string($0.path.display) }
        json["pushed"] = isPushed ? true : nil
        json["created"] = createdJSON
        json["images"] = .array(
            images.map { image in
                var json = JSONObject()
                json["platform"] = .string(image.platform.description)
                json["platformEvidence"] = .string(image.evidence)
                json["base"] = image.base?.json
                image.addNeeds(to: &json)
                json["config"] = image.config.json
                json["layers"] = .array(image.layers.map { layers[$0].json(listingFiles: name == nil) })
                return .object(json)
            }
        )
        json["notes"] = notesJSON
        json["findings"] = findingsJSON
        json["nextPush"] = nextPush?.json
        return .object(json)
    }

    fileprivate var createdJSON: JSON { ["time": .string(created.description), "from": .string(createdSource)] }

    fileprivate var notesJSON: JSON { .array(notes.map(\.json)) }

    fileprivate var findingsJSON: JSON { .array(findings.map(\.json)) }
}

extension BuildPlan.Image {
    /// For a person: who made what it starts; none where that is not known.
    fileprivate var programLine: [String] { needs.line.map { ["    program      \($0)"] } ?? [] }

    fileprivate func addNeeds(to json: inout JSONObject) {
        json["program"] = needs.makerJSON
        json["needs"] = needs.json
        json["runtime"] = runtime?.json
    }
}

extension Base {
    /// For a person.
    fileprivate var line: String {
        let count = layers.count == 1 ? "1 layer" : "\(layers.count) layers"
        return "\(ByteCount(size).padded)  base \(name): \(count)"
    }

    fileprivate var json: JSON {
        var json = JSONObject()
        json["name"] = .string(name)
        json["reference"] = reference.map { .string($0) }
        json["digest"] = .string(manifest.digest.description)
        json["platform"] = .string(platform.description)
        json["layers"] = .array(
            layers.map { ["digest": .string($0.digest.description), "size": .int($0.size)] }
        )
        return .object(json)
    }
}

extension PlannedLayer {
    /// Size of the tar, in bytes.
    fileprivate var size: Int64 { LayerLayout(blueprint).size }

    /// What the layer is for, how it is made, and, once it is written, what it became.
    fileprivate func json(
        written: WrittenLayer? = nil,
        _ provenance: LayerProvenance? = nil,
        listingFiles: Bool
    ) -> JSON {
        var json = JSONObject()
        if let written {
            json["digest"] = .string(written.descriptor.digest.description)
            json["size"] = .int(written.descriptor.size)
            json["diffID"] = .string(written.diffID.description)
        }
        json["uncompressedSize"] = .int(written?.uncompressedSize ?? size)
        json["why"] = .string(blueprint.createdBy)
        json["reuse"] = provenance?.json
        json["compression"] = .string(compression.description)
        json["entries"] = .int(blueprint.entries.count)
        if listingFiles { json["files"] = .array(blueprint.entries.filter { !$0.isDirectory }.map(\.json)) }
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

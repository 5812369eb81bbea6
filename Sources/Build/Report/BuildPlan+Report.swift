import ByteIO
import Diagnostics
import Findings
import Layers
package import OCI
package import Plan
import Pods
import Request

extension BuildPlan {
    /// For a person, in lines.
    package var summary: [String] {
        let named = names.isEmpty ? "" : " as " + names.map(\.text).joined(separator: ", ")
        var lines = [String]()
        if let output { lines.append("would write \(output.display)\(named)") }
        if isPushed { lines.append("would push\(named)") }
        if isLoaded { lines.append("would load\(named) into an engine of this machine") }
        for image in images { lines += self.lines(image) }
        lines.append("  created \(created) (\(createdSource))")
        return lines
    }

    private func lines(_ image: Image) -> [String] {
        var lines = ["  \(image.platform)  (\(image.evidence))"]
        if let base = image.base.map({ BaseLayers($0) }) {
            lines.append("    \(base.line)")
            lines.append("    base digest  \(base.digest)")
        }
        var runtime = image.runtime?.lines(.ofFiles) ?? []
        for index in image.layers {
            let layer = LayerFacts(layers[index], at: index)
            let size = ByteCount(layer.uncompressedSize).padded
            lines.append("    \(size)  \(layer.createdBy): \(layer.entryCount) entries")
            guard layer.isRuntime else { continue }
            lines += runtime.map { "               \($0)" }
            // What the user needs is another such layer, and no part of this list.
            runtime = []
        }
        if let line = NeedsReport(image.needs).line { lines.append("    program      \(line)") }
        let config = image.config.config
        lines.append("    entry point  \(CommandText(config.entrypoint ?? []))")
        if let command = config.cmd { lines.append("    command      \(CommandText(command))") }
        lines.append("    user         \(config.user ?? "")")
        lines.append("    workdir      \(config.workingDir ?? "")")
        for variable in config.env { lines.append("    env          \(variable)") }
        for port in config.exposedPorts { lines.append("    port         \(port)") }
        for volume in config.volumes { lines.append("    volume       \(volume)") }
        if let signal = config.stopSignal { lines.append("    stop signal  \(signal)") }
        if let check = config.healthcheck.flatMap({ Healthcheck($0) }) {
            lines.append("    health check \(check.text)")
        }
        for (key, value) in config.labels.sorted(by: { $0.key < $1.key }) {
            lines.append("    label        \(key)=\(value)")
        }
        for (key, value) in image.annotations.sorted(by: { $0.key < $1.key }) {
            lines.append("    annotation   \(key)=\(value)")
        }
        return lines
    }

    /// For a program, with what of the images is new.
    package func json(_ nextPush: NextPush? = nil) -> JSON {
        json(of: nil, layers.map { $0.blueprint.entries.compactMap { LayerFile($0) } }, nextPush)
    }

    /// The same for one image of many, called `name`: without lists of files.
    package func json(of name: String) -> JSON { json(of: name, nil, nil) }

    private func json(of name: String?, _ files: [[LayerFile]]?, _ nextPush: NextPush?) -> JSON {
        var json = JSONObject()
        json["name"] = name.map { .string($0) }
        json["names"] = .array(names.map { .string($0.text) })
        json["output"] = output.map { .string($0.display) }
        json["pushed"] = isPushed ? true : nil
        json["created"] = ["time": .string(created.description), "from": .string(createdSource)]
        json["images"] = .array(images.map { .object(self.json($0, files)) })
        json["notes"] = .array(notes.map(\.json))
        json["findings"] = .array(findings.map(\.json))
        json["nextPush"] = nextPush?.json
        json["kubernetes"] = kubernetes.map { .string($0.joined(separator: "\n") + "\n") }
        json["pod"] = pod?.json(podImage)
        return .object(json)
    }

    private func json(_ image: Image, _ files: [[LayerFile]]?) -> JSONObject {
        let needs = NeedsReport(image.needs)
        var json = JSONObject()
        json["platform"] = .string(image.platform.description)
        json["platformEvidence"] = .string(image.evidence)
        json["base"] = image.base.map { BaseLayers($0).json }
        json["program"] = needs.makerJSON
        json["needs"] = needs.json
        json["runtime"] = image.runtime?.json
        json["config"] = image.config.json
        json["layers"] = .array(
            image.layers.map { .object(LayerFacts(layers[$0], at: $0).json(files?[$0])) }
        )
        return json
    }
}

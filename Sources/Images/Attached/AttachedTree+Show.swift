import Diagnostics
package import OCI

extension AttachedTree {
    /// For a person, in lines.
    package var text: [String] {
        var rows = [[String]]()
        for (position, subject) in subjects.enumerated() {
            let what = subject.platform?.description ?? (subject.manifest.mediaType.isIndex ? "index" : "image")
            let indent = position == 0 ? "" : "  "
            rows.append(["\(indent)\(what)", "", subject.manifest.digest.description, ""])
            add(subject.attached, indent + "  ", to: &rows)
        }
        return [name] + inColumns(rows, right: [1])
            + (subjects.allSatisfy(\.attached.isEmpty) ? ["nothing hangs on it"] : [])
    }

    private func add(_ nodes: [Node], _ indent: String, to rows: inout [[String]]) {
        for node in nodes {
            let size = (node.content?.layers ?? []).totalSize
            var about = node.predicateTypes.map(\.excerpt)
            let count = node.content?.layers.count ?? 0
            if case .tag = node.way, count != 1 { about.insert("\(count) layers", at: 0) }
            if node.content == nil { about.append("listed, and not there") }
            rows.append([
                "\(indent)- \(node.kind.excerpt)", "\(ByteCount(size))", node.manifest.digest.description,
                about.joined(separator: ", "),
            ])
            add(node.attached, indent + "  ", to: &rows)
        }
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["image"] = .string(name)
        json["subjects"] = .array(
            subjects.map { subject in
                var entry = JSONObject()
                entry["digest"] = .string(subject.manifest.digest.description)
                entry["mediaType"] = .string(subject.manifest.mediaType.rawValue)
                entry["platform"] = subject.platform.map { .string($0.description) }
                entry["attached"] = .array(subject.attached.map(\.json))
                return .object(entry)
            }
        )
        return .object(json)
    }
}

extension AttachedTree.Node {
    fileprivate var json: JSON {
        var json = JSONObject()
        json["digest"] = .string(manifest.digest.description)
        json["mediaType"] = .string(manifest.mediaType.rawValue)
        switch way {
        case .referrer: json["found"] = "referrer"
        case .index: json["found"] = "index"
        case .tag(let tag):
            json["found"] = "tag"
            json["tag"] = .string(tag.name)
        }
        if let content {
            json["artifactType"] = .string(content.artifactType.rawValue)
            if !predicateTypes.isEmpty { json["predicateTypes"] = JSON.strings(predicateTypes) }
            json["layers"] = .array(
                content.layers.map { layer in
                    var entry = JSONObject()
                    entry["digest"] = .string(layer.digest.description)
                    entry["mediaType"] = .string(layer.mediaType.rawValue)
                    entry["size"] = .int(layer.size)
                    return .object(entry)
                }
            )
        } else {
            json["missing"] = true
        }
        json["attached"] = .array(attached.map(\.json))
        return .object(json)
    }
}

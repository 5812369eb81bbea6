import Diagnostics
import Findings
import OCI
import Plan
import Pods

// The facts as they are kept with a build, and read again. A change in them needs another number in `Builder+Recall.swift`.

extension BuildFacts {
    var kept: JSON {
        var json = JSONObject()
        json["top"] = top.json
        json["created"] = .int(created.secondsSince1970)
        json["createdSource"] = .string(createdSource)
        json["images"] = .array(images.map(\.kept))
        json["notes"] = .array(notes.map(\.kept))
        json["findings"] = .array(findings.map(\.kept))
        json["pod"] = pod?.kept
        return .object(json)
    }

    init(kept json: JSONReader) throws(Diagnostic) {
        self.init(
            top: try Descriptor(kept: json.member("top")),
            created: Timestamp(secondsSince1970: try json.member("created").int()),
            createdSource: try json.member("createdSource").string(),
            images: try json.member("images").array().map { image throws(Diagnostic) in try ImageFacts(kept: image) },
            notes: try json.member("notes").array().map { note throws(Diagnostic) in try Diagnostic(kept: note) },
            findings: try json.member("findings").array().map { found throws(Diagnostic) in try Finding(kept: found) },
            pod: try json.optional("pod").map { pod throws(Diagnostic) in try PodSnippet(kept: pod) }
        )
    }
}

extension Descriptor {
    init(kept json: JSONReader) throws(Diagnostic) { try self.init(json.value, named: json.document) }
}

extension ImageFacts {
    fileprivate var kept: JSON {
        var json = JSONObject()
        json["platform"] = .string(platform.description)
        json["evidence"] = .string(evidence)
        json["base"] = base?.kept
        json["maker"] = needs.makerJSON
        json["needs"] = needs.json
        json["runtime"] = runtime?.kept
        json["manifest"] = manifest.json
        json["config"] = config.json
        json["user"] = .string(user)
        json["layers"] = .array(layers.compactMap(\.kept))
        return .object(json)
    }

    fileprivate init(kept json: JSONReader) throws(Diagnostic) {
        self.init(
            platform: try Platform(parsing: try json.member("platform").string()),
            evidence: try json.member("evidence").string(),
            base: try json.optional("base").map { base throws(Diagnostic) in try BaseLayers(kept: base) },
            needs: try NeedsReport(try json.member("needs"), maker: try json.optional("maker")),
            runtime: try json.optional("runtime").map { part throws(Diagnostic) in try RuntimeReport(kept: part) },
            manifest: try Descriptor(kept: json.member("manifest")),
            config: try Descriptor(kept: json.member("config")),
            user: try json.member("user").string(),
            layers: try json.member("layers").array().map { layer throws(Diagnostic) in try LayerFacts(kept: layer) }
        )
    }
}

extension BaseLayers {
    fileprivate var kept: JSON {
        var json = JSONObject()
        json["name"] = .string(name)
        json["reference"] = reference.map { .string($0) }
        json["digest"] = .string(digest.description)
        json["platform"] = .string(platform.description)
        json["layers"] = .array(layers.map(\.json))
        return .object(json)
    }

    fileprivate init(kept json: JSONReader) throws(Diagnostic) {
        self.init(
            name: try json.member("name").string(),
            reference: try json.optional("reference")?.string(),
            digest: try json.member("digest").digest(),
            platform: try Platform(parsing: try json.member("platform").string()),
            layers: try json.member("layers").array().map { layer throws(Diagnostic) in try Descriptor(kept: layer) }
        )
    }
}

extension LayerFacts {
    /// `nil` for a layer that was not built.
    fileprivate var kept: JSON? {
        guard let written else { return nil }
        return [
            "index": .int(index),
            "runtime": .bool(isRuntime),
            "createdBy": .string(createdBy),
            "compression": .string(compression),
            "entries": .int(entryCount),
            "uncompressedSize": .int(uncompressedSize),
            "digest": .string(written.digest.description),
            "size": .int(written.size),
            "diffID": .string(written.diffID.description),
        ]
    }

    /// Where its bytes come from is not kept: what is read again is unchanged.
    fileprivate init(kept json: JSONReader) throws(Diagnostic) {
        self.init(
            index: Int(clamping: try json.member("index").int()),
            isRuntime: try json.member("runtime").bool(),
            createdBy: try json.member("createdBy").string(),
            compression: try json.member("compression").string(),
            entryCount: Int(clamping: try json.member("entries").int()),
            uncompressedSize: try json.member("uncompressedSize").int(),
            written: Written(
                digest: try json.member("digest").digest(),
                size: try json.member("size").int(),
                diffID: DiffID(try json.member("diffID").digest()),
                provenance: .unchanged
            )
        )
    }
}

import Diagnostics
import Layers
package import OCI

extension ImageDifference {
    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["same"] = .bool(isSame)
        json["kind"] = kind.map { .string($0.name) }
        json["sentence"] = .string(sentence)
        json["kinds"] = .strings(kinds.map(\.name))
        json["ignored"] = .strings(ignored.sorted().map(\.name))
        if !ignoredPaths.isEmpty { json["ignoredPaths"] = .strings(ignoredPaths) }
        json["left"] = left.json
        json["right"] = right.json
        json["first"] = first.map(\.json)
        json["onlyLeft"] = .strings(onlyLeft.map(\.description))
        json["onlyRight"] = .strings(onlyRight.map(\.description))
        json["fields"] = .array(fields.map(\.json))
        json["platforms"] = .array(platforms.map(\.json))
        return .object(json)
    }
}

extension ImageDifference.Side {
    fileprivate var json: JSON {
        var json = JSONObject()
        json["name"] = .string(name)
        json["digest"] = digest.map { .string($0.description) }
        return .object(json)
    }
}

extension ImageDifference.First {
    fileprivate var json: JSON {
        var json = JSONObject()
        switch self {
        case .field(let field, let platform):
            json["place"] = .string(field.place)
            json["left"] = field.left.map { .string($0) }
            json["right"] = field.right.map { .string($0) }
            json["platform"] = platform.map { .string($0.description) }
        case .layer(let layer, let platform):
            json["place"] = .string("layer \(layer.position + 1)")
            json["left"] = layer.left.map { .string($0.digest.description) }
            json["right"] = layer.right.map { .string($0.digest.description) }
            json["platform"] = .string(platform.description)
        case .file(let file, let platform):
            json["place"] = .string(file.path.description)
            json["left"] = file.left.map { .string($0.summary(of: file.aspects.first)) }
            json["right"] = file.right.map { .string($0.summary(of: file.aspects.first)) }
            json["platform"] = .string(platform.description)
        }
        return .object(json)
    }
}

extension PlatformDifference {
    fileprivate var json: JSON {
        var json = JSONObject()
        json["platform"] = .string(platform.description)
        json["left"] = left.map { .string($0.description) }
        json["right"] = right.map { .string($0.description) }
        json["kinds"] = .strings(kinds.sorted().map(\.name))
        json["fields"] = .array(fields.map(\.json))
        json["packages"] = .array(packages.map(\.json))
        json["gaps"] = .strings(gaps)
        json["files"] = .array(files.map(\.json))
        json["filesLeftOut"] = .int(filesLeftOut)
        json["layers"] = .array(layers.map(\.json))
        json["fetch"] = fetch.map(\.json)
        return .object(json)
    }
}

extension FieldDifference {
    fileprivate var json: JSON {
        var json = JSONObject()
        json["document"] = .string(document.rawValue)
        json["name"] = .string(name)
        json["kind"] = .string(kind.name)
        json["left"] = left.map { .string($0) }
        json["right"] = right.map { .string($0) }
        return .object(json)
    }
}

extension PackageDifference {
    fileprivate var json: JSON {
        ["ecosystem": .string(ecosystem), "name": .string(name), "old": .strings(old), "new": .strings(new)]
    }
}

extension FileDifference {
    fileprivate var json: JSON {
        var json = JSONObject()
        json["path"] = .string(path.description)
        json["change"] = .string(change.rawValue)
        json["aspects"] = .strings(aspects.map(\.rawValue))
        json["growth"] = .int(growth)
        json["left"] = left.map(\.json)
        json["right"] = right.map(\.json)
        if !attributes.isEmpty { json["attributes"] = .array(attributes.map(\.json)) }
        json["elf"] = elf.map(\.json)
        return .object(json)
    }
}

extension FileDifference.Attribute {
    fileprivate var json: JSON {
        func hex(_ bytes: [UInt8]) -> JSON {
            .string(bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        }
        var json = JSONObject()
        json["name"] = .string(String(printing: name))
        json["left"] = left.map(hex)
        json["right"] = right.map(hex)
        return .object(json)
    }
}

extension FileDifference.State {
    fileprivate var json: JSON {
        var json = JSONObject()
        json["type"] = .string(typeName)
        json["mode"] = .string(modeText)
        json["owner"] = owner.map { _ in .string(ownerText) }
        json["size"] = .int(size)
        json["modified"] = modified.map { .string(Timestamp(secondsSince1970: $0).description) }
        json["digest"] = content.map { .string($0.description) }
        if !target.isEmpty { json["target"] = .string(target) }
        json["linkedTo"] = linkedTo.map { .string($0.description) }
        json["layer"] = .int(layer + 1)
        return .object(json)
    }

    /// The value of what differs; what the file is, if all of it does.
    fileprivate func summary(of aspect: FileDifference.Aspect?) -> String {
        switch aspect {
        case .content: content?.description ?? ""
        case .target, .device: target
        case .mode: modeText
        case .owner: ownerText
        case .links: linkedTo?.description ?? ""
        case .time: timeText
        case .type, .attributes, nil: typeName
        }
    }
}

extension ElfDifference {
    fileprivate var json: JSON {
        func value(_ value: Value?) -> JSON? {
            value.map { value in
                var json = JSONObject()
                json["left"] = value.left.map { .string($0) }
                json["right"] = value.right.map { .string($0) }
                return .object(json)
            }
        }
        var json = JSONObject()
        json["buildID"] = value(buildID)
        json["go"] = value(go)
        json["soname"] = value(soname)
        json["loader"] = value(interpreter)
        json["runpath"] = value(runpath)
        for (key, names) in [
            ("needsNoLonger", neededLeft + versionsLeft), ("needsNow", neededRight + versionsRight),
            ("definesNoLonger", definedLeft), ("definesNow", definedRight),
        ] where !names.isEmpty {
            json[key] = .strings(names)
        }
        json["sections"] = .array(
            sections.map { section in
                var json = JSONObject()
                json["name"] = .string(section.name)
                json["left"] = section.left.map { .int($0) }
                json["right"] = section.right.map { .int($0) }
                return .object(json)
            }
        )
        return .object(json)
    }
}

extension LayerDifference {
    fileprivate var json: JSON {
        var json = JSONObject()
        json["position"] = .int(position + 1)
        json["kind"] = .string(kind.name)
        json["left"] = left.map(\.json)
        json["right"] = right.map(\.json)
        return .object(json)
    }
}

extension LayerDifference.Layer {
    fileprivate var json: JSON {
        var json = JSONObject()
        json["digest"] = .string(digest.description)
        json["diffID"] = .string(diffID.description)
        json["mediaType"] = .string(mediaType.rawValue)
        json["size"] = .int(size)
        json["step"] = step.map { .string($0) }
        return .object(json)
    }
}

extension FetchSize {
    fileprivate var json: JSON {
        var json = JSONObject()
        json["layers"] = .int(layers)
        json["allLayers"] = .int(allLayers)
        json["size"] = .int(size)
        json["wholeSize"] = .int(wholeSize)
        json["uncompressedSize"] = uncompressedSize.map { .int($0) }
        return .object(json)
    }
}

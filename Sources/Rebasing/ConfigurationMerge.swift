package import Diagnostics
package import OCI

/// The configuration of an image on another base: what the old base said becomes what the new one says, and what the image
/// changed stays.
///
/// A merge of three, as for texts: of the image and the new base, seen from the old base, which both were made from.
package struct ConfigurationMerge: Sendable {
    /// `nil` if the old base is not to be had: then all that the image says stays, and the new base only adds to it.
    private let old: ImageConfig?
    private let image: ImageConfig
    private let new: ImageConfig

    /// Takes the configurations as they are.
    package init(old: ImageConfig?, image: ImageConfig, new: ImageConfig) {
        self.old = old
        self.image = image
        var new = new
        // They are for builds on the base, once.
        new.config.removeTriggers()
        self.new = new
    }

    /// Members that are merged in a way of their own, or that belong to the image whatever its base says.
    private static let own = [
        "created", "author", "architecture", "os", "variant", "os.version", "os.features", "config", "rootfs",
        "history",
    ]

    /// The merged configuration, with the image's diffIDs and history.
    ///
    /// - Throws: `json.unexpected`, if what the parts say cannot stand together.
    package func merged() throws(Diagnostic) -> ImageConfig {
        let (old, mine, new) = (self.old?.json, image.json, self.new.json)
        var object = mine.objectValue ?? JSONObject()
        for key in Self.keys(mine, new) where !Self.own.contains(key) {
            object[key] = pick(old?[key], mine[key], new[key])
        }
        object["config"] = .object(execution(old?["config"], mine["config"] ?? [:], new["config"] ?? [:]))
        return try ImageConfig(.object(object), named: "the merged configuration")
    }

    private static func keys(_ first: JSON, _ second: JSON) -> [String] {
        let keys = first.objectValue?.keys ?? []
        return keys + (second.objectValue?.keys ?? []).filter { !keys.contains($0) }
    }

    /// What the image changed, else what the new base says.
    private func pick(_ old: JSON?, _ mine: JSON?, _ new: JSON?) -> JSON? {
        guard self.old != nil else { return mine ?? new }
        return Self.isSame(old, mine) ? new : mine
    }

    private static func isSame(_ left: JSON?, _ right: JSON?) -> Bool {
        left?.encoded(sortedKeys: true) == right?.encoded(sortedKeys: true)
    }

    private func execution(_ old: JSON?, _ mine: JSON, _ new: JSON) -> JSONObject {
        var result = JSONObject()
        for key in Self.keys(mine, new) {
            result[key] =
                switch key {
                case "User": user(old?[key], mine[key], new[key])
                case "WorkingDir": directory(old?[key], mine[key], new[key])
                case "Env": environment
                case "ExposedPorts", "Volumes", "Labels": members(old?[key], mine[key], new[key])
                case "Cmd": command(old, mine, new)
                default: pick(old?[key], mine[key], new[key])
                }
        }
        return result
    }

    /// A new base never makes an image run as root.
    private func user(_ old: JSON?, _ mine: JSON?, _ new: JSON?) -> JSON? {
        let picked = pick(old, mine, new)
        return Self.isRoot(picked?.stringValue) && !Self.isRoot(mine?.stringValue) ? mine : picked
    }

    /// The root directory is what builders write where a base has none.
    private func directory(_ old: JSON?, _ mine: JSON?, _ new: JSON?) -> JSON? {
        let isUnset = ["", nil].contains(old?.stringValue) && mine?.stringValue == "/"
        return isUnset ? new ?? mine : pick(old, mine, new)
    }

    private static func isRoot(_ user: String?) -> Bool {
        ["", "0", "root"].contains(user?.split(separator: ":", omittingEmptySubsequences: false).first ?? "")
    }

    /// Arguments belong to their entry point: those of an image with an entry point of its own stay with it.
    private func command(_ old: JSON?, _ mine: JSON, _ new: JSON) -> JSON? {
        guard self.old != nil else { return mine["Cmd"] ?? (mine["Entrypoint"] == nil ? new["Cmd"] : nil) }
        guard Self.isSame(old?["Entrypoint"], mine["Entrypoint"]) else { return mine["Cmd"] }
        return pick(old?["Cmd"], mine["Cmd"], new["Cmd"])
    }

    /// Members of an object, one by one: those of the new base, and those that the image has added or changed; without those
    /// that the image has taken away.
    private func members(_ old: JSON?, _ mine: JSON?, _ new: JSON?) -> JSON? {
        var result = JSONObject()
        let mine = mine ?? [:]
        for key in Self.keys(new ?? [:], mine) {
            if old?[key] != nil, mine[key] == nil { continue }
            result[key] = pick(old?[key], mine[key], new?[key])
        }
        return result.isEmpty ? nil : .object(result)
    }

    // MARK: The environment

    private typealias Variable = (name: String, value: String)

    private static func variables(_ config: ImageConfig?) -> [Variable] {
        (config?.config.env ?? []).map { variable in
            let end = variable.utf8.firstIndex(of: UInt8(ascii: "=")) ?? variable.endIndex
            return (String(variable[..<end]), String(variable[end...].dropFirst()))
        }
    }

    /// The new base's variables in their order, then the image's own.
    private var environment: JSON? {
        func value(of name: String, in variables: [Variable]) -> String? { variables.first { $0.name == name }?.value }
        let (mine, new) = (Self.variables(image), Self.variables(new))
        let old = Self.variables(self.old)
        var result = new.filter { value(of: $0.name, in: old) == nil || value(of: $0.name, in: mine) != nil }
        for variable in mine {
            let (before, after) = (value(of: variable.name, in: old), value(of: variable.name, in: new))
            if before == variable.value { continue }
            // What builders set where a base has no PATH is not a wish of the image.
            if variable.name == "PATH", before == nil, after != nil,
                variable.value == ImageConfig.Execution.defaultSearchPath
            {
                continue
            }
            let wanted = Self.extended(variable, before, after) ?? variable.value
            if let place = result.firstIndex(where: { $0.name == variable.name }) {
                result[place].value = wanted
            } else {
                result.append((variable.name, wanted))
            }
        }
        return result.isEmpty ? nil : .strings(result.map { "\($0.name)=\($0.value)" })
    }

    /// A list of directories that the image has put something before or behind, as `/app/bin:$PATH`: the same with the new
    /// base's list in the middle. `nil` if it is not such a list.
    private static func extended(_ variable: Variable, _ before: String?, _ after: String?) -> String? {
        guard variable.name.hasSuffix("PATH"), let before, !before.isEmpty, let after else { return nil }
        let (whole, part) = (":\(variable.value):", ":\(before):")
        guard let place = whole.firstRange(of: part) else { return nil }
        return String((whole[..<place.lowerBound] + ":\(after):" + whole[place.upperBound...]).dropFirst().dropLast())
    }
}

extension String {
    /// The first place of `part`, compared by bytes.
    fileprivate func firstRange(of part: String) -> Range<Index>? {
        let (mine, theirs) = (Array(utf8), Array(part.utf8))
        guard mine.count >= theirs.count else { return nil }
        let start = (0...(mine.count - theirs.count)).first { mine[$0...].starts(with: theirs) }
        return start.map { utf8.index(startIndex, offsetBy: $0)..<utf8.index(startIndex, offsetBy: $0 + theirs.count) }
    }
}

/// What of a configuration is different, by the names of its members. The values of variables and labels stay out of it: they
/// may be secret, or long.
package enum ConfigurationChange {
    /// `env PATH`, `user 65532 → 1000`; sorted.
    package static func list(from old: ImageConfig, to new: ImageConfig) -> [String] {
        let (before, after) = (old.json["config"] ?? [:], new.json["config"] ?? [:])
        var changes = [String]()
        let keys = Set((before.objectValue?.keys ?? []) + (after.objectValue?.keys ?? []))
        for key in keys.sorted() {
            switch key {
            case "Env": changes += names("env", variables(old), variables(new))
            case "Labels": changes += names("label", old.config.labels, new.config.labels)
            case "ExposedPorts": changes += sets("port", old.config.exposedPorts, new.config.exposedPorts)
            case "Volumes": changes += sets("volume", old.config.volumes, new.config.volumes)
            default:
                let texts = [before[key], after[key]].map(text)
                if texts[0] != texts[1] { changes.append("\(word(for: key)) \(texts[0]) → \(texts[1])") }
            }
        }
        return changes
    }

    private static func word(for key: String) -> String {
        let words = [
            "User": "user", "Entrypoint": "entry point", "Cmd": "command", "WorkingDir": "working directory",
            "StopSignal": "stop signal",
        ]
        return words[key] ?? key
    }

    private static func text(_ value: JSON?) -> String {
        switch value {
        case nil: "none"
        case .string(let text)?: "`\(text.excerpt)`"
        case let value?: "`\(String(decoding: value.encoded(), as: UTF8.self).excerpt)`"
        }
    }

    private static func variables(_ config: ImageConfig) -> [String: String] {
        Dictionary(
            config.config.env.map { variable in
                let end = variable.utf8.firstIndex(of: UInt8(ascii: "=")) ?? variable.endIndex
                return (String(variable[..<end]), String(variable[end...]))
            }
        ) { $1 }
    }

    private static func names(_ word: String, _ old: [String: String], _ new: [String: String]) -> [String] {
        let names = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
        return names.sorted().map { name in
            let what = old[name] == nil ? "new" : new[name] == nil ? "gone" : "changed"
            return "\(word) \(name.excerpt) \(what)"
        }
    }

    private static func sets(_ word: String, _ old: [String], _ new: [String]) -> [String] {
        names(word, Dictionary(old.map { ($0, "") }) { $1 }, Dictionary(new.map { ($0, "") }) { $1 })
    }
}

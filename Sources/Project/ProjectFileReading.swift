import ByteIO
import Diagnostics
import YAML

/// What one file says, or a profile in it.
struct ProjectSettings {
    struct Image {
        let name: String
        let line: Int
        let values: [String: ProjectValue]
    }

    let part: ProjectPart
    /// What is written for all images, or for the only one.
    var defaults: [String: ProjectValue] = [:]
    var name: ProjectText?
    var images: [Image] = []
    /// Whether it lists images.
    var hasList = false
    /// Whether it has keys of an image at its top, where those of the only image stand.
    var hasKeys = false
    var profiles: [ProjectSettings] = []
}

/// Files on their way into settings. Goes on after a problem.
struct ProjectFileReading {
    private static let longestName = 128

    let keys: ProjectKeys
    let profiles: [String]
    var problems: [Diagnostic] = []
    private var variables: Variables

    init(_ keys: ProjectKeys, profiles: [String], variables: @escaping @Sendable (String) -> String?) {
        self.keys = keys
        self.profiles = profiles
        self.variables = Variables(value: variables)
    }

    private mutating func collect<Result>(_ body: () throws(Diagnostic) -> Result) -> Result? {
        do throws(Diagnostic) {
            return try body()
        } catch {
            problems.append(error)
            return nil
        }
    }

    // MARK: Files

    mutating func settings(_ file: ProjectFile) -> ProjectSettings {
        let part = ProjectPart(file: file.path, extendedBy: file.extendedBy?.display)
        var settings = settings(file.content, part, isFile: true)
        guard let profiles = collect(file.profiles) else {
            return settings
        }
        for (name, value) in profiles {
            let part = ProjectPart(file: file.path, profile: name, extendedBy: part.extendedBy)
            // A variable of a profile that is not used need not be set.
            variables.isUsed = self.profiles.contains(name)
            settings.profiles.append(self.settings(value, part, isFile: false))
            variables.isUsed = true
        }
        return settings
    }

    private mutating func settings(_ reader: YAMLReader, _ part: ProjectPart, isFile: Bool) -> ProjectSettings {
        var settings = ProjectSettings(part: part)
        let others = ProjectKeys.common + (isFile ? ProjectKeys.ofFiles : [])
        let own = values(reader, part, isDefault: true, besides: others)
        guard case .mapping = reader.value.content, let members = collect(reader.members) else { return settings }
        let lists = members.filter { ProjectKeys.lists.contains($0.key) }
        if lists.count > 1 {
            problems.append(reader.malformed("`images` and `targets` mean the same: write one list"))
        }
        for (key, value) in members {
            switch key {
            case "defaults": settings.defaults = values(value, part, isDefault: true, besides: [])
            case "name": settings.name = name(value, part)
            case lists.first?.key:
                settings.hasList = true
                settings.images = images(value, part)
                if settings.images.isEmpty, problems.isEmpty { problems.append(value.malformed("there is no image")) }
            default: continue
            }
        }
        settings.hasKeys = !own.isEmpty || settings.name != nil
        settings.defaults.add(own)
        return settings
    }

    /// Without variables, as the names in a list have none.
    private mutating func name(_ reader: YAMLReader, _ part: ProjectPart) -> ProjectText? {
        guard let text = collect(reader.string) else { return nil }
        check(text, reader)
        let origin = ProjectOrigin(part, reader.value.mark, isDefault: false)
        return ProjectText(Variables.Replaced(text: text), origin)
    }

    // MARK: Images

    /// The images with their names, from a mapping of them or a list.
    private mutating func images(_ reader: YAMLReader, _ part: ProjectPart) -> [ProjectSettings.Image] {
        var found: [(name: String, value: YAMLReader)] = []
        var others = [String]()
        if case .sequence = reader.value.content {
            others = ["name"]
            for element in collect(reader.array) ?? [] {
                let name = collect { () throws(Diagnostic) in try element.member("name") }
                guard let name, let text = collect(name.string) else { continue }
                check(text, name)
                found.append((text, element))
            }
        } else {
            for member in collect(reader.members) ?? [] {
                check(member.key, member.value)
                found.append((member.key, member.value))
            }
        }
        var lines: [String: Int] = [:]
        return found.map { name, value in
            let line = value.value.mark.line
            if let first = lines.updateValue(line, forKey: name) {
                problems.append(value.malformed("image `\(name)` is also on line \(first)"))
            }
            let values = values(value, part, isDefault: false, besides: others)
            return ProjectSettings.Image(name: name, line: line, values: values)
        }
    }

    /// A name becomes a file's, and a part of a reference.
    private mutating func check(_ name: String, _ reader: YAMLReader) {
        let letters = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard letters, name.utf8.count <= Self.longestName, name.first.map({ $0 != "." && $0 != "-" }) ?? false else {
            problems.append(
                reader.malformed(
                    "`\(name)` cannot be the name of an image: it may have letters, digits, `-`, `_` and `.`, \(Self.longestName) at most"
                )
            )
            return
        }
    }

    // MARK: Values

    /// What `reader` says, by option; `others` are keys that are looked at elsewhere.
    private mutating func values(
        _ reader: YAMLReader,
        _ part: ProjectPart,
        isDefault: Bool,
        besides others: [String]
    ) -> [String: ProjectValue] {
        // An image may say nothing that the defaults do not.
        if case .null = reader.value.content { return [:] }
        var values: [String: ProjectValue] = [:]
        add(reader, keys.mapping, in: nil, part, isDefault: isDefault, besides: others, to: &values)
        return values
    }

    /// Adds what `reader` says, in which `mapping` may stand.
    ///
    /// - Parameter group: what the mapping is called; `nil` for that of an image.
    private mutating func add(
        _ reader: YAMLReader,
        _ mapping: ProjectMapping,
        in group: String?,
        _ part: ProjectPart,
        isDefault: Bool,
        besides others: [String],
        to values: inout [String: ProjectValue]
    ) {
        guard let members = collect(reader.members) else { return }
        if members.contains(where: { mapping.meanings[$0.key] == nil }) {
            let unknown = collect { [keys] () throws(Diagnostic) in
                try reader.others(than: others + mapping.names) { keys.place(of: $0, outside: group) }
            }
            problems += unknown ?? []
        }
        for (name, reader) in members {
            guard let meaning = mapping.meanings[name] else { continue }
            if let inner = meaning.mapping, meaning.key == nil || reader.value.isMapping {
                add(reader, inner, in: name, part, isDefault: isDefault, besides: [], to: &values)
                continue
            }
            guard let key = meaning.key else { continue }
            if let earlier = values[key.name] {
                let place = "line \(earlier.origin.line), column \(earlier.origin.column)"
                problems.append(reader.malformed("\(place) says the same: write one of them"))
                continue
            }
            if let other = ProjectKey.alternatives[key.name], values[other] != nil {
                problems.append(reader.malformed("`\(other)` says the same: write one of them"))
            }
            let origin = ProjectOrigin(part, reader.value.mark, isDefault: isDefault)
            values[key.name] = value(reader, key, origin, isImage: meaning.isImage)
        }
    }

    /// `nil` after a problem.
    private mutating func value(
        _ reader: YAMLReader,
        _ key: ProjectKey,
        _ origin: ProjectOrigin,
        isImage: Bool
    ) -> ProjectValue? {
        guard let parts = parts(reader, key, origin) else { return nil }
        let value = ProjectValue(key.kind, parts, origin, isImage: isImage, isVerbatim: key.role == .text)
        guard let place = origin.part.directory, !isImage, key.role != .plain, key.role != .pairs else { return value }
        return value.mapped { key.role.located($0, in: place) }
    }

    private mutating func parts(_ reader: YAMLReader, _ key: ProjectKey, _ origin: ProjectOrigin) -> [ProjectText]? {
        switch (key.kind, reader.value.content) {
        case (.text, _): return text(reader, origin).map { [$0] }
        case (.number, _):
            guard let text = text(reader, origin) else { return nil }
            if Int(text.text) != nil { return [text] }
            problems.append(reader.malformed("it is not a whole number"))
        case (.flag, _):
            guard let text = text(reader, origin) else { return nil }
            if ["true", "false"].contains(text.text) { return [text] }
            problems.append(reader.malformed("`\(text.shown)` is neither `true` nor `false`"))
        case (.list, .sequence), (.pairs, .sequence):
            return collect(reader.array)?.compactMap { element in
                if case .mapping = element.value.content {
                    if key.role == .imageAddition { return imageAddition(element, origin) }
                    if key.role == .text { return writtenFile(element, origin) }
                }
                return text(element, ProjectOrigin(origin.part, element.value.mark, isDefault: origin.isDefault))
            }
        case (.pairs, .mapping):
            return collect(reader.members)?.compactMap { member -> ProjectText? in
                let (name, value) = member
                guard !name.isEmpty, !name.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 == 0 }) else {
                    problems.append(value.malformed("a name is not empty, and has no `=` in it"))
                    return nil
                }
                let origin = ProjectOrigin(origin.part, value.value.mark, isDefault: origin.isDefault)
                return text(value, origin, after: "\(name)=")
            }
        case (.list, .scalar), (.pairs, .scalar): return text(reader, origin).map { [$0] }
        case (.list, _): problems.append(reader.unexpected("a list, or text"))
        case (.pairs, _): problems.append(reader.unexpected("a mapping, or a list of NAME=VALUE"))
        }
        return nil
    }

    /// `{image: IMAGE, path: SRC, to: DST, mode: MODE, owner: UID:GID}` as the command line has it. IMAGE may be `{image: NAME}`,
    /// another image of the project.
    private mutating func imageAddition(_ reader: YAMLReader, _ origin: ProjectOrigin) -> ProjectText? {
        let keys = ["image", "path", "to", "mode", "owner"]
        guard let parts = members(reader, origin, keys, needed: 2), let image = parts["image"], let path = parts["path"]
        else { return nil }
        guard path.text.hasPrefix("/") else {
            problems.append(reader.malformed("`path` is not an absolute path in the image"))
            return nil
        }
        let text = image.joined("=", path.mapped { $0.replacing(":", with: "\\:") }).joined(":", parts["to"] ?? path)
        return withRights(text, parts)
    }

    /// `{to: DST, text: TEXT, mode: MODE, owner: UID:GID}` as the command line has it.
    private mutating func writtenFile(_ reader: YAMLReader, _ origin: ProjectOrigin) -> ProjectText? {
        guard let parts = members(reader, origin, ["to", "text", "mode", "owner"], needed: 2), let place = parts["to"],
            let text = parts["text"]
        else { return nil }
        guard place.text.hasPrefix("/") else {
            problems.append(reader.malformed("`to` is not an absolute path in the image"))
            return nil
        }
        let path = place.mapped { $0.replacing(":", with: "\\:").replacing("=", with: "\\=") }
        return withRights(path, parts).joined("=", text)
    }

    /// `text` with the mode and the owner that `parts` have.
    private func withRights(_ text: ProjectText, _ parts: [String: ProjectText]) -> ProjectText {
        guard parts["mode"] != nil || parts["owner"] != nil else { return text }
        let text = text.joined(":", parts["mode"])
        guard let owner = parts["owner"] else { return text }
        // A user's group has the same number, as for `chown`.
        return text.joined(":", owner.mapped { $0.contains(":") ? $0 : "\($0):\($0)" })
    }

    /// The texts of a mapping that has no others than `keys`, of which the first ones are needed.
    private mutating func members(
        _ reader: YAMLReader,
        _ origin: ProjectOrigin,
        _ keys: [String],
        needed: Int
    ) -> [String: ProjectText]? {
        let place = ProjectOrigin(origin.part, reader.value.mark, isDefault: origin.isDefault)
        guard collect({ () throws(Diagnostic) in try reader.refuseOthers(than: keys) }) != nil else { return nil }
        var parts: [String: ProjectText] = [:]
        for (index, name) in keys.enumerated() {
            let value = collect { () throws(Diagnostic) in
                index < needed ? try reader.member(name) : try reader.optional(name)
            }
            guard let value else { return nil }
            guard let value else { continue }
            let isImage = name == "image" && value.value.isMapping
            guard let text = isImage ? sibling(value, place) : text(value, place) else { return nil }
            parts[name] = text
        }
        return parts
    }

    /// `{image: NAME}`, as it stands before the `=` of an addition.
    private mutating func sibling(_ reader: YAMLReader, _ place: ProjectOrigin) -> ProjectText? {
        guard collect({ () throws(Diagnostic) in try reader.refuseOthers(than: ["image"]) }) != nil,
            let name = collect({ () throws(Diagnostic) in try reader.member("image") })
        else { return nil }
        return text(name, place)?.mapped { SiblingAddition.image($0) }
    }

    /// Paths would end at a NUL, and no argument of a command can have one.
    ///
    /// - Parameter before: what stands before it in any case.
    private mutating func text(
        _ reader: YAMLReader,
        _ origin: ProjectOrigin,
        after before: String = ""
    ) -> ProjectText? {
        guard let text = collect(reader.string) else { return nil }
        do throws(Variables.Problem) {
            var replaced = try variables.replaced(in: text)
            guard !replaced.text.utf8.contains(0) else {
                problems.append(reader.malformed("there is a NUL in it"))
                return nil
            }
            if !before.isEmpty {
                // A key has no variables, and what is written for it has to mean the same.
                if before.utf8.contains(UInt8(ascii: "$")) { replaced.written = replaced.written ?? replaced.text }
                replaced.text = before + replaced.text
                replaced.written = replaced.written.map { before.replacing("$", with: "$$") + $0 }
            }
            return ProjectText(replaced, origin)
        } catch {
            var problem = reader.malformed(error.reason)
            problem.hint = error.hint
            problems.append(problem)
            return nil
        }
    }
}

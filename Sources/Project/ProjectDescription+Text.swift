import ByteIO
package import Diagnostics
package import OCI

extension ProjectDescription {
    /// Only the image called `name`.
    ///
    /// - Throws: `usage.malformed`.
    package func only(_ name: String) throws(Diagnostic) -> ProjectDescription {
        let chosen = images.filter { $0.name == name }
        if !chosen.isEmpty { return ProjectDescription(images: chosen, isSingle: isSingle, path: path) }
        let near = Spelling.closest(to: name, among: images.compactMap(\.name))
        throw Diagnostic(
            .usageMalformed,
            "no image is called `\(name)`",
            at: .option("--image"),
            hint: near.map { "did you mean `\($0)`?" }
                ?? (isSingle ? "leave it out: the file describes one image" : "the file lists \(images.count) images")
        )
    }

    /// The effective values as a file of their own, for the working directory, with a comment that says where each comes from.
    ///
    /// Values of the environment stand there as variables.
    ///
    /// - Parameter keys: the order in which values are listed.
    package func lines(_ keys: ProjectKeys) -> [String] {
        var lines = isSingle ? [] : ["images:"]
        for image in images {
            let entries = image.entries(keys)
            if isSingle {
                if let name = image.name { lines.append("name: \(Self.scalar(name))") }
            } else {
                lines.append("  \(image.name ?? ""):" + (entries.isEmpty ? " {}" : ""))
            }
            var group = ""
            for (name, value) in entries {
                var (margin, key) = (isSingle ? "" : "    ", name)
                if let dot = name.firstIndex(of: ".") {
                    if group != name[..<dot] { lines.append("\(margin)\(name[..<dot]):") }
                    (group, key) = (String(name[..<dot]), String(name[dot...].dropFirst()))
                    margin += "  "
                }
                switch value.kind {
                case .pairs where value.isMapping:
                    lines.append("\(margin)\(key):")
                    for part in value.lastParts {
                        let (name, text) = part.pair
                        lines.append("\(margin)  \(Self.scalar(name)): \(Self.scalar(text))  # \(part.source)")
                    }
                case .list, .pairs:
                    let texts = value.parts.map { Self.element($0.shown) }.joined(separator: ", ")
                    lines.append("\(margin)\(key): [\(texts)]  # \(value.source)")
                case .text, .number, .flag:
                    let text = Self.scalar(value.parts.first?.shown ?? "")
                    lines.append("\(margin)\(key): \(value.isImage ? "{image: \(text)}" : text)  # \(value.source)")
                }
            }
        }
        return lines
    }

    /// The same for a program.
    package func json(_ keys: ProjectKeys, profiles: [String]) -> JSON {
        let images = images.map { image -> JSON in
            var json = JSONObject()
            json["name"] = image.name.map { .string($0) }
            json["values"] = .array(
                image.entries(keys).flatMap { key, value in
                    // Pairs come from several places.
                    guard value.isMapping else { return [value.json(key, value.parts, value.origin)] }
                    return value.lastParts.map { value.json(key, [$0], $0.origin) }
                }
            )
            return .object(json)
        }
        return [
            "file": .string(path.display), "profiles": .array(profiles.map { .string($0) }), "images": .array(images),
        ]
    }

    /// A scalar of a block: plain if it can be, else a JSON string, which is a YAML string, too.
    private static func scalar(_ text: String) -> String { isPlain(text, ":$@%+,=") ? text : quoted(text) }

    /// An element of a list between brackets.
    private static func element(_ text: String) -> String { isPlain(text, "") ? text : quoted(text) }

    /// YAML takes some characters for the ends of lines, and terminals others for commands: they are escaped.
    private static func quoted(_ text: String) -> String {
        var quoted = ""
        for scalar in String(decoding: JSON.string(text).encoded(), as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF0...0xFFFF:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted
    }

    /// Whether `text` has only letters, digits, `-_./` and `others`, and is text without quotes.
    private static func isPlain(_ text: String, _ others: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last, last != UInt8(ascii: ":"),
            text.lowercased() != "null"
        else { return false }
        func isWord(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        guard isWord(first) || "./_$".utf8.contains(first) else { return false }
        return text.utf8.allSatisfy { isWord($0) || "-_./".utf8.contains($0) || others.utf8.contains($0) }
    }
}

extension ProjectDescription.Image {
    /// The values in the order of the options.
    fileprivate func entries(_ keys: ProjectKeys) -> [(key: String, value: ProjectValue)] {
        keys.all.compactMap { key in values[key.name].map { (key.name, $0) } }
    }
}

extension ProjectValue {
    /// Whether it can be written as a mapping, whose keys YAML limits, and which has none of the environment.
    fileprivate var isMapping: Bool {
        kind == .pairs && !parts.isEmpty
            && parts.allSatisfy { part in
                let name = part.text.utf8.prefix { $0 != UInt8(ascii: "=") }
                return (1...128).contains(name.count) && name.count < part.text.utf8.count
                    && !name.elementsEqual("<<".utf8)
                    && part.shown.utf8.starts(with: name) && !name.contains(UInt8(ascii: "$"))
            }
    }

    /// The pairs that count: the last one of each name, where the first one stood.
    fileprivate var lastParts: [ProjectText] {
        var places: [String: Int] = [:]
        var last = [ProjectText]()
        for part in parts {
            if let place = places[part.pair.name] {
                last[place] = part
            } else {
                places[part.pair.name] = last.count
                last.append(part)
            }
        }
        return last
    }

    fileprivate var source: String {
        origin.description + ProjectText.notes(parts.flatMap(\.variables), parts.flatMap(\.unset))
    }

    fileprivate func json(_ key: String, _ parts: [ProjectText], _ origin: ProjectOrigin) -> JSON {
        var json = JSONObject()
        json["key"] = .string(key)
        json["values"] = .array(parts.map { .string(Secrets.struck($0.shown)) })
        if isImage { json["image"] = true }
        json["file"] = .string(origin.part.file)
        json["line"] = .int(origin.line)
        json["column"] = .int(origin.column)
        if origin.isDefault { json["defaults"] = true }
        json["profile"] = origin.part.profile.map { .string($0) }
        json["extendedBy"] = origin.part.extendedBy.map { .string($0) }
        let (variables, unset) = (parts.flatMap(\.variables), parts.flatMap(\.unset))
        if !variables.isEmpty { json["environment"] = .array(variables.map { .string($0) }) }
        if !unset.isEmpty { json["unset"] = .array(unset.map { .string($0) }) }
        return .object(json)
    }
}

extension ProjectText {
    fileprivate var pair: (name: String, value: String) {
        let name = shown.utf8.prefix { $0 != UInt8(ascii: "=") }
        return (String(Substring(name)), String(Substring(shown.utf8.dropFirst(name.count + 1))))
    }

    fileprivate var source: String { origin.description + Self.notes(variables, unset) }

    fileprivate static func notes(_ variables: [String], _ unset: [String]) -> String {
        (variables.isEmpty ? "" : ", environment \(variables.joined(separator: " "))")
            + (unset.isEmpty ? "" : ", default of \(unset.joined(separator: " "))")
    }
}

extension ProjectOrigin: CustomStringConvertible {
    /// `FILE:LINE:COLUMN`, and how the file counts.
    package var description: String {
        "\(part.file):\(line):\(column)" + (part.profile.map { ", profile \($0)" } ?? "")
            + (part.extendedBy.map { ", extended by \($0)" } ?? "") + (isDefault ? ", for all images" : "")
    }
}

import ByteIO
package import Diagnostics
import OCI
package import Pins
import YAML

/// The `images` of a kustomization: which image takes the place of which name.
///
/// The kustomize reference, § images: `newName` replaces the name, `newTag` and `digest` what follows it; the digest wins.
package struct Kustomization: Sendable {
    private let file: PinnedFile
    private let scalars: [YAMLScalar]

    /// Names that kustomize looks for in a directory.
    package static let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"]

    /// - Throws: `yaml.…`.
    package init(_ file: PinnedFile) throws(Diagnostic) {
        self.file = file
        let all = try YAMLScalar.all(
            in: file.bytes,
            withKeys: true,
            named: file.path.display,
            limit: PinnedFile.sizeLimit
        )
        scalars = all
        guard all.allSatisfy({ $0.document == 0 }) else {
            throw problem("it has several documents", at: 1, hint: "write one kustomization into it")
        }
    }

    /// The images to build that it names.
    ///
    /// - Throws: `kubernetes.malformed`.
    package var mentions: [ImageMention] {
        var seen = Set<ImageMention>()
        return scalars.compactMap { scalar in
            guard isName(scalar), case .mention(let mention)? = ImageMention.read(scalar.text) else { return nil }
            return seen.insert(mention).inserted ? mention : nil
        }
    }

    private func isName(_ scalar: YAMLScalar) -> Bool {
        guard !scalar.isKey, scalar.path.count == 3, scalar.path[0] == .key("images"), case .element = scalar.path[1]
        else { return false }
        return scalar.path[2] == .key("name")
    }

    /// The block for images, as it stands in a kustomization.
    package static func block(_ images: [(ImageMention, ResolvedImage)]) -> [String] {
        ["images:"] + images.flatMap { lines(of: $0, $1, indent: "") }
    }

    private static func lines(of mention: ImageMention, _ image: ResolvedImage, indent: String) -> [String] {
        ["\(indent)- name: \(YAMLScalar.plain(mention.text))"]
            + members(of: image).map { "\(indent)  \($0.key): \(YAMLScalar.plain($0.text))" }
    }

    private static func members(of image: ResolvedImage) -> [(key: String, text: String)] {
        var members = [(key: "newName", text: image.repository)]
        if let digest = image.digest {
            members.append(("digest", digest))
        } else {
            members.append(("newTag", image.tag ?? "latest"))
        }
        return members
    }

    /// What to write so that it names these images.
    ///
    /// - Throws: `kubernetes.unreplaceable`.
    package func replacements(_ images: [(ImageMention, ResolvedImage)]) throws(Diagnostic) -> [Range<Int>: String] {
        var edit = MemberEdit(file.bytes, scalars, named: file.path.display)
        var missing: [(ImageMention, ResolvedImage)] = []
        for (mention, image) in images {
            let place = scalars.indices.first { isName(scalars[$0]) && scalars[$0].text.trimmed == mention.text }
            guard let place else {
                missing.append((mention, image))
                continue
            }
            var members = Self.members(of: image)
            let parent = Array(scalars[place].path.dropLast())
            func has(_ key: String) -> Bool { scalars.contains { $0.isKey && $0.path == parent && $0.text == key } }
            if let tag = image.tag, image.digest != nil, has("newTag") { members.append(("newTag", tag)) }
            if image.digest == nil, has("digest") {
                throw problem(
                    "the image has a `digest`, which counts more than the tag",
                    at: scalars[place].mark.line,
                    hint: "leave out `--tag-only`, or take out the line with the digest"
                )
            }
            try edit.set(members, besides: place)
        }
        if !missing.isEmpty { try insert(missing, &edit) }
        return edit.replacements
    }

    private func insert(
        _ images: [(ImageMention, ResolvedImage)],
        _ edit: inout MemberEdit
    ) throws(Diagnostic) {
        let bytes = file.bytes
        func text(indent: String) -> String {
            images.flatMap { Self.lines(of: $0, $1, indent: indent) }.map { $0 + edit.lineBreak }.joined()
        }
        guard
            let key = scalars.indices.first(where: {
                scalars[$0].isKey && scalars[$0].path == [] && scalars[$0].text == "images"
            })
        else {
            // JSON, or nothing in it that could be gone on with.
            guard !(scalars.first?.isInFlow ?? false), scalars.first?.isKey ?? true else {
                throw problem("its members stand in braces", at: 1, hint: "write it in lines, or add `images: []`")
            }
            let start = bytes.isEmpty || bytes.last == 0x0A || bytes.last == 0x0D ? "" : edit.lineBreak
            return edit.add("\(start)images:\(edit.lineBreak)\(text(indent: ""))", at: bytes.count)
        }
        let below = scalars[key...].first { $0.path.count > 1 && $0.path[0] == .key("images") }
        let value = key + 1 < scalars.count ? scalars[key + 1] : nil
        if below == nil, let value, value.path == [.key("images")], !value.isKey, value.bytes.isEmpty {
            let end = ManifestPiece.endOfLine(bytes, from: value.bytes.upperBound).text
            return edit.add(edit.lineBreak + String(text(indent: "").dropLast(edit.lineBreak.count)), at: end)
        }
        // Behind the key and its colon: a bracket, or the line of the first element.
        var index = scalars[key].bytes.upperBound
        while index < bytes.count, [0x20, 0x09, UInt8(ascii: ":")].contains(bytes[index]) { index += 1 }
        if index < bytes.count, bytes[index] == UInt8(ascii: "[") {
            let quote = scalars[key].style == .doubleQuoted ? "\"" : ""
            let written = images.map { mention, image in
                let members = [("name", mention.text)] + Self.members(of: image).map { ($0.key, $0.text) }
                let texts = members.map {
                    "\(quote)\($0)\(quote): \(quote.isEmpty ? YAMLScalar.plain($1) : "\"\($1)\"")"
                }
                return "{\(texts.joined(separator: ", "))}"
            }
            return edit.add(written.joined(separator: ", ") + (below == nil ? "" : ", "), at: index + 1)
        }
        guard let below else {
            throw problem("`images` is not a list", at: scalars[key].mark.line, hint: "write a list there")
        }
        var start = below.bytes.lowerBound
        while start > 0, bytes[start - 1] != 0x0A, bytes[start - 1] != 0x0D { start -= 1 }
        let before = bytes[start..<below.bytes.lowerBound]
        let dash = before.firstIndex { $0 != 0x20 }
        guard let dash, bytes[dash] == UInt8(ascii: "-") else {
            throw problem("its list cannot be gone on with", at: below.mark.line, hint: "write `- name: …` in one line")
        }
        edit.add(text(indent: String(repeating: " ", count: dash - start)), at: start)
    }

    private func problem(_ reason: String, at line: Int, hint: String) -> Diagnostic {
        Diagnostic(
            .manifestUnreplaceable,
            "`\(file.path.display)` cannot be edited",
            at: .file(path: file.path.display, line: line),
            because: reason,
            hint: hint
        )
    }
}

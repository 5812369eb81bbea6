package import Diagnostics
import YAML

/// A `.ko.yaml` on its way into a `coracle.yaml`: each build becomes an image.
package struct KoTranslation {
    private var draft: ProjectDraft
    private let settings: [(key: String, value: YAMLReader)]

    /// The project file for the settings in `bytes`.
    ///
    /// - Parameters:
    ///   - fileName: what messages call the file.
    ///   - name: the project's name.
    /// - Throws: `yaml.…`.
    package static func draft(
        of bytes: [UInt8],
        named fileName: String,
        project name: String
    ) throws(Diagnostic) -> ProjectDraft {
        let document = YAMLReader(try YAMLDocument(parsing: bytes, named: fileName))
        var translation = KoTranslation(fileName, try Self.members(document))
        try translation.translate(name)
        return translation.draft
    }

    private init(_ fileName: String, _ settings: [(key: String, value: YAMLReader)]) {
        self.settings = settings
        draft = ProjectDraft("Written by `coracle init --from \(fileName)`; `coracle build` makes its images.")
    }

    /// ko does not distinguish capital letters in keys.
    private static func members(_ reader: YAMLReader) throws(Diagnostic) -> [(key: String, value: YAMLReader)] {
        if case .null = reader.value.content { return [] }
        return try reader.members().map { ($0.key.lowercased(), $0.value) }
    }

    private func setting(_ key: String) -> YAMLReader? { settings.first { $0.key == key }?.value }

    private mutating func translate(_ name: String) throws(Diagnostic) {
        let known = [
            "defaultbaseimage", "baseimageoverrides", "defaultplatforms", "defaultenv", "defaultflags",
            "defaultldflags",
            "builds",
        ]
        for (key, value) in settings where !known.contains(key) {
            leave(value, "`\(key)`")
        }
        if let base = try setting("defaultbaseimage")?.string() {
            draft.defaults.append(ProjectDraft.Member(key: "base", value: .text(base)))
        }
        if let platforms = try setting("defaultplatforms").map({ reader throws(Diagnostic) in try texts(reader) }) {
            if platforms.contains("all") {
                draft.open.append(
                    ProjectDraft.Remark(
                        line: setting("defaultplatforms")?.value.mark.line,
                        text: "`all`: name the platforms"
                    )
                )
            }
            let named = platforms.filter { $0 != "all" }
            if !named.isEmpty { draft.defaults.append(ProjectDraft.Member(key: "platform", value: .list(named))) }
        }
        let go = try words(settings, prefix: "default")
        if !go.isEmpty { draft.defaults.append(ProjectDraft.Member(key: "go", value: .mapping(go))) }
        var overrides: [(path: String, base: String)] = []
        if let reader = setting("baseimageoverrides") {
            for (path, base) in try reader.members() { overrides.append((path, try base.string())) }
        }
        try translateBuilds(name, overrides)
    }

    private mutating func translateBuilds(
        _ name: String,
        _ overrides: [(path: String, base: String)]
    ) throws(Diagnostic) {
        for reader in try setting("builds")?.array() ?? [] {
            let build = try Self.members(reader)
            func text(_ key: String) throws(Diagnostic) -> String? { try build.first { $0.key == key }?.value.string() }
            let directory = try text("dir") ?? "."
            let main = try text("main") ?? "."
            // A file of the package stands for the package.
            let package =
                main.hasSuffix(".go") ? String(main.split(separator: "/").dropLast().joined(separator: "/")) : main
            let path = ImagePath.joined(ImagePath.relative(directory), package.isEmpty ? "." : package)
            var image = ProjectDraft.Image(try text("id") ?? (path == "." ? name : ImagePath.name(path)))
            image.add("source", .text(path == "." ? "." : "./\(path)"), "line \(reader.value.mark.line)")
            if let base = overrides.first(where: { path != "." && $0.path.hasSuffix("/" + path) })?.base {
                image.add("base", .text(base), "`baseImageOverrides`")
            }
            image.add("go", .mapping(try words(build, prefix: "")))
            for (key, value) in build where !["id", "dir", "main", "env", "flags", "ldflags"].contains(key) {
                leave(
                    value,
                    key == "linux_capabilities"
                        ? "`linux_capabilities`: a program keeps its capabilities with `xattrs: security.capability`"
                        : "`\(key)`"
                )
            }
            draft.images.append(image)
        }
        // ko builds what it is given on the command line.
        for (path, base) in overrides where !draft.images.contains(where: { path.hasSuffix("/" + $0.name) }) {
            var image = ProjectDraft.Image(ImagePath.name(path))
            image.add("source", .text(path), "`baseImageOverrides`")
            image.add("base", .text(base))
            draft.images.append(image)
        }
        guard draft.images.isEmpty else { return }
        var image = ProjectDraft.Image(name)
        image.add("source", .text("."), "ko builds the package that it is given: name it here, such as `./cmd/server`")
        draft.images.append(image)
    }

    private mutating func leave(_ reader: YAMLReader, _ text: String) {
        draft.open.append(ProjectDraft.Remark(line: reader.value.mark.line, text: text))
    }

    private func texts(_ reader: YAMLReader) throws(Diagnostic) -> [String] {
        switch reader.value.content {
        case .null: return []
        case .scalar(let text): return [text]
        default: return try reader.strings()
        }
    }

    // MARK: Go

    /// What is said about Go, in the members of `go`.
    private mutating func words(
        _ members: [(key: String, value: YAMLReader)],
        prefix: String
    ) throws(Diagnostic) -> [ProjectDraft.Member] {
        var result = [ProjectDraft.Member]()
        var tags = [String]()
        func values(_ key: String) throws(Diagnostic) -> [String] {
            try members.first { $0.key == prefix + key }.map { member throws(Diagnostic) in try texts(member.value) }
                ?? []
        }
        var flags = [String]()
        var rest = try values("flags")[...]
        while let flag = rest.popFirst() {
            let name = flag.drop { $0 == "-" }
            if name == "tags", let next = rest.popFirst() {
                tags += next.split { ", ".contains($0) }.map(String.init)
            } else if name.hasPrefix("tags=") {
                tags += name.dropFirst(5).split { ", ".contains($0) }.map(String.init)
            } else if name != "trimpath" {
                flags.append(filled(flag))
            }
        }
        let usual = ["-s", "-w"]
        let linker = try values("ldflags").flatMap { text in
            text.hasPrefix("-X ") || !text.contains(" ") ? [text] : split(text)
        }.filter { !usual.contains($0) }.map { filled($0) }
        if !flags.isEmpty { result.append(ProjectDraft.Member(key: "flags", value: .list(flags))) }
        if !linker.isEmpty { result.append(ProjectDraft.Member(key: "ldflags", value: .list(linker))) }
        if !tags.isEmpty { result.append(ProjectDraft.Member(key: "tags", value: .list(tags))) }
        var variables = [ProjectDraft.Member]()
        for text in try values("env") {
            guard let equals = text.firstIndex(of: "="), text != "CGO_ENABLED=0" else { continue }
            let value = filled(String(text[text.index(after: equals)...]))
            variables.append(ProjectDraft.Member(key: String(text[..<equals]), value: .text(value)))
        }
        if !variables.isEmpty { result.append(ProjectDraft.Member(key: "env", value: .mapping(variables))) }
        return result
    }

    /// `-s -w -X a=b` in one text.
    private func split(_ text: String) -> [String] {
        var words = text.split(separator: " ").map(String.init)[...]
        var flags = [String]()
        while let word = words.popFirst() {
            flags.append(word == "-X" ? "-X " + (words.popFirst() ?? "") : word)
        }
        return flags
    }

    /// With coracle's words for ko's templates: what git says.
    private mutating func filled(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "{{") {
            result += rest[..<start.lowerBound]
            guard let end = rest[start.upperBound...].firstRange(of: "}}") else { break }
            let name = rest[start.upperBound..<end.lowerBound].filter { $0 != " " }
            switch name {
            case ".Git.Tag", ".Git.Version": result += "{version}"
            case ".Git.FullCommit", ".Git.ShortCommit", ".Git.Commit": result += "{commit}"
            case ".Git.CommitDate", ".Date", ".Timestamp", ".Git.CommitTimestamp": result += "{date}"
            default:
                result += rest[start.lowerBound..<end.upperBound]
                draft.open.append(
                    ProjectDraft.Remark(line: nil, text: "`\(rest[start.lowerBound..<end.upperBound])` in `\(text)`")
                )
            }
            rest = rest[end.upperBound...]
        }
        return result + rest
    }
}

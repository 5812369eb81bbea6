import ByteIO
import Project

/// `coracle.yaml`, read, and written again as `coracle config` does.
enum ProjectProbe {
    private static let keys = ProjectKeys([
        ProjectKey("path", .list, .path, help: ""), ProjectKey("source", .text, .source, help: ""),
        ProjectKey("base", .text, .base, help: ""), ProjectKey("tag", .list, .plain, help: ""),
        ProjectKey("env", .pairs, .pairs, help: ""), ProjectKey("user", .text, .plain, help: ""),
        ProjectKey("minimal", .flag, .plain, help: ""), ProjectKey("compression-level", .number, .plain, help: ""),
        ProjectKey("entrypoint", .list, .plain, help: ""), ProjectKey("add", .list, .addition, help: ""),
        ProjectKey("go.tags", .list, .plain, help: ""), ProjectKey("go.env", .pairs, .pairs, help: ""),
    ])

    static func read(_ bytes: [UInt8]) {
        guard let project = description(bytes, ["release"]) ?? description(bytes, []) else { return }
        let text = project.lines(keys).joined(separator: "\n")
        _ = project.json(keys, profiles: ["release"])
        guard let again = description(Array(text.utf8), []) else {
            require(project.images.allSatisfy(\.values.isEmpty), "what is written is not read again")
            return
        }
        require(again.images.map(meaning) == project.images.map(meaning), "what is written means something else")
    }

    private static func description(_ bytes: [UInt8], _ profiles: [String]) -> ProjectDescription? {
        let file = InputFile(holding: bytes)
        let variable: @Sendable (String) -> String? = { $0 == "VERSION" ? "1.0" : nil }
        return try? ProjectDescription.read(FilePath(file.path), keys, profiles: profiles, variable: variable)
    }

    /// The values, with the last one of several pairs that have the same name.
    private static func meaning(_ image: ProjectDescription.Image) -> [String: [String]] {
        image.values.mapValues { value in
            guard value.kind == .pairs else { return value.texts }
            var last: [String: String] = [:]
            for text in value.texts { last[String(text.prefix { $0 != "=" })] = text }
            return last.values.sorted()
        }
    }
}

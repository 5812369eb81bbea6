import YAML

/// YAML of users: definitions of bases, lists of images.
enum YAMLProbe {
    static func read(_ bytes: [UInt8]) {
        guard let document = try? YAMLDocument(parsing: bytes, named: "probe") else { return }
        walk(YAMLReader(document), depth: 0)
    }

    private static func walk(_ reader: YAMLReader, depth: Int) {
        require(depth <= YAMLDocument.depthLimit, "values are nested deeper than the limit")
        _ = try? reader.string()
        _ = try? reader.strings()
        for member in (try? reader.members()) ?? [] { walk(member.value, depth: depth + 1) }
        for element in (try? reader.array()) ?? [] { walk(element, depth: depth + 1) }
    }
}

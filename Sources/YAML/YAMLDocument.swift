package import Diagnostics

/// A file that holds one YAML document, of the part of YAML that means the same to every reader.
///
/// No anchors and aliases, no tags, no directives, no second document, no key twice, no merge keys.
/// YAML 1.1, as libyaml reads it.
package struct YAMLDocument: Hashable, Sendable {
    /// In bytes.
    package static let sizeLimit = 1 << 20
    /// How deep values may be in each other.
    package static let depthLimit = 32

    package let root: YAMLValue
    /// What messages call the file.
    package let name: String

    /// - Parameter limit: as many bytes are read; more are refused.
    /// - Throws: `yaml.malformed`, `yaml.too-large`, `yaml.unsupported`, each with line and column.
    package init(
        parsing bytes: [UInt8],
        named name: String,
        limit: Int = YAMLDocument.sizeLimit
    ) throws(Diagnostic) {
        guard bytes.count <= limit else {
            throw Diagnostic(
                .yamlTooLarge,
                "`\(name)` is too large",
                at: .file(path: name),
                because: "it has more than \(limit) bytes"
            )
        }
        self.name = name
        let events = YAMLEvents(bytes, named: name)
        var builder = YAMLBuilder(events)
        root = try builder.document()
    }
}

/// Puts the tree together.
private struct YAMLBuilder {
    let events: YAMLEvents
    private var event: YAMLEvent

    init(_ events: YAMLEvents) {
        self.events = events
        event = YAMLEvent(.streamEnd, at: YAMLValue.Mark(line: 1, column: 1))
    }

    mutating func document() throws(Diagnostic) -> YAMLValue {
        try advance()
        guard event.kind != .streamEnd else { throw events.malformed("the file is empty", at: event.mark) }
        let root = try value(depth: 1)
        try advance()
        guard event.kind == .streamEnd else {
            throw events.unsupported("a second document begins here", at: event.mark)
        }
        return root
    }

    private mutating func advance() throws(Diagnostic) { event = try events.next() }

    /// The value that begins with the current event; the current event is its last one then.
    private mutating func value(depth: Int) throws(Diagnostic) -> YAMLValue {
        let mark = event.mark
        guard depth <= YAMLDocument.depthLimit else {
            throw events.unsupported("more than \(YAMLDocument.depthLimit) values are in each other", at: mark)
        }
        switch event.kind {
        case .scalar(let text, let isPlain):
            let isNull = isPlain && ["", "~", "null", "Null", "NULL"].contains(text)
            return YAMLValue(isNull ? .null : .scalar(text), at: mark)
        case .sequenceStart:
            var elements = [YAMLValue]()
            try advance()
            while event.kind != .sequenceEnd {
                elements.append(try value(depth: depth + 1))
                try advance()
            }
            return YAMLValue(.sequence(elements), at: mark)
        case .mappingStart: return YAMLValue(.mapping(try members(depth: depth)), at: mark)
        case .sequenceEnd, .mappingEnd, .streamEnd, .documentStart, .alias, .skipped:
            throw events.malformed("a value is missing", at: mark)
        }
    }

    private mutating func members(depth: Int) throws(Diagnostic) -> [YAMLValue.Member] {
        var members = [YAMLValue.Member]()
        var marks = [String: YAMLValue.Mark]()
        try advance()
        while event.kind != .mappingEnd {
            let mark = event.mark
            guard case .scalar(let key, let isPlain) = event.kind else {
                throw events.unsupported("a key is not text", at: mark)
            }
            guard !(isPlain && key == "<<") else { throw events.unsupported("merge keys are not read", at: mark) }
            if let first = marks.updateValue(mark, forKey: key) {
                throw events.malformed("`\(key)` stands twice, first on line \(first.line)", at: mark)
            }
            try advance()
            members.append(YAMLValue.Member(key: key, mark: mark, value: try value(depth: depth + 1)))
            try advance()
        }
        return members
    }
}

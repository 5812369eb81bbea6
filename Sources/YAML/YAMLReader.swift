package import Diagnostics

/// A YAML value on its way into a typed one: it knows what it is called and where it stands, for messages.
package struct YAMLReader {
    package let value: YAMLValue
    /// From the document's top, such as `files./etc/motd` or `packages[2]`; empty at the top.
    package let path: String
    /// What messages call the file.
    package let document: String

    package init(_ document: YAMLDocument) {
        value = document.root
        path = ""
        self.document = document.name
    }

    private init(_ value: YAMLValue, at path: String, in document: String) {
        self.value = value
        self.path = path
        self.document = document
    }

    /// Text, as it stands: `12` and `yes` are text, too.
    package func string() throws(Diagnostic) -> String {
        guard case .scalar(let text) = value.content else { throw unexpected("text") }
        return text
    }

    package func array() throws(Diagnostic) -> [YAMLReader] {
        guard case .sequence(let elements) = value.content else { throw unexpected("a list") }
        return elements.enumerated().map { YAMLReader($1, at: "\(path)[\($0)]", in: document) }
    }

    package func strings() throws(Diagnostic) -> [String] {
        var strings = [String]()
        for element in try array() { strings.append(try element.string()) }
        return strings
    }

    /// Its members in order, by key.
    package func members() throws(Diagnostic) -> [(key: String, value: YAMLReader)] {
        guard case .mapping(let members) = value.content else { throw unexpected("a mapping") }
        return members.map { ($0.key, YAMLReader($0.value, at: joined($0.key), in: document)) }
    }

    /// The member `key`; `nil` if it is absent.
    package func optional(_ key: String) throws(Diagnostic) -> YAMLReader? {
        guard case .mapping(let members) = value.content else { throw unexpected("a mapping") }
        return members.first { $0.key == key }.map { YAMLReader($0.value, at: joined(key), in: document) }
    }

    package func member(_ key: String) throws(Diagnostic) -> YAMLReader {
        guard let member = try optional(key) else { throw malformed("`\(key)` is missing") }
        return member
    }

    func joined(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    // MARK: Problems

    /// For a value of the wrong kind.
    package func unexpected(_ expected: String) -> Diagnostic { malformed("expected \(expected), found \(value.kind)") }

    /// For a value that is wrong in another way.
    package func malformed(_ reason: String) -> Diagnostic {
        problem(path.isEmpty ? reason : "`\(path)`: \(reason)", at: value.mark)
    }

    func problem(_ reason: String, at mark: YAMLValue.Mark) -> Diagnostic {
        Diagnostic(
            .yamlUnexpected,
            "`\(document)` does not say what it should",
            at: .file(path: document, line: mark.line),
            because: "column \(mark.column): \(reason)"
        )
    }
}

extension Diagnostic.Code {
    package static let yamlUnexpected = Self("yaml.unexpected", .input)
}

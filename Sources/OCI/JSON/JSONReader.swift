package import Diagnostics

/// A JSON value on its way into a typed one: it knows where in which document it stands, for messages.
struct JSONReader {
    let value: JSON
    let path: String
    let document: String

    init(_ value: JSON, named document: String) {
        self.value = value
        self.path = ""
        self.document = document
    }

    private init(_ value: JSON, at path: String, in document: String) {
        self.value = value
        self.path = path
        self.document = document
    }

    func unexpected(_ expected: String) -> Diagnostic {
        Diagnostic(
            .jsonUnexpected,
            "`\(document)` does not say what it should",
            at: .file(path: document),
            because: "\(path.isEmpty ? "the document" : path): expected \(expected), found \(value.kind)"
        )
    }

    func malformed(_ reason: String) -> Diagnostic {
        Diagnostic(
            .jsonUnexpected,
            "`\(document)` does not say what it should",
            at: .file(path: document),
            because: path.isEmpty ? reason : "\(path): \(reason)"
        )
    }

    func object() throws(Diagnostic) -> JSONObject {
        guard case .object(let object) = value else { throw unexpected("an object") }
        return object
    }

    func string() throws(Diagnostic) -> String {
        guard case .string(let text) = value else { throw unexpected("a string") }
        return text
    }

    func int() throws(Diagnostic) -> Int64 {
        guard case .number(let text) = value, let number = Int64(text) else { throw unexpected("a whole number") }
        return number
    }

    func bool() throws(Diagnostic) -> Bool {
        guard case .bool(let flag) = value else { throw unexpected("true or false") }
        return flag
    }

    /// The elements; none for null, which Go writes for an empty list.
    func array() throws(Diagnostic) -> [JSONReader] {
        if case .null = value { return [] }
        guard case .array(let elements) = value else { throw unexpected("an array") }
        return elements.enumerated().map { JSONReader($1, at: "\(path)[\($0)]", in: document) }
    }

    func strings() throws(Diagnostic) -> [String] {
        var strings = [String]()
        for element in try array() { strings.append(try element.string()) }
        return strings
    }

    /// The member `key`; nil if it is absent or null.
    func optional(_ key: String) throws(Diagnostic) -> JSONReader? {
        guard let member = try object()[key], member != .null else { return nil }
        return JSONReader(member, at: path.isEmpty ? key : "\(path).\(key)", in: document)
    }

    func member(_ key: String) throws(Diagnostic) -> JSONReader {
        guard let member = try optional(key) else { throw malformed("`\(key)` is missing") }
        return member
    }

    func stringMap() throws(Diagnostic) -> [String: String] {
        var map = [String: String]()
        for key in try object().keys { map[key] = try member(key).string() }
        return map
    }
}

extension Diagnostic.Code {
    package static let jsonUnexpected = Self("json.unexpected", .verification)
}

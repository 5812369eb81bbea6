package import Diagnostics

/// A JSON value on its way into a typed one: it knows where in which document it stands, for messages.
package struct JSONReader {
    package let value: JSON
    /// From the document's top, such as `rootfs.diff_ids[2]`; empty at the top.
    package let path: String
    /// What messages call the document.
    package let document: String

    package init(_ value: JSON, named document: String) {
        self.value = value
        self.path = ""
        self.document = document
    }

    private init(_ value: JSON, at path: String, in document: String) {
        self.value = value
        self.path = path
        self.document = document
    }

    // MARK: What the value is

    package func object() throws(Diagnostic) -> JSONObject {
        guard case .object(let object) = value else { throw unexpected("an object") }
        return object
    }

    package func string() throws(Diagnostic) -> String {
        guard case .string(let text) = value else { throw unexpected("a string") }
        return text
    }

    package func int() throws(Diagnostic) -> Int64 {
        guard case .number(let text) = value else { throw unexpected("a whole number") }
        guard let number = Int64(text) else { throw malformed("`\(text.excerpt)` is not a whole number of 64 bits") }
        return number
    }

    package func bool() throws(Diagnostic) -> Bool {
        guard case .bool(let flag) = value else { throw unexpected("true or false") }
        return flag
    }

    /// The elements; empty for null, which Go writes for an empty list.
    package func array() throws(Diagnostic) -> [JSONReader] {
        if case .null = value { return [] }
        guard case .array(let elements) = value else { throw unexpected("an array") }
        return elements.enumerated().map { JSONReader($1, at: "\(path)[\($0)]", in: document) }
    }

    package func strings() throws(Diagnostic) -> [String] {
        var strings = [String]()
        for element in try array() { strings.append(try element.string()) }
        return strings
    }

    package func stringMap() throws(Diagnostic) -> [String: String] {
        var map = [String: String]()
        for (key, value) in try object().members { map[key] = try member(key, value).string() }
        return map
    }

    package func digest() throws(Diagnostic) -> Digest {
        do throws(Diagnostic) {
            return try Digest(parsing: try string())
        } catch  where error.code == .digestMalformed {
            var error = error
            error.subject = .file(path: document)
            error.reason = "it stands at \(path)" + (error.reason.map { ": \($0)" } ?? "")
            throw error
        }
    }

    package func mediaType() throws(Diagnostic) -> MediaType {
        let type = MediaType(rawValue: try string())
        guard type.isWellFormed else { throw malformed("`\(type.rawValue.excerpt)` is not a media type") }
        return type
    }

    // MARK: Its members

    /// The member `key`; `nil` if absent or null.
    package func optional(_ key: String) throws(Diagnostic) -> JSONReader? {
        guard let value = try object()[key], value != .null else { return nil }
        return member(key, value)
    }

    /// The member `key`, which may be null.
    package func member(_ key: String) throws(Diagnostic) -> JSONReader {
        guard let value = try object()[key] else { throw malformed("`\(key)` is missing") }
        return member(key, value)
    }

    func optional(_ key: some RawRepresentable<String>) throws(Diagnostic) -> JSONReader? { try optional(key.rawValue) }

    func member(_ key: some RawRepresentable<String>) throws(Diagnostic) -> JSONReader { try member(key.rawValue) }

    private func member(_ key: String, _ value: JSON) -> JSONReader {
        JSONReader(value, at: path.isEmpty ? key : "\(path).\(key)", in: document)
    }

    /// The members that are not among `Key`'s.
    ///
    /// - Throws: `json.unexpected` for a key that differs from one of `Key`'s only in case: Go would take it for that one.
    func others<Key: RawRepresentable<String> & CaseIterable>(than _: Key.Type) throws(Diagnostic) -> JSONObject {
        let known = Key.allCases.map { ($0.rawValue, $0.rawValue.foldedKey) }
        var others = [(key: String, value: JSON)]()
        for member in try object().members where !known.contains(where: { $0.0 == member.key }) {
            let folded = member.key.foldedKey
            if let (key, _) = known.first(where: { $0.1 == folded }) {
                throw malformed("`\(member.key)` differs from `\(key)` only in case, and some readers take it for that")
            }
            others.append(member)
        }
        return JSONObject(unchecked: others)
    }

    // MARK: Problems

    /// For a value of the wrong kind.
    package func unexpected(_ expected: String) -> Diagnostic { malformed("expected \(expected), found \(value.kind)") }

    /// For a value that is wrong in another way.
    package func malformed(_ reason: String) -> Diagnostic {
        Diagnostic(
            .jsonUnexpected,
            "`\(document)` does not say what it should",
            at: .file(path: document),
            because: "\(path.isEmpty ? "" : "\(path.excerpt): ")\(reason)"
        )
    }
}

extension Diagnostic.Code {
    package static let jsonUnexpected = Self("json.unexpected", .verification)
}

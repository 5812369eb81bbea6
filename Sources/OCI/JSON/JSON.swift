/// A JSON value that keeps what it was read from: the order of members and the text of numbers.
///
/// RFC 8259. Documents of other programs pass through coracle: members that it does not know must come out unchanged.
package enum JSON: Hashable, Sendable {
    /// The word `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// As written, so that no digit is lost; RFC 8259 § 6 says what a number looks like.
    case number(String)
    /// Unescaped.
    case string(String)
    /// Elements in their order.
    case array([JSON])
    /// Members in their order.
    case object(JSONObject)

    /// A whole number.
    package static func int(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

    /// An object of strings, sorted by key.
    static func strings(_ values: [String: String]) -> JSON {
        var object = JSONObject()
        for key in values.keys.sorted() { object[key] = values[key].map(JSON.string) }
        return .object(object)
    }

    /// An array of strings.
    package static func strings(_ values: [String]) -> JSON { .array(values.map(JSON.string)) }
}

extension JSON {
    /// The text of a string; `nil` for anything else.
    package var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value of a number written as a whole one, if it has 64 bits at most.
    package var intValue: Int64? {
        if case .number(let text) = self { Int64(text) } else { nil }
    }

    /// Which of `true` and `false` it is; `nil` for anything else.
    package var boolValue: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// The elements of an array; `nil` for anything else.
    package var arrayValue: [JSON]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members of an object; `nil` for anything else.
    package var objectValue: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The member `key` of an object; `nil` if absent, or if the value is not an object.
    package subscript(key: String) -> JSON? { objectValue?[key] }

    /// What kind of value it is, for messages.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    /// A string.
    package init(stringLiteral value: String) { self = .string(value) }
    /// An array.
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// An object; of a key that is there twice the last value counts, in the place of the first.
    package init(dictionaryLiteral elements: (String, JSON)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}

extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    /// `true` or `false`.
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A whole number.
    package init(integerLiteral value: Int64) { self = .int(value) }
}

/// A JSON value that keeps what it was read from: the order of members and the text of numbers.
///
/// RFC 8259. Foreign documents pass through coracle; what it does not know must come out as it went in.
public enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// As written, so that no digit is lost.
    case number(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)

    /// A whole number.
    public static func int(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

    /// An object of strings; null where there are none.
    static func strings(_ values: [String: String]?) -> JSON? {
        guard let values, !values.isEmpty else { return nil }
        var object = JSONObject()
        for (key, value) in values { object[key] = .string(value) }
        return .object(object)
    }

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

/// The members of a JSON object, in order, no key twice.
public struct JSONObject: Hashable, Sendable {
    private(set) var members: [(key: String, value: JSON)] = []
    private var places: [String: Int] = [:]

    /// No members.
    public init() {}

    /// Keys in the order they stand.
    public var keys: [String] { members.map(\.key) }

    /// Setting nil removes the member; a new key goes to the end.
    public subscript(key: String) -> JSON? {
        get { places[key].map { members[$0].value } }
        set {
            switch (places[key], newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil):
                members.remove(at: place)
                places[key] = nil
                for index in place..<members.count { places[members[index].key] = index }
            case (nil, let value?):
                places[key] = members.count
                members.append((key, value))
            case (nil, nil): return
            }
        }
    }

    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.elementsEqual(right.members) { $0.key == $1.key && $0.value == $1.value }
    }

    public func hash(into hasher: inout Hasher) {
        for (key, value) in members {
            hasher.combine(key)
            hasher.combine(value)
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}

extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
}

/// Header fields in their order. Names are compared without regard to case (RFC 9110 § 5.1).
package struct HTTPHeaders: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    package struct Field: Hashable, Sendable {
        package let name: String
        package let value: String

        func isNamed(_ other: String) -> Bool {
            let left = name.utf8
            let right = other.utf8
            return left.count == right.count && zip(left, right).allSatisfy { Self.lowercase($0) == Self.lowercase($1) }
        }

        private static func lowercase(_ byte: UInt8) -> UInt8 {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }
    }

    package private(set) var fields: [Field] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The values of all fields called `name`, in order.
    package subscript(all name: String) -> [String] {
        fields.filter { $0.isNamed(name) }.map(\.value)
    }

    /// The value of the first field called `name`; `nil` if absent. Setting replaces all of them; `nil` removes them.
    package subscript(name: String) -> String? {
        get { self[all: name].first }
        set {
            fields.removeAll { $0.isNamed(name) }
            if let newValue { fields.append(Field(name: name, value: newValue)) }
        }
    }

    /// Adds one more field.
    package mutating func add(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }
}

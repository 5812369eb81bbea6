/// What belongs to one image of many, with the image's name.
package struct Named<Value> {
    package let name: String
    package let value: Value

    package init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }

    /// The same for another value; `nil` if that is `nil`.
    package func compactMap<Other>(_ transform: (Value) -> Other?) -> Named<Other>? {
        transform(value).map { Named<Other>(name, $0) }
    }
}

extension Named: Sendable where Value: Sendable {}

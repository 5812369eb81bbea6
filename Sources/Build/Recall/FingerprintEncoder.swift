import OCI

/// Gives a `Fingerprint` all that a value encodes, so that a property that is added to a request cannot be forgotten.
///
/// Values have their keys and their ends, so that two different values never add the same bytes. Sets and dictionaries
/// are added in an order that is the same in every process.
struct FingerprintEncoder: Encoder {
    fileprivate final class Sink {
        var fingerprint = Fingerprint()
    }

    fileprivate enum Mark {
        static let value: UInt8 = 1
        static let end: UInt8 = 2
        static let null: UInt8 = 3
    }

    fileprivate let sink = Sink()
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    /// The digest of what `value` encodes.
    ///
    /// - Throws: what `value` throws while it encodes itself.
    static func digest(_ value: some Encodable) throws -> Digest {
        let encoder = FingerprintEncoder()
        try encoder.add(value)
        return encoder.sink.fingerprint.digest
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(Keyed<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer { Unkeyed(encoder: self) }
    func singleValueContainer() -> any SingleValueEncodingContainer { Single(encoder: self) }

    fileprivate func add(_ value: some Encodable) throws {
        sink.fingerprint.add(Mark.value)
        defer { sink.fingerprint.add(Mark.end) }
        switch value {
        case let text as String: sink.fingerprint.add(text)
        case let flag as Bool: sink.fingerprint.add(flag)
        case let number as any BinaryInteger: sink.fingerprint.add(number)
        case let bytes as [UInt8]: sink.fingerprint.add(bytes)
        case let unordered as any Unordered:
            let entries = try unordered.entries.map { try FingerprintEncoder.digest(Entry(parts: $0)).hex }
            sink.fingerprint.add(entries.sorted())
        default: try value.encode(to: self)
        }
    }

    /// An element of a set, or a key and its value.
    private struct Entry: Encodable {
        let parts: [any Encodable]

        func encode(to encoder: any Encoder) throws {
            var container = encoder.unkeyedContainer()
            for part in parts { try container.encode(part) }
        }
    }
}

/// What has another order in every process.
private protocol Unordered {
    var entries: [[any Encodable]] { get }
}

extension Set: Unordered where Element: Encodable {
    fileprivate var entries: [[any Encodable]] { map { [$0] } }
}

extension Dictionary: Unordered where Key: Encodable, Value: Encodable {
    fileprivate var entries: [[any Encodable]] { map { [$0.key, $0.value] } }
}

// MARK: Containers

private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: FingerprintEncoder
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil(forKey key: Key) throws {
        encoder.sink.fingerprint.add(key.stringValue)
        encoder.sink.fingerprint.add(FingerprintEncoder.Mark.null)
    }

    mutating func encode(_ value: some Encodable, forKey key: Key) throws {
        encoder.sink.fingerprint.add(key.stringValue)
        try encoder.add(value)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder.sink.fingerprint.add(key.stringValue)
        return encoder.container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.sink.fingerprint.add(key.stringValue)
        return encoder.unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { encoder }

    mutating func superEncoder(forKey key: Key) -> any Encoder {
        encoder.sink.fingerprint.add(key.stringValue)
        return encoder
    }
}

private struct Unkeyed: UnkeyedEncodingContainer {
    let encoder: FingerprintEncoder
    var codingPath: [any CodingKey] { [] }
    private(set) var count = 0

    init(encoder: FingerprintEncoder) { self.encoder = encoder }

    mutating func encodeNil() throws {
        count += 1
        encoder.sink.fingerprint.add(FingerprintEncoder.Mark.null)
    }

    mutating func encode(_ value: some Encodable) throws {
        count += 1
        try encoder.add(value)
    }

    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        count += 1
        return encoder.container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        count += 1
        return encoder.unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { encoder }
}

private struct Single: SingleValueEncodingContainer {
    let encoder: FingerprintEncoder
    var codingPath: [any CodingKey] { [] }

    mutating func encodeNil() throws { encoder.sink.fingerprint.add(FingerprintEncoder.Mark.null) }
    mutating func encode(_ value: some Encodable) throws { try encoder.add(value) }
}

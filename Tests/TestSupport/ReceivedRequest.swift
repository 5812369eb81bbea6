/// A request that a `ScriptedServer` was sent.
package struct ReceivedRequest: Sendable {
    package var method: String

    /// The request's target as it was sent, percent-encoded.
    package var target: String

    /// In the order sent, names as they were spelled.
    package var headers: [(name: String, value: String)]

    /// What was read of it before the answer; without the framing of a chunked body.
    package var body: [UInt8] = []

    /// The first connection that the server accepted is 0.
    package var connection: Int

    /// The target up to its query.
    package var path: String { String(target.prefix { $0 != "?" }) }

    /// The target's query without its `?`, percent-encoded; empty if there is none.
    package var query: String { String(target.drop { $0 != "?" }.dropFirst()) }

    /// The values of the fields called `name`, joined by a comma; `nil` if there is none.
    package subscript(name: String) -> String? {
        let name = name.lowercased()
        let values = headers.filter { $0.name.lowercased() == name }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// The values of the query's parameters called `name`, decoded, in order.
    package func parameters(_ name: String) -> [String] {
        query.split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard Self.decoded(parts[0]) == name else { return nil }
            return parts.count == 2 ? Self.decoded(parts[1]) : ""
        }
    }

    /// Undoes percent-encoding; what is not an escape stays.
    private static func decoded(_ text: Substring) -> String {
        var bytes = [UInt8]()
        var rest = Array(text.utf8)[...]
        while let first = rest.popFirst() {
            if first == UInt8(ascii: "%"), let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(byte)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(first == UInt8(ascii: "+") ? UInt8(ascii: " ") : first)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The addresses in `Link` fields (RFC 8288 § 3).
package enum LinkHeader {
    /// The first target whose relation is `next`: where a list goes on.
    ///
    /// - Parameter values: of all the `Link` fields of an answer.
    package static func next(in values: [String]) -> String? {
        values.lazy.compactMap { value in links(in: value).first { $0.relations.contains("next") }?.target }.first
    }

    /// The links up to the first that is not well formed.
    static func links(in value: String) -> [(target: String, relations: [String])] {
        var rest = Array(value.utf8)[...]
        var links: [(target: String, relations: [String])] = []
        while true {
            rest = rest.drop { isSpace($0) || $0 == UInt8(ascii: ",") }
            guard rest.popFirst() == UInt8(ascii: "<"), let end = rest.firstIndex(of: UInt8(ascii: ">")) else {
                return links
            }
            let target = String(decoding: rest[..<end], as: UTF8.self)
            rest = rest[(end + 1)...]
            var relations: [String]?
            while let (name, value) = parameter(&rest) {
                // Only the first counts (§ 3.3).
                if name == "rel", relations == nil {
                    relations = value.lowercased().split(separator: " ").map(String.init)
                }
            }
            links.append((target, relations ?? []))
        }
    }

    /// Takes `; name=value` from the front.
    private static func parameter(_ rest: inout ArraySlice<UInt8>) -> (name: String, value: String)? {
        rest = rest.drop(while: isSpace)
        guard rest.first == UInt8(ascii: ";") else { return nil }
        rest = rest.dropFirst().drop(while: isSpace)
        let name = rest.prefix { !isSpace($0) && !"=;,".utf8.contains($0) }
        rest = rest[name.endIndex...].drop(while: isSpace)
        var value = [UInt8]()
        if rest.first == UInt8(ascii: "=") {
            rest = rest.dropFirst().drop(while: isSpace)
            if rest.first == UInt8(ascii: "\"") {
                rest = rest.dropFirst()
                while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
                    value.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
                }
            } else {
                value = Array(rest.prefix { !isSpace($0) && !";,".utf8.contains($0) })
                rest = rest.dropFirst(value.count)
            }
        }
        return (String(decoding: name, as: UTF8.self).lowercased(), String(decoding: value, as: UTF8.self))
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}

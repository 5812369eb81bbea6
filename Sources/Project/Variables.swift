/// Variables of the environment in a text: `${NAME}`, or `${NAME:-DEFAULT}`. `$$` is a dollar sign.
struct Variables: Sendable {
    /// A text without variables.
    struct Replaced {
        var text: String
        /// `nil` if it is the same.
        var written: String?
        var variables: [String] = []
        var unset: [String] = []
    }

    /// What cannot be replaced.
    struct Problem: Error {
        let reason: String
        var hint: String?
    }

    /// The value of a variable; `nil` if it is not set.
    let value: @Sendable (String) -> String?
    /// Whether the text counts; else a variable that is not set is not a problem.
    var isUsed = true

    /// - Throws: what is wrong with a variable, as a clause.
    func replaced(in text: String) throws(Problem) -> Replaced {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return Replaced(text: text) }
        var (result, rest) = (Replaced(text: "", written: ""), text[...])
        while let dollar = rest.firstIndex(of: "$") {
            result.add(String(rest[..<dollar]))
            rest = rest[rest.index(after: dollar)...]
            switch rest.first {
            case "$":
                rest = rest.dropFirst()
                result.add("$", written: "$$")
            case "{": try replace(&rest, into: &result)
            default: result.add("$", written: "$")
            }
        }
        result.add(String(rest))
        return result
    }

    /// Takes a variable from the beginning of `rest`, whose dollar sign is gone.
    private func replace(_ rest: inout Substring, into result: inout Replaced) throws(Problem) {
        let escape = "write `$${` if the text itself is meant"
        guard let end = rest.firstIndex(of: "}") else { throw Problem(reason: "`${` is not closed", hint: escape) }
        let inside = rest[..<end].dropFirst()
        rest = rest[rest.index(after: end)...]
        let parts = inside.split(separator: ":-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts.first ?? ""
        guard Self.isName(name) else {
            throw Problem(
                reason: "`${\(inside)}` is neither `${NAME}` nor `${NAME:-DEFAULT}`",
                hint: escape
            )
        }
        let value = value(name)
        if let value, parts.count == 1 || !value.isEmpty {
            result.variables.append(name)
            result.add(value, written: "${\(inside)}")
        } else if parts.count == 2 {
            result.unset.append(name)
            result.add(parts[1])
        } else if isUsed {
            throw Problem(
                reason: "`\(name)` is not set in the environment",
                hint: "set it, write `${\(name):-DEFAULT}`, or `$${\(name)}` if the text itself is meant"
            )
        }
    }

    private static func isName(_ text: String) -> Bool {
        var isFirst = true
        for byte in text.utf8 {
            switch byte {
            case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): isFirst = false
            case 0x30...0x39 where !isFirst: continue
            default: return false
            }
        }
        return !isFirst
    }
}

extension Variables.Replaced {
    fileprivate mutating func add(_ text: String, written: String? = nil) {
        self.text += text
        self.written? += written ?? text
    }
}

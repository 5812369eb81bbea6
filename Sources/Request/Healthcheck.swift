package import Diagnostics
package import OCI

extension Healthcheck {
    /// Parses what `--healthcheck` takes: an array of words, `NONE`, or what follows `HEALTHCHECK` in a Dockerfile.
    ///
    /// - Throws: `usage.malformed`.
    package init(parsing text: String) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            .optionMalformed(
                .usageMalformed,
                "--healthcheck",
                text,
                because: reason,
                example: #"'interval=15s retries=4 CMD ["/app/server", "ping"]'"#
            )
        }
        self.init(test: [])
        var rest = text[...]
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" }
            let word = rest.prefix { $0 != " " && $0 != "\t" }
            guard let equals = word.firstIndex(of: "="), !word.hasPrefix("["), !word.hasPrefix("CMD") else { break }
            let (name, value) = (String(word[..<equals].drop { $0 == "-" }), String(word[equals...].dropFirst()))
            if name == "retries" {
                guard let number = Int64(value), (0...1000).contains(number) else {
                    throw malformed("`\(value)` is not a number of retries")
                }
                retries = number
            } else if let member = Self.members[name] {
                guard let time = Self.nanoseconds(value) else {
                    throw malformed("`\(value)` is not a time such as 15s, 1m30s or 500ms")
                }
                times[member] = time
            } else {
                let names = (Self.members.keys + ["retries"]).sorted().joined(separator: ", ")
                throw malformed("there is no setting `\(name)`: they are \(names)")
            }
            rest = rest[word.endIndex...]
        }
        if rest == "NONE" {
            guard times.isEmpty, retries == nil else { throw malformed("`NONE` has no settings") }
            test = ["NONE"]
            return
        }
        let isMarked = rest.hasPrefix("CMD ") || rest.hasPrefix("CMD\t")
        if isMarked { rest = rest.dropFirst(4).drop { $0 == " " || $0 == "\t" } }
        guard !rest.isEmpty else { throw malformed("it names no command") }
        if rest.hasPrefix("[") {
            guard case .array(let elements)? = try? JSON(parsing: Array(rest.utf8), named: "--healthcheck"),
                case let words = elements.compactMap(\.stringValue), words.count == elements.count, !words.isEmpty
            else { throw malformed("it begins with `[` and is not a JSON array of strings") }
            test = ["CMD"] + words
        } else if isMarked {
            test = ["CMD-SHELL", String(rest)]
        } else {
            throw malformed("a command is an array of words, or a line for a shell behind `CMD`")
        }
    }

    /// `1m30s`, `500ms`, as Go reads durations.
    private static func nanoseconds(_ text: String) -> Int64? {
        let units: [(String, Int64)] = [
            ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
        ]
        var (sum, rest) = (Int64(0), text[...])
        guard !rest.isEmpty else { return nil }
        if text == "0" { return 0 }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            rest = rest[digits.endIndex...]
            guard let number = Int64(digits), let (unit, factor) = units.first(where: { rest.hasPrefix($0.0) }) else {
                return nil
            }
            rest = rest.dropFirst(unit.count)
            let (part, isTooLarge) = number.multipliedReportingOverflow(by: factor)
            let (next, isTooMuch) = sum.addingReportingOverflow(part)
            guard !isTooLarge, !isTooMuch else { return nil }
            sum = next
        }
        return sum
    }

    /// As the option takes it.
    package var text: String {
        var words = Self.members.sorted { $0.key < $1.key }.compactMap { name, member in
            times[member].map { "\(name)=\($0 / 1_000_000)ms" }
        }
        if let retries { words.append("retries=\(retries)") }
        switch test.first {
        case "NONE": words = ["NONE"]
        case "CMD-SHELL": words += ["CMD"] + test.dropFirst()
        default: words += ["CMD", String(decoding: JSON.strings(Array(test.dropFirst())).encoded(), as: UTF8.self)]
        }
        return words.joined(separator: " ")
    }
}

package import Diagnostics
package import OCI

/// How an engine finds out whether a container still works. Docker and podman run it; Kubernetes has probes instead.
///
/// Docker's image format, `config` § Healthcheck; the Dockerfile reference, § HEALTHCHECK.
package struct Healthcheck: Hashable, Encodable, Sendable {
    /// `CMD` and words, `CMD-SHELL` and a line, or `NONE`.
    package var test: [String]
    /// In nanoseconds, by the member's name.
    package var times: [String: Int64] = [:]
    /// How many times in a row it fails before the container counts as unhealthy; `nil` for the engine's own number.
    package var retries: Int64?

    /// Settings and the members of the configuration that they are.
    private static let members = [
        "interval": "Interval", "timeout": "Timeout", "start-period": "StartPeriod", "start-interval": "StartInterval",
    ]

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
        test = []
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

    /// What a configuration says; `nil` if this is not a health check.
    package init?(_ json: JSON) {
        guard let words = json["Test"]?.arrayValue?.compactMap(\.stringValue), let first = words.first,
            ["CMD", "CMD-SHELL", "NONE"].contains(first)
        else { return nil }
        test = words
        for member in Self.members.values { times[member] = json[member]?.intValue }
        retries = json["Retries"]?.intValue
    }

    /// The member `Healthcheck` of a configuration.
    package var json: JSON {
        var object = JSONObject()
        object["Test"] = .strings(test)
        for (member, time) in times.sorted(by: { $0.key < $1.key }) { object[member] = .int(time) }
        object["Retries"] = retries.map { .int($0) }
        return .object(object)
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

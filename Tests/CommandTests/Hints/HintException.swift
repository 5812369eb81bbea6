import TestSupport

/// A text of the sources that is not followed, from Tests/Fixtures/hints/exceptions: below `## REASON`, one a line.
struct HintException {
    let place: String
    let reason: String
    let text: String

    static func all() throws -> [HintException] {
        let text = String(decoding: try readFile("\(FixtureProgram.sources)/hints/exceptions"), as: UTF8.self)
        var exceptions = [HintException]()
        var reason = ""
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.isEmpty || line.hasPrefix("//") { continue }
            if line.hasPrefix("## ") {
                reason = String(line.dropFirst(3))
                continue
            }
            guard !reason.isEmpty else { throw SupportError("exceptions:\(index + 1): no reason stands above it") }
            exceptions.append(HintException(place: "exceptions:\(index + 1)", reason: reason, text: String(line)))
        }
        return exceptions
    }
}

import TestSupport
import Testing

/// One situation in which coracle prints a hint, read from a file of Tests/Fixtures/hints.
///
/// A case begins with `## TITLE`. Lines that begin with `$ ` prepare a directory, by the shell. `> coracle …` is the
/// command that prints the hint, `< ` what is on standard input, and `! TEXT` a part of the line above it, such as `plan.which-program`. What a hint leaves
/// open is filled in by lines `WORD = VALUE`: a placeholder (`FILE = a.pem`), the value of an option
/// (`--entrypoint = /app/a`), or a whole command for a word in backticks (`coracle build -o = coracle build a -o b`).
/// What a proposal ends with is success, or else said in a line `PROPOSAL -> STATUS REASON`.
struct HintCase: CustomTestStringConvertible, Sendable {
    /// What is not success, and why it is better all the same.
    struct End: Sendable {
        let status: Int32
        let reason: String
    }

    /// The file and the line of the title.
    let place: String
    let title: String
    var setup = ""
    var command = ""
    /// Standard input; `nil` if it is empty.
    var input: String?
    var head = ""
    var values: [String: String] = [:]
    var ends: [String: End] = [:]

    var testDescription: String { "\(title) (\(place))" }

    private static let folder = "\(FixtureProgram.sources)/hints"

    /// All cases, by the names of their files.
    static func all() throws -> [HintCase] {
        try names(in: folder).filter { $0.hasSuffix(".cases") }.flatMap { name in
            try read(name, String(decoding: readFile("\(folder)/\(name)"), as: UTF8.self))
        }
    }

    private static func read(_ name: String, _ text: String) throws -> [HintCase] {
        var cases = [HintCase]()
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let place = "\(name):\(index + 1)"
            if line.isEmpty || line.hasPrefix("//") { continue }
            if line.hasPrefix("## ") {
                cases.append(HintCase(place: place, title: String(line.dropFirst(3))))
            } else if cases.isEmpty {
                throw SupportError("\(place): a case begins with `## `")
            } else {
                try cases[cases.count - 1].read(String(line), place)
            }
        }
        return cases
    }

    private mutating func read(_ line: String, _ place: String) throws {
        if line.hasPrefix("$ ") {
            setup += line.dropFirst(2) + "\n"
        } else if line.hasPrefix("> ") {
            command = String(line.dropFirst(2))
        } else if line.hasPrefix("< ") {
            input = String(line.dropFirst(2))
        } else if line.hasPrefix("! ") {
            head = String(line.dropFirst(2))
        } else if let arrow = line.firstRange(of: " -> ") {
            let words = line[arrow.upperBound...].split(separator: " ", maxSplits: 1)
            guard words.count == 2, let status = Int32(words[0]) else {
                throw SupportError("\(place): expected `PROPOSAL -> STATUS REASON`")
            }
            ends[String(line[..<arrow.lowerBound])] = End(status: status, reason: String(words[1]))
        } else if let equals = line.firstRange(of: " = ") {
            values[String(line[..<equals.lowerBound])] = String(line[equals.upperBound...])
        } else {
            throw SupportError("\(place): not a line of a case: \(line)")
        }
    }
}

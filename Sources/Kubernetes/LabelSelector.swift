package import Diagnostics

/// Which documents are meant, by their labels: what `kubectl -l` takes.
///
/// The Kubernetes documentation, "Labels and Selectors": `app=shop`, `tier!=cache`, `env in (test, dev)`, `env notin (live)`,
/// `app`, `!app`, `size>3`, `size<9`, with commas between them.
package struct LabelSelector: Hashable, Sendable {
    private enum Condition: Hashable, Sendable {
        case isOne(of: [String])
        case isNone(of: [String])
        case exists
        case isAbsent
        case isGreater(Int)
        case isLess(Int)
    }

    private struct Requirement: Hashable, Sendable {
        let key: String
        let condition: Condition
    }

    private let requirements: [Requirement]

    /// - Throws: `usage.malformed`.
    package init(parsing text: String) throws(Diagnostic) {
        do throws(Fault) {
            var parser = Parser(text)
            requirements = try parser.requirements()
        } catch {
            throw Diagnostic(
                .usageMalformed,
                "`\(text)` is not a label selector",
                at: .option("--selector"),
                because: error.reason,
                hint: "write it like `app=shop,tier in (web,api),!canary`"
            )
        }
    }

    package func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            let value = labels[requirement.key]
            return switch requirement.condition {
            case .isOne(let values): value.map(values.contains) ?? false
            // What has no such label has another value.
            case .isNone(let values): !(value.map(values.contains) ?? false)
            case .exists: value != nil
            case .isAbsent: value == nil
            case .isGreater(let number): value.flatMap { Int($0) }.map { $0 > number } ?? false
            case .isLess(let number): value.flatMap { Int($0) }.map { $0 < number } ?? false
            }
        }
    }

    private struct Fault: Error { let reason: String }

    private struct Parser {
        private var rest: Substring

        init(_ text: String) { rest = text[...] }

        mutating func requirements() throws(Fault) -> [Requirement] {
            var found = [Requirement]()
            // As for kubectl, an empty selector matches everything.
            guard rest.contains(where: { !$0.isWhitespace }) else { return [] }
            repeat { found.append(try requirement()) } while skip(",")
            guard rest.isEmpty else { throw Fault(reason: "`\(rest.prefix(20))` is not expected there") }
            return found
        }

        private mutating func requirement() throws(Fault) -> Requirement {
            if skip("!") { return Requirement(key: try key(), condition: .isAbsent) }
            let key = try key()
            if skip("!=") { return Requirement(key: key, condition: .isNone(of: [try value()])) }
            if skip("==") || skip("=") { return Requirement(key: key, condition: .isOne(of: [try value()])) }
            if skip(">") { return Requirement(key: key, condition: .isGreater(try number())) }
            if skip("<") { return Requirement(key: key, condition: .isLess(try number())) }
            switch word() {
            case "in": return Requirement(key: key, condition: .isOne(of: try values()))
            case "notin": return Requirement(key: key, condition: .isNone(of: try values()))
            case "": return Requirement(key: key, condition: .exists)
            case let other: throw Fault(reason: "`\(other)` is not `in` or `notin`")
            }
        }

        private mutating func key() throws(Fault) -> String {
            let key = word()
            let parts = key.split(separator: "/", omittingEmptySubsequences: false)
            let isKey = parts.count <= 2 && parts.allSatisfy { Self.isName($0) && !$0.isEmpty } && key.utf8.count <= 317
            guard isKey else { throw Fault(reason: key.isEmpty ? "a key is missing" : "`\(key)` is not a label's key") }
            return key
        }

        private mutating func value() throws(Fault) -> String {
            let value = word()
            guard Self.isName(value[...]), value.utf8.count <= 63 else {
                throw Fault(reason: "`\(value)` is not a label's value")
            }
            return value
        }

        private mutating func values() throws(Fault) -> [String] {
            guard skip("(") else { throw Fault(reason: "`(` is missing") }
            var values = [String]()
            repeat { values.append(try value()) } while skip(",")
            guard skip(")") else { throw Fault(reason: "`)` is missing") }
            return values
        }

        private mutating func number() throws(Fault) -> Int {
            let text = word()
            guard let number = Int(text) else { throw Fault(reason: "`\(text)` is not a whole number") }
            return number
        }

        private mutating func word() -> String {
            rest = rest.drop(while: \.isWhitespace)
            let word = rest.prefix { !$0.isWhitespace && !"!=<>(),".contains($0) }
            rest = rest.dropFirst(word.count)
            return String(word)
        }

        private mutating func skip(_ sign: String) -> Bool {
            rest = rest.drop(while: \.isWhitespace)
            guard rest.hasPrefix(sign) else { return false }
            rest = rest.dropFirst(sign.count)
            return true
        }

        /// Letters and digits, with `-`, `_` and `.` between them; or nothing.
        private static func isName(_ text: Substring) -> Bool {
            func isWord(_ byte: UInt8) -> Bool {
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            }
            guard let first = text.utf8.first, let last = text.utf8.last else { return true }
            return isWord(first) && isWord(last) && text.utf8.allSatisfy { isWord($0) || "-_.".utf8.contains($0) }
        }
    }
}

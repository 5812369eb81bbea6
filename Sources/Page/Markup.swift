import Diagnostics

/// A fragment of an HTML page. Text becomes one only by being escaped.
package struct Markup: Sendable {
    /// Well-formed HTML.
    package private(set) var html: String

    /// Nothing.
    package init() { html = "" }

    /// Text of any origin, for a person to read: it makes no element, moves nothing and reorders nothing.
    package init(_ text: String) { html = text.escapedForHTML }

    /// A sentence with words of code between backticks, as messages have them.
    package init(prose text: String) {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        // A backtick without another one is a backtick.
        guard parts.count % 2 == 1 else {
            html = text.escapedForHTML
            return
        }
        html = ""
        for (index, part) in parts.enumerated() {
            html += index % 2 == 0 ? String(part).escapedForHTML : Markup.element("code", [:], String(part)).html
        }
    }

    private init(html: String) { self.html = html }

    /// An element with its content, or without an end for one that never has any.
    package static func element(
        _ name: StaticString,
        _ attributes: KeyValuePairs<StaticString, String> = [:],
        _ content: [Markup] = []
    ) -> Markup {
        var html = "<\(name)"
        for (key, value) in attributes { html += " \(key)=\"\(value.escapedForHTML)\"" }
        html += ">"
        if isVoid("\(name)") { return Markup(html: html) }
        for part in content { html += part.html }
        html += "</\(name)>"
        return Markup(html: html)
    }

    /// The same with text in it.
    package static func element(
        _ name: StaticString,
        _ attributes: KeyValuePairs<StaticString, String> = [:],
        _ text: String
    ) -> Markup {
        element(name, attributes, [Markup(text)])
    }

    package static func += (left: inout Markup, right: Markup) { left.html += right.html }

    package static func + (left: Markup, right: Markup) -> Markup { Markup(html: left.html + right.html) }

    private static func isVoid(_ name: String) -> Bool { ["meta", "br", "hr"].contains(name) }

    /// A line feed, so that the page can be read as a text, too.
    static let lineFeed = Markup(html: "\n")

    /// A style sheet of ours, as it is: its hash stands in the page's policy.
    static func style(_ css: StaticString) -> Markup { Markup(html: "<style>\(css)</style>") }

    static let doctype = Markup(html: "<!DOCTYPE html>\n")
}

extension String {
    /// The text for an HTML page: control characters, and those that reorder text, are shown by their numbers; what HTML
    /// means something by is written as a reference.
    package var escapedForHTML: String {
        let safe = escapedForTerminal
        guard safe.utf8.contains(where: { Self.reference($0) != nil }) else { return safe }
        var bytes = [UInt8]()
        bytes.reserveCapacity(safe.utf8.count + 16)
        for byte in safe.utf8 {
            if let reference = Self.reference(byte) { bytes += Array(reference.utf8) } else { bytes.append(byte) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func reference(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }

    /// Without its middle, if it has more than `length` characters.
    package func withoutMiddle(_ length: Int) -> String {
        guard utf8.count > length, count > length else { return self }
        let front = length / 2
        return "\(prefix(front))…\(suffix(length - front - 1))"
    }
}

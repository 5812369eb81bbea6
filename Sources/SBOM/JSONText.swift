import ByteIO
import OCI

/// JSON that is written as it comes: a document about thirty thousand files is never held as values, nor in one piece.
struct JSONText {
    /// What was written before `bytes`.
    private var before: [[UInt8]] = []
    private var bytes: [UInt8] = []
    private var isFirst = true

    /// The text, in order.
    var pieces: [[UInt8]] { before + [bytes] }

    mutating func object(_ body: (inout JSONText) -> Void) {
        separate()
        enclosed("{", "}", body)
    }

    mutating func object(_ key: StaticString, _ body: (inout JSONText) -> Void) {
        name(key)
        enclosed("{", "}", body)
    }

    mutating func array(_ key: StaticString, _ body: (inout JSONText) -> Void) {
        name(key)
        enclosed("[", "]", body)
    }

    /// An array with an element a line.
    mutating func lines(_ key: StaticString, _ body: (inout JSONText) -> Void) {
        name(key)
        enclosed("[", "\n]", body)
    }

    /// Elements of an array that `write` makes for each number below `count`. It is called for several at the same time;
    /// the text is in the order of the numbers.
    mutating func each(below count: Int, _ write: @Sendable (Int, inout JSONText) -> Void) {
        let parts = inStretches(of: 256, count) { numbers in
            var part = JSONText()
            for number in numbers { write(number, &part) }
            // Without the room to grow: a document has a hundred of them.
            return part.bytes.withUnsafeBufferPointer { Array($0) }
        }
        for part in parts where !part.isEmpty {
            separate()
            before += [bytes, part]
            bytes = []
        }
    }

    /// An object on a line of its own.
    mutating func line(_ body: (inout JSONText) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\n"))
        enclosed("{", "}", body)
    }

    mutating func member(_ key: StaticString, _ value: String) {
        name(key)
        append(text: value)
    }

    mutating func member(_ key: StaticString, _ value: String?) {
        if let value { member(key, value) }
    }

    mutating func member(_ key: StaticString, _ value: Bool) {
        name(key)
        bytes += (value ? "true" : "false").utf8
    }

    mutating func member(_ key: StaticString, _ value: Int) {
        name(key)
        bytes += String(value).utf8
    }

    mutating func member(_ key: StaticString, _ values: [String]) {
        array(key) { text in for value in values { text.element(value) } }
    }

    mutating func element(_ value: String) {
        separate()
        append(text: value)
    }

    /// One object of a name and a value, as properties are written.
    mutating func property(_ name: String, _ value: String) {
        object { text in
            text.member("name", name)
            text.member("value", value)
        }
    }

    private mutating func enclosed(_ open: StaticString, _ close: StaticString, _ body: (inout JSONText) -> Void) {
        append(open)
        isFirst = true
        body(&self)
        append(close)
        isFirst = false
    }

    private mutating func name(_ key: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        append(key)
        append("\":")
    }

    private mutating func separate() {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
    }

    /// Many readers refuse NUL, ours among them, and records may have it.
    private mutating func append(text value: String) {
        // As a buffer it is searched sixteen bytes at a time.
        let hasNUL = value.utf8.withContiguousStorageIfAvailable { $0.contains(0) } ?? value.utf8.contains(0)
        JSON.append(hasNUL ? value.replacing("\0", with: "\u{FFFD}") : value, to: &bytes)
    }

    private mutating func append(_ text: StaticString) {
        bytes += UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
}

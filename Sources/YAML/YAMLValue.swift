/// A value of a YAML document, and where it stands.
///
/// Scalars are text, whatever they look like: YAML's own guesses at numbers, dates and truth values are left out.
package struct YAMLValue: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case scalar(String)
        /// What stands where there is nothing: an empty value, `~` or `null`, not quoted.
        case null
        case sequence([YAMLValue])
        /// In the order of the file, no key twice.
        case mapping([Member])
    }

    package struct Member: Hashable, Sendable {
        package let key: String
        /// Where the key stands.
        package let mark: Mark
        package let value: YAMLValue

        package init(key: String, mark: Mark, value: YAMLValue) {
            self.key = key
            self.mark = mark
            self.value = value
        }
    }

    /// A place in the file, counted from 1; columns are characters.
    package struct Mark: Hashable, Sendable {
        package let line: Int
        package let column: Int

        package init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    package let content: Content
    package let mark: Mark

    package init(_ content: Content, at mark: Mark) {
        self.content = content
        self.mark = mark
    }

    package var isMapping: Bool {
        if case .mapping = content { true } else { false }
    }

    /// What kind of value it is, for messages.
    package var kind: String {
        switch content {
        case .scalar: "text"
        case .null: "nothing"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// An entry point as a user would type it: a JSON array in single quotes.
package struct EntrypointText: CustomStringConvertible {
    private let words: [String]

    package init(_ words: [String]) { self.words = words }

    package var description: String { "`\(plain)`" }

    /// Without backticks, as a part of a command.
    package var plain: String {
        let array = words.map { word in
            "\"" + word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }.joined(separator: ", ")
        return "--entrypoint '[\(array.replacing("'", with: "'\\''"))]'"
    }
}

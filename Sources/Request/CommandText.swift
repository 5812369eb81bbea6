/// Words as one would type them in a shell: those that a shell would read otherwise are quoted.
package struct CommandText: CustomStringConvertible {
    package let description: String

    package init(_ words: [String]) {
        description = words.map { word in
            let isPlain =
                !word.isEmpty
                && word.allSatisfy { $0.isLetter || $0.isNumber || "/._-+=:,@%^".contains($0) }
            return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
        }.joined(separator: " ")
    }
}

/// What a command's help says after its first sentence: commands to type, then what one has to know.
///
/// Lines have at most 80 characters: the help is shown as it is written.
package struct HelpExamples {
    private let commands: [String]
    private let note: String

    package init(_ commands: String..., note: String = "") {
        self.commands = commands
        self.note = note
    }

    /// For `CommandConfiguration.discussion`.
    package var text: String {
        "EXAMPLES:\n" + commands.map { "  \($0)\n" }.joined() + (note.isEmpty ? "" : "\n\(note)")
    }
}

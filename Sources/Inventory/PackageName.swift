/// What can be a name or a version of a package, in any ecosystem.
package enum PackageName {
    /// Longer ones are made up.
    private static let limit = 1024

    /// Whether `text` has no spaces or control characters, is not empty, and not endless.
    package static func isPlausible(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= limit && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }
}

/// What the history of an image says of a layer that coracle adds by itself: written and read here alone.
///
/// image-spec, config.md § history, `created_by`.
package enum LayerStep {
    private static let runtimeStart = "coracle: runtime layer ("
    /// The loader's list of libraries.
    package static let libraries = "coracle: the loader's list of libraries"

    /// A runtime layer with these parts.
    package static func runtime(_ parts: [String]) -> String { "\(runtimeStart)\(parts.joined(separator: ", ")))" }

    /// Whether a layer whose step is `text` was added without being asked for.
    package static func isReplaceable(_ text: String) -> Bool { text == libraries || text.hasPrefix(runtimeStart) }
}

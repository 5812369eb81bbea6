/// Files out of another image of the project: `{image: NAME}=SRC:DST…`, a text that no reference to an image has.
package enum SiblingAddition {
    private static let start = "{image: "

    /// What stands in the place of a reference for the image called `name`.
    package static func image(_ name: String) -> String { "\(start)\(name)}" }

    /// The image that `text`, the part of an addition before its `=`, means; `nil` for a reference.
    package static func name(_ text: some StringProtocol) -> String? {
        guard text.hasPrefix(start), text.hasSuffix("}") else { return nil }
        return String(text.dropFirst(start.count).dropLast())
    }

    /// The image whose files `addition` takes; `nil` if it is not one of the project.
    static func image(of addition: String) -> String? {
        guard addition.hasPrefix(start), let end = addition.firstRange(of: "}=/") else { return nil }
        return name(addition[..<addition.index(after: end.lowerBound)])
    }
}

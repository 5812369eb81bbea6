package import Diagnostics

extension Diagnostic {
    /// Maximum number of names in a message.
    private static let mostNames = 3

    /// The same, as a problem of one image of many, or of several.
    package func of(images names: [String]) -> Diagnostic {
        guard let first = names.first else { return self }
        var named = self
        let shown = names.prefix(Self.mostNames).map { "`\($0)`" }.joined(separator: ", ")
        let rest = names.count > Self.mostNames ? " and \(names.count - Self.mostNames) more" : ""
        named.summary = (names.count == 1 ? "image `\(first)`: " : "images \(shown)\(rest): ") + summary
        return named
    }

    /// What was found of many images: each once, with the names of those that it is about, in the order of the first.
    package static func merged(_ found: [Named<[Diagnostic]>]) -> [Diagnostic] {
        var places: [Diagnostic: Int] = [:]
        var merged: [(item: Diagnostic, names: [String])] = []
        for image in found {
            for item in image.value {
                if let place = places[item.withoutHint] {
                    if merged[place].names.last != image.name { merged[place].names.append(image.name) }
                } else {
                    places[item.withoutHint] = merged.count
                    merged.append((item, [image.name]))
                }
            }
        }
        return merged.map { $0.item.of(images: $0.names) }
    }
}

import Diagnostics
import YAML

/// What a document says of the object that it is.
struct ManifestObject {
    private let scalars: [YAMLScalar]
    private let name: String
    private let piece: ManifestPiece

    init(_ scalars: [YAMLScalar], _ name: String, _ piece: ManifestPiece) {
        (self.scalars, self.name, self.piece) = (scalars, name, piece)
    }

    /// Whether the document is wanted; one without anything in it is not.
    ///
    /// - Throws: `kubernetes.selector`.
    func isSelected(by selector: LabelSelector) throws(Diagnostic) -> Bool {
        guard let first = scalars.first(where: { !$0.isKey || !$0.path.isEmpty }) ?? scalars.first else { return false }
        if scalars.count == 1, first.text.isEmpty || first.text == "null" || first.text == "~" { return false }
        guard scalars.allSatisfy({ $0.document == 0 }) else {
            throw problem("two documents stand there without `---` between them", "write `---` before the second")
        }
        guard let kind = text(at: [.key("kind")]), text(at: [.key("apiVersion")]) != nil else {
            throw problem("a document without `apiVersion` and `kind` has no labels", "leave out `--selector`")
        }
        guard kind == "List" else { return selector.matches(labels(below: [])) }
        var wanted = Set<Bool>()
        for index in 0..<itemCount { wanted.insert(selector.matches(labels(below: [.key("items"), .element(index)]))) }
        guard wanted.count < 2 else {
            throw problem(
                "some items of the `List` match, and some do not",
                "write the items as documents of their own, with `---` between them"
            )
        }
        return wanted.first ?? false
    }

    private var itemCount: Int {
        var count = 0
        for scalar in scalars where scalar.path.count > 1 && scalar.path[0] == .key("items") {
            if case .element(let index) = scalar.path[1] { count = max(count, index + 1) }
        }
        return count
    }

    private func text(at path: [YAMLScalar.Step]) -> String? {
        scalars.first { !$0.isKey && ($0.path == path || $0.aliases.contains(path)) }?.text
    }

    private func labels(below path: [YAMLScalar.Step]) -> [String: String] {
        let parent = path + [.key("metadata"), .key("labels")]
        var labels: [String: String] = [:]
        for scalar in scalars where !scalar.isKey {
            for path in [scalar.path] + scalar.aliases where path.count == parent.count + 1 && path.starts(with: parent)
            {
                if case .key(let key)? = path.last { labels[key] = scalar.text }
            }
        }
        return labels
    }

    private func problem(_ reason: String, _ hint: String) -> Diagnostic {
        Diagnostic(
            .manifestSelector,
            "`--selector` cannot be applied to `\(name)`",
            at: .file(path: name, line: piece.line),
            because: reason,
            hint: hint
        )
    }
}

extension Diagnostic.Code {
    static let manifestSelector = Self("kubernetes.selector", .input)
}

package import ArgumentParser
import ByteIO
import Findings
import Gate
import Images
import OCI
import Terminal

/// What a shell offers where TAB is pressed. Nothing is fetched for it, and what cannot be read is left out.
package enum Completions {
    /// The bases of the catalogue, and files.
    package static let bases = CompletionKind.custom { _, _, _ in Catalogue.names(ProcessEnvironment.current) }

    /// The codes of rules.
    package static let rules = CompletionKind.custom { _, _, _ in Rule.all.map(\.code) }

    /// The same with what `lint --rule` sets them to.
    package static let ruleLevels = CompletionKind.custom { _, _, _ in
        Rule.all.flatMap { rule in ["off", "warning", "error"].map { "\(rule.code)=\($0)" } }
    }

    /// The names of the images in a layout that the command line names.
    package static let tags = CompletionKind.custom { words, _, _ in
        words.flatMap { names(inLayout: FilePath($0)) }
    }

    private static let largestIndex = 4 << 20

    private static func names(inLayout path: FilePath) -> [String] {
        guard let bytes = try? OpenFile.content(of: path.appending("index.json"), limit: largestIndex),
            let json = try? JSON(parsing: bytes, named: path.display)
        else { return [] }
        return (json["manifests"]?.arrayValue ?? []).compactMap { entry in
            entry["annotations"]?[AnnotationKey.refName]?.stringValue
        }
        // A name becomes a word of a shell.
        .filter { (try? Reference(parsing: "x:\($0)")) != nil || (try? Reference(parsing: $0)) != nil }
    }
}

import Findings
import Hygiene
import OCI

/// What holds a document together, and what it should say about itself.
extension ScannerCheck {
    /// So many of a kind are named in a message.
    private static let most = 5

    mutating func checkIdentifiers() {
        let ids = document.elements.compactMap(\.id)
        let known = Set(ids + document.otherIDs)
        let twice = Dictionary((ids + document.otherIDs).map { ($0, 1) }, uniquingKeysWith: +)
            .filter { $0.value > 1 }.keys.sorted()
        if !twice.isEmpty {
            report(
                .sbomIdentifierTwice,
                twice.count == 1
                    ? "an identifier is there twice" : "\(twice.count) identifiers are there more than once",
                because: Self.names(twice) + ": relationships reach only one of the elements",
                hint: "give each element an identifier of its own"
            )
        }
        let refused = document.invalidIDs.filter(\.refused).map(\.id)
        if !refused.isEmpty {
            hide(packages { _ in true }, from: [.trivy, .grype])
            report(
                .sbomIdentifierInvalid,
                "trivy and grype refuse the document for its identifiers",
                as: .error,
                because: Self.names(refused),
                hint: "let each SPDXID begin with `SPDXRef-`"
            )
        }
        let invalid = document.invalidIDs.filter { !$0.refused }.map(\.id)
        if !invalid.isEmpty {
            report(
                .sbomIdentifierInvalid,
                invalid.count == 1 ? "an SPDXID is malformed" : "\(invalid.count) SPDXIDs are malformed",
                because: Self.names(invalid),
                hint: "use only letters, digits, `.` and `-` behind `SPDXRef-`"
            )
        }
        let ends = document.edges.flatMap { [$0.from, $0.to] }
        let dangling = Set(ends.filter { !known.contains($0) && !$0.hasPrefix("DocumentRef-") }).sorted()
        if !dangling.isEmpty {
            report(
                .sbomReferenceDangling,
                dangling.count == 1
                    ? "an element is referred to and not there"
                    : "\(dangling.count) elements are referred to and not there",
                because: Self.names(dangling),
                hint: document.format == .spdx
                    ? "remove the relationships, or add what they name"
                    : "remove it from `dependencies`, or add the component"
            )
        }
    }

    mutating func checkRest() {
        if let problem = document.rootProblem {
            report(
                .sbomNoRoot,
                "the document does not say what it describes",
                because: problem,
                hint: document.format == .spdx
                    ? "relate the document to the image by DESCRIBES"
                    : "describe the image in `metadata.component`, and list in `dependencies` what it depends on"
            )
        }
        if !document.schemaProblems.isEmpty {
            let problems = document.schemaProblems
            let rest = problems.count - Self.most
            report(
                .sbomSchema,
                "the document breaks the specification of \(document.format.rawValue)",
                because: problems.prefix(Self.most).joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : ""),
                hint: "mend it in the program that wrote it: validators refuse such a document"
            )
        }
        if !document.missing.isEmpty {
            report(
                .sbomIncomplete,
                "the document lacks \(document.missing.joined(separator: " and "))",
                because: "the NTIA's minimum elements ask for them",
                hint: document.format == .spdx
                    ? "add `creationInfo` with `created` and `creators`"
                    : "add `metadata` with `timestamp` and `authors` or `tools`"
            )
        }
        report(
            .sbomNoSupplier,
            packages { !$0.hasSupplier },
            because: "the NTIA's minimum elements ask for it",
            hint: document.format == .spdx
                ? "add `supplier`, such as `Organization: Debian`" : "add `supplier` with a `name`"
        ) { "\($0) without a supplier" }
        let skipped = Set(
            document.edges.compactMap { edge in
                switch edge.type {
                case "GENERATED_FROM": edge.to
                case "GENERATES": edge.from
                default: nil
                }
            }
        )
        report(
            .sbomGeneratedFrom,
            packages { $0.id.map(skipped.contains) ?? false },
            because: "newer releases of syft, and so grype, take what something is generated from for a source package",
            hint: "relate them by another type, such as DEPENDS_ON"
        ) { "\($0) that something is generated from" }
    }

    private static func names(_ ids: [String]) -> String {
        let rest = ids.count - most
        return ids.prefix(most).map { "`\($0.excerpt)`" }.joined(separator: ", ")
            + (rest > 0 ? " and \(rest) more" : "")
    }
}

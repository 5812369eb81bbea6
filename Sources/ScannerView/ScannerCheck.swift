package import Findings
import Hygiene

/// What scanners will not see in a document, and why.
///
/// Each finding is about all elements with one problem. It is an error if a scanner passes over packages without a word.
package struct ScannerCheck: Sendable {
    /// So many elements are named in a message.
    private static let mostNamed = 5

    package let document: ScannedDocument
    package internal(set) var findings: [Finding] = []
    /// Places in `elements` of packages that a scanner passes over, or looks up as what they are not.
    private var unseen: [Scanner: Set<Int>] = [:]

    package init(_ document: ScannedDocument) {
        self.document = document
        guard checkFormat() else { return }
        checkAddresses()
        checkSystem()
        checkSources()
        checkIdentifiers()
        checkRest()
    }

    /// How many packages the document lists.
    package var packages: Int { document.elements.count { $0.role == .package } }

    /// How many of them a scanner looks up as what they are.
    package func seen(by scanner: Scanner) -> Int { packages - (unseen[scanner]?.count ?? 0) }

    // MARK: What the checks are made of

    /// Places of the packages for which something holds.
    func packages(where holds: (ScannedDocument.Element) -> Bool) -> [Int] {
        document.elements.indices.filter { document.elements[$0].role == .package && holds(document.elements[$0]) }
    }

    /// Notes that `scanners` do not see the packages among `elements`.
    mutating func hide(_ elements: [Int], from scanners: [Scanner]) {
        let packages = elements.filter { document.elements[$0].role == .package }
        for scanner in scanners { unseen[scanner, default: []].formUnion(packages) }
    }

    mutating func report(
        _ rule: Rule,
        _ summary: String,
        as severity: Rule.Severity? = nil,
        because reason: String? = nil,
        hint: String
    ) {
        findings.append(Finding(rule, summary, as: severity, because: reason, hint: hint))
    }

    /// Adds one finding about `elements`, if there are any, and hides them from `scanners`.
    ///
    /// - Parameter summary: what is wrong, by their number in words, such as `2 packages`.
    mutating func report(
        _ rule: Rule,
        _ elements: [Int],
        as severity: Rule.Severity? = nil,
        hiddenFrom scanners: [Scanner] = [],
        because reason: String,
        hint: String,
        _ summary: (String) -> String
    ) {
        hide(elements, from: scanners)
        guard let first = elements.first else { return }
        let labels = elements.prefix(Self.mostNamed).map { "`\(document.elements[$0].label)`" }
        let rest = elements.count - labels.count
        let named = labels.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
        findings.append(
            Finding(
                rule,
                summary(elements.count == 1 ? "1 package" : "\(elements.count) packages"),
                as: severity,
                because: "\(named): \(reason)",
                hint: hint,
                subject: elements.count == 1 ? document.elements[first].label : nil
            )
        )
    }

    /// As a sentence has it: `trivy, grype and osv-scanner`.
    static func list(_ scanners: [Scanner]) -> String {
        let names = scanners.map(\.rawValue)
        guard names.count > 1, let last = names.last else { return names.first ?? "" }
        return "\(names.dropLast().joined(separator: ", ")) and \(last)"
    }

    // MARK: The format

    /// False if there is nothing more to look at.
    private mutating func checkFormat() -> Bool {
        let blind = Scanner.allCases.filter { !$0.reads(document.format, document.version) }
        hide(packages { _ in true }, from: blind)
        if !blind.isEmpty {
            let known = document.format == .spdx ? "2.3" : "1.6"
            report(
                .sbomVersionUnknown,
                blind.count == Scanner.allCases.count
                    ? "scanners cannot read the document" : "\(Self.list(blind)) may not read the document",
                as: blind.count == Scanner.allCases.count ? .error : .warning,
                because: "it is \(document.format.rawValue) \(document.version)",
                hint: "write \(document.format.rawValue) \(known), which all of them read"
            )
            if blind.count == Scanner.allCases.count { return false }
        }
        guard packages == 0 else { return true }
        let images = document.elements.count { $0.url?.isImage == true || $0.type == "container" }
        report(
            .sbomNoPackages,
            images > 1 ? "the document lists images, and no packages" : "the document lists no packages",
            as: images > 1 ? .error : .warning,
            because: "a scanner finds nothing in it, which looks the same as an image without vulnerabilities",
            hint: images > 1
                ? "list the packages of all platforms: of an image's index, scanners read this document alone"
                : "list what is inside, each with its package URL"
        )
        return true
    }
}

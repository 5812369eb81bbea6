import Findings
import Hygiene
import OCI

/// By which names and versions packages are looked up.
extension ScannerCheck {
    mutating func checkAddresses() {
        checkPresence()
        checkMalformed()
        checkTypes()
        checkVersions()
        report(
            .sbomNameDiffers,
            packages { !Self.hasNameOfURL($0) },
            hiddenFrom: [.trivy, .grype],
            because: "trivy and grype take the name, and the package URL only says of which ecosystem it is",
            hint: "name a package as its package URL does, such as `@angular/core` or `github.com/me/module`"
        ) { "\($0) with a name that is not the one in the package URL" }
    }

    private mutating func checkPresence() {
        let hint = "add a package URL, such as `pkg:npm/express@4.18.2`"
        report(
            .sbomNoPackageURL,
            packages { $0.urlText == nil && !$0.hasCPE },
            hiddenFrom: Scanner.allCases,
            because: "scanners look a package up by its package URL",
            hint: hint
        ) { "\($0) without a package URL" }
        report(
            .sbomNoPackageURL,
            packages { $0.urlText == nil && $0.hasCPE },
            as: .warning,
            hiddenFrom: [.trivy, .osv],
            because: "only grype looks for a CPE",
            hint: hint
        ) { "\($0) with a CPE and no package URL" }
        report(
            .sbomNoPackageURL,
            packages { $0.isURLMiscategorized && $0.urlText != nil },
            hiddenFrom: [.trivy],
            because: "trivy passes over a package URL in another category than `PACKAGE-MANAGER`",
            hint: "write `\"referenceCategory\": \"PACKAGE-MANAGER\"`"
        ) { "\($0) with a package URL in the wrong category" }
    }

    private mutating func checkMalformed() {
        let malformed = document.elements.indices.filter { document.elements[$0].urlProblem != nil }
        guard let first = malformed.first.map({ document.elements[$0] }) else { return }
        // trivy refuses a whole document in SPDX for it.
        if document.format == .spdx { hide(packages { _ in true }, from: [.trivy]) }
        report(
            .sbomURLMalformed,
            malformed,
            hiddenFrom: Scanner.allCases,
            because: "`\((first.urlText ?? "").excerpt)`: \(first.urlProblem ?? "")"
                + (document.format == .spdx ? "; trivy then refuses the whole document" : ""),
            hint:
                "write `pkg:TYPE/NAMESPACE/NAME@VERSION`, and as `%XX` what is neither a letter nor a digit nor one of `.-_~:`"
        ) { "\($0) with a package URL that cannot be read" }
    }

    private mutating func checkTypes() {
        report(
            .sbomURLUnknown,
            packages { element in
                guard let url = element.url else { return false }
                return !Scanner.allCases.contains { $0.knows(url) }
            },
            because: "there is no list of vulnerabilities for that type of package URL",
            hint: "give it a type with a list, such as `deb` or `npm`, if it is a package of one"
        ) { "\($0) of a type that no scanner looks up" }
        for scanner in Scanner.allCases {
            hide(packages { $0.url.map { !scanner.knows($0) } ?? false }, from: [scanner])
            let ignored = packages { element in
                guard let url = element.url, scanner.knows(url) else { return false }
                return !scanner.looks(at: element.type, in: document.format)
            }
            report(
                .sbomTypeIgnored,
                ignored,
                hiddenFrom: [scanner],
                because: "\(scanner.rawValue) does not look at components of the type "
                    + "`\((ignored.first.flatMap { document.elements[$0].type } ?? "").excerpt)`",
                hint: "give it the type `library`"
            ) { "\($0) that \(scanner.rawValue) passes over" }
        }
        report(
            .sbomNested,
            packages { $0.isNested && $0.url != nil },
            hiddenFrom: [.trivy],
            because: "trivy only reads the components of the outermost list",
            hint: "put it into the outermost list, and name its parent in `dependencies`"
        ) { "\($0) inside another component" }
        report(
            .sbomSourcePackage,
            packages { $0.url?.qualifiers["arch"] == "source" },
            because: "trivy takes every Debian package of the document for an installed one",
            hint: "name the source of the installed package instead, and leave this one out"
        ) { "\($0) listed as source" }
    }

    private mutating func checkVersions() {
        report(
            .sbomNoVersion,
            packages { $0.url != nil && $0.url?.version == nil },
            hiddenFrom: [.trivy, .osv],
            because: "trivy and osv-scanner take the version from the package URL, and find nothing without it",
            hint: "add `@VERSION` to the package URL"
        ) { "\($0) whose package URL has no version" }
        let member = document.format == .spdx ? "versionInfo" : "version"
        report(
            .sbomNoVersion,
            packages { $0.url?.version != nil && $0.version == nil },
            hiddenFrom: [.grype],
            because: "grype takes the version from `\(member)`, and finds nothing without it",
            hint: "add `\(member)`"
        ) { "\($0) without `\(member)`" }
        report(
            .sbomVersionDiffers,
            packages { element in
                guard let url = element.url, let there = url.version, let version = element.version else {
                    return false
                }
                return !Self.isSame(version, there, url.qualifiers["epoch"])
            },
            because: "trivy and osv-scanner look up the version of the package URL, and grype the one in `\(member)`",
            hint: "write one version in both"
        ) { "\($0) with two versions" }
    }

    /// Whether both mean one version: Go's may have a `v`, and an epoch may be a qualifier.
    private static func isSame(_ version: String, _ other: String, _ epoch: String?) -> Bool {
        func bare(_ text: String) -> Substring { text.first == "v" ? text.dropFirst() : text[...] }
        if bare(version) == bare(other) { return true }
        return epoch.map { version == "\($0):\(other)" } ?? false
    }

    /// Whether trivy looks for the same name as the package URL has.
    private static func hasNameOfURL(_ element: ScannedDocument.Element) -> Bool {
        guard let url = element.url else { return true }
        let name = element.name.lowercased()
        switch url.type {
        case "deb", "rpm", "apk", "alpm", "bitnami", "conan", "conda": return name == url.name.lowercased()
        // trivy and grype take these from the package URL.
        case "maven", "cocoapods": return true
        // PEP 503: these are one name.
        case "pypi":
            func normal(_ text: String) -> String { String(text.lowercased().map { "_.".contains($0) ? "-" : $0 }) }
            return normal(element.name) == normal(url.fullName)
        case "cargo", "composer", "gem", "golang", "hex", "npm", "nuget", "pub", "swift":
            return name == url.fullName.lowercased()
        default: return true
        }
    }
}

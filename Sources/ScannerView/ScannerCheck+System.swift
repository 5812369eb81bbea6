import Findings
import Hygiene
import OCI

/// The operating system and its packages: a Debian package is looked up in the data of one release, by its source.
extension ScannerCheck {
    private var systems: [ScannedDocument.Element] {
        document.elements.filter { $0.role == .system && !$0.isNested }
    }

    mutating func checkSystem() {
        let packages = packages { $0.isOfSystem }
        guard !packages.isEmpty else { return }
        if let system = systems.first {
            checkSystem(system, packages)
            checkReached(from: system, packages)
        } else {
            let id = document.format == .spdx
            report(
                .sbomNoSystem,
                packages,
                hiddenFrom: [.trivy],
                because: "trivy reports no vulnerability of a system's packages if it does not find the system",
                hint: id
                    ? "add a package `debian` with versionInfo `13` whose SPDXID begins with `SPDXRef-OperatingSystem`"
                    : "add a component of the type `operating-system`, such as `debian` with version `13`"
            ) { "\($0) of an operating system that is not in the document" }
        }
        checkMixed(packages)
        checkDistribution(packages)
    }

    private mutating func checkSystem(_ system: ScannedDocument.Element, _ packages: [Int]) {
        let name = system.name.lowercased()
        let numbered = Scanner.systems[name]
        let isVersion = system.version?.utf8.first.map { (0x30...0x39).contains($0) } ?? false
        guard numbered == nil || numbered == true && !isVersion else { return }
        hide(packages, from: [.trivy])
        let says =
            "it is called `\(system.label)`"
            + (system.version.map { ", version `\($0.excerpt)`" } ?? ", and has no version")
        report(
            .sbomSystemUnknown,
            "trivy does not know the operating system, and passes over its packages",
            because: says,
            hint: "name it and its version by `ID` and `VERSION_ID` of its os-release, such as `debian` and `13`"
        )
    }

    private mutating func checkReached(from system: ScannedDocument.Element, _ packages: [Int]) {
        let reached = Set(document.edges.filter { $0.from == system.id }.map(\.to))
        let elements = document.elements
        report(
            .sbomSystemUnreached,
            packages.filter { place in elements[place].id.map { !reached.contains($0) } ?? true },
            because: "older releases of trivy only take the packages that the system is related to",
            hint: document.format == .spdx
                ? "relate the system to each by CONTAINS"
                : "list each in `dependsOn` of the system's entry in `dependencies`"
        ) { "\($0) of the operating system not reached from it" }
    }

    private mutating func checkMixed(_ packages: [Int]) {
        let elements = document.elements
        let names = Set(systems.map { "`\($0.label)` \(($0.version ?? "").excerpt)" }).sorted()
        if names.count > 1 {
            hide(packages, from: [.trivy])
            report(
                .sbomSystemMixed,
                "the document has \(names.count) operating systems",
                because: "\(names.joined(separator: ", ")): scanners take one of them for all packages",
                hint: "write a document for each, or name one system"
            )
        }
        guard let type = packages.first.flatMap({ elements[$0].url?.type }) else { return }
        report(
            .sbomSystemMixed,
            packages.filter { elements[$0].url?.type != type },
            hiddenFrom: [.trivy],
            because: "the first is of the type `\(type)`, and trivy only takes packages of one type",
            hint: "write a document for each system"
        ) { "\($0) of another type of operating system" }
    }

    /// grype's view: in SPDX, of the first package URL that names a distribution.
    private mutating func checkDistribution(_ packages: [Int]) {
        let elements = document.elements
        let named = elements.contains { element in
            guard let distribution = element.url?.qualifiers["distro"] else { return false }
            return distribution.split(separator: "-", maxSplits: 1).count == 2
        }
        let isInSystem = document.format == .cyclonedx && systems.contains { $0.version != nil }
        guard !named, !isInSystem else { return }
        report(
            .sbomNoDistribution,
            packages,
            hiddenFrom: [.grype],
            because: "grype takes the distribution from the package URL",
            hint: "add the qualifier `distro` to each package URL, such as `?distro=debian-13`"
        ) { "\($0) of no distribution that grype knows" }
    }

    // MARK: Source packages

    mutating func checkSources() {
        let elements = document.elements
        let packages = packages { $0.url?.type == "deb" || $0.url?.type == "apk" }
        func upstream(_ place: Int) -> String? {
            elements[place].url?.qualifiers["upstream"].map { String($0.prefix { $0 != "@" }) }
        }
        // dpkg leaves the source out where it has the package's name: so may a document that names some.
        let namesSome = packages.contains { elements[$0].source != nil || upstream($0) != nil }
        let form =
            document.format == .spdx
            ? "add sourceInfo, such as `built package from: glibc 2.41-12`"
            : "add the properties `aquasecurity:trivy:SrcName` and `aquasecurity:trivy:SrcVersion`"
        report(
            .sbomNoSource,
            packages.filter { place in
                guard elements[place].source == nil else { return false }
                return upstream(place).map { $0 != elements[place].url?.name } ?? !namesSome
            },
            hiddenFrom: [.trivy],
            because: "trivy looks up the source package, and takes the package's own name where none is given",
            hint: form
        ) { "\($0) whose source trivy does not know" }
        report(
            .sbomNoUpstream,
            packages.filter { place in
                guard upstream(place) == nil else { return false }
                return elements[place].source.map { $0 != elements[place].url?.name } ?? !namesSome
            },
            hiddenFrom: [.grype],
            because: "grype looks up the source package by the qualifier `upstream`",
            hint: "add it to the package URL, such as `&upstream=glibc`"
        ) { "\($0) whose source grype does not know" }
    }
}

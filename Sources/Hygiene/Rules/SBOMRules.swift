package import Findings

extension Rule {
    package static let sbomGeneratedFrom = Rule("sbom.generated-from", .warning, "syft skips what is generated from")
    package static let sbomIdentifierInvalid = Rule(
        "sbom.identifier-invalid",
        .warning,
        "an identifier is not one that the format allows"
    )
    package static let sbomIdentifierTwice = Rule("sbom.identifier-twice", .error, "two elements have one identifier")
    package static let sbomIncomplete = Rule(
        "sbom.incomplete",
        .warning,
        "the document does not say who wrote it, or when"
    )
    package static let sbomNameDiffers = Rule(
        "sbom.name-differs",
        .error,
        "a package has another name than its package URL"
    )
    package static let sbomNested = Rule("sbom.nested", .error, "trivy does not read components inside components")
    package static let sbomNoDistribution = Rule(
        "sbom.no-distribution",
        .error,
        "grype does not know which distribution the packages are of"
    )
    package static let sbomNoPackages = Rule("sbom.no-packages", .error, "the document has no packages to look up")
    package static let sbomNoPackageURL = Rule("sbom.no-package-url", .error, "a package has no package URL")
    package static let sbomNoRoot = Rule("sbom.no-root", .warning, "the document does not say what it describes")
    package static let sbomNoSource = Rule(
        "sbom.no-source",
        .error,
        "trivy does not know the source of a package, and Debian's data goes by source"
    )
    package static let sbomNoSupplier = Rule("sbom.no-supplier", .warning, "a package has no supplier")
    package static let sbomNoSystem = Rule("sbom.no-system", .error, "trivy finds no operating system in the document")
    package static let sbomNoUpstream = Rule(
        "sbom.no-upstream",
        .error,
        "grype does not know the source of a package, and Debian's data goes by source"
    )
    package static let sbomNoVersion = Rule("sbom.no-version", .error, "a package is there without a version")
    package static let sbomReferenceDangling = Rule(
        "sbom.reference-dangling",
        .warning,
        "a relationship names an element that is not there"
    )
    package static let sbomSchema = Rule("sbom.schema", .warning, "the document breaks its own specification")
    package static let sbomSourcePackage = Rule(
        "sbom.source-package",
        .warning,
        "trivy takes a source package for an installed one"
    )
    package static let sbomSystemMixed = Rule(
        "sbom.system-mixed",
        .error,
        "the document has packages or elements of several operating systems"
    )
    package static let sbomSystemUnknown = Rule(
        "sbom.system-unknown",
        .error,
        "trivy does not know the operating system by that name or version"
    )
    package static let sbomSystemUnreached = Rule(
        "sbom.system-unreached",
        .warning,
        "a package of the operating system is not reached from it"
    )
    package static let sbomTypeIgnored = Rule(
        "sbom.type-ignored",
        .error,
        "a scanner does not look at components of that type"
    )
    package static let sbomURLMalformed = Rule("sbom.url-malformed", .error, "a package URL cannot be read")
    package static let sbomURLUnknown = Rule(
        "sbom.url-unknown",
        .note,
        "no scanner looks up packages of that type"
    )
    package static let sbomVersionDiffers = Rule(
        "sbom.version-differs",
        .warning,
        "a package has another version than its package URL"
    )
    package static let sbomVersionUnknown = Rule(
        "sbom.version-unknown",
        .error,
        "scanners do not read that version of the format"
    )

    /// What `coracle sbom check` looks for in a document.
    package static let sbom = [
        sbomGeneratedFrom, sbomIdentifierInvalid, sbomIdentifierTwice, sbomIncomplete, sbomNameDiffers, sbomNested,
        sbomNoDistribution, sbomNoPackages, sbomNoPackageURL, sbomNoRoot, sbomNoSource, sbomNoSupplier, sbomNoSystem,
        sbomNoUpstream, sbomNoVersion, sbomReferenceDangling, sbomSchema, sbomSourcePackage, sbomSystemMixed,
        sbomSystemUnknown, sbomSystemUnreached, sbomTypeIgnored, sbomURLMalformed, sbomURLUnknown, sbomVersionDiffers,
        sbomVersionUnknown,
    ]
}

/// A small bill of materials with one thing changed, and what scanners then see.
///
/// The packages are Debian's libc6, a Go module, an npm package with a scope and one of Maven.
package struct SBOMSample: Sendable, CustomStringConvertible {
    package let description: String
    package let text: String
    /// Codes of what `coracle sbom check` finds, sorted.
    package let codes: [String]
    /// How many of the packages trivy, grype and osv-scanner look up as what they are.
    package let seen: [Int]

    /// Whether it is SPDX; CycloneDX otherwise.
    package let isSPDX: Bool

    /// - Parameter changes: texts of the document that stand there once, and what replaces each.
    private init(
        _ description: String,
        _ document: String,
        _ changes: [(String, String)],
        _ codes: [String],
        _ seen: [Int]
    ) {
        var text = document
        for (old, new) in changes {
            let parts = text.split(separator: old, omittingEmptySubsequences: false)
            precondition(parts.count == 2, "\(description): \(old) is there \(parts.count - 1) times")
            text = parts.joined(separator: new)
        }
        isSPDX = document == Self.spdx
        self.description = (isSPDX ? "SPDX: " : "CycloneDX: ") + description
        (self.text, self.codes, self.seen) = (text, codes, seen)
    }

    private static func spdx(
        _ description: String,
        _ changes: [(String, String)],
        _ codes: String...,
        seen: [Int] = [4, 4, 4]
    ) -> SBOMSample {
        SBOMSample(description, spdx, changes, codes, seen)
    }

    private static func cyclonedx(
        _ description: String,
        _ changes: [(String, String)],
        _ codes: String...,
        seen: [Int] = [4, 4, 4]
    ) -> SBOMSample {
        SBOMSample(description, cyclonedx, changes, codes, seen)
    }

    private static let spdx = """
        {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "sample",
         "documentNamespace": "https://example.com/sample/1",
         "creationInfo": {"created": "2026-01-01T00:00:00Z", "creators": ["Tool: sample-1"]},
         "packages": [
          {"SPDXID": "SPDXRef-Image", "name": "image", "versionInfo": "sha256:0a", "downloadLocation": "NOASSERTION",
           "filesAnalyzed": false, "primaryPackagePurpose": "CONTAINER"},
          {"SPDXID": "SPDXRef-OperatingSystem-debian", "name": "debian", "versionInfo": "13",
           "downloadLocation": "NOASSERTION", "filesAnalyzed": false, "primaryPackagePurpose": "OPERATING-SYSTEM"},
          {"SPDXID": "SPDXRef-Package-libc6", "name": "libc6", "versionInfo": "2.41-12", "downloadLocation": "NOASSERTION",
           "filesAnalyzed": false, "supplier": "Organization: Debian",
           "sourceInfo": "built package from: glibc 2.41-12",
           "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
            "referenceLocator": "pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13&upstream=glibc"}]},
          {"SPDXID": "SPDXRef-Package-go", "name": "github.com/Foo/bar", "versionInfo": "v1.0.0", "downloadLocation": "NONE",
           "filesAnalyzed": false, "supplier": "Organization: Foo",
           "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER",
            "referenceLocator": "pkg:golang/github.com/Foo/bar@v1.0.0", "referenceType": "purl"}]},
          {"SPDXID": "SPDXRef-Package-npm", "name": "@angular/core", "versionInfo": "1.2.3", "downloadLocation": "NOASSERTION",
           "filesAnalyzed": false, "supplier": "Organization: Angular",
           "externalRefs": [{"referenceCategory": "PACKAGE_MANAGER", "referenceType": "purl", "referenceLocator":
            "pkg:npm/%40angular/core@1.2.3"}]},
          {"SPDXID": "SPDXRef-Package-maven", "name": "y", "versionInfo": "1.0", "downloadLocation": "NOASSERTION",
           "filesAnalyzed": false, "supplier": "Organization: X",
           "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator":
            "pkg:maven/org.x/y@1.0"}]}],
         "relationships": [
          {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-Image"},
          {"spdxElementId": "SPDXRef-OperatingSystem-debian", "relationshipType": "CONTAINS",
           "relatedSpdxElement": "SPDXRef-Package-libc6"},
          {"spdxElementId": "SPDXRef-Image", "relationshipType": "CONTAINS", "relatedSpdxElement": "SPDXRef-Package-npm"}]}
        """

    private static let cyclonedx = """
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
         "metadata": {"timestamp": "2026-01-01T00:00:00Z", "tools": {"components": [{"type": "application", "name": "sample"}]},
          "component": {"bom-ref": "image", "type": "container", "name": "image", "version": "sha256:0a"}},
         "components": [
          {"bom-ref": "os", "type": "operating-system", "name": "debian", "version": "13"},
          {"bom-ref": "libc6", "type": "library", "name": "libc6", "version": "2.41-12", "supplier": {"name": "Debian"},
           "purl": "pkg:deb/debian/libc6@2.41-12?arch=amd64&distro=debian-13&upstream=glibc",
           "properties": [{"name": "aquasecurity:trivy:SrcName", "value": "glibc"}]},
          {"bom-ref": "go", "type": "library", "name": "github.com/Foo/bar", "version": "v1.0.0", "supplier": {"name": "Foo"},
           "purl": "pkg:golang/github.com/Foo/bar@v1.0.0"},
          {"bom-ref": "npm", "type": "framework", "group": "@angular", "name": "core", "version": "1.2.3",
           "publisher": "Angular", "purl": "pkg:npm/%40angular/core@1.2.3"},
          {"bom-ref": "maven", "type": "library", "group": "org.x", "name": "y", "version": "1.0", "supplier": {"name": "X"},
           "purl": "pkg:maven/org.x/y@1.0"}],
         "dependencies": [
          {"ref": "image", "dependsOn": ["os", "go", "npm", "maven"]}, {"ref": "os", "dependsOn": ["libc6"]}]}
        """

    private static let inner =
        #"{"bom-ref": "in", "type": "library", "name": "in", "version": "1", "purl": "pkg:npm/in@1", "publisher": "In"}"#
    private static let older = #"{"bom-ref": "os2", "type": "operating-system", "name": "debian", "version": "12"}"#
    private static let serial = "urn:uuid:3E671687-395b-41f5-a30f-a58921a69b79"

    /// A change, what is found of it, and who still sees the packages.
    package static let all: [SBOMSample] = [
        spdx("nothing", []),
        cyclonedx("nothing", []),
        // The system.
        spdx(
            "no operating system",
            [(#""SPDXID": "SPDXRef-OperatingSystem-debian""#, #""SPDXID": "SPDXRef-os""#)],
            "sbom.no-system",
            "sbom.reference-dangling",
            seen: [3, 4, 4]
        ),
        cyclonedx(
            "no operating system, and no distribution",
            [(#""type": "operating-system""#, #""type": "container""#), ("&distro=debian-13", "")],
            "sbom.no-distribution",
            "sbom.no-system",
            seen: [3, 3, 4]
        ),
        spdx(
            "a name for people",
            [(#""name": "debian""#, #""name": "Debian GNU/Linux""#)],
            "sbom.system-unknown",
            seen: [3, 4, 4]
        ),
        spdx(
            "a system without a version",
            [(#""versionInfo": "13""#, #""comment": "13""#)],
            "sbom.system-unknown",
            seen: [3, 4, 4]
        ),
        cyclonedx(
            "a codename as version",
            [(#""version": "13""#, #""version": "trixie""#)],
            "sbom.system-unknown",
            seen: [3, 4, 4]
        ),
        spdx("no distribution", [("&distro=debian-13", "")], "sbom.no-distribution", seen: [4, 3, 4]),
        cyclonedx("no distribution but the system", [("&distro=debian-13", "")]),
        spdx(
            "a package not reached",
            [(#""SPDXRef-OperatingSystem-debian", "relationshipType""#, #""SPDXRef-Image", "relationshipType""#)],
            "sbom.system-unreached"
        ),
        cyclonedx(
            "a package not reached",
            [(#"{"ref": "os", "dependsOn": ["libc6"]}"#, #"{"ref": "os"}"#)],
            "sbom.system-unreached"
        ),
        cyclonedx(
            "two systems",
            [(#""version": "13"}"#, #""version": "13"}, \#(older)"#)],
            "sbom.system-mixed",
            seen: [3, 4, 4]
        ),
        cyclonedx(
            "two kinds of packages",
            [("pkg:maven/org.x/y@1.0", "pkg:rpm/fedora/y@1.0?upstream=y"), (#""group": "org.x", "#, "")],
            "sbom.system-mixed",
            "sbom.system-unreached",
            seen: [3, 4, 4]
        ),
        // Sources.
        spdx("no sourceInfo", [("sourceInfo", "comment")], "sbom.no-source", seen: [3, 4, 4]),
        spdx(
            "syft's sourceInfo",
            [("built package from: glibc 2.41-12", "acquired package info from DPKG DB")],
            "sbom.no-source",
            seen: [3, 4, 4]
        ),
        cyclonedx("no property", [("aquasecurity:trivy:SrcName", "x:source")], "sbom.no-source", seen: [3, 4, 4]),
        spdx("no upstream", [("&upstream=glibc", "")], "sbom.no-upstream", seen: [4, 3, 4]),
        cyclonedx("no upstream", [("&upstream=glibc", "")], "sbom.no-upstream", seen: [4, 3, 4]),
        cyclonedx(
            "no source at all",
            [("aquasecurity:trivy:SrcName", "x:source"), ("&upstream=glibc", "")],
            "sbom.no-source",
            "sbom.no-upstream",
            seen: [3, 3, 4]
        ),
        spdx("a source package", [("arch=amd64", "arch=source")], "sbom.source-package"),
        // Package URLs.
        spdx(
            "no package URL",
            [(#"bar@v1.0.0", "referenceType": "purl""#, #"bar@v1.0.0", "referenceType": "url""#)],
            "sbom.no-package-url",
            seen: [3, 3, 3]
        ),
        cyclonedx(
            "no package URL",
            [(#""purl": "pkg:golang"#, #""description": "pkg:golang"#)],
            "sbom.no-package-url",
            seen: [3, 3, 3]
        ),
        cyclonedx(
            "a CPE instead",
            [(#""purl": "pkg:golang/github.com/Foo/bar@v1.0.0""#, #""cpe": "cpe:2.3:a:foo:bar:1.0.0:*:*:*:*:*:*:*""#)],
            "sbom.no-package-url",
            seen: [3, 4, 3]
        ),
        spdx(
            "a package URL in another category",
            [(#""PACKAGE_MANAGER""#, #""OTHER""#)],
            "sbom.no-package-url",
            seen: [3, 4, 4]
        ),
        spdx(
            "a malformed package URL",
            [("pkg:golang/github.com", "golang/github.com")],
            "sbom.url-malformed",
            seen: [0, 3, 3]
        ),
        cyclonedx(
            "a malformed package URL",
            [("pkg:golang/github.com", "golang/github.com")],
            "sbom.url-malformed",
            seen: [3, 3, 3]
        ),
        cyclonedx(
            "a qualifier that is there twice",
            [("arch=amd64", "arch=amd64&arch=arm64")],
            "sbom.url-malformed",
            seen: [3, 3, 3]
        ),
        spdx("a package URL of another type", [("pkg:golang/", "pkg:generic/")], "sbom.url-unknown", seen: [3, 3, 3]),
        spdx("a package URL without a version", [("Foo/bar@v1.0.0", "Foo/bar")], "sbom.no-version", seen: [3, 4, 3]),
        cyclonedx(
            "a package URL without a version",
            [("Foo/bar@v1.0.0", "Foo/bar")],
            "sbom.no-version",
            seen: [3, 4, 3]
        ),
        spdx(
            "a package without a version",
            [(#""versionInfo": "v1.0.0""#, #""comment": "v1.0.0""#)],
            "sbom.no-version",
            seen: [4, 3, 4]
        ),
        cyclonedx(
            "a package without a version",
            [(#""version": "v1.0.0""#, #""description": "v1.0.0""#)],
            "sbom.no-version",
            seen: [4, 3, 4]
        ),
        spdx("two versions", [(#""versionInfo": "v1.0.0""#, #""versionInfo": "v2.0.0""#)], "sbom.version-differs"),
        spdx("a version without its v", [(#""versionInfo": "v1.0.0""#, #""versionInfo": "1.0.0""#)]),
        spdx(
            "a name without its path",
            [(#""name": "github.com/Foo/bar""#, #""name": "bar""#)],
            "sbom.name-differs",
            seen: [3, 3, 4]
        ),
        cyclonedx("a name without its group", [(#""group": "@angular", "#, "")], "sbom.name-differs", seen: [3, 3, 4]),
        // Components.
        cyclonedx(
            "a component inside another",
            [(#""bom-ref": "go", "#, #""bom-ref": "go", "components": [\#(inner)], "#)],
            "sbom.nested",
            seen: [4, 5, 5]
        ),
        cyclonedx(
            "a component of the type file",
            [(#""bom-ref": "go", "type": "library""#, #""bom-ref": "go", "type": "file""#)],
            "sbom.type-ignored",
            seen: [4, 3, 4]
        ),
        cyclonedx(
            "a component of the type firmware",
            [(#""bom-ref": "go", "type": "library""#, #""bom-ref": "go", "type": "firmware""#)],
            "sbom.type-ignored",
            "sbom.type-ignored",
            seen: [3, 3, 4]
        ),
        // Identifiers.
        spdx(
            "an identifier without its prefix",
            [(#""SPDXID": "SPDXRef-Package-go""#, #""SPDXID": "Package-go""#)],
            "sbom.identifier-invalid",
            seen: [0, 0, 4]
        ),
        spdx(
            "an identifier with an underscore",
            [("SPDXRef-Package-go", "SPDXRef-Package_go")],
            "sbom.identifier-invalid"
        ),
        spdx(
            "an identifier that is there twice",
            [("SPDXRef-Package-go", "SPDXRef-Package-maven")],
            "sbom.identifier-twice"
        ),
        cyclonedx(
            "an identifier that is there twice",
            [(#""bom-ref": "go""#, #""bom-ref": "npm""#)],
            "sbom.identifier-twice",
            "sbom.reference-dangling"
        ),
        cyclonedx(
            "a dependency that is not there",
            [(#"["libc6"]"#, #"["libc6", "gone"]"#)],
            "sbom.reference-dangling"
        ),
        // The document.
        cyclonedx(
            "a newer version",
            [(#""specVersion": "1.6""#, #""specVersion": "1.7""#)],
            "sbom.version-unknown",
            seen: [4, 0, 4]
        ),
        cyclonedx(
            "a version from the future",
            [(#""specVersion": "1.6""#, #""specVersion": "1.9""#)],
            "sbom.version-unknown",
            seen: [0, 0, 0]
        ),
        spdx("a version from the future", [("SPDX-2.3", "SPDX-2.9")], "sbom.version-unknown", seen: [0, 0, 0]),
        spdx("nothing described", [(#""DESCRIBES""#, #""DESCRIBED_BY""#)], "sbom.no-root"),
        cyclonedx(
            "an image without dependencies",
            [(#"{"ref": "image", "dependsOn": ["os", "go", "npm", "maven"]}, {"#, "{")],
            "sbom.no-root"
        ),
        spdx("no author", [(#"["Tool: sample-1"]"#, "[]")], "sbom.incomplete"),
        cyclonedx("no date", [(#""timestamp": "2026-01-01T00:00:00Z", "#, "")], "sbom.incomplete"),
        spdx("no supplier", [("Organization: Foo", "NOASSERTION")], "sbom.no-supplier"),
        spdx("a date with an offset", [("2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00")], "sbom.schema"),
        spdx(
            "a namespace with a fragment",
            [("https://example.com/sample/1", "https://example.com/sample#1")],
            "sbom.schema"
        ),
        cyclonedx(
            "a serial number in capitals",
            [(#""version": 1,"#, #""version": 1, "serialNumber": "\#(serial)","#)],
            "sbom.schema"
        ),
        spdx(
            "a package that something is generated from",
            [
                (
                    #""CONTAINS", "relatedSpdxElement": "SPDXRef-Package-npm""#,
                    #""GENERATED_FROM", "relatedSpdxElement": "SPDXRef-Package-npm""#
                )
            ],
            "sbom.generated-from"
        ),
    ]
}

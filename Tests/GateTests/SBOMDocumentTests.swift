import Diagnostics
import Inventory
import Layers
import OCI
import SBOM
import ScannerView
import Testing

@Suite("SBOM documents") struct SBOMDocumentTests {
    private static let layer = DiffID(Digest(sha256Of: [1]))
    private static let files: [MemoryRoot.File] =
        InventoryTests.debian + [
            file("/app/package.json", #"{"name":"own","version":"1.0.0","dependencies":{"a":"*"}}"#),
            file("/app/node_modules/a/package.json", #"{"name":"a","version":"2.0.0","license":"my \"own\"\nwords"}"#),
            file("/app/node_modules/@s/b/package.json", #"{"name":"@s/b","version":"3.0.0","license":"MIT"}"#),
        ]

    private static func subject() throws -> SBOMSubject {
        var subject = SBOMSubject(
            .image,
            name: "r.example/me/Server",
            digest: Digest(sha256Of: [2]),
            created: try Timestamp(parsing: "2026-11-29T10:00:00Z")
        )
        subject.reference = try Reference(parsing: "r.example/me/server:1.0")
        subject.platform = try Platform(parsing: "linux/arm64")
        subject.supplier = "Example (Inc.)"
        subject.base = SBOMSubject.Base(name: "debian13/cc", digest: Digest(sha256Of: [3]))
        return subject
    }

    private static func bytes(_ format: SBOMFormat, _ files: [MemoryRoot.File] = files) throws -> [UInt8] {
        let inventory = try Inventory(of: MemoryRoot(files)) { _ in layer }
        return SBOMDocument(inventory, of: try subject(), as: format, by: "1.2.3").bytes
    }

    private static func json(_ format: SBOMFormat, _ files: [MemoryRoot.File] = files) throws -> JSON {
        try JSON(parsing: bytes(format, files), named: "document")
    }

    private static func list(_ json: JSON, _ key: String) -> [JSON] { json[key]?.arrayValue ?? [] }

    @Test("the same image gives the same bytes, however its files were found", arguments: SBOMFormat.allCases)
    func deterministic(format: SBOMFormat) throws {
        let bytes = try Self.bytes(format)
        #expect(try Self.bytes(format) == bytes)
        #expect(try Self.bytes(format, Self.files.reversed()) == bytes)
        #expect(try Self.bytes(format, Self.files.dropLast()) != bytes)
    }

    @Test(
        "different content has another name",
        arguments: [(SBOMFormat.spdx, "documentNamespace"), (.cyclonedx, "serialNumber")]
    )
    func names(format: SBOMFormat, key: String) throws {
        let name = try #require(try Self.json(format)[key]?.stringValue)
        #expect(try Self.json(format, Self.files.dropLast())[key]?.stringValue != name)
        #expect(name.hasPrefix(format == .spdx ? "https://spdx.org/spdxdocs/coracle-" : "urn:uuid:"))
        if format == .cyclonedx {
            let digits = Array(name.utf8)
            #expect(digits.count == 45 && digits[23] == UInt8(ascii: "5") && "89ab".utf8.contains(digits[28]))
        }
    }

    @Test("SPDX says the system, and of each of its packages the source")
    func spdxSystem() throws {
        let json = try Self.json(.spdx)
        let packages = Self.list(json, "packages")
        let system = try #require(
            packages.first { $0["SPDXID"]?.stringValue?.hasPrefix("SPDXRef-OperatingSystem") == true }
        )
        #expect(system["name"] == "debian" && system["versionInfo"] == "13")
        let libc = try #require(packages.first { $0["name"] == "libc6" })
        #expect(libc["sourceInfo"] == "built package from: glibc 2.41-12")
        #expect(libc["supplier"] == "Organization: Debian")
        let contained = Self.list(json, "relationships").filter {
            $0["spdxElementId"] == system["SPDXID"] && $0["relationshipType"] == "CONTAINS"
        }
        #expect(contained.count == 2 && contained.contains { $0["relatedSpdxElement"] == libc["SPDXID"] })
        let purl = libc["externalRefs"]?.arrayValue?.first?["referenceLocator"]?.stringValue
        #expect(purl?.contains("distro=debian-13&upstream=glibc%402.41-12") == true)
    }

    @Test("every id of SPDX is there once, has only its letters, and is what relationships name")
    func spdxIDs() throws {
        let json = try Self.json(.spdx)
        let ids = (Self.list(json, "packages") + Self.list(json, "files")).compactMap { $0["SPDXID"]?.stringValue }
        #expect(Set(ids).count == ids.count && ids.count > 8)
        for id in ids {
            let isValid =
                id.hasPrefix("SPDXRef-")
                && id.utf8.allSatisfy { byte in
                    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte)
                        || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                }
            #expect(isValid, "\(id)")
        }
        let known = Set(ids + ["SPDXRef-DOCUMENT"])
        for relationship in Self.list(json, "relationships") {
            for key in ["spdxElementId", "relatedSpdxElement"] {
                #expect(known.contains(relationship[key]?.stringValue ?? ""), "\(relationship)")
            }
        }
        let reached = Set(Self.list(json, "relationships").compactMap { $0["relatedSpdxElement"]?.stringValue })
        for id in ids { #expect(reached.contains(id), "\(id)") }
    }

    @Test("a licence in a package's own words is kept, and its reference leads to them")
    func ownLicence() throws {
        let json = try Self.json(.spdx)
        let own = try #require(Self.list(json, "hasExtractedLicensingInfos").first)
        #expect(own["name"] == #"my "own" words"#)
        let package = try #require(Self.list(json, "packages").first { $0["name"] == "a" })
        #expect(package["licenseDeclared"] == own["licenseId"])
        let scoped = try #require(Self.list(json, "packages").first { $0["name"] == "@s/b" })
        #expect(scoped["licenseDeclared"] == "MIT" && scoped["supplier"] == "Organization: @s")
    }

    @Test("the image has its name, digest, supplier and base")
    func root() throws {
        let json = try Self.json(.spdx)
        let image = try #require(Self.list(json, "packages").first { $0["SPDXID"] == "SPDXRef-ContainerImage" })
        let digest = Digest(sha256Of: [2]).description
        #expect(image["versionInfo"]?.stringValue == digest)
        #expect(image["supplier"] == "Organization: Example Inc.")
        #expect(
            image["externalRefs"]?.arrayValue?.first?["referenceLocator"]?.stringValue
                == "pkg:oci/server@\(digest)?arch=arm64&repository_url=r.example%2Fme%2Fserver&tag=1.0"
        )
        #expect(Self.list(json, "relationships").contains { $0["relationshipType"] == "DESCENDANT_OF" })
        #expect(json["creationInfo"]?["created"] == "2026-11-29T10:00:00Z")
        #expect(json["creationInfo"]?["creators"]?.arrayValue?.first == "Tool: coracle-1.2.3")
    }

    @Test("CycloneDX names each component once, and its dependencies lead to components")
    func cycloneDX() throws {
        let json = try Self.json(.cyclonedx)
        let refs = Self.list(json, "components").compactMap { $0["bom-ref"]?.stringValue }
        #expect(Set(refs).count == refs.count && refs.count == Self.list(json, "components").count)
        let root = try #require(json["metadata"]?["component"]?["bom-ref"]?.stringValue)
        let known = Set(refs + [root])
        let dependencies = Self.list(json, "dependencies")
        let sources = dependencies.compactMap { $0["ref"]?.stringValue }
        #expect(Set(sources).count == sources.count && sources.contains(root))
        for dependency in dependencies {
            let targets = dependency["dependsOn"]?.arrayValue?.compactMap(\.stringValue) ?? []
            #expect(Set(targets).count == targets.count)
            #expect(known.isSuperset(of: targets + [dependency["ref"]?.stringValue ?? ""]))
        }
        #expect(json["compositions"]?.arrayValue?.first?["aggregate"] == "complete")
        let libc = try #require(Self.list(json, "components").first { $0["name"] == "libc6" })
        #expect(
            Self.list(libc, "properties").prefix(2).map { $0["value"]?.stringValue } == ["glibc", "2.41-12"]
        )
    }

    @Test("a document of many files and packages has each once, in order", arguments: SBOMFormat.allCases)
    func many(format: SBOMFormat) throws {
        let files = (0..<700).map {
            file("/app/node_modules/p\($0)/package.json", #"{"name":"p\#($0)","version":"1.0.0"}"#)
        }
        let inventory = try Inventory(of: MemoryRoot(files))
        let bytes = SBOMDocument(inventory, of: try Self.subject(), as: format, by: "1.2.3").bytes
        let json = try JSON(parsing: bytes, named: "document")
        let names: [String] =
            switch format {
            case .spdx: Self.list(json, "files").compactMap { $0["fileName"]?.stringValue }
            case .cyclonedx:
                Self.list(json, "components").filter { $0["type"] == "file" }.compactMap { $0["name"]?.stringValue }
            }
        #expect(names == inventory.files.map { (format == .spdx ? "." : "") + $0.path.description })
        #expect(names.count == 700)
        let ids = Self.list(json, format == .spdx ? "packages" : "dependencies").compactMap {
            ($0["SPDXID"] ?? $0["ref"])?.stringValue
        }
        #expect(Set(ids).count == ids.count && ids.count > 700)
    }

    @Test("an index names its images, and has the packages of all of them")
    func index() throws {
        var subject = SBOMSubject(
            .index,
            name: "server",
            digest: Digest(sha256Of: [4]),
            created: Timestamp(secondsSince1970: 0)
        )
        subject.variants = try ["linux/amd64", "linux/arm64"].enumerated().map { index, platform in
            SBOMSubject.Variant(platform: try Platform(parsing: platform), digest: Digest(sha256Of: [UInt8(index)]))
        }
        let inventory = try Inventory(of: MemoryRoot(Self.files))
        let bytes = SBOMDocument(inventory, of: subject, as: .spdx, by: "1").bytes
        let json = try JSON(parsing: bytes, named: "document")
        #expect(Self.list(json, "relationships").filter { $0["relationshipType"] == "VARIANT_OF" }.count == 2)
        #expect(Self.list(json, "packages").count { $0["primaryPackagePurpose"] == "OPERATING-SYSTEM" } == 1)
        #expect(Self.list(json, "packages").contains { $0["name"] == "libc6" })
    }

    private static let added = [
        #"""
        {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
         {"type": "library", "group": "@s", "name": "n", "version": "1.0.0", "purl": "pkg:npm/%40s/n@1.0.0"},
         {"type": "library", "group": "e.com/Foo", "name": "bar", "version": "v1.0.0", "purl": "pkg:golang/e.com/Foo/bar"},
         {"type": "library", "group": "org.x", "name": "y", "version": "1", "purl": "pkg:maven/org.x/y@1"}]}
        """#,
        #"""
        {"spdxVersion": "SPDX-2.3", "packages": [
         {"name": "n", "versionInfo": "1.0.0", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:npm/%40s/n@1.0.0"}]},
         {"name": "bar", "versionInfo": "v1.0.0", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:golang/e.com/Foo/bar"}]},
         {"name": "y", "versionInfo": "1", "externalRefs": [{"referenceType": "purl", "referenceLocator": "pkg:maven/org.x/y@1"}]}]}
        """#,
    ]

    @Test("what a build system knows is called as scanners look it up, in either form", arguments: added)
    func addedNames(text: String) throws {
        let inventory = Inventory().adding([try AddedDocument(Array(text.utf8), named: "added")])
        #expect(inventory.components.map(\.name).sorted() == ["@s/n", "e.com/Foo/bar", "y"])
        #expect(inventory.components.map(\.key.text).contains("pkg:golang/e.com/Foo/bar@v1.0.0"))
        for format in SBOMFormat.allCases {
            let document = SBOMDocument(inventory, of: try Self.subject(), as: format, by: "1")
            let check = ScannerCheck(try ScannedDocument(parsing: document.bytes, named: "document"))
            #expect(check.packages == 3)
            for scanner in Scanner.allCases { #expect(check.seen(by: scanner) == 3, "\(scanner): \(check.findings)") }
        }
    }
}

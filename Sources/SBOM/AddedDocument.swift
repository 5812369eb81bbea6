package import ByteIO
package import Diagnostics
package import Inventory
package import OCI

/// What a build system knows of a program that no file of the image shows: SPDX or CycloneDX as JSON, or Swift's
/// `Package.resolved`.
package struct AddedDocument: Sendable {
    /// Larger ones are not read.
    package static let limit = 64 << 20
    /// CycloneDX nests components.
    private static let deepest = 16

    package private(set) var components: [Component] = []
    /// Digest of the file.
    package let digest: Digest

    /// Reads a file of this machine.
    ///
    /// - Throws: `sbom.added-malformed`, `json.malformed`, `io.failed`.
    package init(readingFrom path: FilePath) throws(Diagnostic) {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try OpenFile.content(of: path, limit: Self.limit)
        } catch {
            throw error.diagnostic("read what is to be added", path.display)
        }
        try self.init(bytes, named: path.display)
    }

    /// The `Package.resolved` of the checkouts that `programs` were built in, as SwiftPM lays them out: beside the folder
    /// `.build` in which a program is. One that cannot be read, or names nothing, is left out.
    package static func besides(_ programs: [FilePath]) -> [AddedDocument] {
        var seen = Set<Digest>()
        return programs.compactMap { program in
            let parts = program.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            guard let build = parts.lastIndex(where: { $0.elementsEqual(".build".utf8) }), build < parts.count - 1,
                let status = try? FileStatus(at: program, following: true), status.kind == .regular
            else { return nil }
            let checkout = parts[..<build] + [Array("Package.resolved".utf8)[...]]
            let path = FilePath(bytes: Array(checkout.joined(separator: [UInt8(ascii: "/")])))
            guard let document = try? AddedDocument(readingFrom: path) else { return nil }
            return seen.insert(document.digest).inserted ? document : nil
        }
    }

    /// - Throws: `sbom.added-malformed`, `json.malformed`.
    package init(_ bytes: [UInt8], named name: String) throws(Diagnostic) {
        digest = Digest(sha256Of: bytes)
        let json = try JSON(parsing: bytes, named: name)
        if json["spdxVersion"]?.stringValue?.hasPrefix("SPDX-2.") == true {
            for package in json["packages"]?.arrayValue ?? [] { add(spdx: package) }
        } else if json["bomFormat"]?.stringValue == "CycloneDX" {
            for component in json["components"]?.arrayValue ?? [] { add(cycloneDX: component, 0) }
        } else if let pins = SwiftPins.components(of: json) {
            components = pins
        } else {
            throw Diagnostic(
                .sbomAddedMalformed,
                "`\(name)` does not say what is in a program",
                at: .file(path: name),
                because: "it is not SPDX 2, CycloneDX or a Package.resolved, as JSON",
                hint: "let the build system write one of these"
            )
        }
        guard !components.isEmpty else {
            throw Diagnostic(
                .sbomAddedMalformed,
                "`\(name)` names no package",
                at: .file(path: name),
                because: "a package needs a name, a version and a package URL",
                hint: "leave the option out if nothing is to be added"
            )
        }
    }

    private mutating func add(spdx package: JSON) {
        let references = package["externalRefs"]?.arrayValue ?? []
        let url = references.first { $0["referenceType"]?.stringValue == "purl" }?["referenceLocator"]?.stringValue
        add(package["name"], package["versionInfo"], url) { component in
            if let licence = package["licenseDeclared"]?.stringValue, !licence.contains("LicenseRef-") {
                component.licence = Component.Licence(saying: licence)
            }
            let supplier = package["supplier"]?.stringValue?.split(separator: ":", maxSplits: 1).map(String.init) ?? []
            guard supplier.count == 2 else { return }
            let name = String(supplier[1].drop { $0 == " " })
            component.supplier = supplier[0] == "Person" ? .person(name) : .organization(name)
        }
    }

    private mutating func add(cycloneDX json: JSON, _ depth: Int) {
        guard depth < Self.deepest else { return }
        let type = json["type"]?.stringValue
        if type != "file", type != "operating-system" {
            add(json["name"], json["version"], json["purl"]?.stringValue) { component in
                component.group = json["group"]?.stringValue
                component.supplier = (json["supplier"]?["name"]?.stringValue).map { .organization($0) }
                let licence = json["licenses"]?.arrayValue?.first
                let text =
                    licence?["expression"]?.stringValue ?? licence?["license"]?["id"]?.stringValue
                    ?? licence?["license"]?["name"]?.stringValue
                component.licence = text.flatMap(Component.Licence.init(saying:))
            }
        }
        for child in json["components"]?.arrayValue ?? [] { add(cycloneDX: child, depth + 1) }
    }

    /// What is not a package that others know by name is left out: scanners could not do anything with it.
    private mutating func add(
        _ name: JSON?,
        _ version: JSON?,
        _ url: String?,
        _ complete: (inout Component) -> Void
    ) {
        guard let name = name?.stringValue, let url = url.flatMap(PackageURL.init(parsing:)), url.type != "oci",
            let version = url.version ?? version?.stringValue, PackageName.isPlausible(name),
            PackageName.isPlausible(version)
        else { return }
        let isWhole = Self.named.contains(url.type) && !url.namespace.isEmpty
        var component = Component(
            isWhole ? (url.namespace + [url.name]).joined(separator: "/") : name,
            version,
            url.version == nil ? url.with(version: version) : url,
            as: .compiled
        )
        complete(&component)
        if isWhole { component.group = nil }
        components.append(component)
    }

    /// Types whose packages are called by their namespace and name together: documents of others give them a group.
    private static let named: Set = ["npm", "golang", "composer", "swift"]
}

extension Inventory {
    /// The same, with what `documents` know besides.
    package func adding(_ documents: [AddedDocument]) -> Inventory {
        guard !documents.isEmpty else { return self }
        return .union([self] + documents.map { Inventory(components: $0.components) })
    }
}

extension Diagnostic.Code {
    static let sbomAddedMalformed = Self("sbom.added-malformed", .input)
}

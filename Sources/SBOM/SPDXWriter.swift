import ByteIO
import Inventory
import Layers
import OCI

/// Writes an inventory as SPDX 2.3 JSON, so that trivy, syft, grype and osv-scanner find in it what they would find in the image.
struct SPDXWriter {
    private let inventory: Inventory
    private let subject: SBOMSubject
    private let tool: String
    private let supplier: String
    /// Identifiers of the components, in the order of the inventory.
    private let ids: [String]
    private let places: [Component.Key: Int]
    private let system: (id: String, distribution: Inventory.Distribution)?
    private let fileParts: [FilePart]
    /// As many as there are files.
    private let fileIDs: [String]

    private static let root = "SPDXRef-ContainerImage"
    private static let base = "SPDXRef-Base"

    init(_ inventory: Inventory, _ subject: SBOMSubject, _ tool: String) {
        self.inventory = inventory
        self.subject = subject
        self.tool = tool
        supplier = subject.supplier.map { "Organization: \($0.plainName)" } ?? "NOASSERTION"
        ids = inStretches(of: 512, inventory.components.count) { stretch in
            inventory.components[stretch].map { "SPDXRef-Package-\(Self.name(of: $0))" }
        }.flatMap(\.self)
        places = Dictionary(uniqueKeysWithValues: inventory.components.enumerated().map { ($1.key, $0) })
        system = inventory.system.map { ("SPDXRef-OperatingSystem-\(Self.hash("\($0.id) \($0.version)"))", $0) }
        fileIDs = inStretches(of: 512, inventory.files.count) { stretch in
            inventory.files[stretch].map(Self.id)
        }.flatMap(\.self)
        fileParts = Dictionary(grouping: inventory.files.indices, by: { inventory.files[$0].layer })
            .map { FilePart(id: "SPDXRef-Layer-\($0?.digest.hex ?? "planned")", layer: $0, files: $1) }
            .sorted { $0.id < $1.id }
    }

    /// The document. Its namespace is made from everything else in it: the same content has the same, and no other.
    func document() -> [[UInt8]] {
        var pieces = text().pieces
        let digest = pieces.digest.hex
        // No earlier member can have these bytes: the quotes of a value are escaped.
        pieces.complete(after: "\"documentNamespace\":\"", with: "https://spdx.org/spdxdocs/coracle-\(digest)")
        return pieces
    }

    private func text() -> JSONText {
        var text = JSONText()
        text.object { text in
            text.member("spdxVersion", "SPDX-2.3")
            text.member("dataLicense", "CC0-1.0")
            text.member("SPDXID", "SPDXRef-DOCUMENT")
            text.member("name", documentName)
            text.member("documentNamespace", "")
            text.object("creationInfo") { text in
                text.member("created", subject.created.description)
                text.member("creators", ["Tool: \(tool)"] + (supplier == "NOASSERTION" ? [] : [supplier]))
            }
            if !inventory.gaps.isEmpty {
                text.member("comment", "Not complete: \(inventory.gaps.joined(separator: "; ")).")
            }
            text.lines("packages", packages)
            if !inventory.files.isEmpty { text.lines("files", files) }
            let named = licences
            if !named.isEmpty {
                text.lines("hasExtractedLicensingInfos") { text in
                    for licence in named {
                        text.line { text in
                            text.member("licenseId", Self.reference(to: licence))
                            text.member("name", licence)
                            text.member("extractedText", "The package names its licence: \(licence)")
                        }
                    }
                }
            }
            text.lines("relationships", relationships)
        }
        return text
    }

    private var documentName: String { subject.digest.map { "\(subject.name)@\($0)" } ?? subject.name }

    // MARK: Packages

    /// In the order of their ids.
    private func packages(_ text: inout JSONText) {
        if let base = subject.base { write(base, &text) }
        writeRoot(&text)
        for variant in subject.variants.sorted(by: { $0.digest.hex < $1.digest.hex }) { write(variant, &text) }
        for part in fileParts { write(part, &text) }
        if let system {
            text.line { text in
                text.member("SPDXID", system.id)
                text.member("name", system.distribution.id)
                text.member("versionInfo", system.distribution.version.isEmpty ? nil : system.distribution.version)
                text.member("supplier", Self.supplier(of: system.distribution))
                text.member("downloadLocation", "NOASSERTION")
                text.member("filesAnalyzed", false)
                text.member("primaryPackagePurpose", "OPERATING-SYSTEM")
            }
        }
        let order = ids.indices.sorted { ids[$0] < ids[$1] }
        text.each(below: order.count) { number, text in write(order[number], &text) }
    }

    private func writeRoot(_ text: inout JSONText) {
        text.line { text in
            text.member("SPDXID", Self.root)
            text.member("name", subject.name)
            text.member("versionInfo", subject.digest?.description ?? inventory.ownVersion)
            text.member("supplier", supplier)
            text.member("downloadLocation", "NOASSERTION")
            text.member("filesAnalyzed", false)
            if let digest = subject.digest { Self.checksums([(digest.algorithm.spdxName, digest.hex)], &text) }
            if let url = subject.url { Self.externalReference(url.description, &text) }
            text.member("primaryPackagePurpose", subject.kind == .files ? "APPLICATION" : "CONTAINER")
        }
    }

    private func write(_ base: SBOMSubject.Base, _ text: inout JSONText) {
        text.line { text in
            text.member("SPDXID", Self.base)
            text.member("name", base.name)
            text.member("versionInfo", base.digest?.description)
            text.member("supplier", "NOASSERTION")
            text.member("downloadLocation", "NOASSERTION")
            text.member("filesAnalyzed", false)
            if let digest = base.digest { Self.checksums([(digest.algorithm.spdxName, digest.hex)], &text) }
            if let url = SBOMSubject.url(of: base) { Self.externalReference(url.description, &text) }
            text.member("primaryPackagePurpose", "CONTAINER")
        }
    }

    private func write(_ variant: SBOMSubject.Variant, _ text: inout JSONText) {
        text.line { text in
            text.member("SPDXID", Self.id(of: variant))
            text.member("name", "\(subject.name) (\(variant.platform))")
            text.member("versionInfo", variant.digest.description)
            text.member("supplier", supplier)
            text.member("downloadLocation", "NOASSERTION")
            text.member("filesAnalyzed", false)
            Self.checksums([(variant.digest.algorithm.spdxName, variant.digest.hex)], &text)
            Self.externalReference(
                SBOMSubject.url(name: subject.name, subject.reference, variant.digest, variant.platform)
                    .description,
                &text
            )
            text.member("primaryPackagePurpose", "CONTAINER")
        }
    }

    private static func id(of variant: SBOMSubject.Variant) -> String { "\(root)-\(variant.digest.hex)" }

    private func write(_ place: Int, _ text: inout JSONText) {
        let component = inventory.components[place]
        text.line { text in
            text.member("SPDXID", ids[place])
            text.member("name", component.name)
            text.member("versionInfo", component.version.isEmpty ? nil : component.version)
            text.member("supplier", component.isOwn ? supplier : Self.text(of: component.supplier))
            text.member("downloadLocation", "NOASSERTION")
            text.member("filesAnalyzed", false)
            if !component.hashes.isEmpty {
                Self.checksums(component.hashes.sorted().map { ($0.algorithm.spdxName, $0.hex) }, &text)
            }
            text.member("sourceInfo", Self.sourceInfo(of: component))
            switch component.licence {
            case .expression(let expression)?: text.member("licenseDeclared", expression)
            case .named(let name)?: text.member("licenseDeclared", Self.reference(to: name))
            case nil: break
            }
            if component.url != nil { Self.externalReference(component.key.text, &text) }
            text.member("primaryPackagePurpose", component.role.spdxPurpose)
            annotations(of: component, &text)
        }
    }

    /// trivy's words for the source package; for others, what the version alone does not say.
    private static func sourceInfo(of component: Component) -> String? {
        if let source = component.source { return "built package from: \(source.name) \(source.version)" }
        guard !component.properties.isEmpty else { return nil }
        return component.properties.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
    }

    /// trivy reads where a package was found from comments of this form. Its records of the system's packages it takes as known.
    private func annotations(of component: Component, _ text: inout JSONText) {
        guard component.role != .system, let first = component.occurrences.min() else { return }
        text.array("annotations") { text in
            annotation("FilePath: \(first.path.description.dropFirst())", &text)
            if let layer = first.layer { annotation("LayerDiffID: \(layer)", &text) }
        }
    }

    private func annotation(_ comment: String, _ text: inout JSONText) {
        text.object { text in
            text.member("annotationDate", subject.created.description)
            text.member("annotationType", "OTHER")
            text.member("annotator", "Tool: \(tool)")
            text.member("comment", comment)
        }
    }

    // MARK: Files

    /// The user's files of one layer: what SPDX calls a package of which the files were looked at.
    private struct FilePart {
        let id: String
        let layer: DiffID?
        /// Indexes of the inventory's files.
        let files: [Int]
    }

    private func write(_ part: FilePart, _ text: inout JSONText) {
        text.line { text in
            text.member("SPDXID", part.id)
            text.member("name", "files that the user put into the image")
            text.member("versionInfo", part.layer?.description ?? "planned")
            text.member("supplier", supplier)
            text.member("downloadLocation", "NOASSERTION")
            text.member("filesAnalyzed", true)
            text.object("packageVerificationCode") { text in
                text.member("packageVerificationCodeValue", verificationCode(part.files))
            }
            if let layer = part.layer {
                Self.checksums([(layer.digest.algorithm.spdxName, layer.digest.hex)], &text)
            }
            text.member("primaryPackagePurpose", "FILE")
        }
    }

    /// SPDX 2.3, § 7.9: the SHA-1 of all files' SHA-1s in hex, sorted.
    private func verificationCode(_ files: [Int]) -> String {
        var hasher = SHA1Hasher()
        for hex in files.map({ inventory.files[$0].digests.sha1 }).sorted() {
            var hex = hex
            hex.withUTF8 { hasher.update(UnsafeRawBufferPointer($0)) }
        }
        return hasher.finalize()
    }

    private func files(_ text: inout JSONText) {
        text.each(below: fileIDs.count) { number, text in
            let file = inventory.files[number]
            text.line { text in
                text.member("SPDXID", fileIDs[number])
                text.member("fileName", ".\(file.path)")
                Self.checksums([("SHA1", file.digests.sha1), ("SHA256", file.digests.sha256)], &text)
            }
        }
    }

    /// By path and content: the images of an index may have different files at one path.
    private static func id(of file: Inventory.File) -> String {
        "SPDXRef-File-\(hash("\(file.digests.sha256) \(file.layer?.description ?? "") \(file.path)"))"
    }

    // MARK: Relationships

    private func relationships(_ text: inout JSONText) {
        Self.relationship("SPDXRef-DOCUMENT", "DESCRIBES", Self.root, &text)
        if subject.base != nil { Self.relationship(Self.root, "DESCENDANT_OF", Self.base, &text) }
        for variant in subject.variants.sorted(by: { $0.digest.hex < $1.digest.hex }) {
            Self.relationship(Self.root, "CONTAINS", Self.id(of: variant), &text)
            Self.relationship(Self.id(of: variant), "VARIANT_OF", Self.root, &text)
        }
        if let system { Self.relationship(Self.root, "CONTAINS", system.id, &text) }
        for part in fileParts {
            Self.relationship(Self.root, "CONTAINS", part.id, &text)
            text.each(below: part.files.count) { number, text in
                Self.relationship(part.id, "CONTAINS", fileIDs[part.files[number]], &text)
            }
        }
        let compiled = inventory.compiledInto
        let programs = Dictionary(zip(inventory.files.map(\.path), fileIDs)) { first, _ in first }
        text.each(below: ids.count) { number, text in
            let component = inventory.components[number]
            let id = ids[number]
            if component.role == .system {
                Self.relationship(system?.id ?? Self.root, "CONTAINS", id, &text)
            } else if component.standsAlone(compiled) {
                Self.relationship(Self.root, "CONTAINS", id, &text)
            }
            for other in component.dependencies.sorted() {
                Self.relationship(id, "DEPENDS_ON", places[other].map { ids[$0] } ?? "NOASSERTION", &text)
            }
            guard component.role == .mainModule || component.role == .compiled else { return }
            for place in component.occurrences.sorted() {
                guard let file = programs[place.path] else { continue }
                Self.relationship(id, "OTHER", file, &text, "evident-by: it is compiled into this file")
            }
        }
    }

    private static func relationship(
        _ from: String,
        _ type: String,
        _ to: String,
        _ text: inout JSONText,
        _ comment: String? = nil
    ) {
        text.line { text in
            text.member("spdxElementId", from)
            text.member("relationshipType", type)
            text.member("relatedSpdxElement", to)
            text.member("comment", comment)
        }
    }

    // MARK: Parts

    /// Type, name and a hash of the key: letters, digits, dots and hyphens only.
    private static func name(of component: Component) -> String {
        let readable = "\(component.url?.type ?? "other")-\(component.name)".utf8.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."):
                byte
            default: UInt8(ascii: "-")
            }
        }
        return "\(String(decoding: readable.prefix(80), as: UTF8.self))-\(hash(component.key.text))"
    }

    private static func hash(_ text: String) -> String { String(Digest(sha256Of: Array(text.utf8)).hex.prefix(16)) }

    private static func text(of supplier: Component.Supplier?) -> String {
        guard let supplier, !supplier.name.plainName.isEmpty else { return "NOASSERTION" }
        return switch supplier {
        case .organization(let name): "Organization: \(name.plainName)"
        case .person(let name): "Person: \(name.plainName)"
        }
    }

    private static func supplier(of system: Inventory.Distribution) -> String {
        text(of: .organization(system.id == "debian" ? "Debian" : system.name ?? system.id))
    }

    private static func checksums(_ values: [(String, String)], _ text: inout JSONText) {
        text.array("checksums") { text in
            for (algorithm, value) in values {
                text.object { text in
                    text.member("algorithm", algorithm)
                    text.member("checksumValue", value)
                }
            }
        }
    }

    private static func externalReference(_ url: String, _ text: inout JSONText) {
        text.array("externalRefs") { text in
            text.object { text in
                text.member("referenceCategory", "PACKAGE-MANAGER")
                text.member("referenceType", "purl")
                text.member("referenceLocator", url)
            }
        }
    }

    /// The licences in packages' own words, sorted.
    private var licences: [String] {
        Set(
            inventory.components.compactMap { component in
                if case .named(let name)? = component.licence { name } else { nil }
            }
        ).sorted()
    }

    private static func reference(to licence: String) -> String { "LicenseRef-\(hash(licence))" }
}

extension Digest.Algorithm {
    var spdxName: String {
        switch self {
        case .sha256: "SHA256"
        case .sha512: "SHA512"
        }
    }
}

extension Component.Hash.Algorithm {
    fileprivate var spdxName: String { "SHA\(rawValue)" }
}

extension Component.Role {
    fileprivate var spdxPurpose: String {
        switch self {
        case .system, .installed, .compiled: "LIBRARY"
        case .mainModule: "APPLICATION"
        case .data: "OTHER"
        }
    }
}

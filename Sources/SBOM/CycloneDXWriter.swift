import Inventory
import Layers
import OCI

/// Writes an inventory as CycloneDX 1.6 JSON, with the properties that trivy looks for.
struct CycloneDXWriter {
    private let inventory: Inventory
    private let subject: SBOMSubject
    private let version: String
    private let rootReference: String
    private let systemReference: String?

    init(_ inventory: Inventory, _ subject: SBOMSubject, _ version: String) {
        self.inventory = inventory
        self.subject = subject
        self.version = version
        rootReference = subject.url?.description ?? "files:\(subject.name)"
        systemReference = inventory.system.map { "system:\($0.id)-\($0.version)" }
    }

    /// The document. Its serial number is made from everything else in it.
    func document() -> [[UInt8]] {
        var pieces = text().pieces
        let serial = Self.uuid(of: pieces.digest.hex)
        // It stands before everything that a stranger wrote.
        pieces.complete(after: "\"serialNumber\":\"", with: "urn:uuid:\(serial)")
        return pieces
    }

    /// RFC 9562, § 5.5: a UUID of version 5, in the name space of addresses.
    private static func uuid(of text: String) -> String {
        var hasher = SHA1Hasher()
        let space: [UInt8] = [
            0x6B, 0xA7, 0xB8, 0x11, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8,
        ]
        (space + "coracle:\(text)".utf8).withUnsafeBytes { hasher.update($0) }
        var digits = Array(hasher.finalize().utf8.prefix(32))
        digits[12] = UInt8(ascii: "5")
        let variant = Int(String(decoding: [digits[16]], as: UTF8.self), radix: 16) ?? 0
        digits[16] = Array(String(variant & 3 | 8, radix: 16).utf8)[0]
        let hex = String(decoding: digits, as: UTF8.self)
        var parts = [Substring]()
        var rest = hex[...]
        for count in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return parts.joined(separator: "-")
    }

    private func text() -> JSONText {
        var text = JSONText()
        text.object { text in
            text.member("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json")
            text.member("bomFormat", "CycloneDX")
            text.member("specVersion", "1.6")
            text.member("serialNumber", "")
            text.member("version", 1)
            text.object("metadata", metadata)
            text.lines("components", components)
            text.lines("dependencies", dependencies)
            text.array("compositions") { text in
                text.object { text in
                    text.member("aggregate", inventory.gaps.isEmpty ? "complete" : "incomplete")
                    text.member("assemblies", [rootReference])
                }
            }
        }
        return text
    }

    private func metadata(_ text: inout JSONText) {
        text.member("timestamp", subject.created.description)
        text.array("lifecycles") { text in
            text.object { $0.member("phase", subject.isBuild ? "build" : "post-build") }
        }
        text.object("tools") { text in
            text.array("components") { text in
                text.object { text in
                    text.member("type", "application")
                    text.member("name", "coracle")
                    text.member("version", version)
                }
            }
        }
        text.object("component") { text in
            text.member("type", subject.kind == .files ? "application" : "container")
            text.member("bom-ref", rootReference)
            Self.supplier(subject.supplier, &text)
            text.member("name", subject.name)
            text.member("version", subject.digest?.description ?? inventory.ownVersion)
            text.member("purl", subject.url?.description)
            if let base = subject.base {
                text.object("pedigree") { text in
                    text.array("ancestors") { text in
                        text.object { text in
                            text.member("type", "container")
                            text.member("name", base.name)
                            text.member("version", base.digest?.description)
                            text.member("purl", SBOMSubject.url(of: base)?.description)
                        }
                    }
                }
            }
            if !subject.variants.isEmpty {
                text.array("properties") { text in
                    for variant in subject.variants.sorted(by: { $0.digest.hex < $1.digest.hex }) {
                        text.property("coracle:platform:\(variant.platform)", variant.digest.description)
                    }
                }
            }
        }
        Self.supplier(subject.supplier, &text)
        if !inventory.gaps.isEmpty {
            text.array("properties") { text in for gap in inventory.gaps { text.property("coracle:gap", gap) } }
        }
    }

    private static func supplier(_ name: String?, _ text: inout JSONText) {
        guard let name = name?.plainName, !name.isEmpty else { return }
        text.object("supplier") { $0.member("name", name) }
    }

    // MARK: Components

    private func components(_ text: inout JSONText) {
        if let systemReference, let system = inventory.system {
            text.line { text in
                text.member("type", "operating-system")
                text.member("bom-ref", systemReference)
                text.member("name", system.id)
                text.member("version", system.version.isEmpty ? nil : system.version)
            }
        }
        text.each(below: inventory.components.count) { write(inventory.components[$0], &$1) }
        text.each(below: inventory.files.count) { write(inventory.files[$0], &$1) }
    }

    private func write(_ component: Component, _ text: inout JSONText) {
        text.line { text in
            text.member("type", component.role.cycloneDXType)
            text.member("bom-ref", component.key.text)
            Self.supplier(component.isOwn ? subject.supplier : component.supplier?.name, &text)
            text.member("group", component.group)
            text.member("name", component.name)
            text.member("version", component.version.isEmpty ? nil : component.version)
            if !component.hashes.isEmpty {
                Self.hashes(component.hashes.sorted().map { ($0.algorithm.cycloneDXName, $0.hex) }, &text)
            }
            if let licence = component.licence {
                text.array("licenses") { text in
                    text.object { text in
                        switch licence {
                        case .expression(let expression): text.member("expression", expression)
                        case .named(let name): text.object("license") { $0.member("name", name) }
                        }
                    }
                }
            }
            text.member("purl", component.url == nil ? nil : component.key.text)
            if let ancestor = component.ancestor { Self.pedigree(ancestor, &text) }
            properties(of: component, &text)
            evidence(of: component, &text)
        }
    }

    /// Advisories about what was replaced may be about this, too; scanners do not look it up by themselves.
    private static func pedigree(_ ancestor: Component.Ancestor, _ text: inout JSONText) {
        text.object("pedigree") { text in
            text.array("ancestors") { text in
                text.object { text in
                    text.member("type", "library")
                    text.member("name", ancestor.name)
                    text.member("version", ancestor.version)
                    text.member("purl", ancestor.url.description)
                }
            }
        }
    }

    private func properties(of component: Component, _ text: inout JSONText) {
        let first = component.role == .system ? nil : component.occurrences.min()
        guard component.source != nil || first != nil || !component.properties.isEmpty else { return }
        text.array("properties") { text in
            if let source = component.source {
                text.property("aquasecurity:trivy:SrcName", source.name)
                text.property("aquasecurity:trivy:SrcVersion", source.version)
            }
            if let first {
                text.property("aquasecurity:trivy:FilePath", String(first.path.description.dropFirst()))
                if let layer = first.layer { text.property("aquasecurity:trivy:LayerDiffID", layer.description) }
            }
            for (key, value) in component.properties.sorted(by: { $0.key < $1.key }) {
                text.property("coracle:\(key)", value)
            }
        }
    }

    private func evidence(of component: Component, _ text: inout JSONText) {
        guard !component.occurrences.isEmpty else { return }
        text.object("evidence") { text in
            text.array("occurrences") { text in
                for place in Set(component.occurrences.map(\.path)).sorted() {
                    text.object { $0.member("location", place.description) }
                }
            }
        }
    }

    private func write(_ file: Inventory.File, _ text: inout JSONText) {
        text.line { text in
            text.member("type", "file")
            text.member(
                "bom-ref",
                "file:\(file.path)#\(file.layer?.digest.hex.prefix(12) ?? "")-\(file.digests.sha256.prefix(16))"
            )
            text.member("name", file.path.description)
            Self.hashes([("SHA-1", file.digests.sha1), ("SHA-256", file.digests.sha256)], &text)
            if let layer = file.layer {
                text.array("properties") { $0.property("aquasecurity:trivy:LayerDiffID", layer.description) }
            }
        }
    }

    private static func hashes(_ values: [(String, String)], _ text: inout JSONText) {
        text.array("hashes") { text in
            for (algorithm, value) in values {
                text.object { text in
                    text.member("alg", algorithm)
                    text.member("content", value)
                }
            }
        }
    }

    // MARK: Dependencies

    private func dependencies(_ text: inout JSONText) {
        let compiled = inventory.compiledInto
        var direct = inventory.components.filter { $0.standsAlone(compiled) }.map(\.key.text)
        let packages = inventory.components.filter { $0.role == .system }.map(\.key.text)
        if let systemReference { direct.append(systemReference) } else { direct += packages }
        Self.dependency(rootReference, direct.sorted(), &text)
        if let systemReference { Self.dependency(systemReference, packages, &text) }
        text.each(below: inventory.components.count) { number, text in
            let component = inventory.components[number]
            guard component.knowsDependencies || !component.dependencies.isEmpty else { return }
            Self.dependency(component.key.text, component.dependencies.map(\.text).sorted(), &text)
        }
    }

    /// One with an empty list needs nothing; without an entry it is not known.
    private static func dependency(_ reference: String, _ needs: [String], _ text: inout JSONText) {
        text.line { text in
            text.member("ref", reference)
            text.member("dependsOn", needs)
        }
    }
}

extension Component.Hash.Algorithm {
    fileprivate var cycloneDXName: String { "SHA-\(rawValue)" }
}

extension Component.Role {
    fileprivate var cycloneDXType: String {
        switch self {
        case .system, .installed, .compiled: "library"
        case .mainModule: "application"
        case .data: "data"
        }
    }
}

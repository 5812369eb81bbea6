import OCI

/// SPDX 2.3, chapters 6 to 11, as JSON.
extension ScannedDocument {
    /// What trivy looks for before the name of a source package.
    private static let sourcePrefix = "built package from: "
    /// trivy takes a package for the operating system by its identifier.
    private static let systemPrefix = "SPDXRef-OperatingSystem"
    private static let documentID = "SPDXRef-DOCUMENT"
    /// Purposes of what is not looked up by itself.
    private static let otherPurposes: Set<String> = [
        "application", "archive", "container", "device", "file", "firmware", "operating-system", "source",
    ]

    init(spdx object: JSONObject, _ version: String) {
        self.init(.spdx, version.hasPrefix("SPDX-") ? String(version.dropFirst(5)) : version.excerpt)
        checkHead(object)
        var described = Set((object["documentDescribes"]?.arrayValue ?? []).compactMap(\.stringValue))
        for relationship in object["relationships"]?.arrayValue ?? [] {
            guard let from = relationship["spdxElementId"]?.text, let to = relationship["relatedSpdxElement"]?.text,
                let type = relationship["relationshipType"]?.text
            else {
                schemaProblems.append("a relationship lacks one of its three members")
                continue
            }
            edges.append(Edge(from: from, type: type, to: to))
            if from == Self.documentID, type == "DESCRIBES" { described.insert(to) }
            if to == Self.documentID, type == "DESCRIBED_BY" { described.insert(from) }
        }
        for package in object["packages"]?.arrayValue ?? [] {
            guard let package = package.objectValue else {
                schemaProblems.append("a package is not an object")
                continue
            }
            let element = Self.element(package, described)
            if element.id == nil { schemaProblems.append("the package `\(element.label)` has no SPDXID") }
            if package["name"]?.text == nil { schemaProblems.append("the package `\(element.label)` has no name") }
            if package["downloadLocation"]?.text == nil {
                schemaProblems.append("the package `\(element.label)` has no downloadLocation")
            }
            elements.append(element)
        }
        for key in ["files", "snippets"] {
            otherIDs += (object[key]?.arrayValue ?? []).compactMap { $0["SPDXID"]?.text }
        }
        for id in elements.compactMap(\.id) + otherIDs {
            if !id.hasPrefix("SPDXRef-") {
                invalidIDs.append((id, refused: true))
            } else if !Self.isID(id.dropFirst(8)) {
                invalidIDs.append((id, refused: false))
            }
        }
        otherIDs += [Self.documentID, "NONE", "NOASSERTION"]
        otherIDs += (object["externalDocumentRefs"]?.arrayValue ?? []).compactMap { $0["externalDocumentId"]?.text }
        if described.isEmpty {
            rootProblem = "nothing is related to `\(Self.documentID)` by DESCRIBES"
        }
    }

    private mutating func checkHead(_ object: JSONObject) {
        if object["SPDXID"]?.stringValue != Self.documentID {
            schemaProblems.append("the document's SPDXID is not `\(Self.documentID)`")
        }
        if object["dataLicense"]?.stringValue != "CC0-1.0" { schemaProblems.append("dataLicense is not `CC0-1.0`") }
        if object["name"]?.text == nil { schemaProblems.append("the document has no name") }
        switch object["documentNamespace"]?.text {
        case nil: schemaProblems.append("documentNamespace is missing")
        case let namespace? where namespace.contains("#"):
            schemaProblems.append("documentNamespace `\(namespace.excerpt)` contains a `#`")
        case let namespace? where !namespace.contains(":"):
            schemaProblems.append("documentNamespace `\(namespace.excerpt)` is not a URI")
        case _?: break
        }
        let creation = object["creationInfo"]?.objectValue ?? JSONObject()
        let creators = (creation["creators"]?.arrayValue ?? []).compactMap(\.stringValue)
        if creators.isEmpty { missing.append("its creators") }
        for creator in creators where !["Tool:", "Person:", "Organization:"].contains(where: { creator.hasPrefix($0) })
        {
            schemaProblems.append(
                "the creator `\(creator.excerpt)` begins neither with `Tool:` nor `Person:` nor `Organization:`"
            )
        }
        switch creation["created"]?.text {
        case nil: missing.append("the date of its creation")
        // § 6.9: no offset and no fraction.
        case let created? where created.count != 20 || !created.hasSuffix("Z") || !Timestamp.isRFC3339(created):
            schemaProblems.append("created is `\(created.excerpt)`, and not like `2026-11-21T09:00:00Z`")
        case _?: break
        }
    }

    private static func element(_ package: JSONObject, _ described: Set<String>) -> Element {
        let id = package["SPDXID"]?.text
        var element = Element(role: .package, name: package["name"]?.text ?? "")
        element.id = id
        element.version = package["versionInfo"]?.text
        element.type = package["primaryPackagePurpose"]?.text?.lowercased()
        for reference in package["externalRefs"]?.arrayValue ?? [] {
            let type = reference["referenceType"]?.stringValue ?? ""
            if type.hasPrefix("cpe") { element.hasCPE = true }
            guard type == "purl", element.urlText == nil else { continue }
            element.take(url: reference["referenceLocator"]?.stringValue)
            let category = reference["referenceCategory"]?.stringValue
            element.isURLMiscategorized = category != "PACKAGE-MANAGER" && category != "PACKAGE_MANAGER"
        }
        if let info = package["sourceInfo"]?.stringValue, info.hasPrefix(sourcePrefix) {
            let name = info.dropFirst(sourcePrefix.count).prefix { $0 != " " }
            element.source = name.isEmpty ? nil : String(name)
        }
        let supplier = package["supplier"]?.text
        element.hasSupplier = supplier != nil && supplier != "NOASSERTION" && supplier != "NONE"
        let isOther = otherPurposes.contains(element.type ?? "")
        if id?.hasPrefix(systemPrefix) == true {
            element.role = .system
        } else if id.map(described.contains) == true, isOther || element.url?.isImage != false {
            element.role = .root
        } else if element.url?.isImage == true || isOther && element.urlText == nil {
            element.role = .other
        }
        return element
    }

    /// § 7.2: letters, digits, `.` and `-` behind `SPDXRef-`.
    private static func isID(_ text: Substring) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x41...0x5A).contains($0) || (0x30...0x39).contains($0)
                    || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
            }
    }
}

extension ReadPackageURL {
    /// Whether it is an image's, which scanners do not look up.
    var isImage: Bool { type == "oci" || type == "docker" }
}

import OCI

/// CycloneDX 1.5 to 1.7 as JSON (ECMA-424): the members that are the same in all of them.
extension ScannedDocument {
    /// The names that trivy gives to properties of its own.
    private static let sourceProperty = "aquasecurity:trivy:SrcName"
    /// Types of what is not looked up by itself.
    private static let otherTypes: Set<String> = [
        "application", "container", "cryptographic-asset", "data", "device", "device-driver", "file", "firmware",
        "machine-learning-model", "platform",
    ]

    init(cyclonedx object: JSONObject) {
        let version = object["specVersion"]?.stringValue ?? ""
        self.init(.cyclonedx, version.excerpt)
        if object["bomFormat"]?.stringValue != "CycloneDX" { schemaProblems.append("bomFormat is not `CycloneDX`") }
        if let version = object["version"], (version.intValue ?? 0) < 1 {
            schemaProblems.append("version is not a whole number of at least 1")
        }
        if let serial = object["serialNumber"], !Self.isSerial(serial.stringValue ?? "") {
            schemaProblems.append("serialNumber is not like `urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79`")
        }
        let metadata = object["metadata"]?.objectValue ?? JSONObject()
        checkHead(metadata)
        var root: Element?
        if let component = metadata["component"]?.objectValue {
            var element = element(component, isNested: false)
            if element.role == .package, element.type != "library" && element.type != "framework" {
                element.role = .root
            }
            if element.role == .other { element.role = .root }
            elements.append(element)
            root = element
            take(component["components"], isNested: true)
        } else {
            rootProblem = "`metadata.component` is missing"
        }
        take(object["components"], isNested: false)
        for service in object["services"]?.arrayValue ?? [] {
            if let id = service["bom-ref"]?.text { otherIDs.append(id) }
        }
        take(dependencies: object["dependencies"]?.arrayValue ?? [], root)
    }

    private mutating func checkHead(_ metadata: JSONObject) {
        switch metadata["timestamp"]?.text {
        case nil: missing.append("the date of its creation")
        case let timestamp? where !Timestamp.isRFC3339(timestamp):
            schemaProblems.append("timestamp is `\(timestamp.excerpt)`, and not like `2026-11-21T09:00:00Z`")
        case _?: break
        }
        let tools = metadata["tools"]
        let makers = [
            metadata["authors"]?.arrayValue, tools?.arrayValue, tools?["components"]?.arrayValue,
            tools?["services"]?.arrayValue,
        ]
        let names = ["manufacturer", "manufacture", "supplier"]
        if makers.allSatisfy({ $0?.isEmpty != false }), names.allSatisfy({ metadata[$0] == nil }) {
            missing.append("its author")
        }
    }

    private mutating func take(dependencies: [JSON], _ root: Element?) {
        var refs = Set<String>()
        for dependency in dependencies {
            guard let ref = dependency["ref"]?.text else {
                schemaProblems.append("a dependency has no `ref`")
                continue
            }
            if !refs.insert(ref).inserted { schemaProblems.append("`dependencies` has `\(ref.excerpt)` twice") }
            var seen = Set<String>()
            for to in (dependency["dependsOn"]?.arrayValue ?? []).compactMap(\.text) {
                if !seen.insert(to).inserted {
                    schemaProblems.append("`\(ref.excerpt)` depends on `\(to.excerpt)` twice")
                }
                edges.append(Edge(from: ref, type: "DEPENDS_ON", to: to))
            }
            // What only has an entry of its own is named by it all the same.
            if seen.isEmpty { edges.append(Edge(from: ref, type: "", to: ref)) }
        }
        if let root, !dependencies.isEmpty, !refs.contains(root.id ?? "") {
            rootProblem = "the component that the document describes has no entry in `dependencies`"
        }
    }

    /// Takes up components and what is inside them. The parser bounds how deep that can be.
    private mutating func take(_ components: JSON?, isNested: Bool) {
        for component in components?.arrayValue ?? [] {
            guard let component = component.objectValue else {
                schemaProblems.append("a component is not an object")
                continue
            }
            elements.append(element(component, isNested: isNested))
            take(component["components"], isNested: true)
        }
    }

    private mutating func element(_ component: JSONObject, isNested: Bool) -> Element {
        let name = component["name"]?.text
        let group = component["group"]?.text
        var element = Element(role: .package, name: (group.map { "\($0)/" } ?? "") + (name ?? ""))
        element.id = component["bom-ref"]?.text
        element.version = component["version"]?.text
        element.type = component["type"]?.text
        element.isNested = isNested
        element.hasCPE = component["cpe"]?.text != nil
        element.take(url: component["purl"]?.stringValue)
        element.source =
            (component["properties"]?.arrayValue ?? [])
            .first { $0["name"]?.stringValue == Self.sourceProperty }?["value"]?.text
        element.hasSupplier =
            component["supplier"]?["name"]?.text != nil || component["publisher"]?.text != nil
            || component["manufacturer"]?["name"]?.text != nil
        if name == nil { schemaProblems.append("a component has no name") }
        if element.type == nil { schemaProblems.append("the component `\(element.label)` has no type") }
        if element.type == "operating-system" {
            element.role = .system
        } else if element.url?.isImage == true || element.urlText == nil && Self.otherTypes.contains(element.type ?? "")
        {
            element.role = .other
        }
        return element
    }

    /// A UUID in lower case, as the schema wants it.
    private static func isSerial(_ text: String) -> Bool {
        guard text.hasPrefix("urn:uuid:") else { return false }
        let groups = text.dropFirst(9).split(separator: "-", omittingEmptySubsequences: false)
        return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
            && groups.joined().utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}

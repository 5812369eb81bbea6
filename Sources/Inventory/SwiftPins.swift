package import OCI

/// The packages that SwiftPM has resolved: `Package.resolved`, versions 1 to 3.
package enum SwiftPins {
    /// What `json` pins; `nil` if it is not such a file. Pins without a place or a version are left out.
    package static func components(of json: JSON) -> [Component]? {
        guard let pins = json["pins"]?.arrayValue ?? json["object"]?["pins"]?.arrayValue else { return nil }
        return pins.compactMap(component)
    }

    private static func component(_ pin: JSON) -> Component? {
        guard let location = pin["location"]?.stringValue ?? pin["repositoryURL"]?.stringValue else { return nil }
        let state = pin["state"]
        let version = state?["version"]?.stringValue ?? state?["revision"]?.stringValue ?? ""
        var path = location
        if let scheme = path.firstRange(of: "://") { path = String(path[scheme.upperBound...]) }
        // Who asks for it, perhaps with a password.
        if let at = path.prefix(while: { $0 != "/" }).lastIndex(of: "@") {
            path = String(path[path.index(after: at)...])
        }
        if path.hasSuffix(".git") { path = String(path.dropLast(4)) }
        path = path.replacing(":", with: "/")
        let parts = path.split(separator: "/")
        guard parts.count > 1, let name = parts.last, PackageName.isPlausible(path), PackageName.isPlausible(version)
        else { return nil }
        let url = PackageURL(
            "swift",
            namespace: parts.dropLast().joined(separator: "/"),
            name: String(name),
            version: version
        )
        var component = Component(path, version, url, as: .compiled)
        component.supplier = .organization(parts.prefix(2).joined(separator: "/"))
        if let revision = state?["revision"]?.stringValue { component.properties["swift.revision"] = revision }
        return component
    }
}

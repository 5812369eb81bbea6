package import Images
package import OCI

extension ImageAccess {
    /// What `--latest` took, for a document; empty without it.
    package var latest: [JSON] { newestBases.map(\.json) }
}

extension JSON {
    /// The object with the member `latest`, unless that is empty.
    package func adding(_ latest: [JSON]) -> JSON {
        guard case .object(var object) = self, !latest.isEmpty else { return self }
        object["latest"] = .array(latest)
        return .object(object)
    }
}

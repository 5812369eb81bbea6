package import OCI

/// One JSON document on standard output: what a command found, for a program.
package struct ResultDocument {
    /// The `version` member of the documents that have coracle's own form.
    ///
    /// It grows when a member goes away, gets another name or another meaning. New members do not change it.
    package static let version = 1

    package let json: JSON

    /// The members of the object `result`, after the version.
    package init(_ result: JSON) {
        guard case .object(let result) = result else { preconditionFailure("a document of ours is an object") }
        var members = JSONObject()
        members["version"] = .int(Self.version)
        for (key, value) in result.members { members[key] = value }
        json = .object(members)
    }

    /// A document whose form another specification fixes, version included.
    package init(ofForeignForm json: JSON) { self.json = json }
}

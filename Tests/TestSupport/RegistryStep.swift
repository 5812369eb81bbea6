/// What a request to a registry is for (distribution-spec § Endpoints).
package enum RegistryStep: Hashable, Sendable {
    case ping
    case headManifest, getManifest, putManifest
    case headBlob, getBlob
    case startUpload, mount, patchBlob, putBlob, cancelUpload
    case tags, referrers
    case other

    /// The request's step, the repository it is about, and the tag, digest or session at its end.
    static func parse(_ request: ReceivedRequest) -> (step: RegistryStep, repository: String, name: String) {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
        guard parts.first == "v2" else { return (.other, "", "") }
        if parts.count == 1 { return (.ping, "", "") }
        let last = parts[parts.count - 1]
        func repository(_ count: Int) -> String { parts.dropFirst().dropLast(count).joined(separator: "/") }
        if parts.count > 3, parts[parts.count - 2] == "uploads" || last == "uploads" {
            let isStart = last == "uploads"
            let name = repository(isStart ? 2 : 3)
            switch request.method {
            case "POST": return (request.parameters("mount").isEmpty ? .startUpload : .mount, name, "")
            case "PATCH": return (.patchBlob, name, last)
            case "PUT": return (.putBlob, name, last)
            case "DELETE": return (.cancelUpload, name, last)
            default: return (.other, name, last)
            }
        }
        guard parts.count > 3 else { return (.other, "", "") }
        let name = repository(2)
        switch (request.method, parts[parts.count - 2]) {
        case ("HEAD", "manifests"): return (.headManifest, name, last)
        case ("GET", "manifests"): return (.getManifest, name, last)
        case ("PUT", "manifests"): return (.putManifest, name, last)
        case ("HEAD", "blobs"): return (.headBlob, name, last)
        case ("GET", "blobs"): return (.getBlob, name, last)
        case ("GET", "tags"): return (.tags, name, last)
        case ("GET", "referrers"): return (.referrers, name, last)
        default: return (.other, name, last)
        }
    }
}

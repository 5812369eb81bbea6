package import OCI

/// By which name a pod asks for an image.
package enum PodImage: Hashable, Sendable {
    /// A name with the digest that the registry has.
    case pushed(String)
    /// A name with the digest of an image that no registry has, as far as is known.
    case unpushed(String)
    /// A name of an image that is only planned: its digest is not known.
    case planned(String)
    /// An image without a name, made from an application that is called so.
    case nameless(String)

    /// A reference, whatever is known.
    var reference: String {
        switch self {
        case .pushed(let name), .unpushed(let name), .planned(let name): name
        case .nameless(let application): "registry.example.com/\(PodSnippet.dnsLabel(application)):TAG"
        }
    }

    /// What a reader has to know of it; `nil` if the registry has it.
    var remark: String? {
        switch self {
        case .pushed: nil
        case .unpushed: "Not pushed yet, as far as is known: the digest stays when it is."
        case .planned: "Not built yet: a build prints the digest as well."
        case .nameless: "The image has no name: build it with -t REGISTRY/NAME:TAG and --push."
        }
    }

    /// The last component of the name: `server` of `ghcr.io/me/server:1.0@sha256:…`.
    var container: String {
        if case .nameless(let application) = self { return PodSnippet.dnsLabel(application) }
        let name = reference.split(separator: "@").first ?? ""
        return PodSnippet.dnsLabel(String(name.split(separator: "/").last?.split(separator: ":").first ?? ""))
    }
}

extension PodImage {
    /// - Parameters:
    ///   - names: what the image is called, without digests.
    ///   - digest: `nil` if it is only planned.
    ///   - application: what it was made from.
    package init(_ names: [String], _ digest: Digest?, isPushed: Bool, application: String) {
        guard let name = names.first else {
            self = .nameless(application)
            return
        }
        guard let digest else {
            self = .planned(name)
            return
        }
        self = isPushed ? .pushed("\(name)@\(digest)") : .unpushed("\(name)@\(digest)")
    }
}

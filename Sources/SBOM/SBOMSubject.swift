package import Inventory
package import OCI

/// What a document is about.
package struct SBOMSubject: Hashable, Sendable {
    /// An image, an index of images, or files that are not in an image yet.
    package enum Kind: Hashable, Sendable {
        case image
        case index
        case files
    }

    /// The image below.
    package struct Base: Hashable, Sendable {
        /// As the image was built on it, such as `debian13/cc`.
        package let name: String
        package let digest: Digest?

        package init(name: String, digest: Digest?) {
            self.name = name
            self.digest = digest
        }
    }

    /// An image of an index.
    package struct Variant: Hashable, Sendable {
        package let platform: Platform
        package let digest: Digest

        package init(platform: Platform, digest: Digest) {
            self.platform = platform
            self.digest = digest
        }
    }

    package let kind: Kind
    /// A repository with its registry, or what the user calls it.
    package let name: String
    /// The manifest's or the index's; `nil` for files.
    package let digest: Digest?
    /// Where it is or is to be; `nil` if it has no name at a registry.
    package var reference: Reference?
    /// `nil` for an index.
    package var platform: Platform?
    package var variants: [Variant] = []
    package var base: Base?
    /// Who gives it out, in the user's words.
    package var supplier: String?
    /// When it was made, or what reproducible builds set in its place.
    package var created: Timestamp
    /// Whether the one who built it says so, or one who looked at it later.
    package var isBuild = false

    package init(_ kind: Kind, name: String, digest: Digest?, created: Timestamp) {
        self.kind = kind
        self.name = name
        self.digest = digest
        self.created = created
    }
}

extension SBOMSubject {
    /// `pkg:oci/server@sha256:…?arch=amd64&repository_url=ghcr.io%2Fme%2Fserver`; `nil` for files.
    package var url: PackageURL? {
        guard let digest else { return nil }
        return Self.url(name: name, reference, digest, platform)
    }

    static func url(name: String, _ reference: Reference?, _ digest: Digest, _ platform: Platform?) -> PackageURL {
        let repository = reference.map { "\($0.registry)/\($0.repository)" }
        return PackageURL(
            "oci",
            name: (repository ?? name).split(separator: "/").last.map(String.init) ?? name,
            version: digest.description,
            qualifiers: [
                "arch": platform?.architecture, "repository_url": repository, "tag": reference?.tag,
            ]
        )
    }

    /// The URL of an image that this one is built upon: by its reference, if its name is one.
    static func url(of base: Base) -> PackageURL? {
        guard let digest = base.digest else { return nil }
        return url(name: base.name, try? Reference(parsing: base.name), digest, nil)
    }
}

package import Diagnostics
package import OCI

/// What the entries of an `index.json` are called.
extension Descriptor {
    /// The tag, or whatever other programs have put in its place: a full reference, or any text.
    package var entryTag: String? { annotations?[AnnotationKey.refName] }

    /// The full reference, where the entry has one that is its own.
    var fullName: String? {
        guard let full = annotations?[AnnotationKey.containerdImageName] else { return nil }
        // Programs that add a tag to an image have copied its full reference along.
        guard let tag = entryTag, !full.hasSuffix(":\(tag)"), full != tag else { return full }
        return nil
    }

    /// What the entry calls its image: in full where that agrees with the tag; `nil` if it has no name.
    package var entryName: String? { fullName ?? entryTag }

    /// Whether two entries name the same image: by full reference where both have one, else by tag.
    func hasSameName(as other: Descriptor) -> Bool {
        switch (fullName, other.fullName) {
        case (let mine?, let theirs?): return mine == theirs
        case (let full?, nil): return other.entryTag.map { $0 == entryTag || $0 == full } ?? false
        case (nil, let full?): return entryTag.map { $0 == other.entryTag || $0 == full } ?? false
        case (nil, nil): break
        }
        // Neither has a name: signatures and documents about images have no name either, and stay.
        return entryTag == other.entryTag
            && (entryTag != nil || artifactType == nil && other.artifactType == nil)
    }

    /// Without the tag, if one of `entries` has it for another image: a tag is to be found once in a layout.
    func losingTag(to entries: [Descriptor]) -> Descriptor {
        guard let tag = entryTag, entries.contains(where: { $0.entryTag == tag && $0.digest != digest }) else {
            return self
        }
        var entry = self
        entry.annotations?[AnnotationKey.refName] = nil
        return entry
    }

    /// Whether it is a build record that BuildKit puts beside the images of an index.
    package var isAttestation: Bool {
        platform?.os == "unknown" && platform?.architecture == "unknown"
            || annotations?["vnd.docker.reference.type"] == "attestation-manifest"
    }
}

extension Reference {
    /// What an entry's name says, if it is a full reference. A tag alone is not one: it would be taken for one of Docker Hub's
    /// repositories, and for its `latest`.
    package init?(entryName: String) {
        guard entryName.utf8.contains(where: { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }) else { return nil }
        guard let reference = try? Reference(parsing: entryName) else { return nil }
        self = reference
    }
}

extension Index {
    /// The entry called `name`: as it stands, in full or as a tag, or by the image's digest. The only one for `nil`.
    ///
    /// `path` is where the index was read, for messages.
    /// - Throws: `image.not-found`, `image.which`, both with what is there.
    package func entry(called name: String?, at path: String) throws(Diagnostic) -> Descriptor {
        let images = manifests.filter { entry in
            !entry.isAttestation && (entry.artifactType == nil || entry.entryName != nil)
                && !(entry.entryTag.map { Digest.isAttached(tag: $0) } ?? false)
        }
        guard let name else { return try Self.only(images, of: images, at: path) }
        let full = (try? Reference(parsing: name))?.normalized
        let searches: [(Descriptor) -> Bool] = [
            { $0.entryTag == name || $0.entryName == name },
            { full != nil && $0.entryName.map { known in Reference(entryName: known)?.normalized == full } ?? false },
            { $0.entryName.flatMap { Reference(entryName: $0) }?.tag == name },
            { name == $0.digest.description || name == "@\($0.digest)" },
        ]
        for search in searches {
            let found = manifests.filter(search)
            if !found.isEmpty { return try Self.only(found, of: images, at: path) }
        }
        throw Diagnostic(
            .imageNotFound,
            "there is no image `\(name)` in `\(path)`",
            at: .file(path: path),
            because: images.isEmpty ? "it holds no image" : "it has \(Self.list(images))"
        )
    }

    private static func only(
        _ found: [Descriptor],
        of images: [Descriptor],
        at path: String
    ) throws(Diagnostic) -> Descriptor {
        guard let first = found.first else {
            throw Diagnostic(
                .imageNotFound,
                "there is no image in `\(path)`",
                at: .file(path: path),
                because: "its index is empty"
            )
        }
        // Two names of one image are not ambiguous.
        guard found.contains(where: { $0.digest != first.digest }) else { return first }
        throw Diagnostic(
            .imageWhich,
            "which of the \(found.count) images in `\(path)`?",
            at: .file(path: path),
            because: "there are \(list(found))",
            hint: "name one by its full reference"
        )
    }

    private static func list(_ images: [Descriptor]) -> String {
        let names = images.map { $0.entryName.map { "`\($0)`" } ?? "one without a name (\($0.digest))" }
        let shown = names.prefix(20).joined(separator: ", ")
        return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
    }
}

extension Diagnostic.Code {
    package static let imageNotFound = Self("image.not-found", .notFound)
    package static let imageWhich = Self("image.which", .usage)
}

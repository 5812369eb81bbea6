package import Diagnostics

/// How an image is run, and what its layers are.
///
/// image-spec, config.md.
package struct ImageConfig: Hashable, Sendable {
    /// What the image's programs run on.
    package var platform: Platform
    /// RFC 3339, kept as text: what a stranger wrote stays as it is.
    package var created: String?
    /// Who made the image.
    package var author: String?
    /// What a container of the image is started with.
    package var config: Execution
    /// The layers' diffIDs, the lowest first.
    package var diffIDs: [DiffID]
    /// How the layers came to be, the lowest first.
    package var history: [History]
    /// Members that we do not model.
    private var others = JSONObject()
    private var rootfsOthers = JSONObject()

    /// A config without the rest: no layers yet unless they are given.
    package init(
        platform: Platform,
        created: String? = nil,
        author: String? = nil,
        config: Execution = Execution(),
        diffIDs: [DiffID] = [],
        history: [History] = []
    ) {
        self.platform = platform
        self.created = created
        self.author = author
        self.config = config
        self.diffIDs = diffIDs
        self.history = history
    }
}

extension ImageConfig: JSONRepresentable {
    private enum Key: String, CaseIterable {
        case created, author, architecture, os, variant, config, rootfs, history
        case osVersion = "os.version"
        case osFeatures = "os.features"
    }

    private enum RootfsKey: String, CaseIterable {
        case type
        case diffIDs = "diff_ids"
    }

    /// Reads an OCI config, or Docker's.
    ///
    /// - Throws: `json.unexpected`, `digest.malformed`.
    package init(_ json: JSON, named name: String) throws(Diagnostic) {
        let reader = JSONReader(json, named: name)
        platform = try Platform(membersOf: reader)
        created = try reader.optional(Key.created)?.string()
        author = try reader.optional(Key.author)?.string()
        config =
            try reader.optional(Key.config).map { reader throws(Diagnostic) in try Execution(reader) } ?? Execution()
        let rootfs = try reader.member(Key.rootfs)
        let type = try rootfs.member(RootfsKey.type)
        guard try type.string() == "layers" else { throw type.malformed("it is not `layers`") }
        diffIDs = []
        for diffID in try rootfs.member(RootfsKey.diffIDs).array() { diffIDs.append(DiffID(try diffID.digest())) }
        history = []
        for entry in try reader.optional(Key.history)?.array() ?? [] { history.append(try History(entry)) }
        others = try reader.others(than: Key.self)
        rootfsOthers = try rootfs.others(than: RootfsKey.self)
    }

    /// With what was read and is not modelled.
    package var json: JSON {
        var rootfs = JSONObject()
        rootfs[RootfsKey.type] = "layers"
        rootfs[RootfsKey.diffIDs] = .strings(diffIDs.map(\.description))
        rootfs.append(rootfsOthers)

        var object = JSONObject()
        object[Key.created] = created.map(JSON.string)
        object[Key.author] = author.map(JSON.string)
        platform.write(to: &object)
        object[Key.config] = config.json
        object[Key.rootfs] = .object(rootfs)
        object[Key.history] = history.isEmpty ? nil : .array(history.map(\.json))
        object.append(others)
        return .object(object)
    }
}

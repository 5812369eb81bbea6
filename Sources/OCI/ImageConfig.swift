public import Diagnostics

/// How an image is run, and what its layers are.
///
/// image-spec, config.md.
public struct ImageConfig: Hashable, Sendable, JSONRepresentable {
    /// What a container of the image is started with.
    public struct Execution: Hashable, Sendable {
        public var user: String?
        /// `PORT/PROTOCOL`.
        public var exposedPorts: [String] = []
        /// `NAME=VALUE`.
        public var env: [String] = []
        public var entrypoint: [String]?
        public var cmd: [String]?
        public var volumes: [String] = []
        public var workingDir: String?
        public var labels: [String: String] = [:]
        public var stopSignal: String?
        fileprivate var others = JSONObject()

        public init() {}
    }

    /// How one layer came to be.
    public struct History: Hashable, Sendable {
        /// RFC 3339.
        public var created: String?
        public var createdBy: String?
        public var comment: String?
        /// Whether the step made no layer.
        public var isEmptyLayer: Bool
        fileprivate var others = JSONObject()

        public init(created: String?, createdBy: String?, comment: String? = nil, isEmptyLayer: Bool = false) {
            self.created = created
            self.createdBy = createdBy
            self.comment = comment
            self.isEmptyLayer = isEmptyLayer
        }
    }

    public var platform: Platform
    /// RFC 3339.
    public var created: String?
    public var config: Execution
    public var diffIDs: [DiffID]
    public var history: [History]
    /// Members that we do not model.
    private var others = JSONObject()

    public init(platform: Platform) {
        self.platform = platform
        config = Execution()
        diffIDs = []
        history = []
    }

    public init(_ json: JSON, named name: String) throws(Diagnostic) {
        let reader = JSONReader(json, named: name)
        others = try reader.object()
        platform = try Platform(reader)
        created = try reader.optional("created")?.string()
        config = try reader.optional("config").map { reader throws(Diagnostic) in try Execution(reader) } ?? Execution()
        let rootfs = try reader.member("rootfs")
        guard try rootfs.member("type").string() == "layers" else { throw rootfs.malformed("its type is not `layers`") }
        diffIDs = []
        for diffID in try rootfs.member("diff_ids").strings() { diffIDs.append(DiffID(try Digest(parsing: diffID))) }
        history = []
        for entry in try reader.optional("history")?.array() ?? [] { history.append(try History(entry)) }
    }

    public var json: JSON {
        var object = others
        object["architecture"] = .string(platform.architecture)
        object["os"] = .string(platform.os)
        object["variant"] = platform.variant.map { .string($0) }
        object["created"] = created.map { .string($0) }
        object["config"] = config.json
        object["rootfs"] = ["type": "layers", "diff_ids": .array(diffIDs.map { .string($0.description) })]
        object["history"] = history.isEmpty ? nil : .array(history.map(\.json))
        return .object(object)
    }
}

extension ImageConfig.Execution {
    init(_ reader: JSONReader) throws(Diagnostic) {
        others = try reader.object()
        user = try reader.optional("User")?.string()
        exposedPorts = try reader.optional("ExposedPorts")?.object().keys ?? []
        env = try reader.optional("Env")?.strings() ?? []
        entrypoint = try reader.optional("Entrypoint")?.strings()
        cmd = try reader.optional("Cmd")?.strings()
        volumes = try reader.optional("Volumes")?.object().keys ?? []
        workingDir = try reader.optional("WorkingDir")?.string()
        labels = try reader.optional("Labels")?.stringMap() ?? [:]
        stopSignal = try reader.optional("StopSignal")?.string()
    }

    var json: JSON {
        var object = others
        object["User"] = user.map { .string($0) }
        object["ExposedPorts"] = Self.set(exposedPorts)
        object["Env"] = env.isEmpty ? nil : .array(env.map { .string($0) })
        object["Entrypoint"] = entrypoint.map { .array($0.map { .string($0) }) }
        object["Cmd"] = cmd.map { .array($0.map { .string($0) }) }
        object["Volumes"] = Self.set(volumes)
        object["WorkingDir"] = workingDir.map { .string($0) }
        object["Labels"] = JSON.strings(labels)
        object["StopSignal"] = stopSignal.map { .string($0) }
        return .object(object)
    }

    /// A set, as Go writes one: an object whose values say nothing.
    private static func set(_ keys: [String]) -> JSON? {
        guard !keys.isEmpty else { return nil }
        var object = JSONObject()
        for key in keys { object[key] = [:] }
        return .object(object)
    }
}

extension ImageConfig.History {
    init(_ reader: JSONReader) throws(Diagnostic) {
        others = try reader.object()
        created = try reader.optional("created")?.string()
        createdBy = try reader.optional("created_by")?.string()
        comment = try reader.optional("comment")?.string()
        isEmptyLayer = try reader.optional("empty_layer")?.bool() ?? false
    }

    var json: JSON {
        var object = others
        object["created"] = created.map { .string($0) }
        object["created_by"] = createdBy.map { .string($0) }
        object["comment"] = comment.map { .string($0) }
        object["empty_layer"] = isEmptyLayer ? true : nil
        return .object(object)
    }
}

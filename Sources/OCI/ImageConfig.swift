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

extension ImageConfig {
    /// What a container of the image is started with.
    ///
    /// image-spec, config.md § Properties, `config`.
    package struct Execution: Hashable, Sendable {
        /// `USER[:GROUP]`, each a name or a number.
        package var user: String?
        /// `PORT/PROTOCOL`.
        package var exposedPorts: [String]
        /// `NAME=VALUE`, no name twice.
        package var env: [String]
        /// Names that were set twice, and what was not `NAME=VALUE`, as it was read.
        package private(set) var oddVariables: [String] = []
        /// The program and its first arguments.
        package var entrypoint: [String]?
        /// The arguments that a user may replace.
        package var cmd: [String]?
        /// Directories for data that outlives the container.
        package var volumes: [String]
        /// Where the program is started.
        package var workingDir: String?
        /// Anything, by keys such as those of annotations.md.
        package var labels: [String: String]
        /// `SIGTERM`.
        package var stopSignal: String?
        /// Members that we do not model.
        private var others = JSONObject()

        /// Nothing said but what is given.
        package init(
            user: String? = nil,
            exposedPorts: [String] = [],
            env: [String] = [],
            entrypoint: [String]? = nil,
            cmd: [String]? = nil,
            volumes: [String] = [],
            workingDir: String? = nil,
            labels: [String: String] = [:],
            stopSignal: String? = nil
        ) {
            self.user = user
            self.exposedPorts = exposedPorts
            self.env = env
            self.entrypoint = entrypoint
            self.cmd = cmd
            self.volumes = volumes
            self.workingDir = workingDir
            self.labels = labels
            self.stopSignal = stopSignal
        }
    }
}

extension ImageConfig.Execution {
    private enum Key: String, CaseIterable {
        case user = "User"
        case exposedPorts = "ExposedPorts"
        case env = "Env"
        case entrypoint = "Entrypoint"
        case cmd = "Cmd"
        case volumes = "Volumes"
        case workingDir = "WorkingDir"
        case labels = "Labels"
        case stopSignal = "StopSignal"
    }

    init(_ reader: JSONReader) throws(Diagnostic) {
        user = try reader.optional(Key.user)?.string()
        exposedPorts = try reader.optional(Key.exposedPorts)?.object().keys ?? []
        if let written = try reader.optional(Key.env)?.strings() {
            (env, oddVariables) = Self.effective(written)
        } else {
            env = []
        }
        entrypoint = try reader.optional(Key.entrypoint)?.strings()
        cmd = try reader.optional(Key.cmd)?.strings()
        volumes = try reader.optional(Key.volumes)?.object().keys ?? []
        workingDir = try reader.optional(Key.workingDir)?.string()
        labels = try reader.optional(Key.labels)?.stringMap() ?? [:]
        stopSignal = try reader.optional(Key.stopSignal)?.string()
        others = try reader.others(than: Key.self)
    }

    /// Whether a builder is asked to run something first: Docker's `ONBUILD`.
    package var hasTriggers: Bool {
        guard case .array(let steps)? = others["OnBuild"] else { return false }
        return !steps.isEmpty
    }

    /// Removes the steps that builders are asked to run first: they are for builds on the image, once.
    package mutating func removeTriggers() { others["OnBuild"] = nil }

    /// Docker's member `Healthcheck`, which the image-spec leaves to it; `nil` if absent.
    package var healthcheck: JSON? {
        get { others["Healthcheck"] }
        set { others["Healthcheck"] = newValue }
    }

    /// What engines make of an environment: of two values for a name the last counts, and what is not `NAME=VALUE` does not.
    private static func effective(_ written: [String]) -> (variables: [String], odd: [String]) {
        var variables = [String]()
        var odd = [String]()
        var places: [String: Int] = [:]
        for variable in written {
            guard let end = variable.utf8.firstIndex(of: UInt8(ascii: "=")), end > variable.startIndex else {
                odd.append(variable)
                continue
            }
            let name = String(variable[..<end])
            if let place = places[name] {
                variables[place] = variable
                odd.append(name)
            } else {
                places[name] = variables.count
                variables.append(variable)
            }
        }
        return (variables, odd)
    }

    var json: JSON {
        var object = JSONObject()
        object[Key.user] = user.map(JSON.string)
        object[Key.exposedPorts] = Self.set(exposedPorts)
        object[Key.env] = env.isEmpty ? nil : .strings(env)
        object[Key.entrypoint] = entrypoint.map { .strings($0) }
        object[Key.cmd] = cmd.map { .strings($0) }
        object[Key.volumes] = Self.set(volumes)
        object[Key.workingDir] = workingDir.map(JSON.string)
        object[Key.labels] = labels.isEmpty ? nil : .strings(labels)
        object[Key.stopSignal] = stopSignal.map(JSON.string)
        object.append(others)
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

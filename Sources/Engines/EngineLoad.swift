import ByteIO
package import Diagnostics
import Images
package import OCI
package import Store

/// Hands images over to an engine: it gets one archive as a stream, of which there is no second copy on disk.
package struct EngineLoad: Sendable {
    private let found: FoundEngine
    private let platform: Platform?
    private let machine: Platform
    private let environment: [String: String]
    private let userAgent: String
    private let note: @Sendable (Diagnostic) -> Void

    /// - Parameters:
    ///   - platform: the one that was asked for; `nil` for that of the engine's containers.
    ///   - machine: the platform of an engine that does not say its own.
    ///   - environment: of the programs that are run.
    ///   - note: called with what is worth knowing.
    package init(
        into found: FoundEngine,
        platform: Platform?,
        machine: Platform,
        environment: [String: String],
        userAgent: String,
        note: @escaping @Sendable (Diagnostic) -> Void
    ) {
        self.found = found
        self.platform = platform
        self.machine = machine
        self.environment = environment
        self.userAgent = userAgent
        self.note = note
    }

    /// The archive that the engine takes, for those who carry it there themselves.
    ///
    /// - Throws: `engine.no-name`, `image.platform-missing`; what brings the blobs here throws.
    package static func archive(
        of images: ImageSet,
        for engine: Engine,
        _ platform: Platform?,
        machine: Platform
    ) async throws(Diagnostic) -> ArchiveStream {
        let isContainerd = [.containerd, .k3s, .kind].contains(engine)
        if isContainerd { try checkName(images, engine) }
        let node = try await node(images, engine, platform, machine)
        return try await ArchiveStream(node.images, isContainerd ? .containerd : .everyLoader, isVerifying: true)
    }

    /// Loads `images` under their names, and what stands beside them.
    ///
    /// - Throws: `engine.…`, `image.platform-missing`, `blob.…`, `io.failed`.
    package func load(_ images: ImageSet) async throws(Diagnostic) -> LoadReport {
        var report = try await loadOne(images)
        if let companion = images.companion {
            let beside = ImageSet(
                top: companion.top,
                names: companion.names,
                listings: companion.listings,
                blobs: images.blobs.map { ($0.descriptor, $0.content) }
            )
            report.add(try await loadOne(beside))
        }
        return report
    }

    private func loadOne(_ images: ImageSet) async throws(Diagnostic) -> LoadReport {
        if found.isContainerd { try Self.checkName(images, found.engine) }
        noteLatest(images)
        switch found.way {
        case .api(let address):
            let api = try DockerAPI(address, environment, userAgent: userAgent)
            do throws(Diagnostic) {
                let own = platform == nil ? try await api.platform() : nil
                let node = try await self.node(images, own ?? machine)
                let stream = try await ArchiveStream(node.images)
                _ = try await api.load(stream)
                await api.close()
                return report(node, stream)
            } catch {
                await api.close()
                throw error
            }
        case .program(let program) where found.engine == .podman:
            return try await loadIntoPodman(images, program)
        case .program(let program):
            let node = try await self.node(images, machine)
            let stream = try await ArchiveStream(node.images, found.isContainerd ? .containerd : .everyLoader)
            _ = try await program.load(stream)
            return report(node, stream)
        case .nodes(let nodes):
            let node = try await self.node(images, machine)
            let stream = try await ArchiveStream(node.images, .containerd)
            for (_, program) in nodes { _ = try await program.load(stream) }
            return report(node, stream)
        case .folder(let folder):
            let node = try await self.node(images, machine)
            let stream = try await ArchiveStream(node.images, .containerd)
            try stream.write(to: folder.appending(Self.fileName(images)))
            return report(node, stream)
        }
    }

    /// podman takes an archive with several names for several images, and falls back to the list that loses the digest.
    private func loadIntoPodman(_ images: ImageSet, _ podman: EngineProgram) async throws(Diagnostic) -> LoadReport {
        let node = try await self.node(images, machine)
        var first = node.images
        first.names = Array(first.names.prefix(1))
        let stream = try await ArchiveStream(first)
        if try await !isPulled(first, by: podman) { _ = try await podman.with(["load", "--quiet"]).load(stream) }
        if let name = first.names.first {
            let others = images.names.dropFirst().map(\.normalized)
            if !others.isEmpty { _ = try await podman.with(["tag", name.normalized] + others).output() }
        }
        return report(node, stream)
    }

    /// Has podman read a layout that links to the layers' files; false if there are none, or podman did not.
    ///
    /// An archive is copied by podman from the stream, and unpacked twice, before it is read. Like every reader of containers/image,
    /// it compares all blobs with their digests.
    private func isPulled(_ images: ImageSet, by podman: EngineProgram) async throws(Diagnostic) -> Bool {
        let directory = RegistrySettings(environment: environment).temporaryDirectory
        guard let name = images.names.first?.normalized, let config = images.listings.first?.config.digest,
            let layout = try await LinkedLayout(of: images, called: name, in: directory),
            !layout.path.display.contains(":")
        else { return false }
        let said: String
        do throws(Diagnostic) {
            said = try await podman.with(["pull", "--quiet", "oci:\(layout.path.display):\(name)"]).loadOutput()
        } catch {
            guard error.code.category != .cancelled else { throw error }
            // What is wrong with the image or with podman comes up in the usual way, too.
            return false
        }
        withExtendedLifetime(layout) {}
        // It prints the image's ID, which is the digest of its config.
        return said.contains(config.hex)
    }

    private func report(_ node: NodeImage, _ stream: ArchiveStream) -> LoadReport {
        if let own = node.platform, platform == nil, !own.matches(machine), case .program = found.way {
            note(
                Diagnostic(
                    .enginePlatform,
                    "the image is for \(own), and this machine is \(machine)",
                    because: "it is the only one there is",
                    hint: "its containers start only where an emulator is installed"
                )
            )
        }
        return LoadReport(found, node.images, size: stream.size)
    }

    // MARK: What is loaded

    private func node(_ images: ImageSet, _ machine: Platform) async throws(Diagnostic) -> NodeImage {
        try await Self.node(images, found.engine, platform, machine)
    }

    private static func node(
        _ images: ImageSet,
        _ engine: Engine,
        _ platform: Platform?,
        _ machine: Platform
    ) async throws(Diagnostic) -> NodeImage {
        // podman takes an image out of an index and does not keep that; another platform's image would not be looked for.
        let keepsIndex = platform == nil && engine != .podman && engine != .minikube
        return try await NodeImage(
            of: images,
            for: platform ?? machine,
            keepsIndex: keepsIndex,
            // docker unpacks every image whose manifest it gets; an import of all platforms by containerd wants every manifest.
            keepsOthers: engine != .docker
        )
    }

    /// containerd makes no image of an archive without names, and says nothing of it.
    private static func checkName(_ images: ImageSet, _ engine: Engine) throws(Diagnostic) {
        guard images.names.isEmpty else { return }
        throw Diagnostic(
            .engineNoName,
            "the image has no name, and \(engine.rawValue) finds images by their names only",
            hint: "give it one: `--name example.com/server:1.0` with `load`, or `-t` with `build`"
        )
    }

    private func noteLatest(_ images: ImageSet) {
        guard found.engine.isKubernetes, let name = images.names.first(where: { $0.tag == "latest" }) else { return }
        note(
            Diagnostic(
                .engineLatest,
                "Kubernetes will look for `\(name.text)` in a registry, and not take what was loaded",
                because: "the tag is `latest`, for which `imagePullPolicy` is Always unless a pod says otherwise",
                hint: "give it another tag, or set `imagePullPolicy: IfNotPresent`"
            )
        )
    }

    /// Always the same for a name, so that an image replaces the one before.
    private static func fileName(_ images: ImageSet) -> String {
        let name = images.names.first?.normalized ?? images.top.digest.hex
        return String(name.prefix(200).map { $0 == "/" || $0 == ":" ? "_" : $0 }) + ".tar"
    }
}

/// What an engine was given.
package struct LoadReport: Sendable {
    private let engine: FoundEngine
    private var loaded: [(names: [Reference], digest: Digest, size: Int64)]

    init(_ engine: FoundEngine, _ images: ImageSet, size: Int64) {
        self.engine = engine
        loaded = [(images.names, images.top.digest, size)]
    }

    mutating func add(_ other: LoadReport) { loaded += other.loaded }

    /// `REFERENCE@sha256:…` for each name, or the digest alone.
    package var references: [String] {
        loaded.flatMap { image in
            image.names.isEmpty ? [image.digest.description] : image.names.map { "\($0.text)@\(image.digest)" }
        }
    }

    /// For a person.
    package var lines: [String] {
        let place = engine.engine.rawValue + (engine.namespace.map { ", namespace \($0)" } ?? "")
        return loaded.map { image in
            let names = image.names.isEmpty ? image.digest.description : image.names.map(\.text).joined(separator: ", ")
            return "loaded \(names) into \(place): \(engine.reason)"
        }
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["engine"] = .string(engine.engine.rawValue)
        json["namespace"] = engine.namespace.map { .string($0) }
        json["because"] = .string(engine.reason)
        json["images"] = .array(
            loaded.map { image in
                [
                    "digest": .string(image.digest.description),
                    "names": .array(image.names.map { .string($0.text) }),
                    "size": .int(image.size),
                ]
            }
        )
        json["references"] = .array(references.map { .string($0) })
        return .object(json)
    }
}

extension Diagnostic.Code {
    static let engineNoName = Self("engine.no-name", .usage)
    static let engineLatest = Self("engine.latest", .usage)
    static let enginePlatform = Self("engine.platform", .verification)
}

import Bases
package import ByteIO
import Debian
package import Diagnostics
import HTTP
package import OCI
package import Registry
import Rootfs
package import Store
import Synchronization

/// The way to images that are elsewhere: opens locations, and keeps what was fetched.
///
/// Nothing is opened before it is wanted: a build on scratch makes no connection and no cache.
package final class ImageAccess: Sendable {
    private struct State {
        var transport: AsyncHTTPTransport?
        var client: RegistryClient?
        /// `nil` before the first question, `.some(nil)` if there is none.
        var cache: BlobCache??
        var expanded: Set<Reference> = []
        /// What names of bases mean: many images have the same, and the catalogue is searched once for it.
        var bases: [String: ImageLocation] = [:]
        /// What locations have to be.
        var pins: [ImageLocation: (digest: Digest, name: String?)] = [:]
        /// `nil` before the first question, `.some(nil)` if there is none.
        var project: ProjectLock.File??
        /// Locks of the newest packages, by the full names of bases, as they are asked for and once they are known.
        var newest: [String: Task<Result<NewestBase, Diagnostic>, Never>] = [:]
        var known: [String: NewestBase] = [:]
        /// What locations stand for, whatever is there.
        var gathered: [ImageLocation: any ImageProvider] = [:]
        /// Holds what is unpacked of images.
        var spill: SpillDirectory?
    }

    package let settings: RegistrySettings
    package let observe: @Sendable (TransferEvent) -> Void
    package let note: @Sendable (Diagnostic) -> Void
    private let state = Mutex(State())

    /// Opens nothing yet.
    ///
    /// - Parameters:
    ///   - note: called with notes, from any thread.
    ///   - observe: called with every event of a transfer, from any thread.
    package init(
        _ settings: RegistrySettings,
        note: @escaping @Sendable (Diagnostic) -> Void = { _ in },
        observe: @escaping @Sendable (TransferEvent) -> Void = { _ in }
    ) {
        self.settings = settings
        self.observe = observe
        self.note = note
    }

    /// What is at `location`.
    ///
    /// - Parameter platforms: the platforms that are wanted; `nil` for all. No others are assembled.
    package func provider(
        for location: ImageLocation,
        on platforms: [Platform]? = nil
    ) throws(Diagnostic) -> any ImageProvider {
        if let provider = state.withLock({ $0.gathered[location] }) { return provider }
        let provider = try anyProvider(for: location, on: platforms)
        guard let pin = state.withLock({ $0.pins[location] }) else { return provider }
        return PinnedProvider(provider, to: pin.digest, called: pin.name)
    }

    /// Has `location` stand for the image with this digest: later providers refuse another one with `image.moved`.
    ///
    /// - Parameter name: what it is called from then on; `nil` for its usual name.
    package func pin(_ location: ImageLocation, to digest: Digest, called name: String? = nil) {
        state.withLock { $0.pins[location] = (digest, name) }
    }

    /// The location that `text` stands for: what `find` says when it is first asked for.
    func base(named text: String, _ find: () throws(Diagnostic) -> ImageLocation) throws(Diagnostic) -> ImageLocation {
        if let known = state.withLock({ $0.bases[text] }) { return known }
        let found = try find()
        state.withLock { $0.bases[text] = found }
        return found
    }

    func gathered(_ location: ImageLocation, _ provider: any ImageProvider) {
        state.withLock { $0.gathered[location] = provider }
    }

    private func anyProvider(
        for location: ImageLocation,
        on platforms: [Platform]?
    ) throws(Diagnostic) -> any ImageProvider {
        switch location {
        case .registry(let reference):
            noteExpansion(of: reference)
            return try registryProvider(for: reference, try client())
        case .layout(let path, let name), .archive(let path, let name), .dockerArchive(let path, let name):
            do throws(Diagnostic) {
                return try LocalProvider(
                    try ImageSource(path, temporary: settings.temporaryDirectory),
                    called: name
                )
            } catch {
                guard error.code == .imageWhich, name == nil else { throw error }
                var problem = error
                problem.hint = "say which, like `\(location):NAME`"
                throw problem
            }
        case .catalogue(let name): return try catalogue().provider(for: name, on: platforms)
        }
    }

    package func registryProvider(
        for reference: Reference,
        _ client: RegistryClient
    ) throws(Diagnostic) -> any ImageProvider {
        RegistryProvider(
            reference,
            client,
            cache: try cache(),
            drafts: settings.temporaryDirectory,
            sources: settings.sources
        )
    }

    /// `nil` if there is no usable cache, which was noted.
    package func cache() throws(Diagnostic) -> BlobCache? {
        let (cache, problem) = state.withLock { state -> (BlobCache?, Diagnostic?) in
            if let cache = state.cache { return (cache, nil) }
            do throws(Diagnostic) {
                guard let place = settings.cachePlace else { throw .cacheAbsent }
                let cache = try BlobCache(place)
                state.cache = .some(cache)
                return (cache, nil)
            } catch {
                state.cache = .some(nil)
                return (nil, error)
            }
        }
        if let problem { note(problem) }
        return cache
    }

    /// Speaks to registries with the user's own credentials.
    package func client() throws(Diagnostic) -> RegistryClient {
        if let client = state.withLock({ $0.client }) { return client }
        let store = CredentialStore(environment: settings.environment)
        let made = try makeClient(store)
        let (client, isNew) = state.withLock { state in
            if let client = state.client { return (client, false) }
            state.client = made
            return (made, true)
        }
        if isNew { for line in store.notes { note(Diagnostic(.credentialsExposed, line)) } }
        return client
    }

    /// Speaks to registries with a given credential.
    ///
    /// - Parameter tries: the number of tries of what fails; `nil` for the usual number.
    package func makeClient(_ credentials: CredentialStore, tries: Int? = nil) throws(Diagnostic) -> RegistryClient {
        var options = RegistryClient.Options(credentials: credentials)
        if let tries { options.retry.attempts = tries }
        options.insecureRegistries = settings.insecureRegistries
        options.userAgent = settings.userAgent
        options.note = note
        return RegistryClient(try transport(), options) { [observe] event in observe(event) }
    }

    /// Carries requests; the same for all that speak to registries.
    func transport() throws(Diagnostic) -> any HTTPTransport {
        if settings.sources == .cacheOnly { return OfflineTransport() }
        return try state.withLock { state throws(Diagnostic) in
            if let transport = state.transport { return transport }
            let trust = try RegistryTrust(settings, note: note)
            var timeouts = AsyncHTTPTransport.Timeouts()
            if let rate = settings.minimumRate { timeouts.minimumRate = rate }
            let transport = try AsyncHTTPTransport(
                environment: settings.environment,
                embeddedAuthorities: try CertificateBundle.embedded().pem,
                timeouts: timeouts,
                tls: { host, port in trust.settings(host, port) }
            )
            state.transport = transport
            return transport
        }
    }

    /// Puts images into registries, under `names`: blobs, then manifests, tags last.
    package func push(_ images: ImageSet, to names: [Reference]) async throws(Diagnostic) {
        try refuseOffline("push")
        for name in names { noteExpansion(of: name) }
        let destination = RegistryDestination(
            try client(),
            parallel: settings.parallelTransfers,
            verification: settings.verifiesPushes ? .readBack : .none
        )
        try await destination.publish(images, to: names)
    }

    /// Whether the registries have `image` under all of `names` already, by one question for each; false also where one does not say.
    ///
    /// distribution-spec § Pushing Manifests: a registry takes a manifest when it has what it names, so that its blobs are there, too.
    package func isPushed(_ image: Descriptor, to names: [Reference]) async -> Bool {
        guard !names.isEmpty, !settings.verifiesPushes, settings.sources != .cacheOnly, let client = try? client()
        else {
            return false
        }
        for name in names {
            noteExpansion(of: name)
            let known = try? await client.statedDescriptor(
                of: name.tag.map { .tag($0) } ?? .digest(image.digest),
                in: name.repositoryName
            )
            guard known?.digest == image.digest else { return false }
        }
        return true
    }

    /// What `push` would do under one name.
    func preview(_ images: ImageSet, for name: Reference) async throws(Diagnostic) -> PushPreview {
        try refuseOffline("push")
        noteExpansion(of: name)
        return PushPreview(name, try await RegistryDestination(try client()).plan(images, for: name))
    }

    /// - Throws: `offline.refused` for what cannot be done without a registry.
    package func refuseOffline(
        _ command: String,
        because reason: String = "the command needs a registry"
    ) throws(Diagnostic) {
        guard settings.sources == .cacheOnly else { return }
        throw Diagnostic(
            .offlineRefused,
            "`--offline` and `\(command)` contradict each other",
            at: .option("--offline"),
            because: reason,
            hint: "leave out `--offline`"
        )
    }

    /// Notes once what a name without a registry stands for.
    package func noteExpansion(of reference: Reference) {
        let isShort =
            reference.registry == "docker.io" && !reference.text.hasPrefix("docker.io/")
            && !reference.text.hasPrefix("index.docker.io/")
        guard isShort, state.withLock({ $0.expanded.insert(reference).inserted }) else { return }
        note(Diagnostic(.referenceShort, "`\(reference.text)` is `\(reference.normalized)`"))
    }

    /// The lock of the project, read once; `nil` if there is none, or none is wanted.
    ///
    /// - Throws: what is wrong with the file; `base.lock-missing` for one that was named and is not there.
    func projectLock() throws(Diagnostic) -> ProjectLock.File? {
        if let project = state.withLock({ $0.project }) { return project }
        let project = try settings.bases.projectLock()
        state.withLock { $0.project = .some(project) }
        return project
    }

    /// Those that were found in this run, by the full names of bases.
    var newestLocks: [String: BaseLock] { state.withLock { $0.known.mapValues(\.lock) } }

    /// What was found in this run, sorted by base.
    package var newestBases: [NewestBase] {
        state.withLock { state in state.known.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// What `find` finds for the base `name`, which it is asked only once.
    func newest(
        _ name: String,
        _ find: @escaping @Sendable () async throws(Diagnostic) -> NewestBase
    ) async throws(Diagnostic) -> NewestBase {
        let task = state.withLock { state in
            if let task = state.newest[name] { return task }
            let task = Task { () -> Result<NewestBase, Diagnostic> in
                do throws(Diagnostic) {
                    let found = try await find()
                    self.state.withLock { $0.known[name] = found }
                    return .success(found)
                } catch {
                    return .failure(error)
                }
            }
            state.newest[name] = task
            return task
        }
        return try await task.value.get()
    }

    /// A directory for what is unpacked of images, which is there until the access is closed.
    package func unpackingDirectory() throws(Diagnostic) -> FilePath {
        try state.withLock { state throws(Diagnostic) in
            if let spill = state.spill { return spill.path }
            let spill = try SpillDirectory(in: settings.temporaryDirectory)
            state.spill = spill
            return spill.path
        }
    }

    /// Closes all connections, and deletes what was unpacked.
    package func close() async {
        let transport = state.withLock { state in
            defer { (state.transport, state.client, state.spill) = (nil, nil, nil) }
            return state.transport
        }
        await transport?.shutdown()
    }
}

extension Diagnostic.Code {
    package static let cacheAbsent = Self("cache.absent", .localIO)
    static let credentialsExposed = Self("credentials.exposed", .authentication)
    static let offlineRefused = Self("offline.refused", .usage)
    static let referenceShort = Self("reference.short", .usage)
}

/// Opens no connection: what is asked of it should not have been.
struct OfflineTransport: HTTPTransport {
    func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
        throw HTTPFailure(
            .cancelled,
            "`--offline` forbids asking \(request.url.origin.host)",
            hint: "leave out `--offline`"
        )
    }
}

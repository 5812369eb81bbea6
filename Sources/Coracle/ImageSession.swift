import ByteIO
import Diagnostics
import Images
import Store

/// The way to bases, registries and the cache, for as long as `withImageSession` lasts.
///
/// Its operations may run at the same time. Cancelling their task ends them with an error whose problem has the category
/// `cancelled`; what they had begun to write is removed.
public struct ImageSession: Sendable {
    /// How a session works. None of it changes a byte of an image.
    public struct Options: Sendable {
        /// The directory for fetched blobs and compressed layers; `nil` for the one that `environment` names, or for none.
        public var cacheDirectory: String?
        /// Variables that coracle reads: proxies, `DOCKER_CONFIG` and `HOME` for credentials and the cache, `TMPDIR`.
        ///
        /// Empty by default: nothing is read from the environment of the process.
        public var environment: [String: String] = [:]
        /// The number of blocks that are compressed at the same time; `nil` for one per processor.
        public var parallelBlocks: Int?
        /// The number of blobs that are sent or fetched at the same time.
        public var parallelTransfers = 2
        /// Whether a registry may be contacted.
        public var isOffline = false
        /// Registries, such as `127.0.0.1:5000`, that may be contacted without TLS or with an unknown certificate.
        public var insecureRegistries: Set<String> = []
        /// Paths of PEM files with the certificate authorities that are trusted for a registry, by its host.
        public var certificateAuthorities: [String: [String]] = [:]
        /// The `User-Agent` of requests.
        public var userAgent = "coracle"
        /// Called from any thread with what is worth knowing and not an error, such as a short name that was expanded.
        public var onNotice: @Sendable (Problem) -> Void = { _ in }

        /// No cache, no credentials, and no notices.
        public init() {}
    }

    let access: ImageAccess
    let options: Options

    init(_ options: Options) {
        self.options = options
        var settings = RegistrySettings(environment: options.environment)
        settings.cacheDirectory = options.cacheDirectory.map { FilePath($0) }
        settings.parallelTransfers = max(1, options.parallelTransfers)
        settings.sources = options.isOffline ? .cacheOnly : .everywhere
        settings.insecureRegistries = options.insecureRegistries
        settings.certificateAuthorities = options.certificateAuthorities.mapValues { $0.map { FilePath($0) } }
        settings.userAgent = options.userAgent
        // A session without a cache directory has no cache, which its caller knows.
        let hasCache = settings.cachePlace != nil
        access = ImageAccess(settings) { [onNotice = options.onNotice] notice in
            guard hasCache || notice.code != .cacheAbsent else { return }
            onNotice(Problem(notice))
        }
    }
}

/// Opens a session, calls `body` with it, and closes its connections whether or not `body` throws.
///
/// - Throws: what `body` throws.
public func withImageSession<Result>(
    _ options: ImageSession.Options = ImageSession.Options(),
    _ body: (ImageSession) async throws -> Result
) async throws -> Result {
    let session = ImageSession(options)
    do {
        let result = try await body(session)
        await session.access.close()
        return result
    } catch {
        await session.access.close()
        throw error
    }
}

import ByteIO
package import Diagnostics
import Layers
package import OCI
import Rootfs
import Store

/// Assembles a base's image from its packages.
package struct BaseAssembler: Sendable {
    private let fetcher: BaseFetcher
    let layers: LayerMaker
    private let layering: BaseLayering

    /// - Parameters:
    ///   - cores: number of packages that are worked on at a time. It does not influence the image.
    package init(_ fetcher: BaseFetcher, cores: Int, layering: BaseLayering = .layerPerPackage) {
        self.fetcher = fetcher
        self.layering = layering
        layers = LayerMaker(fetcher, cores: cores)
    }

    /// The image for each of `platforms`, with an index if there are several.
    ///
    /// The same lock always gives the same digests. Layers are stored in the cache and reused.
    /// - Parameter platforms: the platforms; `nil` for all that are locked.
    /// - Throws: `base.lock-…`, `base.platform-absent`, `base.paths-conflict`; what the fetcher and `DebReader` throw.
    package func assemble(
        _ entry: BaseCatalogue.Entry,
        for platforms: [Platform]? = nil
    ) async throws(Diagnostic) -> AssembledBase {
        let lock = try entry.lock()
        let wanted = platforms ?? lock.architectures.compactMap { Platform(debian: $0) }
        var lists = [(platform: Platform, packages: [BaseLock.Package])]()
        for platform in wanted {
            guard let architecture = platform.debianArchitecture, lock.packages[architecture] != nil else {
                throw absent(platform, entry, lock)
            }
            lists.append((platform, try lock.packages(of: entry.definition, entry.variant, for: architecture)))
        }
        guard !lists.isEmpty else { throw absent(Platform(os: "linux", architecture: "amd64"), entry, lock) }
        // Layers of packages for all architectures are made once.
        let packages = lists.flatMap(\.packages)
        let made = try await layers.make(packages, for: entry)
        let sources = GeneratedFiles.Sources(
            bundle: try await layers.bundle(of: packages, in: lock),
            accounts: try await layers.accounts(of: packages, in: lock)
        )

        var parts = AssembledBase.Parts()
        for (platform, packages) in lists {
            parts.images.append(try await image(entry, platform, packages, made, sources, &parts))
        }
        return AssembledBase(name: entry.name, parts)
    }

    private func image(
        _ entry: BaseCatalogue.Entry,
        _ platform: Platform,
        _ packages: [BaseLock.Package],
        _ made: [Digest: LayerMaker.Made],
        _ sources: GeneratedFiles.Sources,
        _ parts: inout AssembledBase.Parts
    ) async throws(Diagnostic) -> AssembledBase.Image {
        // Every runtime accepts as many layers, and those of an application above them.
        let layering = packages.count > BaseDefinition.packageLimit ? .oneLayer : layering
        var table = PackageTable()
        var written = [WrittenLayer]()
        var history = [ImageConfig.History]()
        var (scripts, stripped) = ([String: [String]](), [String]())
        for package in packages {
            guard let layer = made[package.digest] else { preconditionFailure("a package without a layer") }
            try table.add(layer.package, of: package.name)
            written.append(layer.package.layer)
            if layering == .layerPerPackage { parts.blobs[layer.blob.descriptor.digest] = layer.blob }
            history.append(ImageConfig.History(created: nil, createdBy: "\(package.name) \(package.version)"))
            if !layer.package.scripts.isEmpty { scripts[package.name] = layer.package.scripts }
            stripped += layer.package.stripped
        }
        if entry.definition.mustBeWhole { try table.requireLibraries(of: entry.definition) }
        let blueprint = try GeneratedFiles.blueprint(
            for: entry.definition,
            platform.debianArchitecture ?? platform.architecture,
            from: sources,
            over: table
        )
        var generated = try await layers.make(blueprint)
        history.append(ImageConfig.History(created: nil, createdBy: blueprint.createdBy))
        if layering == .oneLayer {
            generated = try await layers.squash(packages, made, generated.layer, blueprint, for: entry)
            let names = packages.map { "\($0.name) \($0.version)" }.joined(separator: ", ")
            history = [ImageConfig.History(created: nil, createdBy: "\(names); \(blueprint.createdBy)")]
            written = []
        }
        written.append(generated.layer)
        parts.blobs[generated.layer.descriptor.digest] = generated.blob

        let documents = ImageDocuments.Image(
            platform,
            config: ImageConfig(
                platform: platform,
                config: Self.execution(of: entry),
                diffIDs: written.map(\.diffID),
                history: history
            ),
            layers: written.map(\.descriptor)
        )
        let config = documents.config
        parts.blobs[config.descriptor.digest] = try local(config.bytes, as: config.descriptor)
        return AssembledBase.Image(
            documents: documents,
            layers: written,
            packages: packages,
            scripts: scripts,
            stripped: stripped.sorted()
        )
    }

    /// A document as a blob: copying an image reads configs as it reads layers.
    private func local(_ bytes: [UInt8], as descriptor: Descriptor) throws(Diagnostic) -> LocalBlob {
        var draft = try BlobDraft(in: fetcher.drafts)
        try draft.write(bytes)
        return try LocalBlob(descriptor, verified: draft.seal(), in: fetcher.drafts)
    }

    /// The configuration of containers of the base.
    static func execution(of entry: BaseCatalogue.Entry) -> ImageConfig.Execution {
        let definition = entry.definition
        let path = ImageConfig.Execution.defaultSearchPath
        var env = ["PATH=\(path)" + (entry.variant.isDebug ? ":/\(Busybox.directory)" : "")]
        if entry.hasCertificates {
            env.append("SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt")
        }
        let own = definition.env
        let names = Set(own.map { $0.prefix { $0 != "=" } })
        env = env.filter { !names.contains($0.prefix { $0 != "=" }) } + own
        return ImageConfig.Execution(
            user: (entry.isRoot ? UserID.root : .nonroot).description,
            env: env,
            entrypoint: entry.variant.isDebug ? ["/\(Busybox.directory)/sh"] : definition.entrypoint,
            workingDir: entry.isRoot ? "/" : Accounts.nonroot.home
        )
    }

    func absent(_ platform: Platform, _ entry: BaseCatalogue.Entry, _ lock: BaseLock) -> Diagnostic {
        let there = lock.architectures.compactMap { Platform(debian: $0)?.description }
        return Diagnostic(
            .basePlatformAbsent,
            "`\(entry.name)` is not there for `\(platform)`",
            because: there.isEmpty
                ? "its lock is empty" : "its packages are locked for \(there.joined(separator: ", "))",
            hint: there.isEmpty ? "make the lock: `coracle base lock`" : nil
        )
    }
}

extension Platform {
    /// By Debian's names.
    private static let debian: [String: (architecture: String, variant: String?)] = [
        "amd64": ("amd64", nil), "arm64": ("arm64", nil), "armhf": ("arm", "v7"), "i386": ("386", nil),
        "ppc64el": ("ppc64le", nil), "riscv64": ("riscv64", nil), "s390x": ("s390x", nil),
    ]

    /// Debian's names of the architectures that bases can be made for, sorted.
    package static let debianArchitectures = debian.keys.sorted()

    /// `nil` for an architecture that bases are not made for.
    package init?(debian architecture: String) {
        guard let known = Self.debian[architecture] else { return nil }
        self.init(os: "linux", architecture: known.architecture, variant: known.variant)
    }

    /// Debian's name of the architecture; `nil` if bases are not made for it.
    package var debianArchitecture: String? {
        Self.debianArchitectures.first { Platform(debian: $0)?.matches(self) == true }
    }
}

extension Diagnostic.Code {
    package static let basePlatformAbsent = Self("base.platform-absent", .notFound)
    package static let basePathsConflict = Self("base.paths-conflict", .verification)
}

/// How many layers a base has.
package enum BaseLayering: Hashable, Sendable {
    /// One for each package, which bases share, and one for the files that are made from all packages.
    case layerPerPackage
    case oneLayer
}

package import Bases
package import ByteIO
package import Diagnostics
package import OCI
package import Store

/// The bases that coracle assembles from Debian's packages: what there is, and how it gets here.
package struct Catalogue: Sendable {
    /// Directories of this name in the working directory are taken without being asked for.
    private static let usualDirectories: [FilePath] = ["Bases", "coracle.bases"]

    package let access: ImageAccess
    package let bases: BaseCatalogue

    package init(_ access: ImageAccess) throws(Diagnostic) {
        self.access = access
        var shelves = [BaseShelf]()
        for directory in Self.directories(access.settings) { shelves.append(try BaseShelf(readingFrom: directory)) }
        shelves.append(try BaseShelf.embedded())
        bases = BaseCatalogue(shelves, lockedBy: try access.projectLock(), newest: access.newestLocks)
    }

    /// The names of the bases that are found without being named, each with its suite and without.
    package static func names(_ environment: [String: String]) -> [String] {
        var shelves = directories(RegistrySettings(environment: environment)).compactMap {
            try? BaseShelf(readingFrom: $0)
        }
        if let embedded = try? BaseShelf.embedded() { shelves.append(embedded) }
        let all = BaseCatalogue(shelves).all.map(\.definition)
        var names = all.map(\.fullName)
        for name in all.filter({ $0.apk == nil }).map(\.name) where !names.contains(name) { names.append(name) }
        return names
    }

    /// The directories that bases are looked for in: those that were named, else the usual ones that are there.
    package static func directories(_ settings: RegistrySettings) -> [FilePath] {
        let named = settings.bases.directories
        return named.isEmpty ? usualDirectories.filter(holdsBases) : named
    }

    /// Whether the folder of a suite is there: a `Bases` of another program is not an error.
    private static func holdsBases(_ directory: FilePath) -> Bool {
        ((try? BaseShelf.suites(in: directory)) ?? []).contains {
            (try? FileStatus(at: directory.appending($0.name), following: true))?.kind == .directory
        }
    }

    /// Where `name` is, for copying it or building on it.
    ///
    /// - Throws: `base.unknown`, which names those that are spelt alike; `base.variant-unknown`.
    package func location(of name: String) throws(Diagnostic) -> ImageLocation {
        _ = try bases.entry(named: name)
        return .catalogue(name)
    }

    package func find(_ name: String) throws(Diagnostic) -> BaseCatalogue.Entry? { try bases.find(name) }

    /// The image, assembled when it is first asked for.
    ///
    /// - Parameter platforms: `nil` for all that are locked.
    package func provider(
        for name: String,
        on platforms: [Platform]?
    ) throws(Diagnostic) -> any ImageProvider {
        let entry = try bases.entry(named: name)
        try requireLock(of: entry)
        let settings = access.settings.bases
        let assembler = BaseAssembler(
            try fetcher(),
            cores: settings.cores,
            layering: settings.isSquashed ? .oneLayer : .layerPerPackage
        )
        return BaseProvider(entry, assembler, for: platforms) { (entry) async throws(Diagnostic) in
            try await settled(entry)
        }
    }

    /// The image of `entry` for `platform`, made of the packages that the cache and mirrors on this machine have; `nil` if one is
    /// missing.
    package func localImage(
        of entry: BaseCatalogue.Entry,
        for platform: Platform,
        _ layering: BaseLayering
    ) async -> PlatformImage? {
        guard let fetcher = try? fetcher(.cacheOnly) else { return nil }
        let assembler = BaseAssembler(fetcher, cores: access.settings.bases.cores, layering: layering)
        let images = try? await PlatformImage.all(of: BaseProvider(entry, assembler, for: [platform]))
        return images?.first(for: platform)
    }

    package var mirrors: BaseMirrors {
        get throws(Diagnostic) {
            try BaseMirrors(
                named: access.settings.bases.mirrors,
                snapshots: access.settings.bases.snapshots,
                environment: access.settings.environment
            )
        }
    }

    /// - Parameter sources: `nil` for those of the settings.
    /// - Throws: `cache.absent`: packages and layers have to be somewhere.
    func fetcher(_ sources: AllowedSources? = nil) throws(Diagnostic) -> BaseFetcher {
        guard let cache = try access.cache() else {
            throw Diagnostic(
                .cacheAbsent,
                "a base cannot be made without a cache",
                because: "its packages and layers are stored there",
                hint: "set `CORACLE_CACHE`, or give `--cache-dir`"
            )
        }
        return BaseFetcher(
            try access.transport(),
            from: try mirrors,
            cache: cache,
            drafts: access.settings.temporaryDirectory,
            sources: sources ?? access.settings.sources,
            observer: { [observe = access.observe] event in observe(event) },
            note: access.note
        )
    }
}

extension Catalogue {
    /// The shell that a `debug` base has, as a layer by itself: of the newest `static`, whose lock the user may have renewed.
    package static func debugLayer(for platform: Platform, _ access: ImageAccess) async throws(Diagnostic) -> DebugLayer
    {
        let catalogue = try Catalogue(access)
        let assembler = BaseAssembler(try catalogue.fetcher(), cores: access.settings.bases.cores)
        let base = try await catalogue.settled(try catalogue.bases.entry(named: "static:debug"))
        return try await assembler.debugLayer(of: base, for: platform)
    }
}

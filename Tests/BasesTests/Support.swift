import Bases
import ByteIO
import Debian
import Diagnostics
import HTTP
import OCI
import Store
import TestSupport
import Testing

/// Runs `body` and returns what it threw.
func problem(_ body: () async throws -> Void) async -> Diagnostic? {
    do {
        try await body()
        return nil
    } catch {
        return error as? Diagnostic
    }
}

/// A mirror of packages on this machine, and what assembles bases from it.
final class BaseBench: Sendable {
    let folder: TemporaryDirectory
    let mirror: PackageMirror
    let cache: BlobCache
    private let transport: AsyncHTTPTransport

    init() throws {
        folder = try TemporaryDirectory()
        mirror = try PackageMirror()
        cache = try BlobCache(FilePath(folder("cache")))
        transport = try AsyncHTTPTransport(environment: [:], embeddedAuthorities: [])
    }

    func mirrors() throws -> BaseMirrors { try BaseMirrors(named: [mirror.url]) }

    func fetcher(sources: AllowedSources = .everywhere, cache: BlobCache? = nil) throws -> BaseFetcher {
        BaseFetcher(
            transport,
            from: try mirrors(),
            cache: cache ?? self.cache,
            drafts: FilePath(folder.path),
            sources: sources
        )
    }

    func assembler(sources: AllowedSources = .everywhere, cores: Int = 2, cache: BlobCache? = nil) throws
        -> BaseAssembler
    {
        BaseAssembler(try fetcher(sources: sources, cache: cache), cores: cores)
    }

    /// A base of Debian 12 with these packages of the mirror, locked by hand.
    func entry(
        _ made: [MadePackage],
        _ definition: String = "",
        _ variant: String = ""
    ) throws -> BaseCatalogue.Entry {
        let suite = try DebianSuite(named: "debian12")
        let names = made.filter { $0.name != "busybox-static" }.map { "  - \($0.name)\n" }.joined()
        let text = "for: a test\nend-of-life: 2028-06-30\npackages:\n\(names)\(definition)"
        let base = try BaseDefinition(parsing: Array(text.utf8), named: "it", of: suite, from: "it.yaml")
        let lock = BaseLock(
            suite: suite,
            releases: [],
            definitions: ["it": base.digest],
            packages: ["amd64": try made.map { try mirror.lock($0) }],
            dependencies: ["it": ["amd64": []]]
        )
        let section = BaseShelf.Section(suite: suite, definitions: [base], lock: lock, lockPath: "lock")
        return BaseCatalogue.Entry(
            base,
            variant.isEmpty ? BaseVariant() : try BaseVariant(parsing: variant),
            in: section
        )
    }

    /// Unpacks the image's layers one after the other; returns the directory.
    func unpack(_ base: AssembledBase, _ provider: BaseProvider, _ name: String = "root") async throws -> String {
        try folder.directory(name)
        let image = try #require(base.images.first)
        for layer in image.layers {
            let blob = try await provider.blob(layer.descriptor)
            let file = FilePath(folder("layer.tar.gz"))
            var draft = try BlobDraft(in: FilePath(folder.path))
            try blob.copy(to: &draft)
            try draft.seal().replace(file)
            try Command("tar", ["-xpzf", file.display, "-C", folder(name), "--no-same-owner"]).output()
        }
        return folder(name)
    }

    func stop() async { await transport.shutdown() }
}

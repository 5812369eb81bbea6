import BaseLocking
import Bases
import ByteIO
import Debian
import Diagnostics
import HTTP
import OCI
import Store
import TestSupport
import Testing

/// With the mirrors that this machine's apt is configured with, and Debian's own keys.
@Suite("Bases from Debian's archive", .serialized)
struct RealBaseTests {
    private let folder: TemporaryDirectory
    private let transport: AsyncHTTPTransport
    private let cache: BlobCache

    init() throws {
        folder = try TemporaryDirectory()
        transport = try AsyncHTTPTransport(environment: Environment.current, embeddedAuthorities: [])
        cache = try BlobCache(FilePath(folder("cache")))
    }

    @Test(
        "debian12/base is locked from the signed indexes, fetched and assembled, and again offline to the same digest"
    )
    func base() async throws {
        let shelf = try BaseShelf.embedded()
        let catalogue = BaseCatalogue([shelf])
        let entry = try catalogue.entry(named: "debian12/base")
        let mirrors = try BaseMirrors(environment: Environment.current)
        let now = try Timestamp(parsing: Command("date", ["+%s"]).output().trimmed)
        let locker = BaseLocker(transport, from: mirrors, verifiedBy: try Gpgv(environment: Environment.current))
        let outcome = try await locker.lock(
            entry.section.definitions,
            of: entry.definition.suite,
            for: ["amd64"],
            at: now
        )
        #expect(outcome.lock.releases.map(\.suite) == ["bookworm", "bookworm-updates", "bookworm-security"])
        #expect(outcome.notes.isEmpty)
        let lock = try BaseLock(parsing: outcome.lock.encoded, named: "lock")
        #expect(lock == outcome.lock)

        let section = BaseShelf.Section(
            suite: entry.definition.suite,
            definitions: entry.section.definitions,
            lock: lock,
            lockPath: entry.section.lockPath
        )
        let locked = BaseCatalogue.Entry(entry.definition, entry.variant, in: section)
        var digests = [Digest]()
        for sources in [AllowedSources.everywhere, .cacheOnly] {
            let fetcher = BaseFetcher(
                transport,
                from: mirrors,
                cache: cache,
                drafts: FilePath(folder.path),
                sources: sources
            )
            let assembled = try await BaseAssembler(fetcher, cores: 2).assemble(locked)
            digests.append(assembled.top.digest)
            let image = try #require(assembled.images.first)
            #expect(image.packages.map(\.name) == entry.definition.packages)
            #expect(image.layers.count == image.packages.count + 1)
            #expect((5_000_000..<12_000_000).contains(image.size))
        }
        #expect(digests[0] == digests[1])
        await transport.shutdown()
    }
}

extension String {
    var trimmed: String { String(prefix { $0 != "\n" }) }
}

import ByteIO
import Debian
import Diagnostics
import HTTP
import OCI
import TestSupport
import Testing

/// With the mirrors that this machine's apt is configured with, and Debian's own keys.
@Suite("Debian's archive")
struct RealMirrorTests {
    @Test("a package comes from the machine's mirror through Debian's signatures, and is what apt would install")
    func fetch() async throws {
        let sources = try AptSources(readingFrom: FilePath("/etc/apt"))
        let suite = try #require(sources.sources.first?.suites.first, "apt has no mirror: install one in /etc/apt")
        let transport = try AsyncHTTPTransport(environment: Environment.current, embeddedAuthorities: [])
        let client = MirrorClient(transport)
        let gpgv = try Gpgv(environment: Environment.current)
        let now = try Command("date", ["+%s"]).output().trimmingNewlines
        let release = try await SignedRelease(
            fetching: suite,
            from: sources.mirrors(of: suite),
            client,
            verifiedBy: gpgv,
            at: Timestamp(parsing: now)
        )
        #expect(release.release.codename == suite || release.release.suite == suite)

        var index = PackageIndex(architecture: "amd64")
        try index.add(try await release.packages(of: "main", for: "amd64", client))
        #expect(index.count > 10000)
        let chosen = try index.select(["netbase", "libc6", "tzdata"])

        let folder = try TemporaryDirectory()
        let fetcher = PackageFetcher(client, draftsIn: FilePath(folder.path))
        for package in chosen {
            let path = FilePath(folder("\(package.name).deb"))
            try await fetcher.fetch(package).replace(path)
            var reader = try DebReader(FileSource(path), named: "\(package.name).deb")
            #expect(reader.control.name == package.name)
            #expect(reader.control.version == package.version.description)
            let result = try reader.entries(spillingTo: SpillDirectory(in: FilePath(folder.path)))
            // Against dpkg-deb, whose first name is the root's.
            let listed = try Command(
                "sh",
                ["-c", #"dpkg-deb --fsys-tarfile "$1" | tar -t | wc -l"#, "sh", path.display]
            ).output()
            #expect(listed.trimmingNewlines == String(result.entries.count + 1), "\(package.name)")
        }
        await transport.shutdown()
    }
}

import ByteIO
import Debian
import Diagnostics
import OCI
import Synchronization
import TestSupport
import Testing

@Suite("Mirrors and their signed suites")
struct MirrorTests {
    // For each test its own: what serves them ends with their last reference, which a static one never loses.
    let keys: TestKeys

    init() throws { keys = try TestKeys(["alice", "bob"]) }

    @Test("from InRelease to a package's bytes", arguments: [true, false], [".xz", ".gz"])
    func wholeWay(byHash: Bool, compression: String) async throws {
        let (mirror, client) = try (PackageMirror(), TestClient(keys))
        let made = MadePackage(name: "hello", version: "2:1.0+b1~x-1")
        try mirror.publish(.init(byHash: byHash, compression: compression, packages: [made]), client.keys)
        let release = try await client.release("test", from: [mirror.url]).get()
        var index = PackageIndex(architecture: "amd64")
        try index.add(try await client.packages(release).get())
        let package = try #require(try index.select(["hello"]).first)
        #expect(package.version.description == "2:1.0+b1~x-1")

        let folder = try TemporaryDirectory()
        let draft = try await PackageFetcher(client.client, draftsIn: FilePath(folder.path)).fetch(package)
        #expect(draft.size == package.size)
        try draft.replace(FilePath(folder("x.deb")))
        let reader = try DebReader(FileSource(FilePath(folder("x.deb"))), named: "x.deb")
        #expect(reader.control.version == "2:1.0+b1~x-1")
    }

    @Test("a suite is found by its codename, too, and by no other name")
    func suiteNames() async throws {
        let (mirror, client) = try (PackageMirror(), TestClient(keys))
        try mirror.publish(.init(), client.keys)
        mirror["dists/code-test/InRelease"] = mirror["dists/test/InRelease"]
        mirror["dists/other/InRelease"] = mirror["dists/test/InRelease"]
        #expect(try await client.release("code-test", from: [mirror.url]).get().release.suite == "test")
        #expect(try await client.release("other", from: [mirror.url]).failure?.code == .releaseWrongSuite)
        for name in ["../x", "", "a//b", ".x", "a b"] {
            #expect(try await client.release(name, from: [mirror.url]).failure?.code == .suiteMalformed, "\(name)")
        }
    }

    static let dates: [(String, String?, Diagnostic.Code?)] = [
        ("Sat, 21 Nov 2026 10:00:00 UTC", nil, nil),
        ("Sat, 21 Nov 2026 10:00:00 UTC", "Sun, 22 Nov 2026 10:00:00 UTC", nil),
        ("Sat, 21 Nov 2026 12:05:00 +0000", nil, nil),
        ("Sat, 21 Nov 2026 12:15:00 UTC", nil, .releaseFromFuture),
        ("Sat, 14 Nov 2026 10:00:00 UTC", "Sat, 21 Nov 2026 10:00:00 UTC", .releaseExpired),
        ("yesterday", nil, .releaseMalformed),
        ("Sat, 21 Nov 2026 10:00:00 UTC", "tomorrow", .releaseMalformed),
    ]

    @Test("dates are compared with now, 2026-11-21 at noon", arguments: dates)
    func moments(date: String, end: String?, code: Diagnostic.Code?) async throws {
        #expect(TestClient.now.description == "2026-11-21T12:00:00Z")
        let (mirror, client) = try (PackageMirror(), TestClient(keys))
        try mirror.publish(.init(date: date, validUntil: end), client.keys)
        #expect(try await client.release("test", from: [mirror.url]).failure?.code == code)
    }

    @Test("a list that the Release does not promise is reported as the mirror's fault", arguments: [true, false])
    func outOfStep(byHash: Bool) async throws {
        let (mirror, client) = try (PackageMirror(), TestClient(keys))
        try mirror.publish(.init(byHash: byHash, packages: [MadePackage()]), client.keys)
        let release = try await client.release("test", from: [mirror.url]).get()
        // As a mirror that has got a newer list: the old one is gone, also by its digest.
        mirror.files.withLock { files in
            for path in files.keys where path.hasPrefix("/debian/dists/test/main") { files[path] = nil }
            files["/debian/dists/test/main/binary-amd64/Packages.xz"] = Array("newer".utf8)
        }
        let error = await client.packages(release).failure
        #expect(error?.code.rawValue == "mirror.out-of-step")
        #expect(error?.hint?.hasPrefix("a mirror is out of step with its signed Release") == true)
    }

    @Test("a mirror that has nothing, or does not answer, is passed over")
    func severalMirrors() async throws {
        let (empty, mirror, client) = try (PackageMirror(), PackageMirror(), TestClient(keys))
        try mirror.publish(.init(packages: [MadePackage()]), client.keys)
        let mirrors = [empty.url, mirror.url]
        let release = try await client.release("test", from: mirrors).get()
        #expect(release.mirrors == [mirror.url, empty.url])
        #expect(try await client.packages(release).get().suite == "test")
        #expect(empty.requests == ["/debian/dists/test/InRelease"])
    }

    @Test("a mirror whose Release does not verify is passed over, and reported if there is no other")
    func badMirror() async throws {
        let (bad, good, client) = try (PackageMirror(), PackageMirror(), TestClient(keys))
        try bad.publish(.init(signers: ["bob"]), client.keys)
        try good.publish(.init(), client.keys)
        #expect(try await client.release("test", from: [bad.url, good.url]).get().mirrors.first == good.url)
        #expect(try await client.release("test", from: [bad.url]).failure?.code == .signatureUnknownKey)
    }

    @Test("no mirror, and mirrors without the suite, are reported with the answer of each")
    func absent() async throws {
        let (a, b, client) = try (PackageMirror(), PackageMirror(), TestClient(keys))
        let none = try await client.release("test", from: []).failure
        #expect(none?.hint == "name one with `--mirror`")
        let error = try await client.release("test", from: [a.url, b.url]).failure
        #expect(error?.code.rawValue == "mirror.has-not")
        #expect(error?.code.category == .notFound)
        let reason = [a, b].map { "`\($0.url)/dists/test/InRelease`: it has no such file (status 404)" }
        #expect(error?.reason == reason.joined(separator: "; "))
    }

    @Test(
        "a package that differs from the index is taken from the next mirror, or refused",
        arguments: ["shorter", "changed"]
    )
    func wrongPackage(how: String) async throws {
        let (bad, good, client) = try (PackageMirror(), PackageMirror(), TestClient(keys))
        let suite = PackageMirror.Suite(packages: [MadePackage()])
        try bad.publish(suite, client.keys)
        let path = "pool/main/x/hello_1.0-1_amd64.deb"
        let right = try #require(bad[path])
        good[path] = right
        var wrong = right
        if how == "shorter" { wrong.removeLast() } else { wrong[wrong.count - 1] ^= 1 }
        bad[path] = wrong

        let folder = try TemporaryDirectory()
        let fetcher = PackageFetcher(client.client, draftsIn: FilePath(folder.path))
        func package(_ mirrors: [String]) async throws -> IndexedPackage {
            let file = try await client.packages(client.release("test", from: [bad.url]).get()).get()
            var index = PackageIndex(architecture: "amd64")
            try index.add(
                PackagesFile(
                    bytes: file.bytes,
                    compression: file.compression,
                    suite: "test",
                    mirrors: mirrors,
                    path: file.path
                )
            )
            return try index.select(["hello"])[0]
        }
        let draft = try await fetcher.fetch(package([bad.url, good.url]))
        #expect(draft.size == Int64(right.count))
        let error = await #expect(throws: Diagnostic.self) { _ = try await fetcher.fetch(package([bad.url])) }
        #expect(error?.code.rawValue == "mirror.out-of-step")
        #expect(try names(in: folder.path) == [])
    }
}

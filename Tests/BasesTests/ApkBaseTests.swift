import Apk
import ByteIO
import Debian
import Diagnostics
import HTTP
import OCI
import Store
import TestSupport
import Testing

@testable import BaseLocking
@testable import Bases

/// Repositories of a test, and what locks and assembles bases from them.
private struct ApkBench {
    let repository: ApkRepository
    let folder: TemporaryDirectory
    let cache: BlobCache
    private let transport: AsyncHTTPTransport

    init() throws {
        repository = try ApkRepository()
        folder = try TemporaryDirectory()
        cache = try BlobCache(FilePath(folder("cache")))
        transport = try AsyncHTTPTransport(environment: [:], embeddedAuthorities: [])
    }

    static func suite(_ name: String = "alpine-3.24") throws -> DebianSuite { try DebianSuite(named: name) }

    func definition(
        _ packages: [String],
        _ more: String = "",
        keys: String = "[alice.rsa.pub]",
        suite: String = "alpine-3.24"
    ) throws -> BaseDefinition {
        let text = """
            for: a test
            end-of-life: 2028-06-01
            format: apk
            mirror: \(repository.url)
            repositories: [main]
            keys: \(keys)
            packages: [\(packages.joined(separator: ", "))]
            \(more)
            """
        return try BaseDefinition(
            parsing: Array(text.utf8),
            named: "it",
            of: Self.suite(suite),
            from: "it.yaml",
            beside: ["alice.rsa.pub": try readFile(ApkRepository.publicKey("alice"))]
        )
    }

    private func mirrors() throws -> BaseMirrors { try BaseMirrors() }

    private func fetcher(_ sources: AllowedSources = .everywhere) throws -> BaseFetcher {
        BaseFetcher(transport, from: try mirrors(), cache: cache, drafts: FilePath(folder.path), sources: sources)
    }

    func lock(
        _ definition: BaseDefinition,
        replacing old: BaseLock? = nil,
        isUpdating: Bool = true,
        allowsOlder: Bool = false,
        trusting keys: [String] = []
    ) async throws -> BaseLocker.Outcome {
        let locker = ApkLocker(
            transport,
            from: try mirrors(),
            into: try fetcher(),
            trusting: keys.map { FilePath($0) }
        )
        return try await locker.lock(
            [definition],
            of: definition.suite,
            replacing: old,
            isUpdating: isUpdating,
            allowsOlder: allowsOlder,
            for: ["amd64"]
        )
    }

    func assemble(
        _ definition: BaseDefinition,
        _ lock: BaseLock,
        _ variant: String = "",
        cores: Int = 2,
        sources: AllowedSources = .everywhere,
        layering: BaseLayering = .layerPerPackage
    ) async throws -> (base: AssembledBase, provider: BaseProvider) {
        let section = BaseShelf.Section(
            suite: definition.suite,
            definitions: [definition],
            lock: lock,
            lockPath: "lock"
        )
        let variant = variant.isEmpty ? BaseVariant() : try BaseVariant(parsing: variant)
        let assembler = BaseAssembler(try fetcher(sources), cores: cores, layering: layering)
        let provider = BaseProvider(BaseCatalogue.Entry(definition, variant, in: section), assembler)
        return (try await provider.assembled(), provider)
    }

    /// Unpacks the layers one after the other; returns the directory.
    func unpack(_ made: (base: AssembledBase, provider: BaseProvider), _ name: String = "root") async throws -> String {
        try folder.directory(name)
        for layer in try #require(made.base.images.first).layers {
            let blob = try await made.provider.blob(layer.descriptor)
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

/// Packages like those of Alpine: a system with busybox and musl.
private let small = [
    MadeApk(
        "alpine-release",
        "3.24.0-r0",
        files: [
            .text("etc/alpine-release", "3.24.0\n"), .symlink("etc/os-release", "../usr/lib/os-release"),
            .text("usr/lib/os-release", "ID=alpine\nVERSION_ID=3.24.0\nPRETTY_NAME=\"Alpine Linux v3.24\"\n"),
        ]
    ),
    MadeApk(
        "baselayout",
        "1.0-r0",
        architecture: "noarch",
        files: [
            .text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"), .directory("tmp", mode: 0o1777),
            .directory("root", mode: 0o700), .directory("bin"), .directory("usr/bin"), .text("top", "x"),
        ],
        info: ["depend = /bin/sh"]
    ),
    MadeApk(
        "busybox",
        "1.36.1-r2",
        files: [
            .text("bin/busybox", "program", mode: 0o4755),
            .text("etc/busybox-paths.d/busybox", "/bin/ls\n/bin/sh\n/usr/bin/env\nnot a path\n"),
        ],
        info: ["provides = cmd:busybox=1.36.1-r2", "triggers = /bin /usr/bin"],
        scripts: ["post-install", "trigger"]
    ),
    MadeApk("coreutils", "9.5-r1", files: [.text("bin/ls", "another", mode: 0o755)], info: ["depend = so:libx.so.1"]),
]

@Suite("Bases of apk packages")
struct ApkBaseTests {
    @Test("a base is locked by its signed index and assembled, with apk's database, busybox' links and our accounts")
    func assemble() async throws {
        let bench = try ApkBench()
        try bench.repository.publish(small, areSigned: true)
        let definition = try bench.definition(small.map(\.name))
        let outcome = try await bench.lock(definition)
        let lock = outcome.lock
        #expect(outcome.changes.lines.first == "alpine-release 3.24.0-r0, new")
        #expect(lock.releases.map(\.suite) == ["main/x86_64"])
        #expect(lock.mirrors == [bench.repository.url])
        #expect(try BaseLock(parsing: lock.encoded, named: "lock") == lock)
        let packages = try lock.packages(of: definition, for: "amd64")
        #expect(packages.map(\.architecture) == ["x86_64", "noarch", "x86_64", "x86_64"])
        for package in packages {
            let sum = try Command("sha256sum", ["\(bench.repository.path)/\(package.path)"]).output().prefix(64)
            #expect(package.digest.hex == sum)
        }
        // A shell that only scripts need, and a library.
        #expect(outcome.notes.map(\.code) == [Diagnostic.Code.baseDependencies])
        #expect(outcome.notes.first?.reason == "`baselayout` needs `/bin/sh`, `coreutils` needs `so:libx.so.1`")

        let made = try await bench.assemble(definition, lock)
        let image = try #require(made.base.images.first)
        #expect(image.scripts == ["busybox": ["post-install", "trigger"]])
        #expect(image.stripped == ["/bin/busybox"])
        #expect(image.config.content.config.user == "65532:65532")
        let root = try await bench.unpack(made)
        let script = """
            cd "$1"; cat lib/apk/db/installed; echo ---; readlink bin/sh usr/bin/env etc/os-release; cat bin/ls etc/passwd
            echo; stat -c '%a %n' tmp root bin/busybox home/nonroot
            """
        let text = try Command.shell(script, [root]).output()
        let parts = text.split(separator: "---\n").map(String.init)
        try #require(parts.count == 2)
        #expect(
            parts[1] == """
                /bin/busybox
                /bin/busybox
                ../usr/lib/os-release
                anotherroot:x:0:0:root:/root:/sbin/nologin
                nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
                nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin

                1777 tmp
                700 root
                755 bin/busybox
                700 home/nonroot

                """
        )
        let records = parts[0].components("\n\n")
        #expect(records.count == 4)
        let layout = try #require(records.first { $0.contains("P:baselayout\n") })
        let sum = try Command("sh", ["-c", "printf x | openssl dgst -sha1 -binary | base64"]).output().trimmedLine
        #expect(layout.contains("\nF:\nR:top\nZ:Q1\(sum)\n"), "\(layout)")
        #expect(layout.contains("\nF:tmp\nM:0:0:1777\n"), "\(layout)")
        #expect(layout.contains("\nD:/bin/sh\n"), "\(layout)")
        #expect(layout.hasPrefix("C:Q1"), "\(layout)")
        let busybox = try #require(records.first { $0.contains("P:busybox\n") })
        #expect(busybox.contains("\nR:busybox\na:0:0:755\nZ:Q1"), "\(busybox)")

        // The same lock gives the same image, on any number of cores, from the cache alone.
        let requests = bench.repository.requests.count
        #expect(try await bench.assemble(definition, lock, cores: 1, sources: .cacheOnly).base.top == made.base.top)
        #expect(bench.repository.requests.count == requests)
        #expect(try await bench.assemble(definition, lock, layering: .oneLayer).base.images.first?.layers.count == 1)
        await bench.stop()
    }

    @Test("a base of Wolfi has a list of libraries for glibc's loader, and an os-release if no package brings one")
    func wolfi() async throws {
        let bench = try ApkBench()
        let library = "/usr/lib/x86_64-linux-gnu/libz.so.1"
        let target = try Command("readlink", ["-f", library]).output().trimmedLine
        try bench.repository.publish([
            MadeApk(
                "glibc",
                "2.41-r1",
                files: [.copy("usr/lib/libz.so.1.3", of: target), .symlink("usr/lib/libz.so.1", "libz.so.1.3")]
            )
        ])
        let definition = try bench.definition(["glibc"], suite: "wolfi")
        let made = try await bench.assemble(definition, try await bench.lock(definition).lock)
        let root = try await bench.unpack(made)
        let script = #"ldconfig -p -C "$1/etc/ld.so.cache"; cat "$1/usr/lib/os-release""#
        let text = try Command.shell(script, [root], environment: ["PATH": "/usr/sbin:/sbin:/usr/bin:/bin"]).output()
        #expect(text.contains("libz.so.1 (libc6,x86-64) => /usr/lib/libz.so.1\n"), "\(text)")
        #expect(text.contains("ID=wolfi\n"), "\(text)")
        await bench.stop()
    }

    @Test("an index that is older than the lock's is refused, unless that is accepted; versions stay unless updated")
    func replay() async throws {
        let bench = try ApkBench()
        let definition = try bench.definition(["hello"])
        try bench.repository.publish([MadeApk("hello", "1.1-r0", built: 1_700_000_500)])
        let old = try await bench.lock(definition).lock
        try bench.repository.publish([MadeApk("hello", "1.0-r0", built: 1_700_000_000)])
        let problem = await problem { _ = try await bench.lock(definition, replacing: old) }
        #expect(problem?.code == .apkIndexOlder)
        #expect(problem?.reason?.contains("2023-11-14T22:13:20Z") == true)
        let accepted = try await bench.lock(definition, replacing: old, allowsOlder: true)
        #expect(accepted.changes.lines == ["hello 1.1-r0 → 1.0-r0"])
        try bench.repository.publish([MadeApk("hello", "1.2-r0", built: 1_700_000_900)])
        #expect(try await bench.lock(definition, replacing: old, isUpdating: false).changes.isEmpty)
        #expect(try await bench.lock(definition, replacing: old).changes.lines == ["hello 1.1-r0 → 1.2-r0"])
        await bench.stop()
    }

    @Test(
        "a package that is not the one of the signed index is not locked",
        arguments: [
            (MadeApk(damage: "other data"), "apk.data-digest"),
            (MadeApk(damage: "other checksum"), "apk.package-other"),
            (MadeApk(damage: "no datahash"), "apk.malformed"), (MadeApk(architecture: "aarch64"), "apk.package-other"),
        ]
    )
    func other(made: MadeApk, code: String) async throws {
        let bench = try ApkBench()
        try bench.repository.publish([made])
        let definition = try bench.definition(["hello"])
        #expect(await problem { _ = try await bench.lock(definition) }?.code.description == code)
        await bench.stop()
    }

    @Test("a package that changes, grows or is cut after the index was signed is refused, when locked and when fetched")
    func changed() async throws {
        let path = "main/x86_64/hello-1.0-r0.apk"
        for change in [
            { $0.append(0) }, { $0.removeLast() }, { $0[$0.count / 2] ^= 1 }, { $0 = [] },
        ] as [(inout [UInt8]) -> Void] {
            let bench = try ApkBench()
            let definition = try bench.definition(["hello"])
            try bench.repository.publish([MadeApk()])
            let lock = try await bench.lock(definition).lock
            try bench.repository.change(path, change)
            let fresh = try ApkBench()
            try fresh.repository.publish([MadeApk()])
            try fresh.repository.change(path, change)
            let found = await problem { _ = try await fresh.lock(try fresh.definition(["hello"])) }
            #expect(found != nil)
            // Another machine, which has nothing in its cache.
            let other = BaseLock(
                suite: lock.suite,
                releases: lock.releases,
                definitions: lock.definitions,
                packages: lock.packages,
                mirrors: [fresh.repository.url]
            )
            #expect(await problem { _ = try await fresh.assemble(definition, other) }?.code == .mirrorOutOfStep)
            await bench.stop()
            await fresh.stop()
        }
    }

    @Test("keys are those beside the definition, or those that are named, and have to be the right ones")
    func keys() async throws {
        let bench = try ApkBench()
        try bench.repository.publish([MadeApk()])
        func code(_ keys: String, trusting files: [String] = []) async throws -> String? {
            let definition = try bench.definition(["hello"], keys: keys)
            return await problem { _ = try await bench.lock(definition, trusting: files) }?.code.description
        }
        #expect(try await code("[alice.rsa.pub]") == nil)
        #expect(try await code("[another.rsa.pub]") == "apk.key-missing")
        #expect(try await code("[another.rsa.pub]", trusting: [try ApkRepository.publicKey("alice")]) == nil)
        #expect(
            try await code("[alice.rsa.pub]", trusting: [try ApkRepository.publicKey("mallory")])
                == "apk.signature-untrusted"
        )
        let zeros = String(repeating: "0", count: 64)
        #expect(try await code("[{file: alice.rsa.pub, sha256: '\(zeros)'}]") == "apk.key-other")
        let sum = try Command.shell(
            #"openssl pkey -pubin -in "$1" -outform DER | sha256sum"#,
            [try ApkRepository.publicKey("alice")]
        ).output().prefix(64)
        #expect(try await code("[{file: alice.rsa.pub, sha256: '\(sum)'}]") == nil)
        // From an address, which is trusted because its digest is known.
        let key = try readFile(ApkRepository.publicKey("alice"))
        try writeFile("\(bench.repository.path)/alice.key", key)
        let remote = "{file: far.rsa.pub, sha256: '\(sum)', from: '\(bench.repository.url)/alice.key'}"
        try bench.repository.publish([MadeApk()], signatures: [("RSA256", "alice", "far.rsa.pub")])
        #expect(try await code("[\(remote)]") == nil)
        try writeFile("\(bench.repository.path)/alice.key", try readFile(ApkRepository.publicKey("mallory")))
        #expect(try await code("[\(remote)]") == "apk.key-other")
        await bench.stop()
    }

    @Test(
        "definitions say where apk packages are, and those of Debian's packages do not",
        arguments: [
            ("alpine-3.24", "repositories: [main]\nkeys: [a.pub]", "`format: apk` is missing"),
            ("alpine-3.24", "format: deb\nrepositories: [main]\nkeys: [a.pub]", "have the format `apk`"),
            ("alpine-3.24", "format: apk\nrepositories: [../main]\nkeys: [a.pub]", "is not a path below a mirror"),
            ("alpine-3.24", "format: apk\nrepositories: []\nkeys: [a.pub]", "1 to 16 repositories"),
            ("alpine-3.24", "format: apk\nrepositories: [main]\nkeys: [a/b.pub]", "is not the name of a key"),
            ("alpine-3.24", "format: apk\nmirror: x\nrepositories: [main]\nkeys: [a.pub]", "address of a mirror"),
            (
                "alpine-3.24",
                "format: apk\nrepositories: [main]\nkeys: [{file: a.pub, from: 'https://example.com/a'}]",
                "only if its `sha256` is known"
            ),
            ("debian13", "repositories: [main]", "is for definitions with `format: apk`"),
            ("debian13", "format: apk", "have the format `deb`"),
        ]
    )
    func definitions(suite: String, text: String, reason: String) throws {
        let bytes = Array("for: x\nend-of-life: 2028-06-01\npackages: [musl]\n\(text)\n".utf8)
        #expect {
            try BaseDefinition(parsing: bytes, named: "it", of: DebianSuite(named: suite), from: "it.yaml")
        } throws: {
            ($0 as? Diagnostic)?.reason?.contains(reason) == true
        }
    }

    @Test("coracle's own definitions of Alpine and Wolfi are read, are not locked, and have no short names")
    func embedded() throws {
        let catalogue = BaseCatalogue([try BaseShelf.embedded()])
        let others = catalogue.all.filter { $0.definition.apk != nil }
        #expect(
            others.map(\.name) == [
                "alpine-3.24/base", "alpine-3.24/cc", "alpine-3.24/shell", "alpine-3.24/static", "wolfi/base",
                "wolfi/cc",
                "wolfi/static",
            ]
        )
        for entry in others {
            #expect(throws: Diagnostic.self) { try entry.lock() }
            #expect(entry.definition.endOfLife == (entry.name.hasPrefix("alpine") ? "2028-06-01" : "rolling"))
        }
        #expect(try catalogue.find("base")?.name == "debian13/base")
        #expect(try catalogue.find("wolfi/base")?.libc == "glibc")
        #expect(try catalogue.find("alpine-3.24/cc:root")?.isRoot == true)
        #expect(throws: Diagnostic.self) { try catalogue.find("alpine-3.24/cc:debug") }
        #expect(throws: Diagnostic.self) { try DebianSuite(named: "alpine-3.024") }
        #expect(try DebianSuite(named: "alpine-3.9") < DebianSuite(named: "alpine-3.24"))
    }
}

extension String {
    fileprivate var trimmedLine: String { String(prefix { $0 != "\n" }) }

    /// The parts between `separator`, without empty ones.
    fileprivate func components(_ separator: String) -> [String] {
        var (parts, rest) = ([String](), self[...])
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return (parts + [String(rest)]).filter { !$0.isEmpty }
    }
}

import Bases
import ByteIO
import Diagnostics
import OCI
import Store
import Synchronization
import TestSupport
import Testing

@Suite("Bases put together from packages")
struct AssemblyTests {
    private let bench: BaseBench

    init() throws { bench = try BaseBench() }

    private static let files = MadePackage(
        name: "base-files",
        script: """
            mkdir -p usr/lib etc var/lib/dpkg usr/share/doc/base-files tmp
            echo theirs > usr/lib/os-release; ln -s ../usr/lib/os-release etc/os-release
            echo c > usr/share/doc/base-files/copyright; echo d > usr/share/doc/base-files/README
            """
    )

    @Test("packages are layers in the definition's order, and ours is the last")
    func whole() async throws {
        let entry = try bench.entry(
            [Self.files, MadePackage()],
            "env: {LANG: C.UTF-8}\nentrypoint: [/usr/bin/hello]\nfiles: {/etc/motd: hi}\nlinks: {/usr/bin/h: hello}\n"
        )
        let provider = BaseProvider(entry, try bench.assembler())
        let base = try await provider.assembled()
        let image = try #require(base.images.first)
        #expect(base.top.digest == image.manifest.descriptor.digest)
        #expect(image.platform == Platform(os: "linux", architecture: "amd64"))
        #expect(
            image.config.content.history.map(\.createdBy) == [
                "base-files 1.0-1", "hello 1.0-1", "coracle: accounts, certificates, name lookup",
            ]
        )
        let run = image.config.content.config
        #expect(run.user == "65532:65532")
        #expect(run.workingDir == "/home/nonroot")
        #expect(run.entrypoint == ["/usr/bin/hello"])
        #expect(run.env == ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"])

        let root = try await bench.unpack(base, provider)
        #expect(try text(root, "etc/motd") == "hi")
        #expect(try text(root, "usr/bin/h") == "hello\n")
        #expect(try text(root, "etc/os-release").hasPrefix("PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)"))
        #expect(try text(root, "etc/nsswitch.conf").hasPrefix("passwd:    files\n"))
        #expect(try text(root, "var/lib/dpkg/status.d/hello").hasPrefix("Package: hello\nVersion: 1.0-1\n"))
        let modes = Command("stat", ["-c", "%a %n", "tmp", "home/nonroot", "root", "etc/passwd"], directory: root)
        #expect(try modes.output() == "1777 tmp\n700 home/nonroot\n700 root\n644 etc/passwd\n")
        // What is left out is not in the sums either: they agree with the files.
        for package in ["base-files", "hello"] {
            let sums = "var/lib/dpkg/status.d/\(package).md5sums"
            try Command("md5sum", ["--quiet", "-c", sums], directory: root).output()
        }
        await bench.stop()
    }

    @Test("the same lock gives the same digests, however many cores there are and whatever is in the cache")
    func deterministic() async throws {
        let entry = try bench.entry([Self.files, MadePackage()])
        let first = try await bench.assembler(cores: 1).assemble(entry)
        let other = try BlobCache(FilePath(bench.folder("other-cache")))
        let second = try await bench.assembler(cores: 4, cache: other).assemble(entry)
        #expect(first.top == second.top)
        await bench.stop()
    }

    @Test("a second assembly asks no mirror, also one that may not, and writes nothing")
    func again() async throws {
        let entry = try bench.entry([Self.files, MadePackage()])
        let first = try await bench.assembler().assemble(entry)
        let requests = bench.mirror.requests
        #expect(requests.count == 2)
        let kept = try bench.cache.list().map(\.digest.hex).sorted()
        let second = try await bench.assembler(sources: .cacheOnly).assemble(entry)
        #expect(first.top == second.top)
        #expect(bench.mirror.requests == requests)
        #expect(try bench.cache.list().map(\.digest.hex).sorted() == kept)
        await bench.stop()
    }

    @Test("without a network everything that is missing is listed")
    func offline() async throws {
        let entry = try bench.entry([Self.files, MadePackage()])
        let found = await problem { _ = try await bench.assembler(sources: .cacheOnly).assemble(entry) }
        #expect(found?.code == .baseOfflineMissing)
        #expect(found?.reason == "the cache has no `base-files` 1.0-1, `hello` 1.0-1")
        #expect(bench.mirror.requests.isEmpty)
        await bench.stop()
    }

    @Test(
        "a package that differs from the lock is refused, and nothing of it is cached",
        arguments: ["changed", "truncated", "longer", "gone"]
    )
    func spoiled(how: String) async throws {
        let entry = try bench.entry([MadePackage()])
        let package = try #require(try entry.lock().packages["amd64"]?.first)
        bench.mirror.change(package) { bytes in
            switch how {
            case "changed": bytes[bytes.count / 2] ^= 1
            case "truncated": bytes.removeLast()
            case "longer": bytes.append(0)
            default: bytes = []
            }
        }
        if how == "gone" { bench.mirror.files.withLock { $0 = [:] } }
        let found = await problem { _ = try await bench.assembler().assemble(entry) }
        #expect(found?.code.rawValue == (how == "gone" ? "mirror.has-not" : "mirror.out-of-step"))
        #expect(try bench.cache.list().isEmpty)
        await bench.stop()
    }

    @Test(
        "two packages with different things at one path are refused, with both names",
        arguments: [
            ("mkdir -p usr/lib; echo a > usr/lib/x", "mkdir -p usr/lib; echo b > usr/lib/x", "/usr/lib/x"),
            ("mkdir -p usr/lib; ln -s usr/lib lib", "mkdir -p lib; echo b > lib/x", "/lib"),
            ("mkdir -p usr/lib; ln -s a usr/lib/x", "mkdir -p usr/lib; ln -s b usr/lib/x", "/usr/lib/x"),
        ]
    )
    func conflict(first: String, second: String, path: String) async throws {
        let entry = try bench.entry([
            MadePackage(name: "one", script: first), MadePackage(name: "two", script: second),
        ])
        let found = await problem { _ = try await bench.assembler().assemble(entry) }
        #expect(found?.code == .basePathsConflict)
        #expect(found?.summary == "the packages `one` and `two` cannot be in one base")
        #expect(found?.reason?.hasPrefix("both bring `\(path)`") == true)
        await bench.stop()
    }

    // MARK: Definitions with dependencies

    /// A program that needs a library, from this machine.
    private static let needy = "mkdir -p usr/bin; cp /bin/ls usr/bin/needy"

    @Test("a base with dependencies has to have the libraries that its files need, or to say which it lacks")
    func incomplete() async throws {
        let lone = try bench.entry([MadePackage(script: Self.needy)], "with: dependencies\n")
        let found = await problem { _ = try await bench.assembler().assemble(lone) }
        #expect(found?.code == .baseIncomplete)
        #expect(found?.summary.hasPrefix("`debian12/it` lacks ") == true)
        #expect(found?.reason?.contains("`/usr/bin/needy` needs `libc.so.6`") == true, "\(found?.reason ?? "")")
        let needs = try Command("objdump", ["-p", "/bin/ls"]).output().split(separator: "\n").compactMap { line in
            line.firstMatch(of: /NEEDED +(.*)/).map { String($0.1) }
        }
        let accepted = try bench.entry([MadePackage(script: Self.needy)], "with: dependencies\nlacks: \(needs)\n")
        _ = try await bench.assembler().assemble(accepted)
        let library =
            "mkdir -p usr/lib/it; for name in \(needs.joined(separator: " ")); do echo x > usr/lib/it/$name; done"
        let whole = try bench.entry(
            [MadePackage(script: Self.needy), MadePackage(name: "libit", script: library)],
            "with: dependencies\n"
        )
        _ = try await bench.assembler().assemble(whole)
        // A person has chosen each package of the others.
        _ = try await bench.assembler().assemble(try bench.entry([MadePackage(script: Self.needy)]))
        await bench.stop()
    }

    @Test("Debian's accounts come from their package, and ours below them")
    func accounts() async throws {
        let script = """
            mkdir -p usr/share/base-passwd
            printf 'root:*:0:0:root:/root:/bin/bash\nmail:*:8:8::/var/mail:/x\n' > usr/share/base-passwd/passwd.master
            printf 'root:*:0:\nstaff:*:50:\n' > usr/share/base-passwd/group.master
            """
        let entry = try bench.entry([Self.files, MadePackage(name: "base-passwd", script: script)])
        for _ in 1...2 {
            let provider = BaseProvider(entry, try bench.assembler())
            let root = try await bench.unpack(try await provider.assembled(), provider)
            #expect(
                try text(root, "etc/passwd") == """
                    root:*:0:0:root:/root:/bin/bash
                    mail:*:8:8::/var/mail:/x
                    nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
                    nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin

                    """
            )
            #expect(
                try text(root, "etc/group") == "root:*:0:\nstaff:*:50:\nnobody:x:65534:\ntty:x:5:\nnonroot:x:65532:\n"
            )
        }
        await bench.stop()
    }

    @Test("without documentation, copyrights and the tables of locales stay")
    func undocumented() async throws {
        let script = """
            for file in doc/hello/copyright doc/hello/README man/man1/x.1 locale/de/LC_MESSAGES/x.mo locale/l10n/x; do
                mkdir -p usr/share/$(dirname $file); echo x > usr/share/$file
            done
            """
        let entry = try bench.entry([MadePackage(script: script)], "documentation: none\n")
        let provider = BaseProvider(entry, try bench.assembler())
        let root = try await bench.unpack(try await provider.assembled(), provider)
        let files = try Command("find", ["usr/share", "-type", "f"], directory: root).output()
        #expect(
            files.split(separator: "\n").sorted() == ["usr/share/doc/hello/copyright", "usr/share/locale/l10n/x"]
        )
        await bench.stop()
    }

    @Test("two packages with the same file are fine")
    func same() async throws {
        let script = "mkdir -p usr/lib; echo a > usr/lib/x"
        let entry = try bench.entry([
            MadePackage(name: "one", script: script), MadePackage(name: "two", script: script),
        ])
        #expect(try await bench.assembler().assemble(entry).images.first?.layers.count == 3)
        await bench.stop()
    }

    @Test("the platform that is asked for has to be locked")
    func platform() async throws {
        let entry = try bench.entry([MadePackage()])
        for name in ["linux/arm64", "linux/riscv64", "windows/amd64"] {
            let platforms = [try Platform(parsing: name)]
            let found = await problem { _ = try await bench.assembler().assemble(entry, for: platforms) }
            #expect(found?.code == .basePlatformAbsent)
            #expect(found?.reason == "its packages are locked for linux/amd64")
        }
        await bench.stop()
    }

    private func text(_ root: String, _ path: String) throws -> String {
        String(decoding: try readFile("\(root)/\(path)"), as: UTF8.self)
    }
}

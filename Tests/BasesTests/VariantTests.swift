import Bases
import ByteIO
import Diagnostics
import OCI
import Store
import TestSupport
import Testing

@Suite("Forms of bases")
struct VariantTests {
    private let bench: BaseBench

    init() throws { bench = try BaseBench() }

    private func unpack(_ made: [MadePackage], _ variant: String) async throws -> (BaseProvider, String) {
        let provider = BaseProvider(try bench.entry(made, "", variant), try bench.assembler())
        let root = try await bench.unpack(try await provider.assembled(), provider)
        return (provider, root)
    }

    @Test("root runs as root at the top")
    func root() async throws {
        let (provider, _) = try await unpack([MadePackage()], "root")
        let run = try await provider.assembled().images.first?.config.content.config
        #expect(run?.user == "0:0")
        #expect(run?.workingDir == "/")
        #expect(provider.name == "debian12/it:root")
        await bench.stop()
    }

    @Test(
        "slim leaves out documentation, gconv and doubled zones, and keeps copyrights and files that lose their first name"
    )
    func slim() async throws {
        let script = """
            mkdir -p usr/share/doc/hello usr/share/man/man1 usr/lib/x86_64-linux-gnu/gconv usr/bin
            mkdir -p usr/share/zoneinfo/right usr/share/zoneinfo/Europe usr/share/zoneinfo/posix
            echo c > usr/share/doc/hello/copyright; echo r > usr/share/doc/hello/README
            echo m > usr/share/man/man1/hello.1; echo g > usr/lib/x86_64-linux-gnu/gconv/x.so
            echo z > usr/share/zoneinfo/posix/Z; ln usr/share/zoneinfo/posix/Z usr/share/zoneinfo/zulu
            ln usr/share/zoneinfo/posix/Z usr/share/zoneinfo/zz; echo p > usr/share/zoneinfo/Europe/Paris
            echo r > usr/share/zoneinfo/right/R; ln -s hello usr/share/doc/other
            """
        let (_, root) = try await unpack([MadePackage(script: script)], "slim")
        let found = try Command("find", ["usr", "!", "-type", "d"], directory: root).output()
            .split(separator: "\n").map(String.init).sorted()
        #expect(
            found == [
                "usr/lib/os-release", "usr/share/doc/hello/copyright", "usr/share/doc/other",
                "usr/share/zoneinfo/Europe/Paris", "usr/share/zoneinfo/zulu", "usr/share/zoneinfo/zz",
            ]
        )
        #expect(try readFile("\(root)/usr/share/zoneinfo/zz") == Array("z\n".utf8))
        try Command("md5sum", ["--quiet", "-c", "var/lib/dpkg/status.d/hello.md5sums"], directory: root).output()
        await bench.stop()
    }

    @Test("debug has a shell and its tools in /busybox, and is entered there")
    func debug() async throws {
        let tools = "printf 'ELF\\0junk\\0[\\0[[\\0ash\\0cat\\0sh\\0\\0more\\0' > bin/busybox; chmod 755 bin/busybox"
        let busybox = MadePackage(name: "busybox-static", script: "mkdir bin; \(tools)")
        let (provider, root) = try await unpack([MadePackage(), busybox], "debug")
        #expect(try names(in: "\(root)/busybox").sorted() == ["[", "[[", "ash", "busybox", "cat", "sh"])
        #expect(!exists("\(root)/bin"))
        #expect(exists("\(root)/var/lib/dpkg/status.d/busybox-static"))
        let run = try await provider.assembled().images.first?.config.content.config
        #expect(run?.entrypoint == ["/busybox/sh"])
        #expect(run?.env == ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/busybox"])
        await bench.stop()
    }

    @Test("certificates are one file that programs find by themselves, and not one file for each")
    func certificates() async throws {
        let make = "openssl req -x509 -newkey ed25519 -nodes -keyout /dev/null -days 3650"
        let script = """
            mkdir -p usr/share/ca-certificates/mozilla usr/share/doc/ca-certificates etc/ca-certificates
            for n in A B; do
              \(make) -subj /CN=$n -addext basicConstraints=critical,CA:TRUE -out usr/share/ca-certificates/mozilla/$n.crt
            done 2>/dev/null
            echo c > usr/share/doc/ca-certificates/copyright
            """
        let (provider, root) = try await unpack([MadePackage(name: "ca-certificates", script: script)], "")
        for name in ["etc/ssl/certs/ca-certificates.crt", "etc/ssl/cert.pem", "usr/lib/ssl/cert.pem"] {
            let lines = try readFile("\(root)/\(name)").split(separator: 0x0A)
            #expect(lines.filter { $0.starts(with: "-----BEGIN".utf8) }.count == 2)
        }
        #expect(!exists("\(root)/usr/share/ca-certificates"))
        #expect(exists("\(root)/usr/share/doc/ca-certificates/copyright"))
        #expect(exists("\(root)/var/lib/dpkg/status.d/ca-certificates"))
        let run = try await provider.assembled().images.first?.config.content.config
        #expect(run?.env.contains("SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt") == true)
        await bench.stop()
    }

    @Test("a package that is taken in parts has these parts, its copyright, and their checksums")
    func parts() async throws {
        let script = """
            mkdir -p usr/bin usr/lib/locale/C sbin usr/share/doc/hello
            echo a > usr/bin/a; echo l > usr/lib/locale/C/l; echo d > sbin/ldconfig; echo o > sbin/other
            echo c > usr/share/doc/hello/copyright; echo r > usr/share/doc/hello/README
            """
        let entry = try bench.entry(
            [MadePackage(script: script)],
            "parts:\n  hello: [/usr/lib/locale, /sbin/ldconfig]\nlinks: {/usr/here: 'x-{architecture}'}\n"
        )
        let provider = BaseProvider(entry, try bench.assembler())
        let root = try await bench.unpack(try await provider.assembled(), provider)
        let found = try Command("find", ["usr", "sbin", "!", "-type", "d"], directory: root).output()
            .split(separator: "\n").map(String.init).sorted()
        #expect(
            found == [
                "sbin/ldconfig", "usr/here", "usr/lib/locale/C/l", "usr/lib/os-release",
                "usr/share/doc/hello/copyright",
            ]
        )
        #expect(try Command("readlink", ["\(root)/usr/here"]).output() == "x-amd64\n")
        try Command("md5sum", ["--quiet", "-c", "var/lib/dpkg/status.d/hello.md5sums"], directory: root).output()
        await bench.stop()
    }

    @Test("scripts are listed and not run, and no file is setuid")
    func scripts() async throws {
        let script = """
            mkdir -p usr/bin; echo x > usr/bin/su; chmod 4755 usr/bin/su
            printf '#!/bin/sh\\ntouch /ran\\n' > DEBIAN/postinst; chmod 755 DEBIAN/postinst
            """
        let (provider, root) = try await unpack([MadePackage(script: script)], "")
        let image = try #require(try await provider.assembled().images.first)
        #expect(image.scripts == ["hello": ["postinst"]])
        #expect(image.stripped == ["/usr/bin/su"])
        #expect(try Command("stat", ["-c", "%a", "\(root)/usr/bin/su"]).output() == "755\n")
        await bench.stop()
    }

    @Test("a lock with another package's bytes under a name is refused")
    func other() async throws {
        let entry = try bench.entry([MadePackage(version: "1.0-1")])
        let lock = try entry.lock()
        let package = try #require(lock.packages["amd64"]?.first)
        let wrong = BaseLock.Package(
            name: package.name,
            version: "2.0-1",
            architecture: package.architecture,
            path: package.path,
            size: package.size,
            digest: package.digest
        )
        let section = BaseShelf.Section(
            suite: lock.suite,
            definitions: [entry.definition],
            lock: BaseLock(
                suite: lock.suite,
                releases: [],
                definitions: lock.definitions,
                packages: ["amd64": [wrong]]
            ),
            lockPath: "lock"
        )
        let changed = BaseCatalogue.Entry(entry.definition, entry.variant, in: section)
        let found = await problem { _ = try await bench.assembler().assemble(changed) }
        #expect(found?.code == .basePackageOther)
        #expect(found?.reason == "it is `hello` 1.0-1 for amd64")
        await bench.stop()
    }
}

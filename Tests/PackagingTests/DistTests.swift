import TestSupport
import Testing

@Suite("`make dist`", .serialized)
struct DistTests {
    @Test("all files are there, their sums are right, and the sums are signed")
    func sums() throws {
        let folder = try Dist.made.get()
        let kinds = try names(in: folder).map { name in
            name.replacing(#/coracle[-_][0-9.]+[-_](linux-)?(amd64|arm64)/#, with: "NAME")
        }
        #expect(
            kinds
                == [
                    "NAME", "NAME.deb", "NAME.oci.tar", "NAME.provenance.json", "NAME.spdx.json", "NAME.tar.gz",
                    "SHA256SUMS",
                    "SHA256SUMS.sig", "coracle.pub", "install.sh",
                ].sorted() || Set(kinds).count == 10,
            "\(kinds)"
        )
        try Command("sha256sum", ["--check", "--strict", "SHA256SUMS"], directory: folder).output()
        let verify = """
            openssl base64 -d -in SHA256SUMS.sig -out "$1" &&
            openssl dgst -sha256 -verify coracle.pub -signature "$1" SHA256SUMS
            """
        let place = try TemporaryDirectory()
        #expect(try Command.shell(verify, [place("sig")], directory: folder).output() == "Verified OK\n")
        let listed = String(decoding: try readFile("\(folder)/SHA256SUMS"), as: UTF8.self).split(separator: "\n")
        #expect(listed.count == (try names(in: folder)).count - 3)
    }

    @Test("a second run gives the same bytes")
    func twice() throws {
        let first = try Dist.made.get()
        let second = try Dist.run(
            into: try Built.emptied("dist-again"),
            signedBy: "\(Built.fixtures)/dist-pair/pair.key"
        )
        // A signature of ECDSA has a random part.
        try Command("diff", ["-r", "--exclude=SHA256SUMS.sig", first, second]).output()
    }

    @Test("dpkg reads and installs the package, and lintian has nothing to say")
    func package() throws {
        let folder = try Dist.made.get()
        let package = try #require(try names(in: folder).first { $0.hasSuffix(".deb") })
        let fields = try Command("dpkg-deb", ["-f", package, "Package", "Version", "Architecture"], directory: folder)
            .output()
        #expect(fields.hasPrefix("Package: coracle\nVersion: "))
        let place = try TemporaryDirectory()
        let install = """
            mkdir -p root/var/lib/dpkg/info root/var/lib/dpkg/updates root/var/lib/dpkg/triggers
            touch root/var/lib/dpkg/status
            dpkg --root="$PWD/root" --force-not-root --force-script-chrootless --force-architecture -i "$1" >log 2>&1 ||
                { cat log >&2; exit 1; }
            dpkg --root="$PWD/root" --verify coracle
            root/usr/bin/coracle
            """
        let output = try Command.shell(install, ["\(folder)/\(package)"], directory: place.path).output()
        #expect(!output.contains("missing"), "\(output)")
        #expect(try names(in: place("root/usr/share/man/man1")).contains("coracle-build.1.gz"))
        // The stand-in has its symbols; the program of `make static` is stripped.
        let lint = try Command(
            "lintian",
            ["--allow-root", "--suppress-tags", "unstripped-binary-or-object", "--fail-on", "error,warning", package],
            environment: ["HOME": place.path],
            directory: folder,
            timeLimit: 120
        ).run()
        #expect(lint.end == .exited(0) && lint.output == "", "\(lint.output)\(lint.errors)")
    }

    @Test("every command has a manual page that mandoc and groff read without a remark")
    func manual() throws {
        let folder = "\(try Dist.unpacked.get())/share/man/man1"
        let pages = try names(in: folder)
        let help = try Built.coracle(["--help"]).output()
        let commands = help.matches(of: #/(?m)^ {2}([a-z]+) {2,}[A-Z]/#).map { String($0.output.1) }
        #expect(commands.count > 25)
        for command in commands { #expect(pages.contains("coracle-\(command).1"), "\(command)") }
        let lint = try Command("mandoc", ["-Tlint"] + pages, directory: folder).run()
        #expect(lint.output == "" && lint.end == .exited(0), "\(lint.output.prefix(2000))")
        let groff = #"for page; do groff -ww -man -Tascii "$page" >/dev/null; done"#
        #expect(try Command.shell(groff, pages, directory: folder).run().errors == "")
        let page = try Command("mandoc", ["-Tascii", "coracle-build.1"], directory: folder).output()
            .replacing(#/.\x08/#, with: "")
        for text in ["--metadata-file", "EXIT STATUS", "coracle build --profile release", "SIGNATURES".lowercased()] {
            #expect(page.lowercased().contains(text.lowercased()), "\(text)")
        }
    }

    @Test("the image is coracle's own, with a list of what is in it")
    func image() throws {
        let folder = try Dist.made.get()
        let archive = "\(folder)/" + (try #require(try names(in: folder).first { $0.hasSuffix(".oci.tar") }))
        try Built.coracle(["validate", archive]).output()
        let config = try Command("skopeo", ["inspect", "--config", "oci-archive:\(archive)"]).output()
        #expect(config.contains("org.opencontainers.image.version") && config.contains("/app/coracle"))
        let list = try #require(try names(in: folder).first { $0.hasSuffix(".spdx.json") })
        #expect(String(decoding: try readFile("\(folder)/\(list)"), as: UTF8.self).contains("SPDX-2.3"))
    }

    // MARK: install.sh

    private static func install(_ options: [String], in place: TemporaryDirectory) throws -> Outcome {
        try Command(
            "sh",
            ["\(try Dist.made.get())/install.sh"] + options,
            environment: ["HOME": place.path, "PATH": "/usr/bin:/bin"],
            directory: place.path
        ).run()
    }

    @Test("install.sh installs from a directory and from a server, and says what it did")
    func install() throws {
        let (place, folder) = (try TemporaryDirectory(), try Dist.made.get())
        let local = try Self.install(["--from", folder, "--key", "\(folder)/coracle.pub"], in: place)
        #expect(local.end == .exited(0), "\(local.errors)")
        #expect(
            local.errors.contains("is \(place.path)/.local/bin/coracle (SHA-256 ") && local.errors.contains("signed")
        )
        #expect(local.errors.contains("is not in PATH") && local.output == "")
        let program = try readFile(FixtureProgram.go("hello").path())
        #expect(try readFile(place(".local/bin/coracle")) == program)
        let port = try Loopback.freePort()
        let server = try ServerProcess(
            Tool.python,
            ["-m", "http.server", "\(port)", "--bind", "127.0.0.1"],
            directory: folder
        )
        defer { server.stop() }
        for _ in 1...200 where !Loopback.isListening(port) { try Command("sleep", ["0.05"]).output() }
        let fetched = try Self.install(["--from", "http://127.0.0.1:\(port)/", "--to", place("bin")], in: place)
        #expect(fetched.end == .exited(0), "\(fetched.errors)")
        #expect(try readFile(place("bin/coracle")) == program)
        #expect(try names(in: place("bin")) == ["coracle"])
    }

    @Test(
        "install.sh installs nothing that is not what the sums and the key say",
        arguments: [
            ("f=$(ls coracle-*-linux-$A) && printf x >> $f", [], "is not what SHA256SUMS says"),
            ("rm coracle-*-linux-$A", [], "cannot read"),
            (": > SHA256SUMS", [], "has no coracle"),
            ("true", ["--version", "9.9"], "has no coracle 9.9"),
            (
                "sed 's/linux-'$A'$/linux-'$A'x/' SHA256SUMS > s; cat s >> SHA256SUMS; printf x >> SHA256SUMS",
                ["--key"],
                "is not signed with"
            ),
            (
                "sed -n 's/coracle-[0-9.]*-linux-'$A'$/coracle-9-linux-'$A'/p' SHA256SUMS > s; cat s >> SHA256SUMS", [],
                "several versions"
            ),
        ]
    )
    func refused(damage: String, options: [String], message: String) throws {
        let (place, folder) = (try TemporaryDirectory(), try Dist.made.get())
        let script = #"cp -r "$1" copy && cd copy && A=$(ls *.deb | sed 's/.*_\(.*\)\.deb/\1/') && "# + damage
        try Command.shell(script, [folder], directory: place.path).output()
        let more = options == ["--key"] ? ["--key", "\(folder)/coracle.pub"] : options
        let outcome = try Self.install(["--from", place("copy"), "--to", place("bin")] + more, in: place)
        #expect(outcome.end == .exited(1))
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(try names(in: place.path) == ["copy"])
    }

    @Test("install.sh does nothing with half of itself, and refuses what is not safe")
    func cut() throws {
        let place = try TemporaryDirectory()
        let text = String(decoding: try readFile("\(try Dist.made.get())/install.sh"), as: UTF8.self)
        #expect(text.hasSuffix("\nmain \"$@\"\n") && text.contains("\nset -eu\n") && !text.contains("sudo"))
        // A download that breaks off ends before the only line that does anything.
        let bytes = Array(text.utf8)
        for size in stride(from: 100, to: bytes.count - 10, by: 300) {
            try place.file("part.sh", Array(bytes.prefix(size)))
            let outcome = try Command("sh", ["part.sh"], environment: ["HOME": place.path], directory: place.path).run()
            #expect(outcome.output == "")
            #expect(try names(in: place.path) == ["part.sh"])
        }
        let unsafe = try Self.install(["--from", "http://example.com/"], in: place)
        #expect(unsafe.errors.contains("only https:// is safe"), "\(unsafe.errors)")
        #expect(try Self.install(["--sudo"], in: place).end == .exited(2))
    }
}

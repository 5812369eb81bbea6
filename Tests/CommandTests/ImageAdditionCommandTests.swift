import TestSupport
import Testing

@Suite("Files out of other images: `--add-from` and `add-from`")
struct ImageAdditionCommandTests {
    private let place: TemporaryDirectory
    private let home: DockerConfiguration

    /// Two layers: the upper one hides a file of the lower one and replaces another.
    private static let lower = """
        mkdir -p usr/bin usr/lib etc/app data/sub; ln -s usr/bin bin; ln -s /usr/lib lib
        printf tool >usr/bin/tool; chmod 4755 usr/bin/tool; ln usr/bin/tool usr/bin/tool2; ln -s tool usr/bin/alias
        printf a >etc/app/a.conf; printf b >etc/app/b.conf; printf old >etc/app/c.conf; chmod 640 etc/app/a.conf
        printf x >data/sub/x; : >data/empty; ln -s ../data/sub/x data/link; mkfifo data/pipe; chmod 700 data/sub
        """
    private static let upper = "mkdir -p etc/app; : >etc/app/.wh.b.conf; printf new >etc/app/c.conf"

    init() throws {
        place = try Sample.program()
        home = try DockerConfiguration()
        let image = try Self.image("amd64")
        for (path, bytes) in try image.layout("tools") { try place.file(path, bytes) }
    }

    private static func image(_ architecture: String) throws -> HandmadeImage {
        try HandmadeImage(
            layers: [
                HandmadeImage.Layer(lower),
                HandmadeImage.Layer("\(upper); printf \(architecture) >etc/architecture"),
            ],
            architecture: architecture
        )
    }

    private func coracle(_ arguments: [String]) -> Command {
        Built.coracle(arguments, environment: home.environment, directory: place.path)
    }

    /// The lines of GNU tar for the layer that holds what was taken.
    private func listing(_ layout: String, for architecture: String = "amd64") throws -> [String] {
        let script = """
            import json, sys, tarfile
            top = json.load(open(sys.argv[1] + '/index.json'))['manifests'][0]
            def blob(d): return open(sys.argv[1] + '/blobs/' + d['digest'].replace(':', '/'), 'rb')
            manifest = json.load(blob(top))
            if 'manifests' in manifest:
                manifest = json.load(blob([m for m in manifest['manifests'] if m['platform']['architecture'] == sys.argv[2]][0]))
            config = json.load(blob(manifest['config']))
            steps = [h['created_by'] for h in config['history']]
            place = [i for i, s in enumerate(steps) if s.startswith('coracle: --add-from ')][0]
            for e in tarfile.open(fileobj=blob(manifest['layers'][place]), mode='r:gz'):
                kind = {'0': 'file', '1': 'hard', '2': 'link', '5': 'dir'}[e.type.decode()]
                content = tarfile.open(fileobj=blob(manifest['layers'][place]), mode='r:gz').extractfile(e.name).read().decode() \\
                    if kind == 'file' else e.linkname
                print(' '.join([e.name.rstrip('/'), kind, oct(e.mode)[2:], '%d:%d' % (e.uid, e.gid), content]).rstrip())
            """
        return try Tool.python(script, [place(layout), architecture]).split(separator: "\n").map {
            String($0).trimmed
        }
    }

    @Test(
        "what is taken of a layout is in a layer of its own, as the other image has it",
        arguments: [
            (["tools=/usr/bin/tool:/usr/bin/tool"], ["usr/bin/tool file 4755 0:0 tool"]),
            // Through symlinks of directories, and of the file itself.
            (["tools=/bin/alias:/opt/x"], ["opt/x file 4755 0:0 tool"]),
            (["tools=/usr/bin/tool:/opt/"], ["opt/tool file 4755 0:0 tool"]),
            (["tools=/bin/alias:/opt/:0755:7:8"], ["opt/alias file 755 7:8 tool"]),
            (["tools=/usr/bin/tool:/opt/x::5:6"], ["opt/x file 4755 5:6 tool"]),
            // Whiteouts are applied, and the upper layer's file counts.
            (
                ["tools=/etc/app:/etc/app"],
                ["etc/app dir 755 0:0", "etc/app/a.conf file 640 0:0 a", "etc/app/c.conf file 644 0:0 new"]
            ),
            (["tools=/etc/app/*.conf:/c"], ["c/a.conf file 640 0:0 a", "c/c.conf file 644 0:0 new"]),
            (
                ["tools=/etc/app/a.conf:/etc/a", "tools=/etc/app/c.conf:/etc/c:0600"],
                ["etc/a file 640 0:0 a", "etc/c file 600 0:0 new"]
            ),
            // Hard links stay, as do symlinks; a named pipe does not.
            (
                ["tools=/usr/bin:/t"],
                [
                    "t dir 755 0:0", "t/alias link 777 0:0 tool", "t/tool file 4755 0:0 tool",
                    "t/tool2 hard 4755 0:0 t/tool",
                ]
            ),
            (
                ["tools=/data:/data:0640:1:2"],
                [
                    "data dir 750 1:2", "data/empty file 640 1:2", "data/link link 777 1:2 ../data/sub/x",
                    "data/sub dir 750 1:2", "data/sub/x file 640 1:2 x",
                ]
            ),
        ]
    )
    func taken(additions: [String], entries: [String]) throws {
        let options = additions.flatMap { ["--add-from", $0] }
        try coracle(["build", "hello", "-o", "image", "--no-check"] + options).output()
        let found = try listing("image").filter { line in
            // Directories that none is for.
            entries.contains(line) || !line.hasSuffix("dir 755 0:0")
        }
        #expect(found == entries)
        try coracle(["validate", "image"]).output()
        #expect(try Sample.leftovers(in: place.path) == [])
    }

    @Test("the layer is the same every time, and a tag's digest is in the history")
    func same() throws {
        let words = ["build", "hello", "--no-check", "--add-from", "tools=/etc/app:/etc/app"]
        let first = try coracle(words + ["-o", "one"]).output()
        #expect(try coracle(words + ["-o", "two", "--no-cache"]).output() == first)
        let top = try coracle(["digest", "tools"]).output().trimmed
        let plan = try coracle(words.map { $0 == "build" ? "plan" : $0 }).output()
        #expect(plan.contains("--add-from \(top)=/etc/app:/etc/app"), "\(plan)")
    }

    @Test("of an image for several platforms, each platform of the build gets its own; one that lacks it is refused")
    func platforms() throws {
        try place.file("arm", readFile(FixtureProgram("hello", .go(architecture: "arm64")).path()), mode: 0o755)
        let index = try HandmadeImage(of: [
            (Self.image("amd64"), #"{"os":"linux","architecture":"amd64"}"#),
            (Self.image("arm64"), #"{"os":"linux","architecture":"arm64"}"#),
        ])
        for (path, bytes) in try index.layout("both") { try place.file(path, bytes) }
        let words = ["build", "hello", "arm", "-o", "image"]
        try coracle(words + ["--add-from", "both=/etc/architecture:/a"]).output()
        for platform in ["amd64", "arm64"] {
            #expect(try listing("image", for: platform) == ["a file 644 0:0 \(platform)"])
        }
        let lacking = try coracle(["build", "hello", "arm", "-o", "x", "--add-from", "tools=/etc/app:/a"]).run()
        #expect(lacking.end == .exited(7))
        #expect(lacking.errors.contains("error[base.platform-missing]: `tools` has no image for linux/arm64/v8"))
        #expect(lacking.errors.contains("take the files from another image"))
    }

    @Test(
        "what is not there is refused with what is nearest to it",
        arguments: [
            (
                "tools=/usr/sbin/tool:/t", 7, "`/usr/sbin/tool` is not in `tools` for linux/amd64",
                "it has `/usr/bin/tool`"
            ),
            ("tools=/usr/bin/tolo:/t", 7, "`/usr/bin/tolo` is not in `tools`", "did you mean `/usr/bin/tool`?"),
            ("tools=/etc/app/b.conf:/t", 7, "is not in `tools`", "did you mean `/etc/app/a.conf`?"),
            ("tools=/usr/bin/tool/x:/t", 7, "`/usr/bin/tool` is not a directory", "coracle files IMAGE"),
            ("tools=/etc/app/*.ini:/t", 7, "`/etc/app/*.ini` is not in `tools`", "`/etc/app` has"),
            ("tools:/t", 2, "`--add-from tools:/t` is not understood", "IMAGE=SRC:DST"),
            ("=/a:/t", 2, "it names no image", "IMAGE=SRC:DST"),
            ("tools=/a", 2, "it has 1 fields", "IMAGE=SRC:DST"),
            ("tools=/a:b", 2, "`b` is not an absolute path", "IMAGE=SRC:DST"),
            ("tools=/a:/b:9", 2, "`9` is not a mode", "IMAGE=SRC:DST"),
            ("tools=/a:/b:0644:me:me", 2, "are not a numeric user", "IMAGE=SRC:DST"),
            ("tools=/etc/app/a.conf:/app/hello", 2, "two things go to `/app/hello`", "another place"),
        ]
    )
    func refused(addition: String, status: Int32, summary: String, hint: String) throws {
        let outcome = try coracle(["build", "hello", "-o", "image", "--no-check", "--add-from", addition]).run()
        #expect(outcome.end == .exited(status), "\(outcome.errors)")
        #expect(outcome.errors.contains(summary), "\(outcome.errors)")
        #expect(outcome.errors.contains(hint), "\(outcome.errors)")
        #expect(!exists(place("image")))
        #expect(try Sample.leftovers(in: place.path) == [])
    }

    @Test("coracle.yaml says it as text or as a mapping, relative to the file, and a profile replaces the list")
    func project() throws {
        try place.file(
            "project/coracle.yaml",
            """
            images:
              one:
                path: ../hello
                output: one.oci
                add-from:
                  - image: ../tools
                    path: /etc/app/a.conf
                  - {image: oci:../tools, path: /etc/app/c.conf, to: /c, mode: "0600", owner: "7:8"}
                  - ../tools=/usr/bin/tool:/usr/bin/tool:0755
            profiles:
              small: {images: {one: {add-from: [{image: ../tools, path: /etc/app/a.conf, owner: 9}]}}}
            """
        )
        try coracle(["build", "--file", "project/coracle.yaml", "--no-check"]).output()
        let output = exists(place("project/one.oci")) ? "project/one.oci" : "one.oci"
        let entries = try listing(output).filter { !$0.contains(" dir ") }
        #expect(
            entries == [
                "c file 600 7:8 new", "etc/app/a.conf file 640 0:0 a", "usr/bin/tool file 755 0:0 tool",
            ]
        )
        try coracle(["build", "--file", "project/coracle.yaml", "--profile", "small", "--no-check"]).output()
        #expect(try listing(output).filter { !$0.contains(" dir ") } == ["etc/app/a.conf file 640 9:9 a"])
    }

    @Test("another image of the file is built first, and its files are taken, also with `--only` and in a plan")
    func sibling() throws {
        try place.file(
            "coracle.yaml",
            """
            images:
              server:
                path: hello
                add-from:
                  - image: {image: tools}
                    path: /etc/tools/conf
                    to: /etc/conf
                  - tools=/etc/app/a.conf:/etc/app/a.conf
              tools:
                path: hello
                write: [{to: /etc/tools/conf, mode: "0640", owner: "7:8", text: "port=1\\n"}]
            """
        )
        let plan = try coracle(["plan", "--only", "server", "--no-check"]).run()
        #expect(plan.end == .exited(0), "\(plan.errors)")
        #expect(plan.output.contains("=/etc/tools/conf:/etc/conf --add-from "), "\(plan.output)")
        #expect(!exists(place("server.oci")) && !exists(place("tools.oci")))
        let built = try coracle(["build", "--only", "server", "--no-check"]).run()
        #expect(built.end == .exited(0), "\(built.errors)")
        let entries = try listing("server.oci").filter { !$0.contains(" dir ") }
        #expect(entries == ["etc/app/a.conf file 640 0:0 a", "etc/conf file 640 7:8 port=1"])
        // What is configured is a file that means the same.
        try place.file("again.yaml", try coracle(["config"]).output())
        #expect(try coracle(["build", "--file", "again.yaml", "--no-check"]).output() == built.output)
        let typed = try coracle(["build", "hello", "--add-from", "{image: tools}=/a:/b"]).run()
        #expect(typed.end == .exited(2), "\(typed.errors)")
        #expect(typed.errors.contains("`{image: tools}` is not an image of a file"), "\(typed.errors)")
    }

    @Test("a text is in the image as a file with the same text is")
    func text() throws {
        try place.file("conf", "port=1\n")
        let words = ["build", "hello", "--no-check", "-o"]
        let added = try coracle(words + ["a", "--add", "conf:/etc/conf:0600:5:6"]).output()
        let written = try coracle(words + ["b", "--write", "/etc/conf:0600:5:6=port=1\n"]).output()
        #expect(added.split(separator: "@").last == written.split(separator: "@").last)
    }

    @Test(
        "a mapping that lacks something, or has too much, is refused with its line",
        arguments: [
            ("{path: /a}", "`image`"), ("{image: a}", "`path`"), ("{image: a, path: b}", "absolute path"),
            ("{image: {imag: a}, path: /b}", "did you mean `image`?"),
            ("{image: a, path: /b, dest: /c}", "dest` is not known"),
        ]
    )
    func malformed(mapping: String, text: String) throws {
        try place.file("coracle.yaml", "images: {one: {path: hello, add-from: [\(mapping)]}}")
        let outcome = try coracle(["plan"]).run()
        #expect(outcome.end == .exited(3) || outcome.end == .exited(2), "\(outcome.errors)")
        #expect(outcome.errors.contains(text), "\(outcome.errors)")
        #expect(outcome.errors.contains("coracle.yaml:1"), "\(outcome.errors)")
    }

    @Test(
        "a registry's image is taken by its digest, from the cache without a network, and the build is recalled until the tag moves"
    )
    func registry() throws {
        let registry = try RegistryServer()
        let name = "\(registry.address)/me/tools:1"
        try coracle(["push", "tools", name]).output()
        let digest = try coracle(["digest", name]).output().trimmed
        let words = ["build", "hello", "--no-check", "--add-from", "\(name)=/etc/app/c.conf:/c"]
        let first = try coracle(words + ["-o", "one"]).output()
        #expect(try listing("one") == ["c file 644 0:0 new"])
        #expect(
            try coracle(["inspect", "one", "--config"]).run().output.contains(
                "--add-from \(name)@\(digest)=/etc/app/c.conf:/c"
            )
                || coracle(["inspect", "one", "--json"]).output().contains(
                    "--add-from \(name)@\(digest)=/etc/app/c.conf:/c"
                )
        )
        let before = try registry.requests.count
        #expect(try coracle(words + ["-o", "two", "--offline"]).output() == first)
        #expect(try registry.requests.count == before)
        // The tag is asked for its digest, and nothing else.
        #expect(try coracle(words + ["-o", "three"]).output() == first)
        let asked = try registry.requests.dropFirst(before)
        #expect(asked.allSatisfy { $0.target.contains("/manifests/") || $0.target == "/v2/" }, "\(asked)")
        // Another image under the tag is another image here.
        let other = try HandmadeImage(layers: [HandmadeImage.Layer("mkdir -p etc/app; printf newest >etc/app/c.conf")])
        for (path, bytes) in try other.layout("other") { try place.file(path, bytes) }
        try coracle(["push", "other", name]).output()
        #expect(try coracle(words + ["-o", "four"]).output() != first)
        #expect(try listing("four") == ["c file 644 0:0 newest"])
    }

    @Test("provenance names the other image by its digest, and no path of this machine")
    func provenance() throws {
        let digest = try coracle(["digest", "tools"]).output().trimmed
        try coracle([
            "build", "hello", "-o", "image", "--no-check", "--add-from", "tools=/etc/app/c.conf:/c",
            "--provenance-output", "statement.json",
        ]).output()
        let attached = String(decoding: try readFile(place("statement.json")), as: UTF8.self)
        #expect(attached.contains(String(digest.dropFirst(7))), "\(attached)")
        #expect(!attached.contains(place.path))
    }
}

import FoundationEssentials
import TestSupport
import Testing

@Suite("The command `diff` on indexes, in Markdown and without some files")
struct DiffCommandTests {
    private struct Document: Decodable {
        struct Platform: Decodable {
            struct File: Decodable { let path: String }

            let platform: String
            let kinds: [String]
            let files: [File]
        }

        struct Field: Decodable { let name: String }

        let same: Bool
        let kind: String?
        let kinds: [String]?
        let ignored: [String]?
        let ignoredPaths: [String]?
        let onlyLeft: [String]?
        let onlyRight: [String]?
        let fields: [Field]?
        let platforms: [Platform]
    }

    private static func image(_ script: String, _ architecture: String = "amd64", env: String = "") throws
        -> HandmadeImage
    {
        try HandmadeImage(
            layers: [.init("mkdir -p app; echo same >app/same; \(script)")],
            architecture: architecture,
            config: { $0.replacing("PATH=/usr/bin", with: "PATH=/usr/bin\(env)") }
        )
    }

    private static func index(_ images: [(HandmadeImage, String)]) throws -> HandmadeImage {
        try HandmadeImage(of: images.map { ($0.0, #"{"os":"linux","architecture":"\#($0.1)"}"#) })
    }

    /// Layouts of images by name.
    private static func place(_ images: [String: HandmadeImage]) throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        for (name, image) in images {
            for (path, bytes) in try image.layout(name, tag: "1") { try place.file(path, bytes) }
        }
        return place
    }

    private static func document(_ arguments: [String], in place: TemporaryDirectory) throws -> Document {
        let outcome = try Built.coracle(["diff"] + arguments + ["--json"], directory: place.path).run()
        let document = try JSONDecoder().decode(Document.self, from: Data(outcome.output.utf8))
        #expect(outcome.end == .exited(document.same ? 0 : 1), "\(outcome.errors)")
        return document
    }

    // MARK: Indexes

    /// Two indexes that have `arm64` in common, and single images of theirs.
    private static func indexes() throws -> TemporaryDirectory {
        let (old, new) = (try image("echo 1 >app/a"), try image("echo 2 >app/a"))
        let arm = try image("echo 1 >app/a", "arm64")
        let ibm = try image("", "s390x")
        return try place([
            "left": index([(old, "amd64"), (arm, "arm64"), (ibm, "s390x")]),
            "turned": index([(ibm, "s390x"), (arm, "arm64"), (old, "amd64")]),
            "right": index([(arm, "arm64"), (new, "amd64"), (try image("", "riscv64"), "riscv64")]),
            "arm": arm, "new": new,
        ])
    }

    @Test("of two indexes each platform is compared with the same one, and others are named")
    func twoIndexes() throws {
        let place = try Self.indexes()
        let document = try Self.document(["left", "right"], in: place)
        #expect(document.kind == "platforms")
        #expect(document.onlyLeft == ["linux/s390x"] && document.onlyRight == ["linux/riscv64"])
        #expect(document.platforms.map(\.platform) == ["linux/amd64", "linux/arm64"])
        #expect(document.platforms.map { $0.files.map(\.path) } == [["/app/a"], []])
        #expect(document.kinds == ["files", "platforms"] && document.platforms.map(\.kinds) == [["files"], []])
        #expect(document.fields?.map(\.name) == [])
        let text = try Built.coracle(["diff", "left", "right"], directory: place.path).run().output
        #expect(text.contains("\nOnly left has linux/s390x\nOnly right has linux/riscv64\n"), "\(text)")
        #expect(text.contains("First: /app/a of linux/amd64: content, sha256 "), "\(text)")
        #expect(!text.contains("\nlinux/arm64\n") && !text.contains("manifests["), "\(text)")
        // In another order, the images are the same, and the index is not.
        let turned = try Self.document(["left", "turned"], in: place)
        #expect(turned.kind == "form" && turned.fields?.map(\.name) == ["digest"])
        #expect(turned.platforms.map(\.kinds) == [[], [], []])
        // What both have alike is the same, whatever else there is.
        #expect(try Self.document(["left", "right", "--platform", "linux/arm64"], in: place).same)
        #expect(try Self.document(["left", "right", "--platform", "linux/amd64"], in: place).kind == "files")
    }

    /// A single image and an index.
    struct Single: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let arguments: [String]
        let kind: String?
        let paths: [String]
    }

    @Test(
        "a single image is compared with that of its platform in an index, from either side",
        arguments: [
            Single(testDescription: "the same image", arguments: ["arm", "left"], kind: "form", paths: []),
            Single(testDescription: "on the right", arguments: ["right", "arm"], kind: "form", paths: []),
            Single(testDescription: "another image", arguments: ["new", "left"], kind: "files", paths: ["/app/a"]),
            Single(
                testDescription: "its platform by name",
                arguments: ["arm", "left", "--platform", "linux/arm64"],
                kind: nil,
                paths: []
            ),
        ]
    )
    func singleAndIndex(single: Single) throws {
        let document = try Self.document(single.arguments, in: try Self.indexes())
        #expect(document.kind == single.kind)
        #expect(document.platforms.count == 1)
        #expect(document.platforms.flatMap(\.files).map(\.path) == single.paths)
        #expect(document.onlyLeft == [] && document.onlyRight == [])
    }

    @Test("an index without the platform of a single image is refused, as is a platform that one of two lacks")
    func missing() throws {
        let place = try Self.indexes()
        for arguments in [
            ["left", "new", "--platform", "linux/s390x"], ["left", "right", "--platform", "linux/s390x"],
        ] {
            let outcome = try Built.coracle(["diff"] + arguments, directory: place.path).run()
            #expect(outcome.end == .exited(7), "\(outcome.errors)")
            #expect(outcome.errors.contains("error[base.platform-missing]: "), "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }
    }

    // MARK: Markdown

    @Test("tables in Markdown have every value, and no name ends a cell, a code or a line")
    func markdown() throws {
        let left = try Self.image("echo 1 >app/a; echo old >app/gone", env: ":/old")
        let right = try Self.image("echo 22 >app/a; printf x >'app/a|b`c'; printf y >'app/<b>'", env: ":/`|new")
        let place = try Self.place(["left": left, "right": right])
        let outcome = try Built.coracle(["diff", "left", "right", "--markdown"], directory: place.path).run()
        #expect(outcome.end == .exited(1), "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let sizes = try Tool.python(
            "import json,sys; print(*[json.loads(a)['layers'][0]['size'] for a in sys.argv[1:]])",
            [String(decoding: left.top, as: UTF8.self), String(decoding: right.top, as: UTF8.self)]
        ).split(separator: "\n")[0].split(separator: " ")
        #expect(
            lines == [
                "**Files are different: 1 changed, 2 added, 1 removed; also the configuration. Packages are the same.**",
                "",
                "|  | image | digest |",
                "| --- | --- | --- |",
                "| from | `left` | `\(try left.digest)` |",
                "| to | `right` | `\(try right.digest)` |",
                "",
                #"First: config.Env.PATH: \`/usr/bin:/old\` → \`/usr/bin:/\`\|new\`"#,
                "",
                "### linux/amd64",
                "",
                "To fetch: 1 of 1 layers, \(sizes[1]) B of \(sizes[1]) B; unpacked 10.2 kB.",
                "",
                "#### Fields",
                "",
                "| field | old | new |",
                "| --- | --- | --- |",
                #"| `config.Env.PATH` | `/usr/bin:/old` | ``/usr/bin:/`\|new`` |"#,
                "",
                "#### Files",
                "",
                "| size | change | path | what |",
                "| --- | --- | --- | --- |",
                "| -4 B | removed | `/app/gone` |  |",
                "| +1 B | added | `/app/<b>` |  |",
                "| +1 B | changed | `/app/a` | content 2 B → 3 B |",
                #"| +1 B | added | ``/app/a\|b`c`` |  |"#,
                "",
                "#### Layers",
                "",
                "| layer | what |",
                "| --- | --- |",
                "| 1 | other entries, \(sizes[0]) B → \(sizes[1]) B |",
                "",
            ]
        )
        let same = try Built.coracle(["diff", "left", "left", "--markdown"], directory: place.path).output()
        #expect(
            same.split(separator: "\n", omittingEmptySubsequences: false).first
                == "**The images are the same: \(try left.digest).**"
        )
    }

    // MARK: Files that do not count

    /// What is left of the differences of `ignorable`.
    struct Ignored: CustomTestStringConvertible, Sendable {
        let patterns: [String]
        let kind: String?
        let paths: [String]

        init(_ patterns: [String], _ kind: String?, _ paths: [String]) {
            (self.patterns, self.kind, self.paths) = (patterns, kind, paths)
        }

        var testDescription: String { "\(patterns)" }
    }

    /// What `script` leaves, with a time of `app/t`, and all others of 1970.
    private static func layer(_ script: String, time: Int) throws -> HandmadeImage.Layer {
        let place = try TemporaryDirectory()
        try place.directory("root")
        try Command.shell(
            """
            set -e
            (cd root && eval "$1" && find . -exec touch -d @0 {} + && touch -d "@$2" app/t)
            tar --sort=name --owner=0 --group=0 --numeric-owner -C root -cf layer.tar .
            gzip -9n <layer.tar >layer.tar.gz
            """,
            [script, "\(time)"],
            directory: place.path
        ).output()
        let diffID = "sha256:" + (try Command("sha256sum", [place("layer.tar")]).output()).prefix(64)
        return HandmadeImage.Layer(try readFile(place("layer.tar.gz")), diffID: diffID)
    }

    @Test(
        "files that patterns of ignore files match do not count, and all others do",
        arguments: [
            Ignored([], "files", ["/app/a", "/app/new", "/app/t", "/log/x/y"]),
            Ignored(["log"], "files", ["/app/a", "/app/new", "/app/t"]),
            Ignored(["/log/"], "files", ["/app/a", "/app/new", "/app/t"]),
            Ignored(["log", "app/[an]*"], "times", ["/app/t"]),
            Ignored(["**/a", "**/new", "**/y"], "times", ["/app/t"]),
            Ignored(["app", "log"], nil, []),
            Ignored(["**"], nil, []),
            Ignored(["**", "!app/new"], "files", ["/app/new"]),
            Ignored(["other", "a", "ap", "app/a/b"], "files", ["/app/a", "/app/new", "/app/t", "/log/x/y"]),
        ]
    )
    func ignored(row: Ignored) throws {
        let place = try Self.place([
            "left": try HandmadeImage(layers: [
                Self.layer("mkdir app log log/x; echo 1 >app/a; echo t >app/t; echo 1 >log/x/y", time: 0)
            ]),
            "right": try HandmadeImage(layers: [
                Self.layer(
                    "mkdir app log log/x; echo 2 | tee app/a >log/x/y; echo n >app/new; echo t >app/t",
                    time: 86400
                )
            ]),
        ])
        let options = row.patterns.flatMap { ["--ignore-path", $0] }
        for sides in [["left", "right"], ["right", "left"]] {
            let document = try Self.document(sides + options, in: place)
            #expect(document.kind == row.kind)
            #expect(document.platforms.flatMap(\.files).map(\.path) == row.paths)
            #expect(document.ignoredPaths == (row.patterns.isEmpty ? nil : row.patterns))
            #expect(document.ignored == (row.patterns.isEmpty ? [] : ["layering"]))
        }
    }

    @Test(
        "what is not a pattern is refused with the reason",
        arguments: [("[", "a `[` has no `]`"), ("", "it names no path"), ("# x", "it names no path")]
    )
    func malformed(pattern: String, reason: String) throws {
        let place = try Self.indexes()
        let outcome = try Built.coracle(["diff", "arm", "arm", "--ignore-path", pattern], directory: place.path).run()
        #expect(outcome.end == .exited(2), "\(outcome.errors)")
        #expect(outcome.errors.contains("  because: \(reason)\n"), "\(outcome.errors)")
    }
}

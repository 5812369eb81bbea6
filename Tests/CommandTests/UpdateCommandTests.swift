import Glibc
import TestSupport
import Testing

@Suite("Moving digests in files")
struct UpdateCommandTests {
    /// A registry whose `base:1` has moved, and a directory with files.
    private struct Shop {
        let registry: FaultyRegistry
        let place: TemporaryDirectory
        let old: HandmadeImage
        let new: HandmadeImage

        init(_ fault: @escaping @Sendable (FaultyRegistry.Asked) -> ScriptedAnswer = { $0.answer }) throws {
            registry = try FaultyRegistry(fault)
            place = try TemporaryDirectory()
            func index(_ content: String) throws -> HandmadeImage {
                let layer = try HandmadeImage.Layer("echo \(content) >a")
                return try HandmadeImage(of: [
                    (try HandmadeImage(layers: [layer]), #"{"os":"linux","architecture":"amd64"}"#),
                    (
                        try HandmadeImage(layers: [layer], architecture: "arm64"),
                        #"{"os":"linux","architecture":"arm64"}"#
                    ),
                ])
            }
            (old, new) = (try index("1"), try index("2"))
            registry.hold(old, in: "base", tag: "1")
            registry.hold(new, in: "base", tag: "1")
        }

        var name: String { "\(registry.address)/base:1" }
        var oldName: String { get throws { "\(name)@\(try old.digest)" } }
        var newName: String { get throws { "\(name)@\(try new.digest)" } }

        func coracle(_ arguments: [String]) throws -> Outcome {
            try Built.coracle(arguments, environment: ["CORACLE_CACHE": place("cache")], directory: place.path).run()
        }

        func text(_ file: String) throws -> String { String(decoding: try readFile(place(file)), as: UTF8.self) }
    }

    @Test("all files follow the name; other bytes, modes and symlinks stay; and the second time nothing is left to do")
    func files() throws {
        let shop = try Shop()
        let (old, new) = (try shop.oldName, try shop.newName)
        let files: [String: String] = [
            "Dockerfile": "# x\r\nFROM \(old) AS a # y\r\nRUN echo \(old)\r\n",
            "coracle.yaml": "defaults: {base: '\(old)'} # c\nimages: {x: {path: x}}\n",
            "real/pod.yaml": "kind: Pod\n---\nspec: {containers: [{image: \"\(old)\" }]}\n# \(old)\n",
        ]
        for (name, text) in files { try shop.place.file(name, text, mode: 0o640) }
        #expect(symlink("real/pod.yaml", shop.place("pod.yaml")) == 0)
        let dry = try shop.coracle(["update", "Dockerfile", "coracle.yaml", "pod.yaml", "--dry-run"])
        #expect(dry.end == .exited(9), "\(dry.errors)")
        for (name, text) in files { #expect(try shop.text(name) == text) }
        let outcome = try shop.coracle(["update", "Dockerfile", "coracle.yaml", "pod.yaml"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.output == dry.output)
        #expect(
            outcome.output.hasPrefix(
                "Update 1 image\n\n- **\(shop.name)** in `Dockerfile:2`, `coracle.yaml:1`, `pod.yaml:3`\n"
            ),
            "\(outcome.output)"
        )
        #expect(outcome.output.contains("\n  - digest: `\(try shop.old.digest)` → `\(try shop.new.digest)`\n"))
        #expect(outcome.output.contains("\n  - changes (linux/amd64): 1 file, "), "\(outcome.output)")
        #expect(outcome.output.contains("\n  - `coracle check` of the new image: "), "\(outcome.output)")
        #expect(try shop.text("Dockerfile") == "# x\r\nFROM \(new) AS a # y\r\nRUN echo \(old)\r\n")
        #expect(try shop.text("coracle.yaml") == "defaults: {base: '\(new)'} # c\nimages: {x: {path: x}}\n")
        #expect(
            try shop.text("real/pod.yaml") == "kind: Pod\n---\nspec: {containers: [{image: \"\(new)\" }]}\n# \(old)\n"
        )
        let shown = try Command(
            "stat",
            ["-c", "%a %F %n", "pod.yaml", "real/pod.yaml", "Dockerfile"],
            directory: shop.place.path
        ).output()
        #expect(shown == "777 symbolic link pod.yaml\n640 regular file real/pod.yaml\n640 regular file Dockerfile\n")
        let again = try shop.coracle(["update", "Dockerfile", "coracle.yaml", "pod.yaml"])
        #expect(again.end == .exited(0))
        #expect(again.output == "Everything pinned is the newest there is.\n", "\(again.output)")
        #expect(again.errors.isEmpty, "\(again.errors)")
        #expect(
            try Command("ls", ["-A"], directory: shop.place.path).output()
                == "Dockerfile\ncache\ncoracle.yaml\npod.yaml\nreal\n"
        )
    }

    @Test("a kustomization, a compose file, COPY --from and mounts follow the name, and are looked at by `outdated`")
    func otherPlaces() throws {
        let shop = try Shop()
        let (old, new) = (try shop.old.digest, try shop.new.digest)
        let name = shop.name.dropLast(2)
        func files(_ digest: String) -> [(name: String, text: String)] {
            [
                (
                    "Dockerfile",
                    "FROM scratch\nCOPY --from=\(name):1@\(digest) /a /a\nRUN --mount=from=\(name):1@\(digest),target=/b x\n"
                ),
                ("compose.yaml", "services: {db: {image: '\(name):1@\(digest)'}} # \(old)\n"),
                (
                    "kustomization.yaml",
                    "images:\n- {name: x, newName: \(name), newTag: '1', digest: \(digest)} # \(old)\n"
                ),
            ]
        }
        for file in files(old) { try shop.place.file(file.name, file.text) }
        let names = files(old).map(\.name)
        let outdated = try shop.coracle(["outdated", "--quick"] + names)
        #expect(outdated.end == .exited(9), "\(outdated.errors)")
        #expect(outdated.output.hasSuffix("4 images: 4 outdated\n"), "\(outdated.output)")
        let outcome = try shop.coracle(["update", "--quick"] + names)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(
            outcome.output.contains("in `Dockerfile:2`, `Dockerfile:3`, `compose.yaml:1`, `kustomization.yaml:2`\n"),
            "\(outcome.output)"
        )
        for file in files(new) { #expect(try shop.text(file.name) == file.text) }
    }

    @Test(
        "a digest without `newTag` follows the tag that the resources of the kustomization have",
        arguments: [
            ("pod.yaml", "", true), ("../shared", "", true), ("pod.yaml, ../shared/pod.yaml", "", true),
            ("pod.yaml, other.yaml", "", false), ("gone.yaml, https://example.com/x.yaml", "", false),
            ("../shared", "newTag: '9', ", false),
        ]
    )
    func kustomizedDigest(resources: String, ofBase: String, isFollowed: Bool) throws {
        let shop = try Shop()
        let (old, new, name) = (try shop.old.digest, try shop.new.digest, shop.name.dropLast(2))
        let pod =
            "kind: Pod\nspec: {initContainers: [{image: 'b:7'}], containers: [{image: 'x:1'}, {image: 'x:1@\(old)'}]}\n"
        for file in ["over/pod.yaml", "shared/pod.yaml"] { try shop.place.file(file, pod) }
        try shop.place.file("over/other.yaml", pod.replacing("x:1", with: "x:2"))
        // The base has an image entry of its own for another name, or for this one.
        try shop.place.file(
            "shared/kustomization.yml",
            "resources: [./pod.yaml]\nimages: [{name: b, newTag: '8'}, {\(ofBase)name: \(ofBase.isEmpty ? "c" : "x")}]\n"
        )
        func text(_ digest: String) -> String {
            "resources: [\(resources)]\nimages: [{name: x, newName: \(name), digest: \(digest)}] # \(old)\n"
        }
        try shop.place.file("over/kustomization.yaml", text(old))
        let file = "over/kustomization.yaml"
        let outdated = try shop.coracle(["outdated", "--quick", file])
        #expect(outdated.end == .exited(9), "\(outdated.errors)")
        #expect(outdated.output.hasSuffix(isFollowed ? "1 outdated\n" : "1 unknown\n"), "\(outdated.output)")
        let outcome = try shop.coracle(["update", "--quick", file])
        #expect(try shop.text(file) == text(isFollowed ? new : old), "\(outcome.output)\(outcome.errors)")
    }

    @Test("the digest of one platform's image becomes that of the new image for the same platform")
    func platform() throws {
        let shop = try Shop()
        func digest(_ image: HandmadeImage, _ architecture: String) throws -> String {
            let list = try Tool.python(
                "import json,sys; print([m['digest'] for m in json.loads(sys.argv[1])['manifests'] if m['platform']['architecture']==sys.argv[2]][0])",
                [String(decoding: image.top, as: UTF8.self), architecture]
            )
            return String(list.dropLast())
        }
        try shop.place.file("Dockerfile", "FROM \(shop.name)@\(try digest(shop.old, "arm64"))\n")
        let outcome = try shop.coracle(["update"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(try shop.text("Dockerfile") == "FROM \(shop.name)@\(try digest(shop.new, "arm64"))\n")
        #expect(outcome.output.contains("changes (linux/arm64)"), "\(outcome.output)")
    }

    @Test("what cannot follow a name is said, and stays")
    func skipped() throws {
        let shop = try Shop()
        let bare = "\(shop.registry.address)/base@\(try shop.old.digest)"
        try shop.place.file(
            "Dockerfile",
            "ARG V\nFROM \(bare)\nFROM x:$V\nFROM \(try shop.oldName)\nFROM \(shop.name)\n"
        )
        let outcome = try shop.coracle(["update", "--json", "--quick"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        try shop.place.file("out.json", outcome.output)
        let script = """
            import json, sys
            d = json.load(open(sys.argv[1]))
            print(d["version"], len(d["changes"]), d["unpinned"], d["written"], [(s["line"], s["because"]) for s in d["skipped"]])
            """
        #expect(
            try Tool.python(script, [shop.place("out.json")])
                == "1 1 1 ['Dockerfile'] [(3, '`ARG V` has no default'), (2, 'it has a digest and no tag: there is no name to follow')]\n"
        )
    }

    /// A reason for which nothing may be written.
    struct Refusal: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let exit: Int32
        let words: String
        /// The second file; the first one could be updated.
        let text: String
        var mode: UInt32 = 0o644
    }

    @Test(
        "every file is known to be writable and every name known before the first is written",
        arguments: [
            Refusal(
                testDescription: "a read-only file",
                exit: 8,
                words: "error[pins.read-only]: `b.yaml` cannot be updated",
                text: "image: OLD\n",
                mode: 0o444
            ),
            Refusal(
                testDescription: "a name that is gone",
                exit: 7,
                words: "`b.yaml` names it on line 1",
                text: "image: ADDRESS/none:1@DIGEST\n"
            ),
            Refusal(
                testDescription: "YAML that is almost right",
                exit: 3,
                words: "error[yaml.malformed]: `b.yaml` is not valid YAML",
                text: "image: OLD\n x: y\n"
            ),

        ]
    )
    func refused(refusal: Refusal) throws {
        let shop = try Shop()
        let first = "FROM \(try shop.oldName)\n"
        let text = refusal.text.replacing("OLD", with: try shop.oldName).replacing(
            "ADDRESS",
            with: shop.registry.address
        )
        .replacing("DIGEST", with: try shop.old.digest)
        try shop.place.file("Dockerfile", first)
        try shop.place.file("b.yaml", text, mode: refusal.mode)
        let outcome = try shop.coracle(["update", "Dockerfile", "b.yaml", "--quick"])
        #expect(outcome.end == .exited(refusal.exit), "\(outcome.errors)")
        #expect(outcome.errors.contains(refusal.words), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(try shop.text("Dockerfile") == first)
        #expect(try shop.text("b.yaml") == text)
    }

    @Test("one digest that two names have from one argument is refused if they stand for different images now")
    func conflict() throws {
        let shop = try Shop()
        shop.registry.hold(try HandmadeImage(layers: [try HandmadeImage.Layer("echo 3 >a")]), in: "base", tag: "2")
        let text = "ARG D=\(try shop.old.digest)\nFROM \(shop.name)@$D\nFROM \(shop.registry.address)/base:2@$D\n"
        try shop.place.file("Dockerfile", text)
        let outcome = try shop.coracle(["update", "--quick"])
        #expect(outcome.end == .exited(3), "\(outcome.errors)")
        #expect(
            outcome.errors.contains("error[pins.conflict]: one digest of `Dockerfile` would become two"),
            "\(outcome.errors)"
        )
        #expect(try shop.text("Dockerfile") == text)
    }

    @Test("a file that another program writes meanwhile is not overwritten")
    func changed() throws {
        let place = try TemporaryDirectory()
        let path = place("Dockerfile")
        let shop = try Shop { asked in
            if asked.step == .headManifest { try? writeFile(path, "FROM other/one:1\n") }
            return asked.answer
        }
        try place.file("Dockerfile", "FROM \(try shop.oldName)\n")
        let outcome = try Built.coracle(
            ["update", "--quick"],
            environment: ["CORACLE_CACHE": shop.place("cache")],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(8), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[pins.changed]: `Dockerfile` was changed while its names were looked up"))
        #expect(String(decoding: try readFile(path), as: UTF8.self) == "FROM other/one:1\n")
    }

    @Test("hostile names are shown without their control characters, and do not become Markdown or HTML")
    func hostile() throws {
        let shop = try Shop()
        try shop.place.file("Dockerfile", "FROM a/<img>|b*\u{1B}[31m:$x@sha256:1\n")
        let outcome = try shop.coracle(["update"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(!outcome.output.contains("<img>") && !outcome.output.contains("\u{1B}"), "\(outcome.output)")
        let table = try shop.coracle(["outdated", "Dockerfile", "--markdown"]).output
        #expect(!table.contains("<img>") && !table.contains("\u{1B}"), "\(table)")
    }

    @Test("the lock of the project gets newer packages, and the text of the pull request has their versions")
    func locks() throws {
        let keys = try TestKeys(["archive"])
        let base = try SmallBase()
        let keyring = try keys.keyring(keys.names)
        try base.release("1.0-1", keys)
        try base.coracle(["base", "lock", "mini", "--keyring", keyring]).output()
        // The lock beside the definitions lacks what `:debug` adds.
        try base.coracle(["base", "lock", "--update", "--keyring", keyring]).output()
        let before = try readFile(base.place("coracle.lock"))
        func update(_ options: String...) throws -> Outcome {
            try base.coracle(["update", "--keyring", keyring] + options).run()
        }
        #expect(try update("--dry-run").end == .exited(0))
        try base.release("1.0-2", keys)
        let dry = try update("--dry-run")
        #expect(dry.end == .exited(9), "\(dry.errors)")
        #expect(try readFile(base.place("coracle.lock")) == before)
        let outdated = try base.coracle(["outdated", "--keyring", keyring]).run()
        #expect(outdated.end == .exited(9))
        #expect(
            outdated.output.contains("coracle.lock:1 debian13/mini: outdated\n"),
            "\(outdated.output)\(outdated.errors)"
        )
        let outcome = try update()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.output == dry.output)
        #expect(
            outcome.output.hasPrefix("Update packages of bases\n\nPackages of bases:\n\n    debian13/mini: trixie of "),
            "\(outcome.output)"
        )
        #expect(outcome.output.contains("\n      mini-data 1.0-1 → 1.0-2\n"), "\(outcome.output)")
        #expect(outcome.errors.contains("wrote coracle.lock\n"), "\(outcome.errors)")
        #expect(try readFile(base.place("coracle.lock")) != before)
        #expect(try update().output == "Everything pinned is the newest there is.\n")
    }
}

import ByteIO
import Diagnostics
import Project
import TestSupport
import Testing

@Suite("A file that describes images")
struct ProjectDescriptionTests {
    static let keys = ProjectKeys([
        ProjectKey("path", .list, .path, help: ""),
        ProjectKey("source", .text, .source, help: "", in: "source", called: "path"),
        ProjectKey("base", .text, .base, help: "", in: "base", called: "from"),
        ProjectKey("base-key", .text, .key, help: "", in: "base"),
        ProjectKey("tag", .list, .plain, help: ""), ProjectKey("env", .pairs, .pairs, help: "", in: "config"),
        ProjectKey("user", .text, .plain, help: "", in: "config"), ProjectKey("minimal", .flag, .plain, help: ""),
        ProjectKey("compression-level", .number, .plain, help: ""),
        ProjectKey("entrypoint", .list, .plain, help: "", in: "config"),
        ProjectKey("expose", .list, .plain, help: "", in: "config", called: "ports"),
        ProjectKey("add", .list, .addition, help: "", in: "files"),
        ProjectKey("add-from", .list, .imageAddition, help: "", in: "files"),
        ProjectKey("write", .list, .text, help: "", in: "files"),
        ProjectKey("sign-key", .text, .key, help: "", in: "sign"),
        ProjectKey("go.tags", .list, .plain, help: "", in: "source"),
        ProjectKey("go.env", .pairs, .pairs, help: "", in: "source"),
    ])
    static let environment = ["VERSION": "1.2", "EMPTY": "", "SECRET": "hunter2"]

    /// What the file at `path` describes.
    static func read(_ path: String, _ profiles: [String] = []) throws(DiagnosticList) -> ProjectDescription {
        let read = try ProjectDescription.read(
            FilePath(path),
            keys,
            profiles: profiles,
            variable: { environment[$0] }
        )
        guard let read else { preconditionFailure("a file without images is an error here") }
        return read
    }

    private func read(_ text: String, _ profiles: [String] = []) throws -> [Said] {
        let place = try TemporaryDirectory()
        try place.file("images.yaml", text)
        return try Self.read(place("images.yaml"), profiles).images.map { Said($0, in: place) }
    }

    /// An image and the texts that are said of it, without the directory of the file.
    struct Said: Hashable {
        let name: String?
        let values: [String: [String]]

        init(_ image: ProjectDescription.Image, in place: TemporaryDirectory) {
            name = image.name
            values = image.values.mapValues { $0.texts.map { $0.replacing(place.path + "/", with: "") } }
        }
    }

    /// What is said of the file at `path`.
    private func problems(at path: String, _ profiles: [String] = []) -> [Diagnostic] {
        do throws(DiagnosticList) {
            _ = try Self.read(path, profiles)
            return []
        } catch {
            return error.items
        }
    }

    private func problems(_ text: String, _ profiles: [String] = []) throws -> [String] {
        let place = try TemporaryDirectory()
        return problems(at: try place.file("images.yaml", text), profiles).map { problem in
            guard case .file(_, let line?)? = problem.subject else { return "\(problem.code)" }
            return "\(line): \(problem.reason ?? "")" + (problem.hint.map { "; \($0)" } ?? "")
        }
    }

    @Test("a mapping and a list say the same")
    func forms() throws {
        let mapping = try read("images:\n  b: {path: x, user: 1}\n  a: {path: [y, z]}\n")
        #expect(try read("targets:\n- {name: b, path: x, user: 1}\n- {name: a, path: [y, z]}\n") == mapping)
        #expect(mapping.map(\.name) == ["b", "a"])
        #expect(mapping.map(\.values) == [["path": ["x"], "user": ["1"]], ["path": ["y", "z"]]])
    }

    @Test("defaults are under what an image says: values and lists are replaced, pairs added to")
    func defaults() throws {
        let text = """
            defaults:
              path: bin/{name}
              tag: ["a/{name}:1", "a/{name}:2"]
              env: {A: "1", B: "{name}"}
              minimal: true
              entrypoint: [x]
            images:
              one:
              two: {env: [A=2], tag: b, minimal: false, entrypoint: []}
            """
        let images = try read(text)
        #expect(
            images[0].values == [
                "path": ["bin/one"], "tag": ["a/one:1", "a/one:2"], "env": ["A=1", "B=one"], "minimal": ["true"],
                "entrypoint": ["x"],
            ]
        )
        #expect(
            images[1].values == [
                "path": ["bin/two"], "tag": ["b"], "env": ["A=1", "B=two", "A=2"], "minimal": ["false"],
                "entrypoint": [],
            ]
        )
    }

    @Test("keys at the top are those of the only image, and of all images where some are listed")
    func top() throws {
        #expect(try read("user: 7\nname: x\n").map(\.values) == [["user": ["7"]]])
        #expect(try read("user: 7\nname: x\n").map(\.name) == ["x"])
        #expect(try read("user: 7\nimages: {a: , b: {user: 8}}\n").map(\.values) == [["user": ["7"]], ["user": ["8"]]])
        #expect(try read("go: {tags: [a], env: {A: b}}\n")[0].values == ["go.tags": ["a"], "go.env": ["A=b"]])
    }

    @Test(
        "what is written in a group is the same as beside it",
        arguments: [
            ("config: {env: {A: b}, user: 7, entrypoint: [x, y]}", "env: {A: b}\nuser: 7\nentrypoint: [x, y]"),
            ("config: {ports: 80}", "expose: 80"), ("config: {expose: 80}", "expose: 80"),
            ("files: {add: 'a:/b'}", "add: 'a:/b'"), ("sign: {key: k}", "sign-key: k"),
            ("sign: {sign-key: env://K}", "sign-key: env://K"), ("base: {from: ./x}", "base: ./x"),
            ("base: {base: x, key: k}", "base: x\nbase-key: k"), ("base: {key: k}", "base-key: k"),
            ("source: {path: ./x, go: {tags: [a], env: {A: b}}}", "source: ./x\ngo: {tags: [a], env: {A: b}}"),
            ("source: {go: {tags: a}}\ngo: {env: {A: b}}", "go: {tags: a, env: {A: b}}"),
            ("user: 1\nfiles: {}", "user: 1"),
        ]
    )
    func groups(grouped: String, flat: String) throws {
        #expect(try read(grouped) == read(flat))
        let inAll = { (text: String) in "defaults:\n  " + text.replacing("\n", with: "\n  ") + "\nimages: {a: }\n" }
        #expect(try read(inAll(grouped)) == read(inAll(flat)))
        let inProfile = { (text: String) in
            "tag: x\nprofiles:\n  p:\n    " + text.replacing("\n", with: "\n    ") + "\n"
        }
        #expect(try read(inProfile(grouped), ["p"]) == read(inProfile(flat), ["p"]))
    }

    @Test("files, profiles and images replace and add to each other in both forms")
    func groupsOverGroups() throws {
        let place = try TemporaryDirectory()
        try place.file("team.yaml", "config: {user: 1, env: {A: '1'}}\nbase: {from: x, key: k.pub}\n")
        try place.file(
            "coracle.yaml",
            "extends: team.yaml\nuser: 2\nprofiles: {p: {config: {user: 3}, base: {image: a}}}\n"
                + "images: {a: {base: y}, b: {config: {env: {B: '2'}}}}\n"
        )
        let plain = try Self.read(place("coracle.yaml")).images.map { Said($0, in: place).values }
        #expect(plain[1] == ["user": ["2"], "env": ["A=1", "B=2"], "base": ["x"], "base-key": ["k.pub"]])
        let images = try Self.read(place("coracle.yaml"), ["p"]).images
        #expect(images[1].values["user"]?.texts == ["3"])
        #expect(images.map(\.base) == [nil, "a"])
    }

    @Test("a name of another image is not one of a file")
    func nameOfImage() throws {
        let place = try TemporaryDirectory()
        try place.file("sub/x.yaml", "images: {a: {base: ./a}, b: {base: {image: a}}, c: {base: {from: ./c}}}\n")
        #expect(
            try Self.read(place("sub/x.yaml")).images.map { Said($0, in: place).values["base"] } == [
                ["sub/./a"], ["a"], ["sub/./c"],
            ]
        )
    }

    @Test("profiles count in the order in which they are named, over what the file says elsewhere")
    func profiles() throws {
        let text = """
            user: 1
            env: {A: "1"}
            images: {a: {tag: x}, b: }
            profiles:
              one: {user: 2, env: {B: "2"}, images: {a: {tag: y}}}
              two: {defaults: {user: 3}, images: {b: {user: 4}}}
              empty:
            """
        #expect(try read(text)[0].values == ["user": ["1"], "env": ["A=1"], "tag": ["x"]])
        #expect(try read(text, ["one"])[0].values == ["user": ["2"], "env": ["A=1", "B=2"], "tag": ["y"]])
        #expect(try read(text, ["one", "two"]).map { $0.values["user"] } == [["3"], ["4"]])
        #expect(try read(text, ["two", "one"]).map { $0.values["user"] } == [["2"], ["4"]])
        #expect(try read(text, ["empty"]) == read(text))
    }

    @Test("a file adds to those that it extends, whose paths are relative to them")
    func extended() throws {
        let place = try TemporaryDirectory()
        try place.file("team/base.yaml", "user: 1\nadd: motd:/etc/motd\nenv: {A: '1'}\nprofiles: {p: {user: 5}}\n")
        try place.file("team/more.yaml", "extends: base.yaml\nuser: 2\nimages: {a: {env: {C: '3'}}}\n")
        try place.file("coracle.yaml", "extends: [team/more.yaml]\nenv: {B: '2'}\nimages: {b: , a: {path: x}}\n")
        func said(_ profiles: [String]) throws -> [Said] {
            try Self.read(place("coracle.yaml"), profiles).images.map { Said($0, in: place) }
        }
        let images = try said([])
        #expect(images.map(\.name) == ["a", "b"])
        #expect(
            images[0].values == [
                "user": ["2"], "add": ["team/motd:/etc/motd"], "env": ["A=1", "B=2", "C=3"], "path": ["x"],
            ]
        )
        #expect(try said(["p"])[1].values["user"] == ["5"])
    }

    @Test(
        "variables of the environment stand where they are written",
        arguments: [
            ("${VERSION}", "1.2"), ("v${VERSION}-x", "v1.2-x"), ("${EMPTY}", ""), ("${EMPTY:-d}", "d"),
            ("${NONE:-a:-b}", "a:-b"), ("$${VERSION}", "${VERSION}"), ("$VERSION", "$VERSION"), ("$$", "$"),
            ("5$", "5$"),
            ("${NONE:-}", ""),
        ]
    )
    func variables(text: String, value: String) throws {
        #expect(try read("tag: '\(text)'\nenv: {A: '\(text)'}\n")[0].values == ["tag": [value], "env": ["A=\(value)"]])
    }

    @Test("a text in a mapping is what the command line has, and only variables of the environment are replaced in it")
    func texts() throws {
        let text = """
            defaults:
              write:
              - {to: "/a:b=c", mode: "0600", owner: 5, text: "{name}=${VERSION} $${X} $y\\n"}
              - /d::1:2=x:y
            images: {one: {user: "{name}"}}
            """
        #expect(
            try read(text)[0].values["write"] == [
                "/a\\:b\\=c:0600:5:5={name}=1.2 ${X} $y\n", "/d::1:2=x:y",
            ]
        )
        let found = try problems("write: [{to: a, text: b}, {to: /a}, {to: /a, text: b, path: c}]")
        #expect(found.count == 3)
        for part in ["`to` is not an absolute path", "`text` is missing", "`write[2].path` is not known"] {
            #expect(found.contains { $0.contains(part) }, "\(found)")
        }
    }

    @Test("a variable of a profile that is not used need not be set")
    func unusedProfile() throws {
        let text = "user: 1\nprofiles: {release: {tag: 'x:${NONE}'}}\n"
        #expect(try read(text)[0].values == ["user": ["1"]])
        #expect(
            try problems(text, ["release"]) == [
                "2: column 27: `profiles.release.tag`: `NONE` is not set in the environment; set it, write "
                    + "`${NONE:-DEFAULT}`, or `$${NONE}` if the text itself is meant"
            ]
        )
    }

    @Test(
        "images that stand on images that are not there, or in a circle, are refused",
        arguments: [
            (
                "images: {a: {base: {image: comon}}, common: }",
                "1: column 28: no image is called `comon`; did you mean `common`?"
            ),
            (
                "images: {a: {base: {image: b}}, b: {base: {image: c}}, c: {base: {image: b}}}",
                "1: column 51: images stand on each other in a circle: `b` on `c` on `b`"
            ),
            (
                "base: {image: a}\nimages: {a: , b: }",
                "1: column 15: images stand on each other in a circle: `a` on `a`"
            ),
            ("base: {image: a}", "1: column 15: `image` is another image of the file, and it describes one"),
            (
                "images: {a: {add-from: [{image: {image: toolz}, path: /x}]}, tools: }",
                "1: column 25: no image is called `toolz`; did you mean `tools`?"
            ),
            (
                "images: {a: {add-from: [{image: {image: b}, path: /x}]}, b: {base: {image: c}}, "
                    + "c: {files: {add-from: '{image: a}=/x:/y'}}}",
                "1: column 25: images need each other in a circle: `a` needs `b` needs `c` needs `a`"
            ),
            (
                "add-from: [{image: {image: a}, path: /x}]\nimages: {a: , b: }",
                "1: column 12: images need each other in a circle: `a` needs `a`"
            ),
            (
                "add-from: [{image: {image: a}, path: /x}]",
                "1: column 12: `image` is another image of the file, and it describes one"
            ),
            ("base: {imag: a}", "1: column 8: `base.imag` is not known; did you mean `image`?"),
            ("base: {image: [a]}", "1: column 15: `base.image`: expected text, found a list"),
        ]
    )
    func circles(text: String, problem: String) throws {
        #expect(try problems(text) == [problem])
    }

    @Test("files that extend each other in a circle, too deep, or are not there, are refused by name")
    func circularFiles() throws {
        let place = try TemporaryDirectory()
        try place.file("a.yaml", "extends: b.yaml\nuser: 1\n")
        try place.file("b.yaml", "extends: ./a.yaml\n")
        let circle = problems(at: place("a.yaml"))
        #expect(
            circle.map { $0.reason?.replacing(place.path + "/", with: "") } == [
                "column 10: `extends`: files extend each other in a circle: `a.yaml`, `b.yaml`, `./a.yaml`"
            ]
        )
        for index in 0..<40 { try place.file("deep\(index).yaml", "extends: deep\(index + 1).yaml\n") }
        #expect(
            problems(at: place("deep0.yaml"))[0].reason == "column 10: `extends`: more than 16 files extend each other"
        )
        // Each is read twice by the one before it: 2^30 times in all.
        for index in 0..<12 {
            try place.file("wide\(index).yaml", "extends: [wide\(index + 1).yaml, wide\(index + 1).yaml]\nuser: 1\n")
        }
        try place.file("wide12.yaml", "user: 1\n")
        #expect(problems(at: place("wide0.yaml"))[0].reason?.hasSuffix("a project has at most 64 files") ?? false)
        #expect(problems(at: place("deep30.yaml")).map(\.code.rawValue) == ["images.unreadable"])
    }

    @Test("a profile that no file has is refused, with the nearest word", arguments: ["relaese", "x"])
    func unknownProfile(name: String) throws {
        let place = try TemporaryDirectory()
        let path = try place.file("coracle.yaml", "user: 1\nprofiles: {release: {user: 2}}\n")
        let problem = try #require(problems(at: path, [name]).first)
        #expect(problem.code.rawValue == "project.no-profile")
        #expect(problem.hint == (name == "x" ? nil : "did you mean `release`?"))
    }

    @Test(
        "what is not understood is reported with line and column",
        arguments: [
            (
                "images: {a: {entripoint: x}}",
                "1: column 14: `images.a.entripoint` is not known; did you mean `entrypoint`?"
            ),
            ("image: {a: }", "1: column 1: `image` is not known; did you mean `images`?"),
            ("images: {a: {user: [x]}}", "1: column 20: `images.a.user`: expected text, found a list"),
            ("images: {a: {user: }}", "1: column 20: `images.a.user`: expected text, found nothing"),
            ("images: {a: {env: {X: {}}}}", "1: column 23: `images.a.env.X`: expected text, found a mapping"),
            (
                "images: {a: {env: {X=Y: z}}}",
                "1: column 25: `images.a.env.X=Y`: a name is not empty, and has no `=` in it"
            ),
            ("images: {a: {minimal: no}}", "1: column 23: `images.a.minimal`: `no` is neither `true` nor `false`"),
            (
                "images: {a: {compression-level: 1_0}}",
                "1: column 33: `images.a.compression-level`: it is not a whole number"
            ),
            (
                "images: {a: {compression-level: 99999999999999999999}}",
                "1: column 33: `images.a.compression-level`: it is not a whole number"
            ),
            ("images: {a: {user: \"a\\0b\"}}", "1: column 20: `images.a.user`: there is a NUL in it"),
            ("images: [{path: x}]", "1: column 10: `images[0]`: `name` is missing"),
            ("images:\n- {name: a}\n- {name: a}", "3: column 3: `images[1]`: image `a` is also on line 2"),
            ("images:\n  a: {}\n  a: {}", "3: column 3: `a` stands twice, first on line 2"),
            (
                "images: {../a: {}}",
                "1: column 16: `images.../a`: `../a` cannot be the name of an image: it may have letters, digits, `-`, `_` and `.`, 128 at most"
            ),
            ("images: {}", "1: column 9: `images`: there is no image"),
            ("images: x", "1: column 9: `images`: expected a mapping, found text"),
            ("defaults: {}", "1: column 1: there are no `images`"),
            (
                "images: {a: }\ntargets: {b: }",
                "1: column 1: `images` and `targets` mean the same: write one list"
            ),
            (
                "images:\n\t a: {}",
                "2: column 1: found character that cannot start any token while scanning for the next token"
            ),
            ("images: &x {a: *x}", "1: column 9: anchors are not read; write it with mappings, lists and text alone"),
            ("images: {a: !!str x}", "1: column 13: tags are not read; write it with mappings, lists and text alone"),
            (
                "images: {a: }\n---\nx: y",
                "2: column 1: a second document begins here; write it with mappings, lists and text alone"
            ),
            ("", "1: column 1: the file is empty"),
            ("path: x\nsource: y", "2: column 9: `source`: `path` says the same: write one of them"),
            (
                "user: 1\nconfig: {user: 2}",
                "2: column 16: `config.user`: line 1, column 7 says the same: write one of them"
            ),
            (
                "config: {ports: 1, expose: 2}",
                "1: column 28: `config.expose`: line 1, column 17 says the same: write one of them"
            ),
            (
                "base: {image: a, from: b}\nimages: {a: }",
                "1: column 24: `base.from`: line 1, column 15 says the same: write one of them"
            ),
            (
                "go: {tags: a}\nsource: {go: {tags: b}}",
                "2: column 21: `source.go.tags`: line 1, column 12 says the same: write one of them"
            ),
            (
                "path: x\nsource: {path: y}",
                "2: column 16: `source.path`: `path` says the same: write one of them"
            ),
            ("config: {usr: 1}", "1: column 10: `config.usr` is not known; did you mean `user`?"),
            ("files: {user: 1}", "1: column 9: `files.user` is not known; `user` stands below `config`"),
            ("files: {tag: 1}", "1: column 9: `files.tag` is not known; `tag` stands beside `files`"),
            ("ports: 80", "1: column 1: `ports` is not known; write `expose`, or `ports` below `config`"),
            ("config: x", "1: column 9: `config`: expected a mapping, found text"),
            ("config: ", "1: column 8: `config`: expected a mapping, found nothing"),
            ("base: [x]", "1: column 7: `base`: expected text, found a list"),
            ("go: {tag: x}", "1: column 6: `go.tag` is not known; did you mean `tags`?"),
            ("go: x", "1: column 5: `go`: expected a mapping, found text"),
            ("user: 1\nextend: x", "2: column 1: `extend` is not known; did you mean `extends`?"),
            ("user: 1\nextends: {}", "2: column 10: `extends`: expected text, found a mapping"),
            ("user: 1\nprofiles: {a: {profiles: {}}}", "2: column 16: `profiles.a.profiles` is not known"),
            ("user: 1\nprofiles: {a: {usr: {}}}", "2: column 16: `profiles.a.usr` is not known; did you mean `user`?"),
            ("name: a\nimages: {a: }", "1: column 7: `name` is the name of one image, and there is a list of images"),
            (
                "name: a/b",
                "1: column 7: `name`: `a/b` cannot be the name of an image: it may have letters, digits, `-`, `_` and `.`, 128 at most"
            ),
            ("user: '${'", "1: column 7: `user`: `${` is not closed; write `$${` if the text itself is meant"),
            (
                "user: '${1}'",
                "1: column 7: `user`: `${1}` is neither `${NAME}` nor `${NAME:-DEFAULT}`; write `$${` if the text itself is meant"
            ),
            (
                "user: '${VERSION:?}'",
                "1: column 7: `user`: `${VERSION:?}` is neither `${NAME}` nor `${NAME:-DEFAULT}`; write `$${` if the text itself is meant"
            ),
        ]
    )
    func refusals(text: String, problem: String) throws {
        #expect(try problems(text) == [problem])
    }

    @Test("all that is not understood is reported at once")
    func together() throws {
        let text = "defaults: {usr: x}\nimages:\n  a: {pth: x, user: []}\n  b: {minimal: 1}\n"
        #expect(try problems(text).map { $0.split(separator: ":")[0] } == ["1", "3", "3", "4"])
    }

    @Test("a file that is not there, too large, or no UTF-8 is refused")
    func files() throws {
        let place = try TemporaryDirectory()
        func codes(_ name: String) -> [String] { problems(at: place(name)).map(\.code.rawValue) }
        #expect(codes("none.yaml") == ["images.unreadable"])
        try place.file("large.yaml", Array("images: {a: {user: \"".utf8) + [UInt8](repeating: 0x61, count: 10 << 20))
        #expect(codes("large.yaml") == ["yaml.too-large"])
        try place.file("latin.yaml", Array("images: {a: {user: \"".utf8) + [0xFF] + Array("\"}}".utf8))
        #expect(codes("latin.yaml") == ["yaml.malformed"])
        try place.directory("directory.yaml")
        #expect(codes("directory.yaml") == ["images.unreadable"])
    }

    @Test("ten thousand images are read")
    func many() throws {
        let lines = (0..<10_000).map { "  image-\($0): {path: services/image-\($0)/server, user: \($0)}" }
        let images = try read("images:\n" + lines.joined(separator: "\n"))
        #expect(images.count == 10_000)
        #expect(images[9_999].values["user"] == ["9999"])
    }
}

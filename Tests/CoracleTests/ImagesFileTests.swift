import Build
import ByteIO
import Diagnostics
import TestSupport
import Testing

@Suite("A file of many images")
struct ImagesFileTests {
    private static let options: [String: ImagesFile.Kind] = [
        "path": .list, "tag": .list, "env": .pairs, "user": .text, "minimal": .flag, "compression-level": .number,
        "entrypoint": .list,
    ]

    private func read(_ text: String) throws -> ImagesFile {
        let place = try TemporaryDirectory()
        try place.file("images.yaml", text)
        return try ImagesFile(readingFrom: FilePath(place("images.yaml")), options: Self.options)
    }

    /// What is said of the file at `path`.
    private func problems(at path: String) -> [Diagnostic] {
        do throws(DiagnosticList) {
            _ = try ImagesFile(readingFrom: FilePath(path), options: Self.options)
            return []
        } catch {
            return error.items
        }
    }

    private func problems(_ text: String) throws -> [String] {
        let place = try TemporaryDirectory()
        return problems(at: try place.file("images.yaml", text)).map { problem in
            guard case .file(_, let line?)? = problem.subject else { return "\(problem.code)" }
            return "\(line): \(problem.reason ?? "")" + (problem.hint.map { "; \($0)" } ?? "")
        }
    }

    @Test("a mapping and a list say the same")
    func forms() throws {
        let mapping = try read("images:\n  b: {path: x, user: 1}\n  a: {path: [y, z]}\n").images
        let list = try read("targets:\n- {name: b, path: x, user: 1}\n- {name: a, path: [y, z]}\n").images
        #expect(mapping.map(\.name) == ["b", "a"])
        #expect(mapping.map(\.values) == list.map(\.values))
        #expect(mapping.map(\.name) == list.map(\.name))
        #expect(mapping[0].values == ["path": .list(["x"]), "user": .text("1")])
        #expect(mapping[1].values == ["path": .list(["y", "z"])])
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
        let images = try read(text).images
        #expect(
            images[0].values == [
                "path": .list(["bin/one"]), "tag": .list(["a/one:1", "a/one:2"]), "env": .list(["A=1", "B=one"]),
                "minimal": .flag(true), "entrypoint": .list(["x"]),
            ]
        )
        #expect(
            images[1].values == [
                "path": .list(["bin/two"]), "tag": .list(["b"]), "env": .list(["A=1", "B=two", "A=2"]),
                "minimal": .flag(false), "entrypoint": .list([]),
            ]
        )
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
        let images = try read("images:\n" + lines.joined(separator: "\n")).images
        #expect(images.count == 10_000)
        #expect(images[9_999].values["user"] == .text("9999"))
    }
}

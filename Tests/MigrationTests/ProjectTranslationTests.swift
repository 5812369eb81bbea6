import Diagnostics
import Testing

@testable import Migration

@Suite("Other files and projects become a coracle.yaml")
struct ProjectTranslationTests {
    /// A project of these files; directories are what stands before a slash.
    private static func project(_ files: [String: String]) -> ProjectTranslation {
        @Sendable func isDirectory(_ path: String) -> Bool {
            path == "." || files.keys.contains { $0.hasPrefix("\(path)/") }
        }
        let project = ProjectFiles(
            kind: { path in
                if let text = files[path] { return .file(isExecutable: text.hasPrefix("ELF")) }
                return isDirectory(path) ? .directory : nil
            },
            names: { directory in
                let prefix = directory == "." ? "" : "\(directory)/"
                let names = files.keys.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) }
                return Set(names.map { String($0.prefix { $0 != "/" }) }).sorted()
            },
            bytes: { files[$0].map { Array($0.utf8) } },
            isProgram: { files[$0]?.hasPrefix("ELF") ?? false }
        )
        return ProjectTranslation(project, project: "shop")
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let files: [String: String]
        /// Behind the header.
        let text: String
    }

    private static let rows = [
        Row(
            testDescription: "a module of Go with two programs",
            files: [
                "go.mod": "module x", "cmd/a/main.go": "package main", "cmd/b/x.go": "package main",
                "cmd/lib/l.go": "package l",
            ],
            text: """
                images:
                  a:
                    # a `package main` of a module of Go
                    source: ./cmd/a
                  b:
                    # a `package main` of a module of Go
                    source: ./cmd/b

                """
        ),
        Row(
            testDescription: "a package of Rust",
            files: ["Cargo.toml": "", "src/main.rs": ""],
            text: """
                images:
                  shop:
                    # `Cargo.toml`: a package of Rust
                    source: .

                """
        ),
        Row(
            testDescription: "a package of Rust with several programs",
            files: [
                "Cargo.toml": """
                [package]
                name = "shop" # the package
                [[bin]]
                name = "named"
                path = "src/bin/other.rs"
                """,
                "src/main.rs": "", "src/bin/other.rs": "", "src/bin/tool/main.rs": "", "src/bin/notes.txt": "",
            ],
            text: """
                images:
                  named:
                    # `Cargo.toml`: a package of Rust
                    source: .
                    bin: named
                  shop:
                    # `Cargo.toml`: a package of Rust
                    source: .
                    bin: shop
                  tool:
                    # `Cargo.toml`: a package of Rust
                    source: .
                    bin: tool

                """
        ),
        Row(
            testDescription: "a workspace of Rust with several programs",
            files: [
                "Cargo.toml": """
                [workspace]
                members = [
                  "crates/*", # all of them
                  'tools/x',
                ]
                resolver = "2"
                """,
                "crates/a/Cargo.toml": "[package]\nname = \"api\"\n", "crates/a/src/main.rs": "",
                "crates/lib/Cargo.toml": "[package]\nname = \"lib\"\n", "crates/lib/src/lib.rs": "",
                "tools/x/Cargo.toml": "[package]\nname='x'\nautobins = false\n[[bin]]\nname='y'\n",
                "tools/x/src/main.rs": "",
            ],
            text: """
                images:
                  api:
                    # `Cargo.toml`: a package of Rust
                    source: .
                    bin: api
                  "y":
                    # `Cargo.toml`: a package of Rust
                    source: .
                    bin: "y"

                """
        ),
        Row(
            testDescription: "programs",
            files: ["bin/x": "ELF", "tool": "ELF", "z": "text"],
            text: """
                images:
                  x:
                    # a program
                    path: bin/x
                  tool:
                    # a program
                    path: tool

                """
        ),
        Row(
            testDescription: "a site",
            files: ["index.html": "", "style.css": ""],
            text: """
                images:
                  shop:
                    # `index.html`: a static site
                    path: .

                """
        ),
        Row(
            testDescription: "a package of Node.js",
            files: [
                "package.json":
                    #"{"name": "@me/cart", "dependencies": {"a": "1"}, "engines": {"node": ">=20"}, "scripts": {"start": "node --enable-source-maps main.js"}}"#
            ],
            text: """
                images:
                  # `engines` asks for Node.js >=20; the base is chosen by coracle, `base` names another
                  cart:
                    # your own package manager installs the dependencies
                    source: .
                    # `scripts.start`: a package manager would not hand signals on
                    entrypoint:
                      - node
                      - "--enable-source-maps"
                      - main.js

                """
        ),
    ]

    @Test("a project is what its files say", arguments: rows)
    func detection(row: Row) throws {
        let text = try Self.project(row.files).draft().text
        #expect(text.split(separator: "\n", maxSplits: 1)[1] == row.text)
    }

    @Test("a project without anything is refused")
    func nothing() {
        #expect(throws: DiagnosticList.self) { try Self.project(["README": ""]).draft() }
    }

    @Test("a file that says how an image is made is taken before the project's own files")
    func order() {
        #expect(Self.project(["go.mod": ""]).source == nil)
        #expect(Self.project(["Procfile": "", "Dockerfile": ""]).source == "Dockerfile")
        #expect(Self.project([".ko.yaml": "", "Dockerfile": ""]).source == ".ko.yaml")
    }

    @Test("a Procfile has an image for each process")
    func procfile() throws {
        let text = """
            web: gunicorn app:app --bind 0.0.0.0:$PORT
            worker: A=1 python3 worker.py
            clock: ./clock | tee log
            release: ./migrate
            """
        let made = try Self.project(["Procfile": text, "requirements.txt": ""]).draft(from: "Procfile").text
        #expect(
            made == """
                # Written by `coracle init --from Procfile`; `coracle build` makes its images.
                defaults:
                  source: .
                images:
                  # `$PORT` would need a shell: its value is written here
                  web:
                    # Procfile: `web: gunicorn app:app --bind 0.0.0.0:$PORT`
                    entrypoint:
                      - gunicorn
                      - app:app
                      - "--bind"
                      - "0.0.0.0:8080"
                    env:
                      PORT: "8080"
                    expose:
                      - "8080"
                  worker:
                    # Procfile: `worker: A=1 python3 worker.py`
                    entrypoint:
                      - python3
                      - worker.py
                    env:
                      A: "1"
                  clock:

                # Not translated:
                #   `clock: ./clock | tee log`: `|` is for a shell: write `entrypoint` without it
                #   `release: ./migrate`: run it before the new version starts

                """
        )
    }

    @Test("ko's file has an image for each build")
    func ko() throws {
        let text = """
            defaultBaseImage: cgr.dev/example/static
            defaultPlatforms: [linux/amd64, linux/arm64]
            baseImageOverrides:
              example.com/shop/cmd/web: registry.example/glibc:1
            builds:
            - id: web
              dir: .
              main: ./cmd/web
              env: [CGO_ENABLED=0, GOEXPERIMENT=jsonv2]
              flags: [-trimpath, -tags, netgo]
              ldflags:
              - -s -w
              - -X main.version={{.Git.Tag}}
              - -X main.user={{.Env.USER}}
            - id: job
              main: ./cmd/job/main.go
              linux_capabilities: net_bind_service
            verification: {}
            """
        let made = try Self.project([".ko.yaml": text]).draft(from: ".ko.yaml").text
        #expect(
            made == """
                # Written by `coracle init --from .ko.yaml`; `coracle build` makes its images.
                defaults:
                  base: cgr.dev/example/static
                  platform:
                    - linux/amd64
                    - linux/arm64
                images:
                  web:
                    # line 6
                    source: ./cmd/web
                    # `baseImageOverrides`
                    base: registry.example/glibc:1
                    go:
                      ldflags:
                        - "-X main.version={version}"
                        - "-X main.user={{.Env.USER}}"
                      tags:
                        - netgo
                      env:
                        GOEXPERIMENT: jsonv2
                  job:
                    # line 15
                    source: ./cmd/job

                # Not translated:
                #   line 18: `verification`
                #   `{{.Env.USER}}` in `-X main.user={{.Env.USER}}`
                #   line 17: `linux_capabilities`: a program keeps its capabilities with `xattrs: security.capability`

                """
        )
    }

    @Test(
        "a text is the same text for every reader of YAML",
        arguments: [
            ("a", "a"), ("a b", #""a b""#), ("", #""""#), ("yes", #""yes""#), ("1", #""1""#), ("/a", "/a"),
            ("a: b", #""a: b""#), ("a:", #""a:""#), ("- a", #""- a""#), ("a#b", ##""a#b""##), (".", "."),
            ("..", #""..""#),
            ("a\nb", #""a\nb""#), ("\u{7F}", #""\u007F""#), ("\u{85}", #""\u0085""#), ("\u{2028}", #""\u2028""#),
            ("ü", #""ü""#), ("\u{1}", #""\u0001""#), ("\"", #""\"""#), ("*", #""*""#), ("@x", #""@x""#),
            ("$A", #""$A""#), ("${A}", #""$${A}""#), ("$$", #""$$$$""#),
        ]
    )
    func scalars(text: String, written: String) { #expect(ProjectDraft.scalar(text) == written) }

    @Test("what a file says cannot leave its comment")
    func comments() throws {
        let text = "FROM scratch\nRUN echo a\u{2028}b \\\n && x 'c\u{85}d\u{FEFF}'\nCOPY a /a\n"
        let made = try Self.project(["Dockerfile": text, "a": "ELF"]).draft(from: "Dockerfile").text
        #expect(made.unicodeScalars.allSatisfy { ![0x85, 0x2028, 0xFEFF, 0x0D].contains($0.value) })
        #expect(made.contains("\n#   line 2: `x 'c\\u{85}d'`"), "\(made)")
    }

    @Test("names that YAML would not take as they are stay what they are")
    func keys() throws {
        let long = String(repeating: "k", count: 3000)
        let text = "FROM scratch\nCOPY a /a\nENV A=1 \(long)=2 A=3 <<=x ?=z\nLABEL \"a: b\"=\"c\\nd\"\nUSER 1\n"
        let made = try Self.project(["Dockerfile": text, "a": "ELF"]).draft(from: "Dockerfile").text
        #expect(made.contains("\n      A: \"3\"\n") && !made.contains("A: \"1\""), "\(made)")
        #expect(made.contains("\n      ? \(long)\n      : \"2\"\n"))
        #expect(made.contains("\n      \"<<\": x\n") && made.contains("\n      \"?\": z\n"), "\(made)")
        #expect(made.contains("\n      \"a: b\": "), "\(made)")
    }

    @Test(
        "a file that is not understood is refused",
        arguments: [
            ("notes.txt", "init.unknown-file"), ("gone", "init.unreadable"), ("package.json", "json.malformed"),
        ]
    )
    func refused(file: String, code: String) {
        do throws(DiagnosticList) {
            _ = try Self.project(["notes.txt": "hello\n", "package.json": "{"]).draft(from: file)
            Issue.record("it was read")
        } catch {
            #expect(error.items.map(\.code.rawValue) == [code])
        }
    }

    @Test("a stage that is named becomes the image, and one that is not there is refused with those that are")
    func target() throws {
        let project = Self.project(["Dockerfile": "FROM a AS one\nFROM b\nCOPY x /x\n", "x": "ELF"])
        #expect(try project.draft(from: "Dockerfile", stage: "one").text.contains("\n    base: a\n"))
        do throws(DiagnosticList) {
            _ = try project.draft(from: "Dockerfile", stage: "two")
            Issue.record("it was read")
        } catch {
            #expect(error.items.first?.hint == "its stages are one")
        }
    }
}

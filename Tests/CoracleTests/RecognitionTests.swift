import ByteIO
import Diagnostics
@testable import Images
import Layers
import OCI
@testable import Plan
@testable import SourceTree
import TestSupport
import Testing

@Suite("What an application directory is")
struct RecognitionTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let files: [String: String]
        /// The interpreter and what follows it.
        let words: String
        let base: String?
        var dependencies: [String] = []
        var environment: [String] = []
        var testDescription: String { name }
    }

    private func recognize(_ files: [String: String]) throws -> Recognition.Result {
        let scratch = try TemporaryDirectory()
        for (name, text) in files { try scratch.file("app/\(name)", text) }
        let (walk, problems) = try walk(scratch("app"))
        #expect(problems.isEmpty)
        return Recognition(walk.entries, at: try EntryPath(absolute: "/app")).result
    }

    @Test(
        "its files decide what it is, and what starts it",
        arguments: [
            Case(
                name: "node by scripts.start",
                files: [
                    "package.json": #"{"main": "lib.js", "scripts": {"start": "node ./src/server --port 80"}}"#,
                    "src/server.js": "", "lib.js": "", "node_modules/a/index.js": "",
                ],
                words: "node /app/src/server.js --port 80",
                base: "debian13/nodejs",
                dependencies: ["node_modules"]
            ),
            Case(
                name: "node by main",
                files: ["package.json": #"{"main": "lib"}"#, "lib/index.js": ""],
                words: "node /app/lib/index.js",
                base: "debian13/nodejs"
            ),
            Case(
                name: "node by index.js",
                files: ["package.json": "{}", "index.js": "", "index.html": ""],
                words: "node /app/index.js",
                base: "debian13/nodejs"
            ),
            Case(
                name: "python by app.py",
                files: ["requirements.txt": "", "app.py": "", "site-packages/flask/__init__.py": ""],
                words: "python3 /app/app.py",
                base: "debian13/python3",
                dependencies: ["site-packages"],
                environment: ["PYTHONPATH=/app/site-packages"]
            ),
            Case(
                name: "python by __main__.py",
                files: ["__main__.py": "", "main.py": ""],
                words: "python3 /app",
                base: "debian13/python3"
            ),
            Case(
                name: "python by a module, in an environment of Python 3.11",
                files: [
                    "pyproject.toml": "", "tool/__main__.py": "",
                    ".venv/lib/python3.11/site-packages/x.py": "",
                    ".venv/lib/python3.11/site-packages/y/site-packages/z.py": "",
                ],
                words: "python3 -m tool",
                base: "debian12/python3",
                dependencies: [".venv/lib/python3.11/site-packages"],
                environment: ["PYTHONPATH=/app/.venv/lib/python3.11/site-packages"]
            ),
            Case(
                name: "java by its classes' manifest",
                files: [
                    "META-INF/MANIFEST.MF":
                        "Manifest-Version: 1.0\r\nMain-Class: com.example.a.long.na\r\n me.Main\r\n\r\nName: x\r\n",
                    "lib/dep.jar": "",
                ],
                words: "java -cp /app:/app/lib/* com.example.a.long.name.Main",
                base: "debian13/java-headless",
                dependencies: ["lib"]
            ),
            Case(
                name: ".NET by its runtime configuration",
                files: ["Shop.runtimeconfig.json": "{}", "Shop.dll": "", "appsettings.json": "{}"],
                words: "dotnet /app/Shop.dll",
                base: nil
            ),
            Case(name: "ruby", files: ["Gemfile": "", "app.rb": ""], words: "ruby /app/app.rb", base: nil),
            Case(
                name: "a static site",
                files: ["index.html": "", "style.css": ""],
                words: "/busybox/busybox httpd -f -p 8080 -h /app",
                base: "debian13/static:debug"
            ),
        ]
    )
    func kinds(sample: Case) throws {
        guard case .application(let found) = try recognize(sample.files) else {
            Issue.record("not recognised")
            return
        }
        #expect(([found.interpreter] + found.arguments).joined(separator: " ") == sample.words)
        #expect(found.base == sample.base)
        #expect(found.dependencies == sample.dependencies)
        #expect(found.environment == sample.environment)
    }

    @Test(
        "where what starts it is not to be seen, it says why",
        arguments: [
            (["package.json": "[]"], "`package.json` is not a JSON object"),
            (["package.json": "{}"], "`package.json` has neither `main` nor `scripts.start`"),
            (
                ["package.json": #"{"scripts": {"start": "next start"}}"#],
                "`scripts.start` of `package.json` is `next start`, and not `node FILE` with a file that is there"
            ),
            (
                ["package.json": #"{"main": "gone.js"}"#],
                "`main` of `package.json` is `gone.js`, and there is no such file"
            ),
            (
                ["requirements.txt": ""],
                "there is a `requirements.txt`, and neither `__main__.py` nor `main.py` nor `app.py`"
            ),
            (["a.jar": "no archive", "b.jar": ""], "no manifest has a `Main-Class`: `a.jar`, `b.jar`"),
            (["Gemfile": ""], "there is a `Gemfile`, and neither `main.rb` nor `app.rb`"),
        ]
    )
    func unclear(files: [String: String], reason: String) throws {
        guard case .unclear(_, let said) = try recognize(files) else {
            Issue.record("it is clear, or unknown")
            return
        }
        #expect(said == reason)
    }

    @Test("the archive whose manifest has a Main-Class is started, as Python's zipfile writes it", arguments: [0, 8])
    func archives(method: Int) throws {
        let scratch = try TemporaryDirectory()
        try scratch.directory("app/libs")
        try Tool.python(
            """
            import sys, zipfile
            def jar(path, manifest):
                with zipfile.ZipFile(path, "w", int(sys.argv[2])) as archive:
                    archive.writestr("a/B.class", "xyz")
                    archive.writestr("META-INF/MANIFEST.MF", manifest)
                    archive.comment = b"a comment"
            jar(sys.argv[1] + "/server.jar", "Manifest-Version: 1.0\\nMain-Class: a.B\\n\\n")
            jar(sys.argv[1] + "/plain.jar", "Manifest-Version: 1.0\\n\\n")
            jar(sys.argv[1] + "/libs/dep.jar", "")
            """,
            [scratch("app"), "\(method)"]
        )
        let (walk, _) = try walk(scratch("app"))
        guard case .application(let found) = Recognition(walk.entries, at: try EntryPath(absolute: "/app")).result
        else {
            Issue.record("not recognised")
            return
        }
        #expect(found.arguments == ["-jar", "/app/server.jar"])
        #expect(found.dependencies == ["libs"])
        // Whatever is cut off or changed, nothing is worse than no manifest.
        let bytes = try readFile(scratch("app/server.jar"))
        var random = Pseudorandom(seed: 1)
        for _ in 0..<300 {
            var broken = bytes
            broken[Int.random(in: broken.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            try scratch.file("broken.jar", broken)
            _ = JarManifest(ofJarAt: FilePath(scratch("broken.jar")))
        }
    }

    @Test("on a base, it starts by the base's own name for the interpreter, and its dependencies are a layer below")
    func planned() async throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("app/package.json", #"{"main": "server.js"}"#)
        try scratch.file("app/server.js", "")
        try scratch.file("app/node_modules/left/index.js", "")
        var sample = BaseSample.merged
        sample.layers.append([.text("/usr/bin/node-20", "#!/usr/bin/node-20\n", mode: 0o755)])
        sample.config.entrypoint = ["/usr/bin/node-20"]
        var request = BuildRequest(paths: [FilePath(scratch("app"))])
        request.base = try await BaseSample.layout([sample], in: scratch)
        request.runtime = nil
        request.gate = nil
        let plan = try await Planner.plan(request, ImageAccess(RegistrySettings(environment: [:])))
        let image = try #require(plan.images.first)
        #expect(image.config.config.entrypoint == ["/usr/bin/node-20", "/app/server.js"])
        #expect(image.config.config.workingDir == "/app")
        #expect(image.platform.description == "linux/amd64")
        let layers = image.layers.map { plan.layers[$0].blueprint }
        #expect(layers.map(\.createdBy) == ["coracle: /app: what it depends on", "coracle: /app"])
        #expect(layers[0].entries.contains { $0.path.description == "/app/node_modules/left/index.js" })
        #expect(layers[1].entries.map(\.path.description) == ["/app/package.json", "/app/server.js"])
        #expect(plan.notes.map(\.code.rawValue).contains("plan.recognized"))
    }

    @Test("with an entry point, or on scratch, nothing is recognised", arguments: [true, false])
    func asked(hasEntrypoint: Bool) async throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("app/package.json", #"{"main": "server.js"}"#)
        try scratch.file("app/server.js", "", mode: 0o755)
        var request = BuildRequest(paths: [FilePath(scratch("app"))])
        if hasEntrypoint { request.configuration.entrypoint = ["/app/server.js"] } else { request.choosesBase = false }
        do {
            _ = try await Planner.plan(request, ImageAccess(RegistrySettings(environment: [:])))
            Issue.record("planned")
        } catch {
            #expect(error.items.first?.code.rawValue == (hasEntrypoint ? "plan.no-platform" : "plan.which-program"))
        }
    }

    @Test("what no base of the catalogue runs is refused with one that does")
    func noBase() async throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("app/Shop.runtimeconfig.json", "{}")
        try scratch.file("app/Shop.dll", "")
        let request = BuildRequest(paths: [FilePath(scratch("app"))])
        do {
            _ = try await Planner.plan(request, ImageAccess(RegistrySettings(environment: [:])))
            Issue.record("planned")
        } catch {
            #expect(codes(error.items) == ["plan.no-base"])
            #expect(error.items[0].hint == "name one that does, such as `--base mcr.microsoft.com/dotnet/aspnet:8.0`")
        }
    }
}

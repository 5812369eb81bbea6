@testable import Applications
import ByteIO
import Diagnostics
@testable import Images
import Layers
import OCI
@testable import Plan
@testable import SourceTree
import Request
import TestSupport
import Testing

@Suite("What an author states for other platforms, and what packages declare")
struct StatedProcessTests {
    private func read(_ files: [String: String], _ configure: (inout BuildRequest) -> Void = { _ in }) throws
        -> Checked<Application?>
    {
        let scratch = try TemporaryDirectory()
        for (name, text) in files {
            let mode: UInt32 = text.hasPrefix("#!") ? 0o755 : 0o644
            try scratch.file("app/\(name)", text, mode: mode)
        }
        var request = BuildRequest(paths: [FilePath(scratch("app"))])
        configure(&request)
        return ApplicationReader.read(request, on: .catalogue)
    }

    private func problems(_ checked: Checked<Application?>) -> [Diagnostic] {
        do throws(DiagnosticList) {
            try checked.remarks.problems.check()
            return []
        } catch {
            return error.items
        }
    }

    private func words(_ application: Application) -> String {
        (application.variants.first?.words(on: nil) ?? []).joined(separator: " ")
    }

    private static let gunicorn = [
        "site-packages/gunicorn/__main__.py": "",
        "site-packages/gunicorn-22.0.dist-info/entry_points.txt":
            "[console_scripts]\ngunicorn = gunicorn.app.wsgiapp:run\n\n[paste.server_runner]\nmain = x:y\n",
    ]

    @Test(
        "`web` of a Procfile is started, before anything that looks as if it could be",
        arguments: [
            (
                [
                    "Procfile": "web: node server.js --quiet\n", "server.js": "",
                    "package.json": #"{"main": "server.js"}"#,
                ],
                "node /app/server.js --quiet"
            ),
            (
                [
                    "Procfile": "release: node migrate.js\nweb: npm start", "a.js": "",
                    "package.json": #"{"scripts": {"start": "node a.js"}}"#,
                ], "node /app/a.js"
            ),
            (
                [
                    "Procfile": "worker:   python3 -u jobs/run.py ", "jobs/run.py": "", "main.py": "",
                    "requirements.txt": "",
                ],
                "python3 -u /app/jobs/run.py"
            ),
            (
                gunicorn.merging(["Procfile": "web: gunicorn shop.wsgi", "requirements.txt": "gunicorn\n"]) { $1 },
                "python3 -m gunicorn shop.wsgi"
            ),
            (
                ["Procfile": "web: java -Xmx64m -jar lib/shop.jar", "lib/shop.jar": ""],
                "java -Xmx64m -jar /app/lib/shop.jar"
            ),
        ]
    )
    func procfile(files: [String: String], expected: String) throws {
        let found = try read(files)
        #expect(problems(found).isEmpty, "\(problems(found).map(\.reason))")
        #expect(words(try #require(found.value)) == expected)
    }

    @Test(
        "a Procfile's line that an image cannot start is refused with the options that start the same",
        arguments: [
            (
                ["Procfile": "web: node a.js $PORT", "a.js": ""],
                "`web` of `Procfile` is `node a.js $PORT`, and `$PORT` is for a shell, which the image does not have",
                #"name it, with `--env PORT=8080` `--entrypoint '["node", "/app/a.js", "8080"]'`"#
            ),
            (
                ["Procfile": "web: java $JAVA_OPTS -jar lib/a.jar --port $PORT", "lib/a.jar": ""],
                "`web` of `Procfile` is `java $JAVA_OPTS -jar lib/a.jar --port $PORT`, and `$JAVA_OPTS` is for a shell, which the image does not have",
                #"name it, with `--env PORT=8080` `--entrypoint '["java", "-jar", "/app/lib/a.jar", "--port", "8080"]'`"#
            ),
            (
                ["Procfile": "web: NODE_ENV=production node a.js", "a.js": ""],
                "`web` of `Procfile` is `NODE_ENV=production node a.js`, and it sets variables",
                #"name it, with `--env NODE_ENV=production` `--entrypoint '["node", "/app/a.js"]'`"#
            ),
            (
                ["Procfile": "web: rails server", "main.py": ""],
                "`web` of `Procfile` is `rails server`, and `rails` is not in the directory",
                #"name it, such as `--entrypoint '["/app/server"]'`"#
            ),
            (
                ["Procfile": "a: node a.js\nb: node b.js", "a.js": "", "b.js": ""],
                "`Procfile` has several processes, and no `web`: `a`, `b`",
                #"name it, with `--entrypoint '["node", "/app/a.js"]'`"#
            ),
            (
                ["Procfile": "web: node a.js && node b.js", "a.js": ""],
                "`web` of `Procfile` is `node a.js && node b.js`, and `&&` is for a shell, which the image does not have",
                #"name it, such as `--entrypoint '["/app/server"]'`"#
            ),
        ]
    )
    func refusedProcfile(files: [String: String], reason: String, hint: String) throws {
        let problem = try #require(problems(try read(files)).first)
        #expect(problem.code.rawValue == "plan.which-program")
        #expect(problem.reason == reason)
        #expect(problem.hint == hint)
    }

    @Test("of several programs, the one of the Procfile starts, with its arguments")
    func procfileProgram() throws {
        let scratch = try TemporaryDirectory()
        let program = try readFile(FixtureProgram.go("hello").path())
        for name in ["bin/server", "bin/other"] { try scratch.file("app/\(name)", program, mode: 0o755) }
        try scratch.file("app/Procfile", "web: ./bin/server -addr :8080\n")
        for ground in [ApplicationReader.Ground.catalogue, .scratch] {
            let found = ApplicationReader.read(BuildRequest(paths: [FilePath(scratch("app"))]), on: ground)
            #expect(words(try #require(found.value)) == "/app/bin/server -addr :8080")
        }
    }

    @Test(
        "the program of a Python package by its name is refused with the words that start it",
        arguments: [
            (["gunicorn", "shop:app"], #"`--entrypoint '["python3", "-m", "gunicorn", "shop:app"]'`"#),
            (
                ["shop"],
                #"`--entrypoint '["python3", "-c", "import sys; from shop.cli import main; sys.exit(main())"]'`"#
            ),
        ]
    )
    func consoleScripts(entrypoint: [String], way: String) throws {
        var files = Self.gunicorn
        files["main.py"] = ""
        files["site-packages/shop-1.0.dist-info/entry_points.txt"] = "[console_scripts]\nshop=shop.cli:main [all]\n"
        let found = try read(files) { $0.configuration.entrypoint = entrypoint }
        #expect(codes(problems(found)) == ["plan.entrypoint-interpreter"])
        #expect(problems(found).first?.hint == "start it with the image's Python: \(way)")
    }

    @Test("a script of an environment by itself is refused, as its packages are beside it")
    func scriptAlone() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("venv/bin/flask", "#!/home/me/venv/bin/python3\nimport flask\n", mode: 0o755)
        let request = BuildRequest(paths: [FilePath(scratch("venv/bin/flask"))])
        let found = ApplicationReader.read(request, on: .catalogue)
        #expect(codes(problems(found)) == ["plan.entrypoint-interpreter"])
    }

    @Test("a hostile Procfile, list of programs or class file is read without an end of the program")
    func hostile() throws {
        var random = Pseudorandom(seed: 7)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = Procfile(bytes).main.map { StatedCommand($0.command) }
            _ = DeclaredPrograms(Array("[project.scripts]\n".utf8) + bytes).main
            _ = JavaClass([0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 61] + bytes)
            _ = JavaStartScript(Array("#!/bin/sh\nCLASSPATH=$APP_HOME/a\nDEFAULT_JVM_OPTS=".utf8) + bytes)
        }
    }

    // MARK: Node.js

    @Test(
        "a file that the started one loads and that is not there is found before the image is made",
        arguments: [
            ("const a = require('./lib/gone');", "lib/a.js", false), ("import a from \"./gone.js\";", "a.js", false),
            ("const a = require('./lib')", "lib/index.js", true), ("const a = require('./a');", "a.json", true),
            ("try { require('./gone') } catch {}\nconst b = require('./gone2')", "a.js", true),
            ("// const a = require('./gone')", "a.js", true), ("const a = require('../outside')", "a.js", true),
            ("const a = load('./gone')", "a.js", true),
        ]
    )
    func missingFile(script: String, other: String, isFine: Bool) throws {
        let found = try read(["package.json": #"{"main": "s.js"}"#, "s.js": script + "\n", other: ""])
        #expect(codes(problems(found)) == (isFine ? [] : ["plan.dependency-missing"]))
    }

    @Test("a package that lacks one of its own is a note, where node would look for it")
    func lackingPackage() throws {
        let files = [
            "package.json": #"{"main": "s.js", "dependencies": {"a": "1"}}"#, "s.js": "",
            "node_modules/a/package.json": #"{"dependencies": {"b": "1", "@c/d": "1"}}"#,
            "node_modules/b/package.json": #"{"dependencies": {"opt": "1"}, "optionalDependencies": {"opt": "1"}}"#,
            "node_modules/a/node_modules/@c/d/package.json": #"{"dependencies": {"b": "1"}}"#,
            "node_modules/a/test/node_modules/x/package.json": #"{"dependencies": {"nosuch": "1"}}"#,
            "node_modules/.pnpm/e@1/node_modules/e/package.json": #"{"dependencies": {"f": "1"}}"#,
            "node_modules/.pnpm/e@1/node_modules/f/package.json": "{}",
        ]
        func notes(_ files: [String: String]) throws -> [String] {
            try read(files).remarks.notes.filter { $0.code.rawValue == "plan.lacking-package" }.map(\.summary)
        }
        #expect(try notes(files) == [])
        var broken = files
        broken["node_modules/b/package.json"] = nil
        #expect(
            try notes(broken) == [
                "`node_modules/a/node_modules/@c/d` depends on `b`, which is not installed (and 1 more)"
            ]
        )
    }
}

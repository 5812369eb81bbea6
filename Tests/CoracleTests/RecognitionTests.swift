import ByteIO
import Diagnostics
import Layers
import OCI
import Request
import TestSupport
import Testing

@testable import Applications
@testable import Images
@testable import Plan
@testable import SourceTree

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
                name: "node by a start script with node's own options",
                files: [
                    "package.json":
                        #"{"scripts": {"start": "node --max-old-space-size=4096 -r ./pre.js 'dist/my server.js'"}}"#,
                    "dist/my server.js": "", "pre.js": "", "index.js": "",
                ],
                words: "node --max-old-space-size=4096 -r /app/pre.js /app/dist/my server.js",
                base: "debian13/nodejs"
            ),
            Case(
                name: "node by `node .`",
                files: [
                    "package.json": #"{"scripts": {"start": "node ."}, "main": "dist/main.js"}"#, "dist/main.js": "",
                    "index.js": "",
                ],
                words: "node /app/dist/main.js",
                base: "debian13/nodejs"
            ),
            Case(
                name: "node by start:prod, where start is for developers",
                files: [
                    "package.json": #"{"scripts": {"start": "nest start", "start:prod": "node dist/main"}}"#,
                    "dist/main.js": "", "index.js": "",
                ],
                words: "node /app/dist/main.js",
                base: "debian13/nodejs"
            ),
            Case(
                name: "node by exports",
                files: [
                    "package.json": #"{"exports": {".": {"types": "./a.d.ts", "import": "./dist/index.mjs"}}}"#,
                    "dist/index.mjs": "", "index.js": "",
                ],
                words: "node /app/dist/index.mjs",
                base: "debian13/nodejs"
            ),
            Case(
                name: "node by the program that is called as its package is",
                files: [
                    "package.json":
                        #"{"name": "@me/serve", "main": "lib.js", "bin": {"serve": "./cli.js", "serve-dev": "./dev.js"}}"#,
                    "lib.js": "", "cli.js": "", "dev.js": "",
                ],
                words: "node /app/cli.js",
                base: "debian13/nodejs"
            ),
            Case(
                name: "python by the one of several programs that is called as the project is",
                files: [
                    "pyproject.toml": """
                    [project]
                    name = "shop"
                    [project.scripts]
                    shop-admin = "shop.admin:main"
                    shop = "shop.cli:main"
                    """,
                    "shop/__init__.py": "", "shop/cli.py": "", "shop/admin.py": "", "main.py": "",
                ],
                words: "python3 -c import sys; from shop.cli import main; sys.exit(main())",
                base: "debian13/python3",
                environment: ["PYTHONPATH=/app"]
            ),
            Case(
                name: "python by Poetry's programs",
                files: [
                    "pyproject.toml":
                        "[tool.poetry]\nname = \"shop\"\n[tool.poetry.scripts]\nshop = \"shop.cli:main\"\n",
                    "shop/cli.py": "",
                ],
                words: "python3 -c import sys; from shop.cli import main; sys.exit(main())",
                base: "debian13/python3",
                environment: ["PYTHONPATH=/app"]
            ),
            Case(
                name: "python by Django's server, where its program is for developers",
                files: [
                    "pyproject.toml": "[project.scripts]\nmanage = \"shop.manage:main\"\n", "manage.py": "",
                    "shop/manage.py": "", "shop/wsgi.py": "", "site-packages/gunicorn/__init__.py": "",
                ],
                words: "python3 -m gunicorn --bind 0.0.0.0:8000 shop.wsgi",
                base: "debian13/python3",
                dependencies: ["site-packages"],
                environment: ["PYTHONPATH=/app/site-packages"]
            ),
            Case(
                name: "python by a module below src",
                files: ["pyproject.toml": "", "src/shop/__main__.py": ""],
                words: "python3 -m shop",
                base: "debian13/python3",
                environment: ["PYTHONPATH=/app/src"]
            ),
            Case(
                name: "python by the one program of what was installed",
                files: [
                    "site-packages/shop/cli.py": "",
                    "site-packages/shop-1.0.dist-info/entry_points.txt":
                        "[console_scripts]\nshop = shop.cli:main\n",
                    "site-packages/shop-1.0.dist-info/METADATA": "",
                    "site-packages/bin/shop": "#!/home/me/venv/bin/python\n",
                ],
                words: "python3 /app/site-packages/bin/shop",
                base: "debian13/python3",
                dependencies: ["site-packages"],
                environment: ["PYTHONPATH=/app/site-packages"]
            ),
            Case(
                name: "node by other words for it, and by a script's own first line",
                files: [
                    "package.json": #"{"scripts": {"start": "exec ./cli.mjs -v"}}"#,
                    "cli.mjs": "#!/usr/bin/env -S node --no-warnings\nimport a from './a.mjs'\n", "a.mjs": "",
                ],
                words: "node --no-warnings /app/cli.mjs -v",
                base: "debian13/nodejs"
            ),
            Case(
                name: "node by its program's first line",
                files: [
                    "package.json": #"{"bin": "cli.js"}"#, "cli.js": "#!/usr/bin/env -S A=1 node --no-warnings\r\n",
                ],
                words: "node --no-warnings /app/cli.js",
                base: "debian13/nodejs"
            ),
            Case(
                name: "python by FastAPI's own layout",
                files: [
                    "requirements.txt": "", "app/__init__.py": "",
                    "app/main.py": "import fastapi\napp: X = fastapi.FastAPI()\n",
                    "deps/uvicorn/__main__.py": "", "deps/uvicorn-1.dist-info/METADATA": "",
                ],
                words: "python3 -m uvicorn --host 0.0.0.0 --port 8000 app.main:app",
                base: "debian13/python3",
                dependencies: ["deps"],
                environment: ["PYTHONPATH=/app/deps"]
            ),
            Case(
                name: "java by a start script of sbt, with an array and options",
                files: [
                    "bin/shop": """
                    #!/usr/bin/env bash
                    declare -a app_mainclass=(play.core.server.ProdServerStart)
                    declare -r app_classpath="$lib_dir/shop.jar"
                    addJava "-Dx=1"
                    addJava "-Duser.dir=$(realpath x)"
                    """,
                    "lib/shop.jar": "",
                ],
                words: "java -Dx=1 -cp /app/lib/shop.jar play.core.server.ProdServerStart",
                base: "debian13/java-headless",
                dependencies: ["lib"]
            ),
            Case(
                name: "node by a script that another names, on the version that the author wants",
                files: [
                    "package.json":
                        #"{"scripts": {"start": "npm run serve", "serve": "node s.js"}, "engines": {"node": "^18.2 || ^16"}}"#,
                    "s.js": "",
                ],
                words: "node /app/s.js",
                base: "debian12/nodejs"
            ),
            Case(
                name: "node where no base has the version that the author wants",
                files: ["package.json": #"{"main": "s.js"}"#, "s.js": "", ".nvmrc": "v22.1.0\n"],
                words: "node /app/s.js",
                base: "debian13/nodejs"
            ),
            Case(
                name: "python by what requires-python leaves",
                files: ["pyproject.toml": "[project]\nrequires-python = \">=3.10, <3.12\"\n", "main.py": ""],
                words: "python3 /app/main.py",
                base: "debian12/python3"
            ),
            Case(
                name: "python by .python-version",
                files: [".python-version": "3.11.4\n", "main.py": ""],
                words: "python3 /app/main.py",
                base: "debian12/python3"
            ),
            Case(
                name: "python by a server for the application that a script defines",
                files: [
                    "main.py": "from fastapi import FastAPI\napi = FastAPI(title='x')\n",
                    "deps/uvicorn/__main__.py": "",
                    "deps/uvicorn-1.dist-info/entry_points.txt": "[console_scripts]\nuvicorn = uvicorn.main:main\n",
                ],
                words: "python3 -m uvicorn --host 0.0.0.0 --port 8000 main:api",
                base: "debian13/python3",
                dependencies: ["deps"],
                environment: ["PYTHONPATH=/app/deps"]
            ),
            Case(
                name: "python by a script that defines an application and starts it",
                files: [
                    "app.py": "from flask import Flask\napp = Flask(__name__)\napp.run()\n",
                    "deps/gunicorn-1.dist-info/METADATA": "", "deps/gunicorn/__main__.py": "",
                ],
                words: "python3 /app/app.py",
                base: "debian13/python3",
                dependencies: ["deps"],
                environment: ["PYTHONPATH=/app/deps"]
            ),
            Case(
                name: "python by what its packages are for, which lie beside the script",
                files: [
                    "main.py": "", "flask/__init__.py": "", "flask-3.0.dist-info/METADATA": "",
                    "markupsafe/_speedups.cpython-311-x86_64-linux-gnu.so": "",
                ],
                words: "python3 /app/main.py",
                base: "debian12/python3"
            ),
            Case(
                name: "python by a wheel's tag",
                files: [
                    "main.py": "",
                    "deps/flask-3.0.dist-info/WHEEL": "Wheel-Version: 1.0\nTag: cp312-cp312-manylinux_2_17_x86_64\n",
                ],
                words: "python3 /app/main.py",
                base: nil,
                dependencies: ["deps"],
                environment: ["PYTHONPATH=/app/deps"]
            ),
            Case(
                name: "python by [project.scripts]",
                files: [
                    "pyproject.toml": "[project]\n[project.scripts]\nshop = \"shop.cli:main\"\n",
                    "src/shop/cli.py": "", "src/shop/__init__.py": "",
                ],
                words: "python3 -c import sys; from shop.cli import main; sys.exit(main())",
                base: "debian13/python3",
                environment: ["PYTHONPATH=/app/src"]
            ),
            Case(
                name: "python by Django's manage.py, with a server",
                files: ["manage.py": "", "shop/wsgi.py": "", "site-packages/gunicorn/__init__.py": ""],
                words: "python3 -m gunicorn --bind 0.0.0.0:8000 shop.wsgi",
                base: "debian13/python3",
                dependencies: ["site-packages"],
                environment: ["PYTHONPATH=/app/site-packages"]
            ),
            Case(
                name: "java by a start script of Gradle",
                files: [
                    "bin/shop": """
                    #!/bin/sh
                    DEFAULT_JVM_OPTS='"-Xmx64m" "-Dshop.home=$APP_HOME/my data"'
                    CLASSPATH=$APP_HOME/lib/shop.jar:$APP_HOME/lib/guava.jar
                    set -- \\
                            -classpath "$CLASSPATH" \\
                            com.example.Shop \\
                            "$@"
                    """,
                    "bin/shop.bat": "@rem", "lib/shop.jar": "", "lib/guava.jar": "",
                ],
                words:
                    "java -Xmx64m -Dshop.home=/app/my data -cp /app/lib/shop.jar:/app/lib/guava.jar com.example.Shop",
                base: "debian13/java-headless",
                dependencies: ["lib"]
            ),
            Case(
                name: "java by a start script of sbt",
                files: [
                    "bin/shop": """
                    #!/usr/bin/env bash
                    declare -r app_mainclass=("com.example.Shop")
                    declare -r app_classpath="$lib_dir/shop.jar:$lib_dir/scala.jar"
                    """,
                    "lib/shop.jar": "", "lib/scala.jar": "",
                ],
                words: "java -cp /app/lib/shop.jar:/app/lib/scala.jar com.example.Shop",
                base: "debian13/java-headless",
                dependencies: ["lib"]
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
        "if the start command is unclear, the message says why",
        arguments: [
            (["package.json": "[]"], "`package.json` is not a JSON object"),
            (["package.json": "{}"], "`package.json` has none of `scripts.start`, `bin`, `main` and `exports`"),
            (
                ["package.json": #"{"name": "x", "bin": {"a": "a.js", "b": "b.js"}}"#, "a.js": "", "b.js": ""],
                "`bin` of `package.json` has several programs: `a`, `b`"
            ),
            (
                ["pyproject.toml": "[project.scripts]\na = \"x.a:main\"\nb = \"x.b:main\"\n", "x/a.py": ""],
                "`[project.scripts]` has several programs: `a`, `b`"
            ),
            (
                ["package.json": #"{"scripts": {"start": "next start"}, "main": "a.js"}"#, "a.js": ""],
                "`scripts.start` of `package.json` is `next start`, and that is not `node FILE` with a file that is there"
            ),
            (
                ["package.json": #"{"scripts": {"start": "npm run build && node a.js"}, "main": "a.js"}"#, "a.js": ""],
                "`scripts.start` of `package.json` is `npm run build && node a.js`, and `&&` is for a shell, which the image does not have"
            ),
            (
                ["classes/A.class": "", "lib/a.jar": ""], "nothing says which class of `classes` is started"
            ),
            (
                [
                    "package.json": #"{"scripts": {"start": "pm2-runtime s.js"}}"#, "s.js": "",
                ],
                "`scripts.start` of `package.json` is `pm2-runtime s.js`, and `pm2-runtime` is not `node`, and the engine starts a container again"
            ),
            (
                ["package.json": #"{"scripts": {"start": "node --env-file=.env s.js"}}"#, "s.js": ""],
                "`scripts.start` of `package.json` is `node --env-file=.env s.js`, and `.env` is not in the image: give its variables with `--env`"
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
        guard case .unclear(_, let said, _, _) = try recognize(files) else {
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
        #expect(found.arguments == ["-cp", "/app/server.jar:/app/libs/*", "a.B"])
        #expect(found.dependencies == ["libs"])
        // Whatever is cut off or changed, nothing is worse than no manifest.
        let bytes = try readFile(scratch("app/server.jar"))
        var random = Pseudorandom(seed: 1)
        for _ in 0..<300 {
            var broken = bytes
            broken[Int.random(in: broken.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            try scratch.file("broken.jar", broken)
            _ = JavaArchive(FilePath(scratch("broken.jar")))
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

    @Test("nothing is recognised on scratch")
    func onScratch() async throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("app/package.json", #"{"main": "server.js"}"#)
        try scratch.file("app/server.js", "", mode: 0o755)
        var request = BuildRequest(paths: [FilePath(scratch("app"))])
        request.choosesBase = false
        #expect(await planned(request) == ["plan.which-program"])
    }

    private func planned(_ request: BuildRequest) async -> [String] {
        do throws(DiagnosticList) {
            _ = try await Planner.plan(request, ImageAccess(RegistrySettings(environment: [:])))
            return []
        } catch {
            return error.items.map(\.code.rawValue)
        }
    }

    private func read(_ request: BuildRequest) -> Checked<Application?> {
        ApplicationReader.read(request, on: request.base.map { .base($0) } ?? .catalogue)
    }

    @Test("an entry point changes what starts, and not what was recognised")
    func entrypointKeepsTheRest() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("app/main.py", "")
        try scratch.file("app/site-packages/flask/_x.cpython-311-x86_64-linux-gnu.so", "")
        var request = BuildRequest(paths: [FilePath(scratch("app"))])
        request.configuration.entrypoint = ["python3", "-m", "flask"]
        let application = try #require(read(request).value)
        #expect(application.chosenBase == .catalogue("debian12/python3"))
        let variant = try #require(application.variants.first)
        #expect(variant.recognized?.environment == ["PYTHONPATH=/app/site-packages"])
        #expect(variant.dependencies.map(\.path.description).first == "/app/site-packages")
        #expect(variant.platform == request.machine)
    }

    @Test("a script for the Python of the machine that installed it is refused, with the entry point that works")
    func scriptOfAnEnvironment() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("app/venv/bin/serve", "#!/home/me/venv/bin/python3\n", mode: 0o755)
        try scratch.file("app/venv/lib/python3.13/site-packages/x.py", "")
        var request = BuildRequest(paths: [FilePath(scratch("app"))])
        request.configuration.entrypoint = ["/app/venv/bin/serve", "-v"]
        let problems = problems(read(request))
        #expect(codes(problems) == ["plan.entrypoint-interpreter"])
        let hint = #"start it with the image's Python: `--entrypoint '["python3", "/app/venv/bin/serve", "-v"]'`"#
        #expect(problems.first?.hint == hint)
        request.configuration.entrypoint = ["python3", "/app/venv/bin/serve", "-v"]
        #expect(self.problems(read(request)).isEmpty)
    }

    private func shell(_ script: String, in scratch: TemporaryDirectory) throws {
        _ = try Command("/bin/sh", ["-c", "cd '\(scratch.path)' && \(script)"], timeLimit: 60).output()
    }

    private func problems(_ checked: Checked<Application?>) -> [Diagnostic] {
        do throws(DiagnosticList) {
            try checked.remarks.problems.check()
            return []
        } catch {
            return error.items
        }
    }

    @Test("a start line that needs variables is refused with options that start it")
    func variables() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("app/package.json", #"{"scripts": {"start": "NODE_ENV=production node server.js"}}"#)
        try scratch.file("app/server.js", "")
        var request = BuildRequest(paths: [FilePath(scratch("app"))])
        let problems = problems(read(request))
        #expect(codes(problems) == ["plan.which-program"])
        let way = #"name it, with `--env NODE_ENV=production` `--entrypoint '["node", "/app/server.js"]'`"#
        #expect(problems.first?.hint == way)
        request.configuration.entrypoint = ["node", "/app/server.js"]
        #expect(self.problems(read(request)).isEmpty)
    }

    @Test("a module that the started file loads and that was not installed is reported before an image is made")
    func missingModule() throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("app/package.json", #"{"main": "a.js", "dependencies": {"express": "4"}}"#)
        try scratch.file("app/a.js", "const express = require('express')")
        let request = BuildRequest(paths: [FilePath(scratch("app"))])
        #expect(codes(problems(read(request))) == ["plan.dependency-missing"])
        try scratch.file("app/node_modules/express/index.js", "")
        #expect(problems(read(request)).isEmpty)
        try scratch.file("py/requirements.txt", "Flask==3.0 # web\n")
        try scratch.file("py/app.py", "import os\nfrom flask import Flask\n")
        #expect(codes(problems(read(BuildRequest(paths: [FilePath(scratch("py"))])))) == ["plan.dependency-missing"])
    }

    @Test("what Cargo needs to build again is not in the image, and its hard-linked program starts")
    func cargo() throws {
        let scratch = try TemporaryDirectory()
        try shell(
            """
            mkdir -p release/deps release/.fingerprint release/build && cp /bin/true release/deps/ledger-0f1e \\
              && ln release/deps/ledger-0f1e release/ledger && touch release/ledger.d release/libledger.rlib
            """,
            in: scratch
        )
        let request = BuildRequest(paths: [FilePath(scratch("release"))])
        let variant = try #require(read(request).value?.variants.first)
        #expect(variant.entrypoint == "/app/ledger")
        #expect(variant.entries.map(\.path.description) == ["/app", "/app/ledger"])
    }

    @Test("a program in `bin/` may be a symlink, and `--entrypoint` may name a hard link")
    func links() throws {
        let scratch = try TemporaryDirectory()
        try shell(
            """
            mkdir -p app/bin app/lib two && cp /bin/true app/lib/server && ln -s ../lib/server app/bin/server \\
              && cp /bin/true two/z && ln two/z two/a
            """,
            in: scratch
        )
        var request = BuildRequest(paths: [FilePath(scratch("app"))])
        #expect(read(request).value?.variants.first?.entrypoint == "/app/bin/server")
        request.paths = [FilePath(scratch("two"))]
        #expect(codes(problems(read(request))) == ["plan.which-program"])
        request.configuration.entrypoint = ["/app/z"]
        #expect(read(request).value?.variants.first?.programs.count == 1)
    }

    @Test(
        "modules for several platforms side by side prove nothing, and one without a twin does",
        arguments: [
            (
                ["prebuilds/linux-arm64/node.napi.armv8.node": "arm64", "prebuilds/linux-x64/node.napi.node": "amd64"],
                "s390x"
            ),
            (["@img/sharp-linux-x64/sharp.node": "amd64", "@img/sharp-linuxmusl-x64/sharp.node": "amd64"], "amd64"),
            (["a/x-linux-x64.node": "amd64", "a/x-linux-arm64.node": "arm64", "b/only.node": "arm64"], "arm64"),
            ([:], "s390x"),
        ]
    )
    func platforms(files: [String: String], expected: String) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("m.c", "int napi_register(void) { return 1; }")
        try shell("gcc -shared -fPIC -nostdlib -o m.node m.c", in: scratch)
        let module = try readFile(scratch("m.node"))
        for (name, architecture) in files {
            var bytes = module
            // e_machine: 183 is AArch64.
            if architecture == "arm64" { bytes[18] = 183 }
            try scratch.file("app/node_modules/\(name)", bytes)
        }
        try scratch.file("app/package.json", #"{"main": "a.js"}"#)
        try scratch.file("app/a.js", "")
        var request = BuildRequest(paths: [FilePath(scratch("app"))])
        request.machine = Platform(os: "linux", architecture: "s390x")
        let (walk, _) = try walk(scratch("app"))
        let parts = CompiledParts(of: walk.entries)
        #expect(parts.choice(onMachine: request.machine).platform.architecture == expected)
        request.platforms = [
            Platform(os: "linux", architecture: "amd64"), Platform(os: "linux", architecture: "arm64"),
        ]
        let lacks = request.platforms.contains { parts.missing(for: $0) != nil }
        #expect(codes(problems(read(request))) == (lacks ? ["plan.platform-mismatch"] : []))
    }

    @Test("a single script or archive is packed as it is", arguments: ["main.py", "server.js", "tool"])
    func singleFiles(name: String) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file(name, name == "tool" ? "#!/usr/bin/env python3\n" : "1\n")
        let application = try #require(read(BuildRequest(paths: [FilePath(scratch(name))])).value)
        let variant = try #require(application.variants.first)
        #expect(variant.entries.map(\.path.description) == ["/app/\(name)"])
        #expect(variant.recognized?.arguments == ["/app/\(name)"])
        #expect(application.chosenBase == .catalogue(name == "server.js" ? "debian13/nodejs" : "debian13/python3"))
    }

    @Test(
        "an archive of Python starts as it is, on the base that its modules or its first line ask for",
        arguments: [
            ("#!/usr/bin/env python3", "__main__.py", "debian13/python3"),
            ("#!/home/me/venv/bin/python3.11", "__main__.py", "debian12/python3"),
            ("", "__main__.py site-packages/_x.cpython-311-x86_64-linux-gnu.so", "debian12/python3"),
            ("", "main.py", nil),
        ] as [(String, String, String?)]
    )
    func zipapp(line: String, files: String, base: String?) throws {
        let scratch = try TemporaryDirectory()
        try Tool.python(
            """
            import sys, zipfile
            with open(sys.argv[1], "wb") as file:
                file.write((sys.argv[2] + "\\n").encode() if sys.argv[2] else b"")
                with zipfile.ZipFile(file, "w") as archive:
                    for name in sys.argv[3].split(): archive.writestr(name, "")
            """,
            [scratch("shop.pyz"), line, files]
        )
        let checked = read(BuildRequest(paths: [FilePath(scratch("shop.pyz"))]))
        guard let base else {
            #expect(codes(problems(checked)) == ["program.not-elf"])
            return
        }
        let application = try #require(checked.value)
        #expect(application.name == "shop")
        #expect(application.chosenBase == .catalogue(base))
        #expect(application.variants.first?.words(on: nil) == ["python3", "/app/shop.pyz"])
    }

    @Test(
        "a compiled module of an archive that does not unpack itself is worth a remark",
        arguments: [
            ("_x.cpython-313-x86_64-linux-gnu.so", true), ("lib/_x.abi3.so", true), ("x.py", false),
            ("_x.abi3.so PEX-INFO", false), ("site-packages/_x.abi3.so _bootstrap/__init__.py", false),
        ]
    )
    func zipappModules(files: String, isTold: Bool) throws {
        let scratch = try TemporaryDirectory()
        try Tool.python(
            """
            import sys, zipfile
            with zipfile.ZipFile(sys.argv[1], "w") as archive:
                for name in ["__main__.py"] + sys.argv[2].split(): archive.writestr(name, "")
            """,
            [scratch("shop.pyz"), files]
        )
        let checked = read(BuildRequest(paths: [FilePath(scratch("shop.pyz"))]))
        let note = try #require(checked.remarks.notes.first { $0.code.rawValue == "plan.recognized" })
        #expect(note.reason?.contains("from an archive: give the directory") == isTold)
    }

    @Test(
        "packages for musl have no base of the catalogue, unless others stand in for them",
        arguments: [
            (["m.cpython-313-x86_64-linux-musl.so"], "docker.io/library/python:3.13-alpine"),
            (["m.cpython-313-x86_64-linux-musl.so", "m.cpython-313-x86_64-linux-gnu.so"], nil),
            (["a-1.dist-info/WHEEL"], "docker.io/library/python:3.13-alpine"),
        ] as [([String], String?)]
    )
    func musl(files: [String], base: String?) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("app/main.py", "")
        for name in files {
            try scratch.file("app/site-packages/\(name)", "Tag: cp311-abi3-musllinux_1_2_x86_64\n")
        }
        let checked = read(BuildRequest(paths: [FilePath(scratch("app"))]))
        guard let base else {
            #expect(checked.value?.chosenBase == .catalogue("debian13/python3"))
            return
        }
        let problem = try #require(problems(checked).first)
        #expect(problem.code.rawValue == "plan.no-base")
        #expect(problem.hint == "name one that does, such as `--base \(base)`")
    }

    @Test("an archive behind something else is read from where it begins")
    func archiveBehindScript() throws {
        let scratch = try TemporaryDirectory()
        try Tool.python(
            """
            import io, sys, zipfile
            data = io.BytesIO()
            with zipfile.ZipFile(data, "w") as archive:
                archive.writestr("META-INF/MANIFEST.MF", "Main-Class: a.B\\n\\n")
            open(sys.argv[1], "wb").write(b"#!/bin/sh\\nexec java -jar \\"$0\\"\\nexit 1\\n" + data.getvalue())
            """,
            [scratch("shop.jar")]
        )
        let application = try #require(read(BuildRequest(paths: [FilePath(scratch("shop.jar"))])).value)
        #expect(application.variants.first?.words(on: nil) == ["java", "-jar", "/app/shop.jar"])
    }

    @Test("classes that are newer than the base's Java are refused", arguments: [(65, true), (66, false)])
    func javaVersions(major: Int, isFine: Bool) throws {
        let scratch = try TemporaryDirectory()
        try Tool.python(
            """
            import sys, zipfile
            with zipfile.ZipFile(sys.argv[1], "w") as archive:
                archive.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\\nMain-Class: a.B\\n\\n")
                archive.writestr("a/B.class", bytes([0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, int(sys.argv[2])]))
            """,
            [scratch("server.jar"), "\(major)"]
        )
        let request = BuildRequest(paths: [FilePath(scratch("server.jar"))])
        #expect(codes(problems(read(request))) == (isFine ? [] : ["plan.dependency-missing"]))
    }

    @Test("a directory without a program keeps what its base starts, and the base's platform")
    func baseStarts() async throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("site/index.html", "")
        var sample = BaseSample.merged
        sample.layers.append([.text("/usr/sbin/nginx", "#!/bin/sh\n", mode: 0o755)])
        sample.config.entrypoint = ["/usr/sbin/nginx"]
        sample.config.cmd = ["-g", "daemon off;"]
        var request = BuildRequest(paths: [FilePath(scratch("site"))])
        request.base = try await BaseSample.layout([sample], in: scratch)
        request.destination = "/usr/share/nginx/html"
        request.runtime = nil
        request.gate = nil
        request.machine = Platform(os: "linux", architecture: "riscv64")
        let plan = try await Planner.plan(request, ImageAccess(RegistrySettings(environment: [:])))
        let image = try #require(plan.images.first)
        #expect(image.config.config.entrypoint == ["/usr/sbin/nginx"])
        #expect(image.config.config.cmd == ["-g", "daemon off;"])
        #expect(image.platform.description == "linux/amd64")
        sample.config.entrypoint = nil
        sample.config.cmd = nil
        let other = try TemporaryDirectory()
        request.base = try await BaseSample.layout([sample], in: other)
        #expect(await planned(request) == ["plan.which-program"])
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

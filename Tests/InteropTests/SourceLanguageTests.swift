import Glibc
import TestSupport
import Testing

/// Source of interpreters' languages, built by the real tools and run on the catalogue's bases.
@Suite(
    "Source of Python, Node.js, Java and Rust, on bases from packages",
    .serialized,
    .enabled(if: geteuid() == 0, "only root starts containers of other users")
)
struct SourceLanguageTests {
    private func build(
        _ arguments: [String],
        in place: TemporaryDirectory,
        _ environment: [String: String?] = [:]
    ) throws -> Outcome {
        var environment = environment
        environment["CORACLE_CACHE"] = FreshBases.cache
        return try Command(
            Built.coracle,
            ["build", "-t", "localhost/app:1", "-o", place("image"), "--bases", try RealBases.locked()] + arguments,
            environment: environment,
            directory: place("shop"),
            timeLimit: 300
        ).run()
    }

    private func run(_ place: TemporaryDirectory) throws -> String {
        try Command("umoci", ["unpack", "--image", "\(place("image")):1", place("bundle")]).output()
        return try RealBases.run(in: place).output
    }

    private func files(of place: TemporaryDirectory) throws -> [String] {
        try Command(Built.coracle, ["files", place("image")]).output().split(separator: "\n")
            .compactMap { $0.split(separator: " ").last.map(String.init) }.filter { $0.hasPrefix("/app/") }
    }

    /// Without an index: wheels of a folder only.
    private func pip(_ place: TemporaryDirectory) -> [String: String?] {
        ["PIP_NO_INDEX": "1", "PIP_FIND_LINKS": place("wheels"), "PIP_CONFIG_FILE": "/dev/null"]
    }

    @Test("requirements are installed for the Python of the base and the image's platform, and the image starts")
    func requirements() throws {
        let place = try TemporaryDirectory()
        try Wheels.make(
            [
                "words|1.0|cp313-cp313-manylinux_2_28_x86_64|def main(): print('for 3.13')",
                "words|1.0|cp311-cp311-manylinux_2_28_x86_64|def main(): print('for 3.11')",
                "words|1.0|cp313-cp313-manylinux_2_28_aarch64|def main(): print('for arm64')",
            ],
            in: place("wheels")
        )
        try place.file("shop/requirements.txt", "# what it needs\nwords==1.0\n")
        try place.file("shop/main.py", "import words\nwords.main()\n")
        try place.file("shop/.dockerignore", "site-packages\n.env\n")
        try place.file("shop/.env", "TOKEN=1\n")
        let outcome = try build(["."], in: place, pip(place))
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("-m pip install --target OUT/site-packages --no-compile --only-binary=:all: "))
        #expect(
            outcome.errors.contains("note: `.` is a Python application, on `debian13/python3`"),
            "\(outcome.errors)"
        )
        #expect(try run(place) == "for 3.13\n")
        let files = try files(of: place)
        #expect(!files.contains { $0.hasPrefix("/app/.") || $0.contains("/bin") || $0.hasSuffix(".pyc") }, "\(files)")
        #expect(try names(in: place("shop")) == [".dockerignore", ".env", "main.py", "requirements.txt"])
        let again = try build(["."], in: place, pip(place))
        #expect(again.output == outcome.output)

        let older = try build([".", "--base", "debian12/python3"], in: place, pip(place))
        #expect(older.errors.contains("--python-version 3.11"), "\(older.errors)")
        let foreign = try build([".", "--platform", "linux/arm64"], in: place, pip(place))
        #expect(foreign.end == .exited(0), "\(foreign.errors)")
        let both = try build([".", "--platform", "linux/amd64,linux/arm64"], in: place, pip(place))
        #expect(both.end == .exited(2))
        #expect(both.errors.contains("error[source.platform]: nothing can be built for linux/arm64"), "\(both.errors)")
    }

    @Test("a wheel that is not there for the base's Python is an error before there is an image")
    func missingWheel() throws {
        let place = try TemporaryDirectory()
        try Wheels.make(["words|1.0|cp311-cp311-manylinux_2_28_x86_64|"], in: place("wheels"))
        try place.file("shop/requirements.txt", "words==1.0\n")
        try place.file("shop/main.py", "import words\n")
        let outcome = try build(["."], in: place, pip(place))
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.contains("No matching distribution found for words==1.0"), "\(outcome.errors)")
        #expect(outcome.errors.contains("-m pip install` failed"), "\(outcome.errors)")
    }

    @Test("the dependencies of a project are installed, and a package with them", arguments: [false, true])
    func project(isPackage: Bool) throws {
        let place = try TemporaryDirectory()
        try Wheels.make(["words|1.0|py3-none-any|def main(): print('hello')"], in: place("wheels"))
        let backend = "[build-system]\nrequires = []\nbuild-backend = \"made\"\nbackend-path = [\".\"]\n"
        try place.file(
            "shop/pyproject.toml",
            (isPackage ? backend : "")
                + "[project]\nname = \"shop\"\nversion = \"1\"\ndependencies = [\n  'words==1.0', # it prints\n]\n"
        )
        try place.file(
            "shop/made.py",
            """
            import zipfile
            def build_wheel(place, settings=None, metadata=None):
                name, info = "shop-1-py3-none-any.whl", "shop-1.dist-info"
                with zipfile.ZipFile(f"{place}/{name}", "w") as z:
                    z.writestr("shop_words.py", "import words\\n")
                    z.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: shop\\nVersion: 1\\nRequires-Dist: words\\n")
                    z.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
                    z.writestr(f"{info}/RECORD", "")
                return name

            """
        )
        let import_ = isPackage ? "shop_words as shop; shop.words" : "words; words"
        try place.file("shop/main.py", "import \(import_).main()\n")
        let outcome = try build([".", "--twice"], in: place, pip(place))
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("twice the same: shop\n"), "\(outcome.errors)")
        #expect(try run(place) == "hello\n")
        #expect(try !files(of: place).contains { $0.hasSuffix("direct_url.json") })
        let records = try Command.shell(
            "cat \"$1\"/rootfs/app/site-packages/*.dist-info/RECORD",
            [place("bundle")]
        ).output()
        #expect(!records.contains("direct_url.json") && !records.contains("bin/words"), "\(records)")
    }

    /// A lock of each form that names `words` and, for developers, `tool`.
    private static func lock(_ kind: String, _ hash: String) -> (file: String, text: String) {
        let files = "files = [\n    {file = \"words-1.0-py3-none-any.whl\", hash = \"\(hash)\"},\n]\n"
        switch kind {
        case "poetry":
            let text = """
                [[package]]
                name = "words"
                version = "1.0"
                optional = false
                groups = ["main"]
                markers = "python_version >= \\"3.8\\""
                \(files)
                [[package]]
                name = "tool"
                version = "1.0"
                optional = false
                groups = ["dev"]
                files = []

                [metadata]
                lock-version = "2.1"

                """
            return ("poetry.lock", text)
        case "pdm":
            let text = """
                [metadata]
                groups = ["default", "dev"]
                strategy = ["inherit_metadata"]
                lock_version = "4.5.0"

                [[package]]
                name = "words"
                version = "1.0"
                groups = ["default"]
                marker = "sys_platform != 'win32'"
                \(files)
                [[package]]
                name = "tool"
                version = "1.0"
                groups = ["dev"]

                """
            return ("pdm.lock", text)
        default:
            let words = #"{"hashes": ["\#(hash)"], "version": "==1.0", "markers": "python_version >= '3.8'"}"#
            return ("Pipfile.lock", #"{"default": {"words": \#(words)}, "develop": {"tool": {"version": "==1.0"}}}"#)
        }
    }

    @Test(
        "what poetry, pdm and pipenv lock is installed with the hashes of the lock, and nothing of other groups",
        arguments: ["poetry", "pdm", "pipenv"]
    )
    func locked(kind: String) throws {
        let place = try TemporaryDirectory()
        let rows = ["words", "tool"].map { "\($0)|1.0|py3-none-any|def main(): print('hello')" }
        try Wheels.make(rows, in: place("wheels"))
        let sum = try Command("sha256sum", [place("wheels/words-1.0-py3-none-any.whl")]).output().prefix(64)
        let (file, text) = Self.lock(kind, "sha256:\(sum)")
        try place.file("shop/\(file)", text)
        if kind != "pipenv" { try place.file("shop/pyproject.toml", "[project]\nname = \"shop\"\nversion = \"1\"\n") }
        try place.file("shop/main.py", "import words\nwords.main()\n")
        let outcome = try build(["."], in: place, pip(place))
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(
            outcome.errors.contains(" --require-hashes --no-deps -r OUT/tmp/requirements-amd64.txt\n"),
            "\(outcome.errors)"
        )
        #expect(try run(place) == "hello\n")
        #expect(try !files(of: place).contains { $0.contains("tool") })
        try place.file("shop/\(file)", Self.lock(kind, "sha256:" + String(repeating: "0", count: 64)).text)
        let other = try build(["."], in: place, pip(place))
        #expect(other.end == .exited(3))
        #expect(other.errors.contains("THESE PACKAGES DO NOT MATCH THE HASHES"), "\(other.errors)")
    }

    /// A wheel that claims to be for any Python, with a compiled module that is not.
    private static let mislabelled = """
        import sys, zipfile
        with zipfile.ZipFile(sys.argv[1] + "/words-1.0-py3-none-any.whl", "w") as z:
            z.write(sys.argv[2], "words/_part." + sys.argv[3])
            z.writestr("words/__init__.py", "from . import _part\\n")
            z.writestr("words-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: words\\nVersion: 1.0\\n")
            z.writestr("words-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
            z.writestr("words-1.0.dist-info/RECORD", "")
        """

    @Test(
        "a compiled module for a Python that no base has, or not this one, or for another processor, is refused, and no image is written",
        arguments: [
            ("cpython-310-x86_64-linux-gnu.so", 3, "plan.no-base"),
            ("cpython-311-x86_64-linux-gnu.so", 3, "source.other-python-module"),
            ("cpython-313-aarch64-linux-gnu.so", 9, "run.python-tag"),
        ]
    )
    func compiledModule(end: String, status: Int32, code: String) throws {
        let place = try TemporaryDirectory()
        try place.directory("wheels")
        let library = try Command.shell("ls /usr/lib/x86_64-linux-gnu/libz.so.1").output().filter { !$0.isNewline }
        try Tool.python(Self.mislabelled, [place("wheels"), library, end])
        try place.file("shop/requirements.txt", "words==1.0\n")
        try place.file("shop/main.py", "import words\n")
        let outcome = try build(["."], in: place, pip(place))
        #expect(outcome.end == .exited(status), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(code)]"), "\(outcome.errors)")
        #expect(!exists(place("image")))
    }

    @Test(
        "an application without its server is an error that says what is missing",
        arguments: [
            ("from fastapi import FastAPI\napp = FastAPI()\n", "fastapi", "uvicorn"),
            ("from flask import Flask\napp = Flask(__name__)\n", "flask", "gunicorn"),
        ]
    )
    func withoutServer(code: String, framework: String, server: String) throws {
        let place = try TemporaryDirectory()
        let wheels = [framework, server].map { "\($0)|1.0|py3-none-any|def main(): print('\($0)')" }
        try Wheels.make(wheels, in: place("wheels"))
        try place.file("shop/requirements.txt", "\(framework)==1.0\n")
        try place.file("shop/app.py", code)
        let outcome = try build(["."], in: place, pip(place))
        #expect(outcome.end == .exited(3), "\(outcome.errors)")
        #expect(outcome.errors.contains("`\(server)` is not among its packages"), "\(outcome.errors)")
        try place.file("shop/requirements.txt", "\(framework)==1.0\n\(server)==1.0\n")
        let cured = try build(["."], in: place, pip(place))
        #expect(cured.end == .exited(0), "\(cured.errors)")
        #expect(try run(place) == "\(server)\n")
    }

    @Test(
        "what a lock of npm names is installed, also if the ignore file leaves it out, and the image starts",
        .enabled(if: (try? Tool.path(of: "npm")) != nil, "npm is not on PATH")
    )
    func node() throws {
        let place = try TemporaryDirectory()
        let package = #"{"name":"shop","scripts":{"start":"node server.js"},"dependencies":{"words":"file:words"}}"#
        try place.file("shop/package.json", package)
        try place.file("shop/words/package.json", #"{"name":"words","version":"1.0.0"}"#)
        try place.file("shop/words/index.js", "module.exports = 'hello'\n")
        try place.file("shop/server.js", "console.log(require('words'))\n")
        try place.file("shop/.dockerignore", "**/node_modules\n")
        try Command("npm", ["install", "--package-lock-only", "--offline", "--no-audit"], directory: place("shop"))
            .output()
        let outcome = try build([".", "--twice"], in: place, ["npm_config_offline": "true"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("note: `.` is a Node.js application, on `debian13/nodejs`"))
        #expect(try run(place) == "hello\n")
        #expect(
            try names(in: place("shop")) == [
                ".dockerignore", "package-lock.json", "package.json", "server.js", "words",
            ]
        )
    }

    // MARK: Java

    private static let main = """
        package com.example;
        import org.apache.commons.cli.Options;
        public class Main {
            public static void main(String[] arguments) throws Exception {
                var words = new String(Main.class.getResourceAsStream("/words.txt").readAllBytes());
                System.out.print(new Options().getOptions().size() + " " + words);
            }
        }

        """

    private static let pom = """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>com.example</groupId><artifactId>shop</artifactId><version>1.0</version>
          <properties>
            <maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target>
            <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
          </properties>
          <dependencies><dependency>
            <groupId>commons-cli</groupId><artifactId>commons-cli</artifactId><version>debian</version>
          </dependency></dependencies>
          <build><plugins><plugin>
            <artifactId>maven-jar-plugin</artifactId>
            <configuration><archive><manifest><mainClass>com.example.Main</mainClass></manifest></archive></configuration>
          </plugin></plugins></build>
        </project>

        """

    /// What the histories of the image's layers say, without those of the base.
    private func layers(of place: TemporaryDirectory) throws -> [String] {
        let config = try Command("skopeo", ["inspect", "--config", "oci:\(place("image")):1"]).output()
        return config.matches(of: #/"created_by":\s*"(coracle: \/app[^"]*)"/#).map { String($0.1) }
    }

    @Test(
        "Maven itself builds, twice the same, and libraries, resources and classes are a layer each",
        .enabled(if: MavenRepository.isThere, "Maven, or Debian's packages of its plugins, are not installed")
    )
    func maven() throws {
        let place = try TemporaryDirectory()
        try place.file("shop/pom.xml", Self.pom)
        try place.file("shop/src/main/java/com/example/Main.java", Self.main)
        try place.file("shop/src/main/resources/words.txt", "hello\n")
        let variables = try MavenRepository.variables(in: place)
        let outcome = try build([".", "--twice"], in: place, variables)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("twice the same: shop\n"), "\(outcome.errors)")
        #expect(try run(place) == "0 hello\n")
        let layers = ["coracle: /app/libs", "coracle: /app/resources", "coracle: /app"]
        #expect(try self.layers(of: place) == layers)
        #expect(try files(of: place).contains("/app/classes/com/example/Main.class"))
        #expect(try names(in: place("shop")) == ["pom.xml", "src"])
        // Another text changes the layer of the resources and no other.
        func blobs() throws -> Set<String> { Set(try names(in: place("image/blobs/sha256"))) }
        let before = try blobs()
        try place.file("shop/src/main/resources/words.txt", "bye\n")
        try Command("rm", ["-r", place("image"), place("bundle")]).output()
        let changed = try build([".", "--offline"], in: place, variables)
        #expect(changed.end == .exited(0), "\(changed.errors)")
        #expect(try run(place) == "0 bye\n")
        #expect(try blobs().subtracting(before).count == 3, "a layer, the config and the manifest")
    }

    /// Scripts that leave what Gradle and wrappers leave, whose programs no package of Debian has.
    private static let compile =
        "javac --release 17 -d classes Main.java && jar --create --file made.jar --main-class Main -C classes . -C . words.txt"

    private func shop(_ manifest: String) throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try place.file("shop/\(manifest)", manifest == "pom.xml" ? "<project/>" : "plugins { id 'application' }\n")
        try place.file("shop/words.txt", "hello\n")
        try place.file(
            "shop/Main.java",
            """
            public class Main {
                public static void main(String[] arguments) throws Exception {
                    System.out.print(new String(Main.class.getResourceAsStream("/words.txt").readAllBytes()));
                    System.out.print(System.getProperty("shop", ""));
                }
            }

            """
        )
        return place
    }

    @Test("the start script of Gradle is kept, with its options, and names the classes in the place of the archive")
    func gradle() throws {
        let place = try shop("build.gradle")
        let script = #"""
            #!/bin/sh
            \#(Self.compile) && mkdir -p build/libs build/install/shop/lib build/install/shop/bin
            cp made.jar build/libs/shop.jar && cp made.jar build/install/shop/lib/shop.jar
            cp made.jar build/install/shop/lib/other-1.0.jar && cp made.jar build/install/shop/lib/next-1.0-SNAPSHOT.jar
            cat >build/install/shop/bin/shop <<'END'
            #!/bin/sh
            CLASSPATH=$APP_HOME/lib/shop.jar:$APP_HOME/lib/other-1.0.jar:$APP_HOME/lib/next-1.0-SNAPSHOT.jar
            DEFAULT_JVM_OPTS='"-Dshop=open"'
            set -- -classpath "$CLASSPATH" Main
            END
            touch build/install/shop/bin/shop.bat
            """#
        try place.file("tools/gradle", script, mode: 0o755)
        let path = "\(place("tools")):\(Environment.current["PATH"] ?? "")"
        let outcome = try build(["."], in: place, ["PATH": path])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("gradle --no-daemon --console=plain installDist"), "\(outcome.errors)")
        let classPath = "/app/resources:/app/classes:/app/lib/other-1.0.jar:/app/snapshot-libs/next-1.0-SNAPSHOT.jar"
        #expect(outcome.errors.contains("java -Dshop=open -cp \(classPath) Main"), "\(outcome.errors)")
        #expect(try run(place) == "hello\nopen")
        #expect(
            try layers(of: place) == [
                "coracle: /app/lib", "coracle: /app/snapshot-libs", "coracle: /app/resources", "coracle: /app",
            ]
        )
        #expect(try names(in: place("shop")) == ["Main.java", "build.gradle", "words.txt"])
    }

    @Test(
        "Gradle itself builds, and what it installs starts",
        .enabled(if: (try? Tool.path(of: "gradle")) != nil, "Gradle is not on PATH")
    )
    func realGradle() throws {
        let place = try TemporaryDirectory()
        let build = """
            plugins { id 'java'; id 'application' }
            mainClassName = 'com.example.Main'
            sourceCompatibility = '11'
            repositories { maven { url 'file:///usr/share/maven-repo' } }
            dependencies { compile 'commons-cli:commons-cli:debian' }

            """
        try place.file("shop/build.gradle", build)
        try place.file("shop/settings.gradle", "rootProject.name = 'shop'\n")
        try place.file("shop/src/main/java/com/example/Main.java", Self.main)
        try place.file("shop/src/main/resources/words.txt", "hello\n")
        let outcome = try self.build(["."], in: place)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(try run(place) == "0 hello\n")
        let layers = try layers(of: place)
        #expect(layers == ["coracle: /app/lib", "coracle: /app/resources", "coracle: /app"])
        #expect(try names(in: place("shop")) == ["build.gradle", "settings.gradle", "src"])
    }

    @Test(
        "yarn itself installs what its lock names, and the image starts",
        .enabled(
            if: (try? Command("yarnpkg", ["--version"]).output()) != nil,
            "Debian's yarnpkg is not there, or does not start"
        )
    )
    func yarn() throws {
        let place = try TemporaryDirectory()
        let package = #"{"name":"shop","scripts":{"start":"node server.js"},"dependencies":{"words":"file:words"}}"#
        try place.file("shop/package.json", package)
        try place.file("shop/words/package.json", #"{"name":"words","version":"1.0.0"}"#)
        try place.file("shop/words/index.js", "module.exports = 'hello'\n")
        try place.file("shop/server.js", "console.log(require('words'))\n")
        try Command("yarnpkg", ["install", "--offline"], directory: place("shop"), timeLimit: 120).output()
        try Command("rm", ["-r", place("shop/node_modules")]).output()
        let outcome = try build([".", "--offline"], in: place)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("install --frozen-lockfile --ignore-scripts --non-interactive --production"))
        #expect(try run(place) == "hello\n")
    }

    @Test("an archive that says something that Java reads only of archives stays one", arguments: [false, true])
    func wholeArchive(isMultiple: Bool) throws {
        let place = try shop("pom.xml")
        let more =
            isMultiple ? "printf 'Multi-Release: true\n' >more && jar --update --file made.jar --manifest more &&" : ""
        let script = "#!/bin/sh\n\(Self.compile) && \(more) mkdir target && mv made.jar target/shop-1.0.jar\n"
        try place.file("tools/mvn", script, mode: 0o755)
        let path = "\(place("tools")):\(Environment.current["PATH"] ?? "")"
        let outcome = try build(["."], in: place, ["PATH": path])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(try files(of: place).contains("/app/shop-1.0.jar") == isMultiple)
        #expect(try run(place) == "hello\n")
    }

    @Test(
        "a wrapper is run, also with `--offline` if what it downloads is there; else what is on `PATH`",
        arguments: [(false, false), (true, false), (true, true)]
    )
    func wrapper(isOffline: Bool, isThere: Bool) throws {
        let place = try shop("pom.xml")
        let script =
            "#!/bin/sh\n\(Self.compile) && mkdir target && mv made.jar target/shop-1.0.jar && echo made by $0 >&2\n"
        try place.file("shop/mvnw", script)
        try place.file(
            "shop/.mvn/wrapper/maven-wrapper.properties",
            "distributionUrl=https://repo.maven.apache.org/maven2/org/apache/maven/apache-maven/3.9.6/apache-maven-3.9.6-bin.zip\n"
        )
        try place.file("tools/mvn", script, mode: 0o755)
        if isThere { try place.directory("home/.m2/wrapper/dists/apache-maven-3.9.6/1234") }
        let path = "\(place("tools")):\(Environment.current["PATH"] ?? "")"
        let arguments = ["."] + (isOffline ? ["--offline"] : [])
        let outcome = try build(arguments, in: place, ["PATH": path, "HOME": place("home")])
        let isRun = isThere || !isOffline
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("$ sh ./mvnw -B -ntp ") == isRun, "\(outcome.errors)")
        #expect(outcome.errors.contains("$ mvn -B -ntp ") != isRun, "\(outcome.errors)")
        let note = "note: `mvnw` downloads `apache-maven-3.9.6-bin`"
        #expect(outcome.errors.contains(note) == (isRun && !isThere), "\(outcome.errors)")
    }

    @Test("a program of Rust that is linked dynamically stands on a base with the C library")
    func rust() throws {
        let place = try TemporaryDirectory()
        try place.file("shop/Cargo.toml", "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nedition = \"2021\"\n")
        try place.file("shop/src/main.rs", "fn main() { println!(\"hello\"); }\n")
        let outcome = try build(["."], in: place)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        if outcome.errors.contains("linux-gnu") {
            #expect(outcome.errors.contains("note: `shop` needs a C library, on `debian13/cc`"), "\(outcome.errors)")
        }
        #expect(try run(place) == "hello\n")
    }
}

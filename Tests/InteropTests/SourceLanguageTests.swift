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

    @Test("the archives that Maven or Gradle leave start on Java", arguments: ["pom.xml", "build.gradle"])
    func java(manifest: String) throws {
        let place = try TemporaryDirectory()
        try place.file("shop/\(manifest)", manifest == "pom.xml" ? "<project/>" : "plugins { id 'application' }\n")
        try place.file(
            "shop/Main.java",
            "public class Main { public static void main(String[] a) { System.out.println(\"hello\"); } }\n"
        )
        // Neither the plugins of Maven nor Gradle are on this machine: scripts do what they would do.
        let compile =
            "javac --release 17 -d classes Main.java && jar --create --file made.jar --main-class Main -C classes ."
        try place.file(
            "tools/mvn",
            "#!/bin/sh\n\(compile) && mkdir -p target/lib && mv made.jar target/shop-1.0.jar && cp target/shop-1.0.jar target/shop-1.0-sources.jar\n",
            mode: 0o755
        )
        try place.file(
            "tools/gradle",
            """
            #!/bin/sh
            \(compile) && mkdir -p build/install/shop/lib && mv made.jar build/install/shop/lib/shop.jar
            """,
            mode: 0o755
        )
        let path = "\(place("tools")):\(Environment.current["PATH"] ?? "")"
        let outcome = try build(["."], in: place, ["PATH": path])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let line = manifest == "pom.xml" ? "mvn -B -ntp -DskipTests" : "gradle --no-daemon --console=plain installDist"
        #expect(outcome.errors.contains(line), "\(outcome.errors)")
        #expect(try run(place) == "hello\n")
        #expect(try names(in: place("shop")) == ["Main.java", manifest])
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

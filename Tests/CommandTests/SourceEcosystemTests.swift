import Glibc
import TestSupport
import Testing

@Suite("Building images from source of other languages")
struct SourceEcosystemTests {
    /// A static program without a musl target: glibc's own archive is linked.
    private static let isStatic: [String: String?] = ["RUSTFLAGS": "-C target-feature=+crt-static"]

    /// - Parameter tools: scripts that stand in for toolchains.
    private func build(
        _ place: TemporaryDirectory,
        _ arguments: [String],
        _ environment: [String: String?] = [:],
        tools: [String: String] = [:]
    ) throws -> Outcome {
        let (temporary, programs) = (try TemporaryDirectory(), try TemporaryDirectory())
        for (name, script) in tools { try programs.file(name, "#!/bin/sh\n\(script)\n", mode: 0o755) }
        var environment = environment
        if !tools.isEmpty { environment["PATH"] = "\(programs.path):\(Environment.current["PATH"] ?? "")" }
        environment["TMPDIR"] = temporary.path
        let outcome = try Built.coracle(arguments, environment: environment, directory: place.path, timeLimit: 300)
            .run()
        #expect(try names(in: temporary.path) == [], "something was left")
        return outcome
    }

    /// What the program `path` of the layout `image` prints, run here: it is static.
    private func printed(by path: String, of image: String, in place: TemporaryDirectory) throws -> String {
        let unpacked = try TemporaryDirectory()
        try Command("skopeo", ["copy", "-q", "oci:\(place(image))", "oci:\(unpacked("single")):1"]).output()
        try Command("umoci", ["raw", "unpack", "--rootless", "--image", "\(unpacked("single")):1", unpacked("root")])
            .output()
        return try Command("\(unpacked("root"))/\(path)", []).output()
    }

    // MARK: Rust

    private static func crate(_ place: TemporaryDirectory, at path: String, _ name: String, _ more: String = "") throws
    {
        let manifest = "[package]\nname = \"\(name)\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\(more)"
        try place.file("\(path)Cargo.toml", manifest)
        try place.file("\(path)src/main.rs", "fn main() { println!(\"hello from {}\", file!()); }\n")
    }

    /// A workspace of a program and a library that it is given by its path.
    private static func workspace() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try place.file("Cargo.toml", "[workspace]\nmembers = [\"api\", \"words\"]\nresolver = \"2\"\n")
        let more = """
            [dependencies]
            words = { path = "../words" }
            [[bin]]
            name = "one"
            path = "src/main.rs"
            [[bin]]
            name = "two"
            path = "src/main.rs"

            """
        try crate(place, at: "api/", "api", more)
        try place.file("api/src/main.rs", "fn main() { println!(\"{}\", words::hello()); }\n")
        try place.file("words/Cargo.toml", "[package]\nname = \"words\"\nversion = \"0.1.0\"\nedition = \"2021\"\n")
        try place.file("words/src/lib.rs", "pub fn hello() -> &'static str { \"hello from words\" }\n")
        try Command("cargo", ["generate-lockfile", "--offline"], directory: place.path).output()
        return place
    }

    @Test("a package of Rust is built by its directory or its manifest, and starts", arguments: [".", "Cargo.toml"])
    func cargo(path: String) throws {
        let place = try TemporaryDirectory()
        try Self.crate(place, at: "", "shop")
        try place.file("Cargo.lock", "version = 3\n\n[[package]]\nname = \"shop\"\nversion = \"0.1.0\"\n")
        let outcome = try build(place, ["build", path, "--offline"], Self.isStatic)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(
            outcome.errors.contains("cargo build --release --package shop --bin shop --target x86_64-unknown-linux-")
        )
        #expect(outcome.errors.contains("--locked --offline\n"), "\(outcome.errors)")
        #expect(try names(in: place.path) == ["Cargo.lock", "Cargo.toml", "shop.oci", "src"])
        #expect(try printed(by: "app/shop", of: "shop.oci", in: place) == "hello from src/main.rs\n")
    }

    @Test("of a workspace's programs one is chosen by `--bin`, and twice built it is the same")
    func workspaceOfCargo() throws {
        let place = try Self.workspace()
        let several = try build(place, ["build", "."])
        #expect(several.end == .exited(3))
        #expect(several.errors.contains("there are 2: `one`, `two`"), "\(several.errors)")
        #expect(several.errors.contains("name one: `--bin one`"), "\(several.errors)")
        let outcome = try build(place, ["build", ".", "--bin", "two", "--twice", "--offline"], Self.isStatic)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("twice the same: two\n"), "\(outcome.errors)")
        #expect(try printed(by: "app/two", of: "two.oci", in: place) == "hello from words\n")
        let missing = try build(place, ["build", ".", "--bin", "three"])
        #expect(missing.errors.contains("error[source.no-program]: `.` has no program `three`"), "\(missing.errors)")
    }

    @Test("a program that knows the place of its build is refused by `--twice`")
    func placeOfBuild() throws {
        let place = try TemporaryDirectory()
        try Self.crate(place, at: "", "shop")
        try place.file("src/main.rs", "fn main() { println!(\"{}\", env!(\"CARGO_MANIFEST_DIR\")); }\n")
        let outcome = try build(place, ["build", ".", "--twice", "--offline"], Self.isStatic)
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.contains("error[source.not-reproducible]: two builds of `.`"), "\(outcome.errors)")
        #expect(outcome.errors.contains("note: the build has written `Cargo.lock` into `.`"), "\(outcome.errors)")
        #expect(try !names(in: place.path).contains("shop.oci"))
    }

    @Test("what the compiler says is shown, and the status is 3")
    func failing() throws {
        let place = try TemporaryDirectory()
        try Self.crate(place, at: "", "shop")
        try place.file("src/main.rs", "fn main() { missing() }\n")
        let outcome = try build(place, ["build", ".", "--offline"])
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.contains("cannot find function `missing`"), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[source.build-failed]: `cargo build` failed"), "\(outcome.errors)")
    }

    @Test("a target whose library is not installed is an error that names it")
    func missingTarget() throws {
        let place = try TemporaryDirectory()
        try Self.crate(place, at: "", "shop")
        let outcome = try build(place, ["build", ".", "--platform", "linux/s390x", "--offline"])
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains("error[source.platform]: nothing can be built for linux/s390x"))
        #expect(outcome.errors.contains("`rustup target add s390x-unknown-linux-musl`"), "\(outcome.errors)")
    }

    @Test("the target of musl is taken if its library is installed")
    func musl() throws {
        let place = try TemporaryDirectory()
        try Self.crate(place, at: "", "shop")
        try place.file("made/shop", try Sample.hello, mode: 0o755)
        try place.directory("root/lib/rustlib/x86_64-unknown-linux-musl/lib")
        let metadata =
            #"{"packages":[{"name":"shop","id":"a","manifest_path":"x","targets":[{"name":"shop","kind":["bin"]}]}]}"#
        let message = #"{"target":{"name":"shop"},"executable":"'"\#(place.path)"'/made/shop"}"#
        let tools = [
            "rustc": "echo '\(place.path)/root'",
            "cargo": "if [ $1 = metadata ]; then echo '\(metadata)'; else echo '\(message)'; fi",
        ]
        let outcome = try build(place, ["build", "."], tools: tools)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("--bin shop --target x86_64-unknown-linux-musl\n"), "\(outcome.errors)")
    }

    @Test("of a tool that writes a hundred megabytes the last lines are shown")
    func noise() throws {
        let place = try TemporaryDirectory()
        try Self.crate(place, at: "", "shop")
        let tools = ["cargo": "yes a line of words | head -c 100000000 >&2; echo >&2; echo the end >&2; exit 1"]
        let outcome = try build(place, ["build", "."], tools: tools)
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.utf8.count < 100_000 && outcome.errors.contains("\n  the end\n"))
    }

    @Test(
        "without the toolchain on `PATH` the error names it",
        arguments: [
            ("Cargo.toml", "cargo"), ("Package.swift", "swift"), ("pom.xml", "mvn"), ("build.gradle.kts", "gradle"),
            ("requirements.txt", "python3"),
        ]
    )
    func withoutToolchain(manifest: String, tool: String) throws {
        let place = try TemporaryDirectory()
        try place.file(manifest, "shop\n")
        let outcome = try build(place, ["build", manifest], ["PATH": "/nowhere"])
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.contains("error[source.no-toolchain]: `\(tool)"), "\(outcome.errors)")
    }

    // MARK: Swift

    @Test("a package of Swift is linked statically, starts, and is the same from two places")
    func swift() throws {
        let place = try TemporaryDirectory()
        try place.file(
            "Package.swift",
            """
            // swift-tools-version:5.9
            import PackageDescription
            let package = Package(name: "tools", targets: [
                .executableTarget(name: "shop"), .executableTarget(name: "other"),
            ])

            """
        )
        for name in ["shop", "other"] {
            try place.file("Sources/\(name)/main.swift", "print(\"hello from\", #fileID)\n")
        }
        let several = try build(place, ["build", "."])
        #expect(several.errors.contains("error[source.which-program]"), "\(several.errors)")
        let outcome = try build(place, ["build", ".", "--bin", "shop", "--twice"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("$ swift build -c release --product shop -Xswiftc -file-prefix-map"))
        #expect(outcome.errors.contains("twice the same: shop\n"), "\(outcome.errors)")
        #expect(try names(in: place.path) == ["Package.swift", "Sources", "shop.oci"])
        #expect(try printed(by: "app/shop", of: "shop.oci", in: place) == "hello from shop/main.swift\n")
    }

    @Test("what cannot be linked statically is linked with Swift's library, and a note says so")
    func dynamicSwift() throws {
        let place = try TemporaryDirectory()
        try place.file("Package.swift", "// swift-tools-version:5.9\n")
        try place.file("made/shop", try Sample.hello, mode: 0o755)
        let description = #"{"name":"shop","products":[{"name":"shop","type":{"executable":null}}]}"#
        let script = """
            case "$*" in
            *describe*) echo '\(description)' ;;
            *--show-bin-path*) echo '\(place.path)/made' ;;
            *-static-executable*) echo 'error: link command failed with exit code 1'; exit 1 ;;
            esac
            """
        let outcome = try build(place, ["build", "."], tools: ["swift": script])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("note: `shop` cannot be linked statically"), "\(outcome.errors)")
        #expect(outcome.errors.contains("--static-swift-stdlib"), "\(outcome.errors)")
    }

    // MARK: Node.js

    /// An application that asks for packages, with a lock file; the scripts print what they are asked.
    private func node(_ lock: String, _ package: String, _ content: String = "{}") throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try place.file("package.json", package)
        try place.file(lock, content)
        try place.file("server.js", "require('words')\n")
        return place
    }

    private static let package = #"{"name":"shop","scripts":{"start":"node server.js"},"dependencies":{"words":"1"}}"#

    @Test(
        "the lock file decides which program installs, and with which words",
        arguments: [
            (
                "package-lock.json", "{}",
                ["npm ci --ignore-scripts --no-audit", "--omit=dev --os=linux --cpu=arm64 --libc=glibc"]
            ),
            ("pnpm-lock.yaml", "", ["pnpm install --frozen-lockfile --ignore-scripts --prod"]),
            ("yarn.lock", "# yarn lockfile v1", ["yarn install --frozen-lockfile --ignore-scripts", "--production"]),
            ("yarn.lock", "__metadata:\n", ["yarn install --immutable", "yarn workspaces focus --production"]),
        ]
    )
    func managers(lock: String, content: String, words: [String]) throws {
        let place = try node(lock, Self.package, content)
        let script = "mkdir -p node_modules/words && echo '{}' > node_modules/words/package.json"
        let tools = ["npm": script, "pnpm": script, "yarn": script]
        // Without a base nothing comes of it: what runs before is looked at.
        let arguments = ["build", ".", "--base", "scratch", "--platform", "linux/arm64"]
        let outcome = try build(place, arguments, tools: tools)
        for text in words { #expect(outcome.errors.contains(text), "\(outcome.errors)") }
        #expect(!outcome.errors.contains("source."), "\(outcome.errors)")
        #expect(try names(in: place.path) == ["package.json", "server.js", lock].sorted())
    }

    @Test("the build script of a package runs with what it needs, which is not in the image")
    func buildScript() throws {
        let package = #"{"scripts":{"build":"tsc","start":"node dist/server.js"},"dependencies":{"words":"1"}}"#
        let place = try node("package-lock.json", package)
        let script = """
            case "$*" in
            *--omit=dev*) [ ! -d node_modules ] && mkdir -p node_modules/words ;;
            ci*) mkdir -p node_modules/tsc ;;
            "run build") [ -d node_modules/tsc ] && mkdir dist && echo 1 > dist/server.js ;;
            esac
            """
        let outcome = try build(place, ["build", ".", "--base", "scratch"], tools: ["npm": script])
        #expect(outcome.errors.contains("$ CI=1 npm run build\n"), "\(outcome.errors)")
        #expect(!outcome.errors.contains("source."), "\(outcome.errors)")
    }

    @Test("packages whose versions are not fixed, and install scripts, are named")
    func nodeMessages() throws {
        let unlocked = try node("other", Self.package)
        let error = try build(unlocked, ["build", "package.json"])
        #expect(error.end == .exited(3))
        #expect(error.errors.contains("error[source.no-lock]: `package.json` has no lock file"), "\(error.errors)")
        let lock = #"{"packages":{"node_modules/words":{"hasInstallScript":true}}}"#
        let place = try node("package-lock.json", Self.package, lock)
        let tools = ["npm": "exit 1"]
        let outcome = try build(place, ["build", "."], tools: tools)
        #expect(outcome.errors.contains("note: the install script of `words` is not run"), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[source.build-failed]: `npm ci` failed"), "\(outcome.errors)")
    }

    @Test("an application of Node.js whose packages are there, and `--no-build`, are taken as they are")
    func installed() throws {
        let place = try node("package-lock.json", Self.package)
        let unbuilt = try build(place, ["build", ".", "--no-build", "--base", "scratch"])
        #expect(!unbuilt.errors.contains("$ npm"), "\(unbuilt.errors)")
        try place.directory("node_modules/words")
        let outcome = try build(place, ["build", ".", "--base", "scratch"])
        #expect(!outcome.errors.contains("$ npm"), "\(outcome.errors)")
    }

    // MARK: The cache

    @Test("what a toolchain keeps is in the cache, where it is listed, verified and pruned")
    func shelf() throws {
        let place = try TemporaryDirectory()
        try Self.crate(place, at: "", "shop")
        var environment = Self.isStatic
        environment["CORACLE_CACHE"] = place("cache")
        let outcome = try build(place, ["build", ".", "--offline"], environment)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        func cache(_ arguments: [String]) throws -> Outcome {
            try Built.coracle(["cache"] + arguments, environment: environment).run()
        }
        #expect(try cache(["list"]).output.contains("source-1"))
        #expect(try cache(["verify"]).end == .exited(0))
        #expect(try names(in: place("cache/derived/source-1")).count == 1)
        #expect(try cache(["prune", "--max-size", "0"]).end == .exited(0))
        #expect(try names(in: place("cache/derived/source-1")) == [])
    }
}

import Glibc
import TestSupport
import Testing

/// Application directories that coracle finds base and entry point for, in containers.
@Suite(
    "What runs when nothing is said but the directory",
    .serialized,
    .enabled(if: geteuid() == 0, "only root starts containers of other users")
)
struct RecognizedRunTests {
    private func build(_ files: [String: String]) throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        for (name, text) in files { try place.file("app/\(name)", text) }
        try RealBases.coracle(
            ["build", "app", "-t", "localhost/app:1", "-o", "image", "--bases", try RealBases.locked()],
            in: place
        ).output()
        try RealBases.unpack("image:1", in: place)
        return place
    }

    @Test("a Node application with its modules")
    func node() throws {
        let place = try build([
            "package.json": #"{"scripts": {"start": "node server.js one"}}"#,
            "server.js": "console.log(require('left'), process.argv[2], process.getuid())",
            "node_modules/left/index.js": "module.exports = 'left'",
        ])
        #expect(try RealBases.run(in: place).output == "left one 65532\n")
    }

    @Test("a Python application with its packages")
    func python() throws {
        let place = try build([
            "requirements.txt": "dep\n", "main.py": "import dep; print(dep.text)\n",
            "site-packages/dep/__init__.py": "text = 'from a package'\n",
        ])
        let outcome = try RealBases.run(in: place)
        #expect(outcome.output == "from a package\n", "\(outcome.errors)")
    }

    @Test("a Java application with its libraries")
    func java() throws {
        let place = try TemporaryDirectory()
        try place.file("src/Main.java", "class Main { public static void main(String[] a) { Text.print(); } }")
        try place.file(
            "dep/Text.java",
            #"class Text { static void print() { System.out.println("from a library, " + System.getProperty("user.name")); } }"#
        )
        try place.file("manifest", "Main-Class: Main\nClass-Path: lib/dep.jar\n")
        try Command.shell(
            """
            mkdir -p app/lib
            javac -d dep dep/Text.java && jar cf app/lib/dep.jar -C dep Text.class
            javac -cp dep -d src src/Main.java && jar cfm app/server.jar manifest -C src Main.class
            """,
            directory: place.path
        ).output()
        let built = try RealBases.coracle(
            ["build", "app", "-t", "localhost/app:1", "-o", "image", "--bases", try RealBases.locked()],
            in: place
        ).run()
        #expect(
            built.errors.contains("note: `app` is a Java application, on `debian13/java-headless`"),
            "\(built.errors)"
        )
        try RealBases.unpack("image:1", in: place)
        let outcome = try RealBases.run(in: place)
        #expect(outcome.output == "from a library, nonroot\n", "\(outcome.errors)")
    }

    @Test("a static site is served")
    func site() throws {
        let place = try build(["index.html": "<h1>hello</h1>\n"])
        // The command line that the image has, in a network of its own: what it would serve.
        let script = """
            ip link set lo up 2>/dev/null || true
            "$1" httpd -f -p 127.0.0.1:8123 -h "$2" & server=$!
            for try in 1 2 3 4 5; do sleep 0.2; curl -s http://127.0.0.1:8123/ && break; done
            kill $server
            """
        let root = place("bundle/rootfs")
        let served = try Command(
            "unshare",
            ["-n", "sh", "-c", script, "sh", "\(root)/busybox/busybox", "\(root)/app"]
        ).run()
        #expect(served.output == "<h1>hello</h1>\n", "\(served.errors)")
    }
}

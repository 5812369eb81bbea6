import ByteIO
import TestSupport
import Testing

@testable import SourceBuild

@Suite("How what a build tool of Java has made is laid out")
struct JavaLayoutTests {
    private static let script = """
        import sys, warnings, zipfile
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
            for row in sys.argv[2:]:
                name, text = row.split("|", 1)
                z.writestr(name, text)
        """

    private static let manifest = "META-INF/MANIFEST.MF|Main-Class: com.example.Main\n"

    /// What unpacking an archive with files `rows` has written; `nil` if it stays an archive.
    private func unpacked(_ rows: [String], own: Set<String> = []) throws -> [String]? {
        let place = try TemporaryDirectory()
        try Tool.python(Self.script, [place("shop.jar")] + rows)
        try place.directory("out")
        let layout = JavaLayout(output: FilePath(place("out")), own: own)
        guard layout.unpack(FilePath(place("shop.jar"))) else {
            #expect(try names(in: place("out")) == [])
            return nil
        }
        return try Command.shell("cd out && find . -type f | LC_ALL=C sort", directory: place.path).output()
            .split(separator: "\n").map { String($0.dropFirst(2)) }
    }

    @Test("classes and resources are apart, and empty files are kept")
    func plain() throws {
        let rows = [Self.manifest, "com/example/Main.class|x", "com/example/words.txt|y", "empty|", "com/example/|"]
        #expect(
            try unpacked(rows) == [
                "classes/com/example/Main.class", "resources/META-INF/MANIFEST.MF", "resources/com/example/words.txt",
                "resources/empty",
            ]
        )
    }

    @Test("the libraries of a Spring Boot archive are taken out of it, and its loader is left out")
    func boot() throws {
        let rows = [
            "META-INF/MANIFEST.MF|Main-Class: org.springframework.boot.loader.JarLauncher\nStart-Class: com.example.Main\n",
            "org/springframework/boot/loader/JarLauncher.class|x", "BOOT-INF/classes/com/example/Main.class|x",
            "BOOT-INF/classes/application.yaml|x", "BOOT-INF/lib/spring-6.0.jar|x", "BOOT-INF/classpath.idx|x",
            "BOOT-INF/lib/next-1-SNAPSHOT.jar|x", "BOOT-INF/lib/core-1.jar|x",
        ]
        #expect(
            try unpacked(rows, own: ["core-1.jar"]) == [
                "classes/com/example/Main.class", "libs/spring-6.0.jar", "resources/META-INF/MANIFEST.MF",
                "resources/application.yaml", "snapshot-libs/core-1.jar", "snapshot-libs/next-1-SNAPSHOT.jar",
            ]
        )
    }

    @Test(
        "an archive stays one if its manifest, a signature, or what it was made of says so, or a name leads elsewhere",
        arguments: [
            ["META-INF/MANIFEST.MF|Multi-Release: true\nMain-Class: a.B\n"],
            ["META-INF/MANIFEST.MF|Add-Opens: java.base/java.lang\nMain-Class: a.B\n"],
            ["META-INF/MANIFEST.MF|Launcher-Agent-Class: a.B\nMain-Class: a.B\n"],
            ["META-INF/MANIFEST.MF|Manifest-Version: 1.0\n"], [manifest, "META-INF/shop.sf|x"],
            [manifest, "META-INF/maven/a/b/pom.xml|x", "META-INF/maven/a/c/pom.xml|x"],
            [manifest, "../x.class|x"], [manifest, "/x.class|x"], [manifest, "a//b|x"], [manifest, "a/../../b|x"],
            [manifest, "a|x", "a|y"], [manifest, "a|x", "a/b|y"], ["words.txt|no manifest"],
        ]
    )
    func whole(rows: [String]) throws {
        #expect(try unpacked(rows) == nil)
    }
}

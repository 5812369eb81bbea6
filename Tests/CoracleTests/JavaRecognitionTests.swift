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

@Suite("Java's classes and archives, and the Java that they need")
struct JavaRecognitionTests {
    /// The smallest class file there can be: its name, and a `main` if it has one.
    private func classFile(_ name: String, hasMain: Bool, major: UInt8 = 61) -> [UInt8] {
        func number(_ value: Int) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }
        func text(_ text: String) -> [UInt8] { [1] + number(text.utf8.count) + Array(text.utf8) }
        var bytes: [UInt8] = [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, major] + number(7)
        // A number of eight bytes takes two places.
        bytes += text(name) + [7] + number(1) + text("main") + text("([Ljava/lang/String;)V")
        bytes += [5, 0, 0, 0, 0, 0, 0, 0, 1]
        bytes += number(0x21) + number(2) + number(0) + number(0) + number(0)
        return bytes + (hasMain ? number(1) + number(9) + number(3) + number(4) + number(0) : number(0)) + number(0)
    }

    private func application(_ scratch: TemporaryDirectory, _ files: [String: [UInt8]]) throws -> BuildRequest {
        for (name, bytes) in files { try scratch.file("app/\(name)", bytes) }
        return BuildRequest(paths: [FilePath(scratch("app"))])
    }

    private func read(_ request: BuildRequest) -> Checked<Application?> {
        ApplicationReader.read(request, on: .catalogue)
    }

    private func problems(_ checked: Checked<Application?>) -> [Diagnostic] {
        do throws(DiagnosticList) {
            try checked.remarks.problems.check()
            return []
        } catch {
            return error.items
        }
    }

    private func words(_ request: BuildRequest) -> String {
        (read(request).value?.variants.first?.words(on: nil) ?? []).joined(separator: " ")
    }

    /// A zip archive of `files`, stored.
    private func archive(_ files: [(name: String, bytes: [UInt8])], at path: String) throws {
        func hexadecimal(_ bytes: [UInt8]) -> String {
            bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        let names = files.map { "\($0.name)=\(hexadecimal($0.bytes))" }
        try Tool.python(
            """
            import sys, zipfile
            with zipfile.ZipFile(sys.argv[1], "w") as archive:
                for item in sys.argv[2:]:
                    name, text = item.split("=")
                    archive.writestr(name, bytes.fromhex(text))
            """,
            [path] + names
        )
    }

    private func manifest(_ lines: String) -> [UInt8] { Array("Manifest-Version: 1.0\n\(lines)\n".utf8) }

    @Test("the one class with a `main` is started, with its libraries and resources")
    func classes() throws {
        let scratch = try TemporaryDirectory()
        var request = try application(
            scratch,
            [
                "classes/com/ex/Main.class": classFile("com/ex/Main", hasMain: true),
                "classes/com/ex/Main$1.class": classFile("com/ex/Main$1", hasMain: true),
                "classes/com/ex/Util.class": classFile("com/ex/Util", hasMain: false), "lib/util.jar": [],
            ]
        )
        #expect(words(request) == "java -cp /app/classes:/app/lib/* com.ex.Main")
        try scratch.file("app/resources/a.txt", "")
        #expect(words(request) == "java -cp /app/resources:/app/classes:/app/lib/* com.ex.Main")
        try scratch.file("app/classes/com/ex/Tool.class", classFile("com/ex/Tool", hasMain: true))
        let problem = try #require(problems(read(request)).first)
        #expect(
            problem.reason
                == "it is a Java application, and several classes of `classes` have a `main`: `com.ex.Main`, `com.ex.Tool`"
        )
        #expect(
            problem.hint
                == #"name it, with `--entrypoint '["java", "-cp", "/app/resources:/app/classes:/app/lib/*", "com.ex.Main"]'`"#
        )
        let top = try TemporaryDirectory()
        request = try application(top, ["com/ex/Main.class": classFile("com/ex/Main", hasMain: true)])
        #expect(words(request) == "java -cp /app com.ex.Main")
    }

    @Test("an archive among its libraries is started by its class, and one beside libraries that it does not name, too")
    func libraries() throws {
        let scratch = try TemporaryDirectory()
        try scratch.directory("app/lib")
        try scratch.directory("two/lib")
        try archive([("META-INF/MANIFEST.MF", manifest("Main-Class: a.B\n"))], at: scratch("app/lib/app.jar"))
        try scratch.file("app/lib/other.jar", "")
        #expect(words(BuildRequest(paths: [FilePath(scratch("app"))])) == "java -cp /app/lib/* a.B")
        try scratch.file("two/lib/other.jar", "")
        try archive([("META-INF/MANIFEST.MF", manifest("Main-Class: a.B\n"))], at: scratch("two/app.jar"))
        #expect(words(BuildRequest(paths: [FilePath(scratch("two"))])) == "java -cp /app/app.jar:/app/lib/* a.B")
        let named = manifest("Main-Class: a.B\nClass-Path: lib/other.jar\n")
        try archive([("META-INF/MANIFEST.MF", named)], at: scratch("two/app.jar"))
        #expect(words(BuildRequest(paths: [FilePath(scratch("two"))])) == "java -jar /app/app.jar")
    }

    /// The paths of a single archive's image, of its libraries first.
    private func paths(_ request: BuildRequest) -> [String] {
        let variant = read(request).value?.variants.first
        return ((variant?.dependencies ?? []) + (variant?.entries ?? [])).map { $0.path.description }
    }

    @Test("a single archive brings what its Class-Path names, and what that names in turn")
    func singleArchive() throws {
        let scratch = try TemporaryDirectory()
        try scratch.directory("x/lib/more")
        let main = manifest(
            "Main-Class: a.B\nClass-Path: lib/first.jar lib/with%20space.jar conf/ ./app.jar /usr/x.jar\n"
        )
        try archive([("META-INF/MANIFEST.MF", main)], at: scratch("x/app.jar"))
        try archive(
            [("META-INF/MANIFEST.MF", manifest("Class-Path: more/second.jar absent.jar ../app.jar\n"))],
            at: scratch("x/lib/first.jar")
        )
        for name in ["lib/with space.jar", "lib/more/second.jar", "lib/other.jar"] { try scratch.file("x/\(name)", "") }
        var request = BuildRequest(paths: [FilePath(scratch("x/app.jar"))])
        let libraries = ["/app/lib/first.jar", "/app/lib/more/second.jar", "/app/lib/with space.jar"]
        #expect(paths(request) == libraries + ["/app/app.jar"])
        #expect(words(request) == "java -jar /app/app.jar")
        #expect(request.filesBesidePaths.map(\.name) == ["first.jar", "second.jar", "with space.jar"])
        #expect(
            read(request).remarks.notes.first?.reason
                == "the image starts `java -jar /app/app.jar`, and has beside it the 3 archives that its `Class-Path` names; "
                + "`Class-Path` of `app.jar` names `/usr/x.jar`, which only a base or `--add` can bring"
        )
        request.split.rule = .one
        #expect(paths(request) == ["/app/app.jar"] + libraries)
    }

    @Test(
        "a Class-Path that names what is not there is refused, for an archive and for a directory, unless the user says what starts"
    )
    func absentLibrary() throws {
        let scratch = try TemporaryDirectory()
        try scratch.directory("x/bin")
        try scratch.file("x/c.jar", "")
        let main = manifest("Main-Class: a.B\nClass-Path: lib/b.jar lib/c.jar\n")
        try archive([("META-INF/MANIFEST.MF", main)], at: scratch("x/app.jar"))
        for path in ["x/app.jar", "x"] {
            var request = BuildRequest(paths: [FilePath(scratch(path))])
            let problem = try #require(problems(read(request)).first)
            #expect(problem.code.rawValue == "plan.dependency-missing")
            #expect(
                problem.summary == "`Class-Path` of `app.jar` names `lib/b.jar` and 1 more, which are not there"
            )
            request.configuration.entrypoint = ["java", "-jar", "/app/app.jar"]
            #expect(problems(read(request)).isEmpty)
        }
        let outside = manifest("Main-Class: a.B\nClass-Path: ../c.jar\n")
        try archive([("META-INF/MANIFEST.MF", outside)], at: scratch("x/bin/app.jar"))
        let problem = try #require(problems(read(BuildRequest(paths: [FilePath(scratch("x/bin/app.jar"))]))).first)
        #expect(
            problem.hint
                == #"give the directory that has both: `coracle build \#(scratch("x")) --entrypoint '["java", "-jar", "/app/bin/app.jar"]'`"#
        )
    }

    @Test("classes for a newer Java are found in every form", arguments: [(65, true), (66, false)] as [(UInt8, Bool)])
    func versions(major: UInt8, isFine: Bool) throws {
        let main = classFile("a/B", hasMain: true, major: major)
        let spring = manifest("Main-Class: x.Launcher\nStart-Class: a.B\n")
        let script = "#!/bin/sh\nCLASSPATH=$APP_HOME/lib/app.jar\nset -- \\\n -classpath \"$CLASSPATH\" \\\n a.B \\\n"
        let forms: [[String: [UInt8]]] = [
            ["classes/a/B.class": main], ["a/B.class": main],
            ["META-INF/MANIFEST.MF": spring, "BOOT-INF/classes/a/B.class": main, "BOOT-INF/lib/x.jar": []],
            ["bin/app": Array(script.utf8), "lib/app.jar": []],
            ["lib/app.jar": []],
        ]
        for form in forms {
            let scratch = try TemporaryDirectory()
            let request = try application(scratch, form)
            if form["lib/app.jar"] != nil {
                try archive(
                    [("META-INF/MANIFEST.MF", manifest("Main-Class: a.B\n")), ("a/B.class", main)],
                    at: scratch("app/lib/app.jar")
                )
            }
            let found = problems(read(request))
            #expect(codes(found) == (isFine ? [] : ["plan.dependency-missing"]), "\(form.keys.sorted())")
        }
    }

    @Test("a library for a newer Java is a note, as it may never be loaded")
    func newerLibrary() throws {
        let scratch = try TemporaryDirectory()
        let request = try application(
            scratch,
            ["classes/a/B.class": classFile("a/B", hasMain: true), "lib/new.jar": []]
        )
        let library = classFile("x/Y", hasMain: false, major: 69)
        try archive(
            [("META-INF/versions/25/x/Y.class", library), ("module-info.class", library), ("x/Y.class", library)],
            at: scratch("app/lib/new.jar")
        )
        let notes = read(request).remarks.notes
        #expect(notes.first?.summary == "`lib/new.jar` needs Java 25, and the base has Java 21")
    }

    @Test(
        "a base that says its Java is asked, also for what it serves",
        arguments: [
            ("JAVA_VERSION=jdk-21.0.9+10", true), ("JAVA_VERSION=17.0.2", false), ("JAVA_VERSION=8u402", false),
            ("OTHER=1", true),
        ]
    )
    func bases(variable: String, isFine: Bool) async throws {
        let scratch = try TemporaryDirectory()
        let main = classFile("a/B", hasMain: true, major: 65)
        try scratch.file("app/classes/a/B.class", main)
        try scratch.file("web/WEB-INF/classes/a/B.class", main)
        try archive([("WEB-INF/classes/a/B.class", main)], at: scratch("shop.war"))
        var sample = BaseSample.merged
        sample.layers.append([.text("/usr/bin/java", "#!/usr/bin/java\n", mode: 0o755)])
        sample.config.env.append(variable)
        sample.config.entrypoint = ["/usr/bin/java"]
        let base = try await BaseSample.layout([sample], in: scratch)
        for path in ["app", "web", "shop.war"] {
            var request = BuildRequest(paths: [FilePath(scratch(path))])
            request.base = base
            request.runtime = nil
            request.gate = nil
            do throws(DiagnosticList) {
                _ = try await Planner.plan(request, ImageAccess(RegistrySettings(environment: [:])))
                #expect(isFine, "\(path)")
            } catch {
                #expect(codes(error.items) == (isFine ? [] : ["plan.dependency-missing"]), "\(path)")
            }
        }
    }

    @Test(
        "the number of a Java version is read from the ways in which images write it",
        arguments: [("jdk-21.0.9+10", 21), ("17.0.2", 17), ("8u402-b06", 8), ("1.8.0", 8), ("25", 25), ("none", nil)]
            as [(String, Int?)]
    )
    func numbers(text: String, number: Int?) { #expect(BaseJava.number(text[...]) == number) }

    @Test("an unpacked web archive is refused with a container that serves it")
    func webArchive() throws {
        let scratch = try TemporaryDirectory()
        let request = try application(scratch, ["WEB-INF/web.xml": [], "index.html": []])
        let problem = try #require(problems(read(request)).first)
        #expect(problem.code.rawValue == "plan.no-base")
        #expect(problem.hint?.contains("--base docker.io/library/tomcat:11") ?? false)
    }
}

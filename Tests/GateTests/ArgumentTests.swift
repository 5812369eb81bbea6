import ELF
import Findings
import Gate
import Testing

@Suite("The files that an interpreter reads first")
struct ArgumentTests {
    /// An image with interpreters and a few files.
    private var root: LibraryRoot {
        var root = LibraryRoot()
        for name in ["java", "python3.11", "node", "ruby", "dotnet", "sh", "env"] {
            root.file("/usr/bin/\(name)", .made(.staticExecutable))
        }
        for name in ["shop.jar", "lib/a.jar", "main.py", "server.js", "dist/index.js", "agent.so", "shop.dll", "run"] {
            root.file("/app/\(name)")
        }
        return root
    }

    @Test(
        "a file that is not there is an error, and one that is there is not",
        arguments: [
            (["java", "-jar", "/app/gone.jar"], "/app/gone.jar"),
            (["java", "-Xmx1g", "-jar", "/app/shop.jar", "gone"], nil),
            (["java", "-javaagent:/app/gone.jar=a=b", "-jar", "/app/shop.jar"], "/app/gone.jar"),
            (["java", "-agentpath:/app/agent.so", "-jar", "/app/shop.jar"], nil),
            (["java", "-cp", "/app/gone.jar:/app/none/*", "a.B"], "/app/gone.jar"),
            (["java", "-cp", "/app/shop.jar:/app/lib/*", "a.B", "-jar", "/gone"], nil),
            (["java", "--add-opens", "a/b=c", "@/app/gone"], "/app/gone"),
            (["java", "/app/Gone.java"], "/app/Gone.java"),
            (["java", "-version"], nil), (["java"], nil), (["java", "-jar"], nil), (["java", "-cp"], nil),
            (["python3.11", "-u", "/app/gone.py"], "/app/gone.py"), (["python3.11", "/app/main.py", "/gone"], nil),
            (["python3.11", "-W", "ignore", "-Xdev", "gone.py"], "gone.py"), (["python3.11", "-um", "gone"], nil),
            (["python3.11", "-c", "import gone"], nil), (["python3.11", "-"], nil), (["python3.11", "/app"], nil),
            (["node", "/app/gone.js"], "/app/gone.js"), (["node", "--no-warnings", "--a=b", "/app/server"], nil),
            (["node", "/app/dist"], nil), (["node", "-r", "/gone", "/gone.js"], nil),
            (["node", "--require", "/gone", "/gone.js"], nil),
            (["ruby", "/app/gone.rb"], "/app/gone.rb"), (["sh", "gone"], nil), (["sh", "-c", "/gone"], nil),
            (["sh", "/app/run"], nil), (["dotnet", "/app/gone.dll"], "/app/gone.dll"),
            (["dotnet", "exec", "/app/shop.dll"], nil),
            (["env", "python3.11", "/gone.py"], "/gone.py"), (["env", "A=b", "python3.11", "/gone.py"], nil),
            (["java", "-jar", "/data/later.jar"], nil), (["python3.11", "/run/secrets/a.py"], nil),
        ] as [([String], String?)]
    )
    func argument(words: [String], missing: String?) throws {
        let findings = try root.findings(starting: words, volumes: ["/data"])
        #expect(findings.map(\.rule.code) == (missing == nil ? [] : ["run.argument-missing"]))
        #expect(findings.first?.subject == missing)
    }

    @Test(
        "variables name files as well",
        arguments: [
            ("JAVA_TOOL_OPTIONS=-Da=b -javaagent:/app/gone.jar", ["run.argument-missing"]),
            ("JDK_JAVA_OPTIONS=-javaagent:/app/lib/a.jar", []), ("CLASSPATH=/app/gone", []),
            (#"JAVA_TOOL_OPTIONS=-javaagent:"/app/a b.jar" -Da=b"#, []),
        ]
    )
    func variables(variable: String, expected: [String]) throws {
        let findings = try root.findings(starting: ["java", "-jar", "/app/shop.jar"], environment: [variable])
        #expect(findings.map(\.rule.code) == expected)
    }

    @Test("a relative name begins at the working directory")
    func relative() throws {
        let words = ["java", "-jar", "shop.jar"]
        #expect(try root.findings(starting: words, directory: "/app").isEmpty)
        #expect(try root.findings(starting: words, directory: "/srv").map(\.rule.code) == ["run.argument-missing"])
    }

    @Test("a part of a class path that is missing is a warning, by Java's option and by its variable")
    func classPath() throws {
        let path = "/app/shop.jar:/app/gone.jar:"
        let found = try root.findings(starting: ["java", "-cp", path, "a.B"])
        #expect(found.map(\.rule.code) == ["run.class-path-missing"])
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.summary == "Java's class path names `/app/gone.jar`, which the image does not have")
        #expect(try root.findings(starting: ["java", "a.B"], environment: ["CLASSPATH=\(path)"]) == found)
    }
}

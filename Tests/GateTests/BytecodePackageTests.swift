import Diagnostics
import Findings
import Inventory
import TestSupport
import Testing

/// Java archives as Python's zipfile writes them, and the records of .NET and PHP.
@Suite("Packages of Java, .NET and PHP") struct BytecodePackageTests {
    private static func inventory(_ files: [(String, [UInt8])]) throws -> Inventory {
        let files = files.map { path, content in
            MemoryRoot.File(
                path: path,
                mode: 0o644,
                uid: 0,
                gid: 0,
                content: content,
                size: nil,
                origin: .application
            )
        }
        return try Inventory(of: MemoryRoot(files))
    }

    /// The archive that a Python expression gives: a dictionary of names and of texts, bytes or archives.
    ///
    /// `jar(files, method)` makes an archive; `pom(group, artifact, version)` is the name and the text of a record.
    private static func archive(_ expression: String) throws -> [UInt8] {
        let place = try TemporaryDirectory()
        try Tool.python(
            """
            import io, sys, zipfile
            def jar(files, method=8):
                data = io.BytesIO()
                with zipfile.ZipFile(data, "w", method) as archive:
                    for name, content in files.items(): archive.writestr(name, content)
                return data.getvalue()
            def pom(group, artifact, version):
                return {"META-INF/maven/%s/%s/pom.properties" % (group, artifact):
                    "#Generated\\ngroupId=%s\\nartifactId = %s\\nversion: %s\\n" % (group, artifact, version)}
            open(sys.argv[1], "wb").write(\(expression))
            """,
            [place("made.jar")]
        )
        return try readFile(place("made.jar"))
    }

    private static func urls(_ inventory: Inventory) -> [String] { inventory.components.map(\.key.text) }

    @Test(
        "an archive is what its record says, else its name and its manifest",
        arguments: [
            ("a-9.jar", #"jar(pom("org.x", "a", "1.0"))"#, ["pkg:maven/org.x/a@1.0"]),
            ("a-9.jar", #"jar(pom("org.x", "a", "1.0"), 0)"#, ["pkg:maven/org.x/a@1.0"]),
            (
                "fat.jar", #"jar(pom("org.x", "a", "1.0") | pom("org.y", "b", "2.0"))"#,
                ["pkg:maven/org.x/a@1.0", "pkg:maven/org.y/b@2.0"]
            ),
            ("some-lib-1.2-SNAPSHOT.jar", "jar({'x': ''})", ["pkg:maven/some-lib@1.2-SNAPSHOT"]),
            (
                "lib.war",
                #"jar({"META-INF/MANIFEST.MF": "Manifest-Version: 1\r\nImplementation-Version: 3.1\r\nImplementation-Vendor-Id: org.\r\n z\r\n"})"#,
                ["pkg:maven/org.z/lib@3.1"]
            ),
            ("lib.jar", "jar({'x': ''})", []),
            ("lib-1.jar", #"jar(pom("org.x", "a", "${version}"))"#, ["pkg:maven/lib@1"]),
            ("lib-1.jar", #"jar(pom("org.x", "a", ""))"#, ["pkg:maven/lib@1"]),
            ("-1.jar", "jar({'x': ''})", []),
        ] as [(String, String, [String])]
    )
    func identity(name: String, expression: String, urls: [String]) throws {
        let inventory = try Self.inventory([("/app/\(name)", Self.archive(expression))])
        #expect(Self.urls(inventory) == urls)
        #expect(inventory.notes.isEmpty, "\(inventory.notes)")
    }

    @Test("archives inside an archive are read, stored or compressed, and what holds them needs them")
    func nested() throws {
        let inner = #"jar({**pom("org.i", "i", "1"), "lib/deep-2.jar": jar({"x": ""})})"#
        let outer =
            #"jar({**pom("org.o", "o", "1"), "BOOT-INF/lib/i-1.jar": \#(inner), "WEB-INF/lib/j-3.jar": jar({"x": ""})}, method)"#
        for method in [0, 8] {
            let bytes = try Self.archive(outer.replacing("method", with: "\(method)"))
            let inventory = try Self.inventory([("/app/o-1.jar", bytes)])
            let urls = ["pkg:maven/deep@2", "pkg:maven/j@3", "pkg:maven/org.i/i@1", "pkg:maven/org.o/o@1"]
            #expect(Self.urls(inventory) == urls)
            let own = try #require(inventory.components.first { $0.name == "o" })
            #expect(own.dependencies.count == 3)
            let deep = try #require(inventory.components.first { $0.name == "deep" })
            #expect(deep.properties["java.archive"] == "BOOT-INF/lib/i-1.jar/lib/deep-2.jar")
            #expect(deep.occurrences.map { "\($0.path)" } == ["/app/o-1.jar"])
        }
    }

    @Test("an archive without an end, in itself, or of nothing is noted, and the rest is read")
    func hostile() throws {
        // Six archives, one in the other.
        var deep = "jar({'x': ''})"
        for level in 1...6 { deep = #"jar({"n\#(level)-1.jar": \#(deep)})"# }
        let bomb = #"jar({"a-1.jar": bytes(600 << 20)})"#
        let good = try Self.archive("jar({'x': ''})")
        for (expression, word) in [(deep, "depth"), (bomb, "512 MB")] {
            let inventory = try Self.inventory([("/a-1.jar", Self.archive(expression)), ("/b-2.jar", good)])
            #expect(inventory.notes.map(\.code.rawValue) == ["inventory.record-malformed"])
            #expect(inventory.notes.first?.reason?.contains(word) == true, "\(inventory.notes)")
            #expect(Self.urls(inventory).contains("pkg:maven/b@2"))
            #expect(!inventory.gaps.isEmpty)
        }
        let broken = try Self.inventory([("/a-1.jar", Array(good.dropLast(8))), ("/c.jar", Array("text".utf8))])
        #expect(broken.notes.count == 1 && broken.components.isEmpty)
    }

    /// Has the first name of an archive's directory there many times more: all share the bytes of one file.
    private static func repeated(_ archive: [UInt8], _ count: Int) throws -> [UInt8] {
        let end = archive.count - 22
        let start = (0..<4).reduce(0) { $0 | Int(archive[end + 16 + $1]) << (8 * $1) }
        let length = 46 + Int(archive[start + 28])
        let more = (0..<count).flatMap { _ in archive[start..<start + length] }
        let size = UInt32(end - start + more.count)
        var bytes = archive[..<start] + more + archive[start...]
        for index in 0..<4 { bytes[end + more.count + 12 + index] = UInt8(truncatingIfNeeded: size >> (8 * index)) }
        return Array(bytes)
    }

    @Test(
        "files of an archive that share their bytes are read only so far",
        .timeLimit(.minutes(1)),
        arguments: [
            (
                #"jar({"META-INF/maven/g/a/pom.properties": b"groupId=g\nartifactId=a\nversion=1\n#" + bytes(200 << 10)})"#,
                2000, "32 MB"
            ),
            (#"jar({"lib/i.jar": jar({str(n) * 20000: b"" for n in range(10)}, 0)}, 0)"#, 4000, "128 MB"),
        ]
    )
    func shared(expression: String, count: Int, limit: String) throws {
        let bytes = try Self.repeated(Self.archive(expression), count)
        let inventory = try Self.inventory([("/app/a-1.jar", bytes)])
        #expect(inventory.notes.map(\.code.rawValue) == ["inventory.record-malformed"])
        #expect(inventory.notes.first?.reason?.contains(limit) == true, "\(inventory.notes)")
    }

    @Test("whatever is changed in an archive, it is read or noted")
    func damaged() throws {
        let bytes = try Self.archive(#"jar({**pom("org.o", "o", "1"), "i-1.jar": jar({"x": ""}, 0)})"#)
        var random = Pseudorandom(seed: 7)
        for _ in 0..<500 {
            var broken = bytes
            broken[Int.random(in: broken.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            _ = try Self.inventory([("/a-1.jar", broken)])
        }
    }

    private static let dotnet = #"""
        {"runtimeTarget": {"name": ".NETCoreApp,Version=v8.0/linux-x64", "signature": ""},
         "targets": {".NETCoreApp,Version=v8.0": {}, ".NETCoreApp,Version=v8.0/linux-x64": {
          "app/1.0.0": {"dependencies": {"Serilog": "3.1.1"}, "runtime": {"app.dll": {}}},
          "Serilog/3.1.1": {"dependencies": {"Newtonsoft.Json": "13.0.1", "Meta": "1.0.0"}, "runtime": {"lib/Serilog.dll": {}}},
          "Newtonsoft.Json/13.0.1": {"runtime": {"lib/Newtonsoft.Json.dll": {}}},
          "Meta/1.0.0": {"dependencies": {"Newtonsoft.Json": "13.0.1"}}}},
         "libraries": {"app/1.0.0": {"type": "project"}, "Serilog/3.1.1": {"type": "package", "sha512": "sha512-AAAA"},
          "Newtonsoft.Json/13.0.1": {"type": "package"}, "Meta/1.0.0": {"type": "package"}}}
        """#

    @Test("packages of NuGet are those with files for this kind of machine, and need what the program's project needs")
    func dotNet() throws {
        let inventory = try Self.inventory([("/app/app.deps.json", Array(Self.dotnet.utf8))])
        #expect(
            Self.urls(inventory) == [
                "pkg:nuget/Newtonsoft.Json@13.0.1", "pkg:nuget/Serilog@3.1.1", "pkg:nuget/app@1.0.0",
            ]
        )
        let app = try #require(inventory.components.last)
        #expect(app.role == .mainModule && app.dependencies.map(\.text) == ["pkg:nuget/Serilog@3.1.1"])
        let serilog = inventory.components[1]
        #expect(serilog.dependencies.map(\.text) == ["pkg:nuget/Newtonsoft.Json@13.0.1"])
        #expect(serilog.knowsDependencies)
    }

    @Test(
        "packages of Composer are read in both of its forms",
        arguments: [#"{"packages": LIST, "dev": false}"#, "LIST"]
    )
    func composer(form: String) throws {
        let list = #"""
            [{"name": "Monolog/monolog", "version": "3.5.0", "license": ["MIT"], "require": {"php": ">=8.1", "psr/log": "^3"}},
             {"name": "psr/log", "version": "3.0.0", "license": ["MIT", "Apache-2.0"]}, {"name": "x"}]
            """#
        let text = form.replacing("LIST", with: list)
        let inventory = try Self.inventory([("/app/vendor/composer/installed.json", Array(text.utf8))])
        #expect(Self.urls(inventory) == ["pkg:composer/monolog/monolog@3.5.0", "pkg:composer/psr/log@3.0.0"])
        #expect(inventory.components.first?.dependencies.map(\.text) == ["pkg:composer/psr/log@3.0.0"])
        #expect(inventory.components.last?.licence == .expression("MIT OR Apache-2.0"))
        #expect(inventory.notes.map(\.code.rawValue) == ["inventory.record-malformed"])
    }

    @Test(
        "a record that is not JSON, or lies, is noted",
        arguments: [
            ("/a.deps.json", "{"), ("/composer/installed.json", "[[1,]"),
            ("/a.deps.json", #"{"libraries": {"a b/1": {"type": "package"}}}"#),
        ]
    )
    func malformed(path: String, text: String) throws {
        let inventory = try Self.inventory([(path, Array(text.utf8))])
        #expect(inventory.components.isEmpty)
        #expect(inventory.notes.map(\.code.rawValue) == ["inventory.record-malformed"])
    }

    @Test(
        "members of the wrong kind are passed over",
        arguments: [
            ("/a.deps.json", #"{"libraries": [1], "targets": 5, "runtimeTarget": {"name": 4}}"#),
            ("/a.deps.json", #"{"libraries": {"a/1": 5, "b": {"type": "package"}}, "targets": {"t": {"a/1": []}}}"#),
            ("/composer/installed.json", #"{"packages": {"a": 1}}"#), ("/composer/installed.json", "5"),
        ]
    )
    func strange(path: String, text: String) throws {
        #expect(try Self.inventory([(path, Array(text.utf8))]).components.isEmpty)
    }
}

import ByteIO
import Debian
import Diagnostics
import TestSupport
import Testing

@Suite("apt's configuration")
struct AptSourcesTests {
    static func read(_ files: [String: String]) throws -> AptSources {
        let folder = try TemporaryDirectory()
        for (name, text) in files { try folder.file(name, text) }
        return try AptSources(readingFrom: FilePath(folder.path))
    }

    @Test("one-line entries are read, with their options")
    func oneLine() throws {
        let sources = try Self.read([
            "sources.list": """
            # deb http://commented.example/debian x main
            deb http://a.example/debian/ bookworm main contrib # why
            deb-src http://a.example/debian bookworm main
            deb [arch=amd64,arm64 signed-by=/k/a.gpg] https://b.example/debian bookworm-updates main
            deb [ trusted=yes arch=i386 ] http://c.example/debian bookworm main
            deb cdrom:[Debian]/ bookworm main
            deb file:/srv/mirror bookworm main
            deb http://flat.example/ ./
            """
        ])
        #expect(
            sources.sources == [
                AptSource(
                    mirrors: ["http://a.example/debian"],
                    suites: ["bookworm"],
                    components: ["main", "contrib"],
                    architectures: [],
                    keyrings: []
                ),
                AptSource(
                    mirrors: ["https://b.example/debian"],
                    suites: ["bookworm-updates"],
                    components: ["main"],
                    architectures: ["amd64", "arm64"],
                    keyrings: [FilePath("/k/a.gpg")]
                ),
                AptSource(
                    mirrors: ["http://c.example/debian"],
                    suites: ["bookworm"],
                    components: ["main"],
                    architectures: ["i386"],
                    keyrings: []
                ),
            ]
        )
        #expect(sources.mirrors(of: "bookworm") == ["http://a.example/debian", "http://c.example/debian"])
        #expect(sources.mirrors(of: "sid") == [])
    }

    @Test("paragraphs are read, those that are switched off or of sources are not")
    func paragraphs() throws {
        let sources = try Self.read([
            "sources.list.d/debian.sources": """
            Types: deb deb-src
            # a comment
            URIs: http://a.example/debian
             http://b.example/debian/
            Suites: trixie trixie-updates
            Components: main
            Architectures: amd64
            Signed-By: /usr/share/keyrings/k.gpg

            Enabled: no
            Types: deb
            URIs: http://off.example
            Suites: trixie
            Components: main

            Types: deb-src
            URIs: http://src.example
            Suites: trixie
            Components: main

            Types: deb
            URIs: http://key.example
            Suites: other
            Components: main
            Signed-By:
             -----BEGIN PGP PUBLIC KEY BLOCK-----
             .
             mQINBF
            """,
            "sources.list.d/old.list.disabled": "deb http://disabled.example x main\n",
        ])
        #expect(sources.sources.count == 2)
        #expect(sources.mirrors(of: "trixie-updates") == ["http://a.example/debian", "http://b.example/debian"])
        #expect(sources.sources.map(\.keyrings) == [[FilePath("/usr/share/keyrings/k.gpg")], []])
    }

    @Test("a machine without apt has no sources")
    func none() throws {
        #expect(try Self.read([:]).sources == [])
        #expect(try AptSources(readingFrom: FilePath("/nonexistent/apt")).sources == [])
    }

    @Test(
        "what apt would not read is refused, with its line",
        arguments: [
            ("sources.list", "\nrpm http://a.example x main\n", 2),
            ("sources.list.d/x.list", "deb [arch=amd64 http://a.example x main\n", 1),
            ("sources.list.d/x.list", "deb http://a.example\n", 1),
            ("sources.list.d/x.sources", "URIs: http://a.example\n", 1),
            ("sources.list.d/x.sources", "\nTypes: deb\nSuites: x\n", 2),
        ]
    )
    func refused(file: String, text: String, line: Int) throws {
        let error = #expect(throws: Diagnostic.self) { try Self.read([file: text]) }
        #expect(error?.code == .aptSourcesMalformed)
        guard case .file(let path, let found) = error?.subject else {
            Issue.record("no file is named")
            return
        }
        #expect(path.hasSuffix(file))
        #expect(found == line)
    }
}

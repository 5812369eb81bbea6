import TestSupport
import Testing

@Suite("Advice on bases")
struct AdviseCommandTests {
    /// The first line of the table, and the line that recommends.
    private func advice(_ path: String, in place: TemporaryDirectory) throws -> (
        best: String, why: String, text: String
    ) {
        let text = try Built.coracle(["advise", path], directory: place.path).output()
        let lines = text.split(separator: "\n").map(String.init)
        let title = try #require(lines.firstIndex { $0.hasPrefix("BASE ") })
        let why = try #require(lines.first { $0.hasPrefix("recommended: ") })
        return (String(lines[title + 1].prefix { $0 != " " }), why, text)
    }

    @Test("a static program needs no base")
    func staticProgram() throws {
        let (best, why, text) = try advice("hello", in: try Sample.program())
        #expect(best == "scratch")
        #expect(why == "recommended: scratch: a static program needs only what coracle adds")
        #expect(text.contains("\n  coracle build hello\n"))
        #expect(text.contains("docker.io/library/alpine:3.24"))
        #expect(text.contains("the images themselves were not read"))
    }

    @Test("a dynamic program stands on the smallest base that has its libraries, and builds there")
    func dynamic() throws {
        let place = try TemporaryDirectory()
        try place.file("app", readFile(FixtureProgram("hello-c", .dynamicC).path()), mode: 0o755)
        let (best, _, text) = try advice("app", in: place)
        #expect(best == "debian13/base-nossl", "\(text)")
        #expect(text.contains("\n  coracle build app --base debian13/base-nossl\n"))
        #expect(text.contains(#/\nscratch +no .*has no C library; the program is linked dynamically\n/#), "\(text)")
        #expect(text.contains(#/\ndocker\.io/library/alpine:3\.24 +no .*has musl, not glibc\n/#), "\(text)")
    }

    @Test("a Node application stands on the newest base that has node")
    func node() throws {
        let place = try TemporaryDirectory()
        try place.file("app/package.json", #"{"main": "server.js"}"#)
        try place.file("app/server.js", "")
        let (best, _, text) = try advice("app", in: place)
        #expect(best == "debian13/nodejs", "\(text)")
        #expect(text.contains("\n  coracle build app\n"))
        #expect(text.contains(#/\nscratch +no .*has no node\n/#))
    }

    @Test("`--json` prints one document")
    func json() throws {
        let place = try Sample.program()
        try place.file("advice.json", Built.coracle(["advise", "hello", "--json"], directory: place.path).output())
        let script = """
            import json, sys
            advice = json.load(open(sys.argv[1]))
            print(advice["recommended"], advice["command"], advice["bases"][0]["fits"], advice["needs"]["zones"]["answer"])
            print(all(base["fits"] or base["problem"] for base in advice["bases"]))
            """
        #expect(try Tool.python(script, [place("advice.json")]) == "scratch coracle build hello True unneeded\nTrue\n")
    }

    @Test("a path that is not an application is refused as by `build`")
    func refused() throws {
        let place = try TemporaryDirectory()
        try place.file("app/readme.txt", "")
        for path in ["app", "gone"] {
            #expect(try Built.coracle(["advise", path], directory: place.path).run().end == .exited(3))
        }
    }
}

import TestSupport
import Testing

@Suite("What is said about layers and their reuse")
struct ReuseUsageTests {
    @Test(
        "what contradicts itself or is not understood is refused",
        arguments: [
            (["--layers", "many"], "--layers"),
            (["--max-layers", "3"], "usage.conflict"),
            (["--layers", "one", "--max-layers", "3"], "usage.conflict"),
            (["--layers", "auto", "--max-layers", "0"], "usage.malformed"),
            (["--layers", "auto", "--max-layers", "101"], "usage.malformed"),
            (["--cache-from", "none", "--cache-from", "a/b:1"], "usage.conflict"),
            (["--cache-from", "UPPER"], "reference.malformed"),
            (["--previous", "docker-daemon:a"], "location.malformed"),
            (["--cache-to", "UPPER"], "reference.malformed"),
            (["--cache-to", "a/b@sha256:\(String(repeating: "0", count: 64))"], "usage.malformed"),
        ]
    )
    func usage(options: [String], expected: String) throws {
        let place = try Sample.program()
        let outcome = try Built.coracle(["build", "hello"] + options, directory: place.path).run()
        #expect(outcome.end == .exited(2), "\(outcome.errors)")
        #expect(outcome.errors.contains(expected), "\(outcome.errors)")
        #expect(try names(in: place.path) == ["hello"])
    }

    @Test("the layers of a directory are those that were asked for, and the files the same")
    func rules() throws {
        let place = try Sample.program()
        try place.file("app/server", Sample.hello, mode: 0o755)
        for index in 0..<5 { try place.file("app/d\(index)/node_modules/f", "\(index)") }
        func files(_ options: [String]) throws -> (layers: Int, files: String) {
            let output = "out-\(options.joined())"
            try Built.coracle(["build", "app", "--no-runtime", "-o", output] + options, directory: place.path).output()
            let script = """
                import json, sys
                layout = sys.argv[1]
                blob = lambda d: json.load(open(layout + "/blobs/sha256/" + d["digest"].split(":")[1]))
                print(len(blob(json.load(open(layout + "/index.json"))["manifests"][0])["layers"]))
                """
            let count = try Tool.python(script, [place(output)]).split(separator: "\n").first.flatMap { Int($0) }
            let listing = try Built.coracle(["files", output], directory: place.path).output()
            // Without the layers' numbers.
            return (count ?? 0, listing.replacing(#/ \[\d+\] /#, with: " "))
        }
        let one = try files(["--layers", "one"])
        #expect(one.layers == 1)
        let auto = try files(["--layers", "auto"])
        #expect(auto.layers == 6)
        let some = try files(["--layers", "auto", "--max-layers", "3"])
        #expect(some.layers == 3)
        #expect(try files(["--layers", "auto", "--max-layers", "1"]).layers == 1)
        #expect(one.files == auto.files && one.files == some.files)
    }
}

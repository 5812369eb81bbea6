import TestSupport
import Testing

@Suite("The registry as a cache that machines share")
struct RegistryCacheTests {
    @Test("on a second machine only what changed is sent, and the digest is that of a build from nothing")
    func secondMachine() throws {
        let bench = try ReuseBench()
        let name = bench.registry("me/app:1")
        let options = ["--layers", "auto", "-t", name, "--push", "--sbom", "none", "--explain"]
        try bench.built(options, on: "one")
        let layers = try bench.layers(name)
        #expect(layers.count == 4)
        try bench.place.file("app/src/main.js", "console.log(2)")
        var second = (digest: "", printed: "")
        let requests = try bench.requests { second = try bench.built(options, on: "two") }
        // The top layer, and the config.
        #expect(requests.sentCount == 2, "\(requests)")
        let after = try bench.layers(name)
        #expect(after.dropLast() == layers.dropLast())
        #expect(after.last != layers.last)
        // The layers that are the same are fetched to be verified; the one that is not, is not.
        #expect(Set(requests.fetched).intersection(layers) == Set(layers.dropLast()))
        #expect(second.printed.contains("coracle: /app/node_modules: reused: `\(name)` has it"), "\(second.printed)")
        #expect(
            second.printed.contains("coracle: /app: built: its files are not those of `\(name)`"),
            "\(second.printed)"
        )
        #expect(try second.digest == bench.clean(["--layers", "auto"], named: name))
    }

    @Test("what was verified once is not fetched again; on the same machine nothing is even looked for")
    func remembered() throws {
        let bench = try ReuseBench()
        let (one, two) = (bench.registry("me/app:1"), bench.registry("me/app:2"))
        let first = try bench.built(["-t", one, "--push"], on: "one")
        try bench.built(["-t", one, "--push"], on: "two")
        var third = first
        let requests = try bench.requests {
            third = try bench.built(["-t", two, "--push", "--cache-from", one, "--explain"], on: "two")
        }
        #expect(requests.fetched == [], "\(requests)")
        #expect(requests.sentCount == 0)
        #expect(third.digest == first.digest)
        let here = try bench.requests {
            let again = try bench.built(["-o", "again.oci", "--cache-from", one, "--explain"], on: "one")
            #expect(again.printed.contains(": reused: unchanged on this machine"), "\(again.printed)")
        }
        #expect(here == [])
    }

    @Test("a layer of another repository is mounted; into a layout it is fetched")
    func elsewhere() throws {
        let bench = try ReuseBench()
        let first = try bench.built(["-t", bench.registry("me/app:1"), "--push"], on: "one")
        let requests = try bench.requests {
            let second = try bench.built(
                [
                    "-t", bench.registry("you/app:1"), "--push", "--sbom", "none", "--cache-from",
                    bench.registry("me/app:1"),
                ],
                on: "two"
            )
            #expect(second.digest == first.digest)
        }
        #expect(requests.count { $0.target.contains("mount=") && $0.status == 201 } == 2, "\(requests)")
        // The config is made here.
        #expect(requests.sentCount == 1)
        let third = try bench.built(
            ["-t", bench.registry("me/app:1"), "-o", "out.oci", "--cache-from", bench.registry("me/app:1")],
            on: "three"
        )
        #expect(third.digest == first.digest)
        #expect(third.printed.contains("pulled "), "\(third.printed)")
        try Built.coracle(["validate", bench.place("out.oci")]).output()
    }

    @Test(
        "an image that is missing, whose registry does not answer, or that needs a password is only a note",
        arguments: ["absent", "unreachable", "password"]
    )
    func unavailable(case name: String) throws {
        let bench = try ReuseBench()
        let locked = try RegistryUnderTest(.password)
        let (source, note) =
            switch name {
            case "absent": (bench.registry("me/none:1"), "there is no `")
            case "unreachable": ("127.0.0.1:1/me/app:1", "cannot be read")
            default: (locked("me/app:1"), "cannot be read")
            }
        let built = try bench.built(["-t", "me/app:1", "-o", "out.oci", "--cache-from", source], on: "one")
        #expect(built.printed.contains("note: "), "\(built.printed)")
        #expect(built.printed.contains(note) && built.printed.contains(source), "\(built.printed)")
        #expect(try built.digest == bench.clean([], named: "me/app:1"))
    }

    @Test("`plan` prints how much of the next push is new, and sends nothing")
    func plan() throws {
        let bench = try ReuseBench()
        let name = bench.registry("me/app:1")
        try bench.built(["--layers", "auto", "-t", name, "--push"], on: "one")
        try bench.place.file("app/src/main.js", "console.log(2)")
        let arguments = ["plan", "app", "--layers", "auto", "--previous", name, "--cache-dir", bench.place("two")]
        let requests = try bench.requests {
            let plan = try Built.coracle(arguments + ["--explain"], directory: bench.place.path).output()
            let line = try #require(plan.split(separator: "\n").last?.firstMatch(of: #/next push (.+) of (.+) MB/#))
            #expect(line.1.hasSuffix("MB") && (Double(line.2) ?? 0) > 9, "\(plan)")
            #expect(plan.contains("coracle: /app/static/video: reused: `\(name)` has it"), "\(plan)")
        }
        #expect(requests.allSatisfy { ["GET", "HEAD"].contains($0.method) })
        try bench.place.file("plan.json", Built.coracle(arguments + ["--json"], directory: bench.place.path).output())
        let script = """
            import json, sys
            push = json.load(open(sys.argv[1]))["nextPush"]
            assert sum(l["size"] for l in push["layers"]) == push["size"]
            print(sum(l["size"] for l in push["layers"] if not l["reuse"]["reused"]) == push["newSize"], push["newSize"])
            """
        let new = try Tool.python(script, [bench.place("plan.json")]).split(separator: " ")
        #expect(new.first == "True")
        // It is what the build writes.
        let built = try bench.built(["--layers", "auto", "-t", name, "--push"], on: "three")
        let top = try #require(bench.layers(name).last)
        let size = try readFile(bench.registry.server.blobPath(top)).count
        #expect(new.last == "\(size)\n", "\(built.printed)")
    }

    @Test("with the previous image a part stays a part that would be none by itself")
    func previous() throws {
        let bench = try ReuseBench()
        let name = bench.registry("me/app:1")
        try bench.built(["--layers", "auto", "-t", name, "--push"], on: "one")
        try bench.place.file("app/static/video", ReuseBench.noise(1 << 20))
        let options = ["--layers", "auto", "-t", name]
        let without = try bench.built(options + ["-o", "a.oci"], on: "one")
        #expect(!without.printed.contains("/app/static/video"), "\(without.printed)")
        let with = try bench.built(options + ["-o", "b.oci", "--previous", name], on: "one")
        #expect(with.printed.contains("coracle: /app/static/video"), "\(with.printed)")
        // The same from a layout, and where there is none as without it.
        let local = try bench.built(options + ["-o", "c.oci", "--previous", "b.oci"], on: "two")
        #expect(local.digest == with.digest)
        let none = try bench.built(options + ["-o", "d.oci", "--previous", bench.registry("me/none:1")], on: "one")
        #expect(none.digest == without.digest)
        #expect(none.printed.contains("note: there is no"), "\(none.printed)")
    }
}

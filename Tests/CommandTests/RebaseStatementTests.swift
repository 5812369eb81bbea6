import TestSupport
import Testing

@Suite("What a rebase says of its images")
struct RebaseStatementTests {
    private let sample: RebaseSample

    init() throws {
        sample = try RebaseSample()
        let keys = """
            openssl ecparam -name prime256v1 -genkey -noout -out a.key && chmod 600 a.key &&
            openssl pkey -in a.key -pubout -out a.pub
            """
        try Command.shell(keys, directory: sample.place.path).output()
        let images = try ["amd64", "arm64"].map { architecture in
            (
                image: try sample.image(architecture: architecture),
                platform: #"{"os":"linux","architecture":"\#(architecture)"}"#
            )
        }
        sample.hold(try HandmadeImage(of: images))
    }

    private func coracle(_ line: String) throws -> Outcome {
        try Built.coracle(
            line.split(separator: " ").map(String.init),
            environment: ["CORACLE_CACHE": sample.place("cache")],
            directory: sample.place.path
        ).run()
    }

    private static let signed = ["--push", "--no-check", "--sign-key", "a.key", "--provenance"]

    @Test("the new image is signed for each platform, with a list of what is in it and provenance, as `build` does it")
    func signed() throws {
        let old = try coracle("digest \(sample("me/app:1"))").output.filter { $0 != "\n" }
        let outcome = try sample.rebase(
            [sample("me/app:1"), "-t", sample("you/app:2"), "--json", "--provenance-output", "p.json"] + Self.signed
        )
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        for text in [
            "attached what is in it to \(sample("you/app"))", "\nsigned: sha256:", "\nattested: provenance at ",
        ] {
            #expect(outcome.errors.contains(text), "\(outcome.errors)")
        }
        for type in ["", "--type spdx", "--type slsa"] {
            let verified = try coracle("verify \(sample("you/app:2")) --key a.pub --recursive \(type)")
            #expect(verified.end == .exited(0), "\(verified.errors)")
        }
        for type in ["application/spdx+json", "https://slsa.dev/provenance/v1", "https://sigstore.dev/cosign/sign/v1"] {
            #expect(outcome.output.contains(#""type": "\#(type)""#), "\(outcome.output)")
        }
        let script = """
            import json, sys
            statement, old, new_base = json.load(open(sys.argv[1])), sys.argv[2], sys.argv[3]
            build = statement["predicate"]["buildDefinition"]
            print(build["buildType"], build["externalParameters"]["image"], build["externalParameters"]["base"])
            roles = {}
            for d in build["resolvedDependencies"]:
                assert d["uri"].startswith("pkg:oci/") and len(d["digest"]["sha256"]) == 64, d
                roles.setdefault(d["annotations"]["role"], []).append(d["digest"]["sha256"])
            print({role: len(set(found)) for role, found in sorted(roles.items())})
            images = build["internalParameters"]["images"]
            print([(i["platform"], i["removedLayers"], len(i["keptLayers"])) for i in images])
            print("sha256:" + statement["subject"][0]["digest"]["sha256"])
            """
        let said = try Tool.python(script, [sample.place("p.json"), old, ""]).split(separator: "\n").map(String.init)
        #expect(
            said[0]
                == "https://coracle.dev/provenance/rebase/v1 \(sample("me/app:1")) \(sample("base:2"))"
        )
        // The old bases are one index here, as the annotations say it.
        #expect(said[1] == "{'base': 2, 'image': 2, 'old base': 2}")
        #expect(said[2] == "[('linux/amd64', 2, 1), ('linux/arm64', 2, 1)]")
        #expect(said[3] == (try coracle("digest \(sample("you/app:2"))").output.filter { $0 != "\n" }))
        // What is attested is what was written, and no `reproduce` takes it for a build.
        let attested = try coracle("verify \(sample("you/app:2")) --key a.pub --type slsa --predicate-out q.json")
        #expect(attested.end == .exited(0), "\(attested.errors)")
        let same = "import json; assert json.load(open('p.json'))['predicate'] == json.load(open('q.json'))"
        try Command("/usr/bin/python3", ["-c", same], directory: sample.place.path).output()
    }

    @Test("an image that is on the base already is signed if that is asked, and its provenance stays what it is")
    func unchanged() throws {
        let first = try sample.rebase([sample("me/app:1"), "--push", "--no-check", "--sbom", "none"])
        #expect(first.end == .exited(0), "\(first.errors)")
        let second = try sample.rebase([sample("me/app:1")] + Self.signed + ["--provenance-output", "p.json"])
        #expect(second.end == .exited(0), "\(second.errors)")
        #expect(second.output == first.output)
        #expect(second.errors.contains("there is no provenance of a rebase"), "\(second.errors)")
        #expect(!exists(sample.place("p.json")))
        #expect(try coracle("verify \(sample("me/app:1")) --key a.pub --recursive").end == .exited(0))
        #expect(try coracle("verify \(sample("me/app:1")) --key a.pub --type slsa").end == .exited(9))
        // Once more, nothing is new.
        let before = sample.registry.requests.count
        let third = try sample.rebase([sample("me/app:1")] + Self.signed)
        #expect(third.end == .exited(0) && !third.errors.contains("signed: "), "\(third.errors)")
        let sent = sample.registry.requests.dropFirst(before).filter { !["GET", "HEAD"].contains($0.method) }
        #expect(sent.isEmpty, "\(sent.map(\.target))")
    }

    @Test("a layout gets the list beside the image, and a key that is not there is an error before anything is read")
    func elsewhere() throws {
        let outcome = try sample.rebase([sample("me/app:1"), "--no-check", "-o", "out", "--sbom", "cyclonedx"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(try coracle("referrers out").output.contains("application/vnd.cyclonedx+json"))
        #expect(try coracle("validate out").end == .exited(0))
        let beside = ["--no-check", "-o", "out.tar", "--sbom-output", "list.json"]
        #expect(try sample.rebase([sample("me/app:1")] + beside).end == .exited(0))
        #expect(String(decoding: try readFile(sample.place("list.json")), as: UTF8.self).contains("SPDXRef-DOCUMENT"))
        let before = sample.registry.requests.count
        let none = try sample.rebase([sample("me/app:1"), "--push", "--sign-key", "none.key"])
        #expect(none.end == .exited(3) && none.errors.contains("error[key.absent]"), "\(none.errors)")
        #expect(sample.registry.requests.count == before)
    }

    @Test("of a base of the catalogue the provenance names the packages")
    func packages() throws {
        let base = try SmallBase()
        let program = try FixtureProgram.go("hello").path()
        try base.coracle(["build", program, "--base", "mini", "-o", "old"]).output()
        try base.move(to: "1.0-2")
        let line = ["rebase", "old", "--onto", "mini", "-o", "new", "--provenance-output", "p"]
        let outcome = try base.coracle(line).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let text = String(decoding: try readFile(base.place("p")), as: UTF8.self)
        #expect(text.contains("pkg:deb/debian/mini-data@1.0-2?arch=all"), "\(text)")
        #expect(text.contains(#""base":"mini""#) && text.contains(#""image":"a file""#), "\(text)")
        // `reproduce` goes by the image: that is the same that a build on the base makes.
        let made = try base.coracle(["reproduce", "new", "--from", program, "--provenance", "p"]).run()
        #expect(made.end == .exited(3) && made.errors.contains("is the provenance of a rebase"), "\(made.errors)")
        let again = try base.coracle(["reproduce", "new", "--from", program]).run()
        #expect(again.end == .exited(0), "\(again.output)\(again.errors)")
    }
}

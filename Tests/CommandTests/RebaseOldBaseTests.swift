import TestSupport
import Testing

@Suite("How the old base of an image is found")
struct RebaseOldBaseTests {
    private static let unread = ["--push", "--no-check", "--sbom", "none"]

    /// The second base in a repository of its own, so that the first is not beside it.
    private func alone(_ sample: RebaseSample) throws -> String {
        sample.registry.hold(try #require(sample.bases["2"]), in: "alone", tag: "2")
        return sample("alone:2")
    }

    @Test("an image that does not say what it is built upon needs `--old-base`; a digest or a wrong base is compared")
    func unknown() throws {
        let sample = try RebaseSample()
        sample.hold(try sample.image(annotations: ""))
        let (image, onto) = (sample("me/app:1"), try alone(sample))
        let unknown = try sample.rebase([image] + Self.unread, onto: onto)
        #expect(unknown.end == .exited(7))
        #expect(unknown.errors.contains("error[rebase.old-base-unknown]"), "\(unknown.errors)")
        #expect(unknown.errors.contains("`--old-base`") && unknown.errors.contains("`--from`"))
        let wrong = try sample.rebase([image, "--old-base", sample("base:2")] + Self.unread, onto: onto)
        #expect(wrong.end == .exited(4))
        #expect(
            wrong.errors.contains("of its 3 layers, only the lowest 1 are the image's lowest, too"),
            "\(wrong.errors)"
        )
        for name in ["base:1", "base@\(try sample.baseDigest)"] {
            let arguments = [image, "--old-base", sample(name), "-t", sample("x/y:1")]
            let outcome = try sample.rebase(arguments + Self.unread, onto: onto)
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
        }
        #expect(sample.manifest("1").isEmpty == false)
    }

    @Test("among the images of `--from` it is the one with the most of the image's layers, whatever their order")
    func candidates() throws {
        let sample = try RebaseSample()
        // The lowest layer alone is a base, too.
        let small = try HandmadeImage(layers: Array(RebaseSample.layers("1").prefix(1)))
        sample.registry.hold(small, in: "small", tag: "1")
        sample.hold(try sample.image(annotations: ""))
        let (image, onto) = (sample("me/app:1"), try alone(sample))
        let names = ["small:1", "base:1", "base:2", "none:1"].map(sample.callAsFunction)
        for names in [names, names.reversed()] {
            let from = names.flatMap { ["--from", $0] }
            let outcome = try sample.rebase([image, "--json", "-t", sample("x/y:1")] + from + Self.unread, onto: onto)
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
            #expect(
                outcome.errors.contains(
                    "  the old base: it has the most layers of the image among those named with `--from`, and its layers prove it"
                ),
                "\(outcome.errors)"
            )
            #expect(outcome.output.contains(#""foundBy": "commonLayers""#) && outcome.output.contains(#""layers": 2,"#))
            #expect(outcome.output.contains(#""name": "\#(sample("base:1"))""#), "\(outcome.output)")
        }
        let none = try sample.rebase([image, "--from", sample("base:2")] + Self.unread, onto: onto)
        #expect(none.end == .exited(7) && none.errors.contains("rebase.old-base-unknown"), "\(none.errors)")
    }

    @Test("beside the new base, tags of its family are looked at, and at most thirty-two of them")
    func siblings() throws {
        let sample = try RebaseSample()
        let other = try HandmadeImage(layers: [.init("echo other >other")])
        // The newer ones nearly reach the limit, and the other names are of another kind.
        for number in 0..<30 { sample.registry.hold(other, in: "base", tag: "3.\(number)") }
        for tag in ["1-slim", "latest", "sha-1234567", "one"] { sample.registry.hold(other, in: "base", tag: tag) }
        sample.hold(try sample.image(annotations: ""))
        let outcome = try sample.rebase([sample("me/app:1"), "-t", sample("x/y:1")] + Self.unread)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(
            outcome.errors.contains("among the tags of `\(sample("base"))`, and its layers prove it"),
            "\(outcome.errors)"
        )
        #expect(outcome.errors.contains("2 layers of \(sample("base:1")) → 3 layers"), "\(outcome.errors)")
        let asked = Set(sample.registry.requests.filter { $0.path.hasPrefix("/v2/base/manifests/") }.map(\.path))
        #expect(
            !asked.contains { $0.hasSuffix("/1-slim") || $0.hasSuffix("/latest") || $0.hasSuffix("/one") },
            "\(asked)"
        )

        // More of the same kind, and newer than the image's: it is not found, and no registry is asked without end.
        for number in 0..<40 { sample.registry.hold(other, in: "base", tag: "1.\(number)") }
        let before = sample.registry.requests.count
        let far = try sample.rebase([sample("me/app:1"), "-t", sample("x/y:1")] + Self.unread)
        #expect(far.end == .exited(7), "\(far.errors)")
        #expect(sample.registry.requests.count - before < 32 * 4 + 20)
    }

    @Test("a base that was compressed again is found among the tags by its diffIDs")
    func recompressed() throws {
        let sample = try RebaseSample()
        sample.hold(try sample.image(annotations: ""))
        let layers = try RebaseSample.layers("1").map { layer in
            let place = try TemporaryDirectory()
            try place.file("layer.gz", layer.bytes)
            try Command.shell("gunzip <layer.gz | gzip -1n >again.gz", directory: place.path).output()
            return HandmadeImage.Layer(try readFile(place("again.gz")), diffID: layer.diffID)
        }
        let again = try HandmadeImage(layers: layers)
        #expect(try Set(again.layers).isDisjoint(with: sample.image(annotations: "").layers))
        sample.registry.hold(again, in: "base", tag: "1")
        let outcome = try sample.rebase([sample("me/app:1"), "-t", sample("x/y:1")] + Self.unread)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(
            outcome.errors.contains("among the tags of `\(sample("base"))`, and its layers prove it"),
            "\(outcome.errors)"
        )
        #expect(outcome.errors.contains("2 layers of \(sample("base:1")) → 3 layers"), "\(outcome.errors)")
    }

    @Test("a registry that does not list its tags leaves the base unknown")
    func untold() throws {
        let sample = try RebaseSample { asked in
            asked.request.path.hasSuffix("/tags/list") ? FaultyRegistry.refusal(401, "UNAUTHORIZED") : asked.answer
        }
        sample.hold(try sample.image(annotations: ""))
        let outcome = try sample.rebase([sample("me/app:1")] + Self.unread)
        #expect(outcome.end == .exited(7) && outcome.errors.contains("rebase.old-base-unknown"), "\(outcome.errors)")
    }

    @Test(
        "annotations that lie are refused; those of a base that is gone prove nothing, and its repository is asked",
        arguments: [
            (true, "base:2", 4, "error[rebase.old-base-differs]"),
            (false, "alone:2", 7, "error[rebase.old-base-unknown]"), (false, "base:2", 0, "among the tags of"),
        ] as [(Bool, String, Int32, String)]
    )
    func lying(isThere: Bool, onto: String, status: Int32, text: String) throws {
        let sample = try RebaseSample()
        _ = try alone(sample)
        let other = try HandmadeImage(layers: [.init("echo other >other")])
        if isThere { sample.registry.hold(other, in: "base", tag: "other") }
        sample.hold(
            try sample.image(
                annotations: #""org.opencontainers.image.base.name":"\#(sample("base:9"))","#
                    + #""org.opencontainers.image.base.digest":"\#(try other.digest)""#
            )
        )
        let outcome = try sample.rebase([sample("me/app:1"), "-t", sample("x/y:1")] + Self.unread, onto: sample(onto))
        #expect(outcome.end == .exited(status) && outcome.errors.contains(text), "\(outcome.errors)")
        // What is named, or among those that are named, is compared as well.
        for option in ["--old-base", "--from"] {
            let arguments = [sample("me/app:1"), option, sample("base:1"), "-t", sample("x/y:2")]
            let manual = try sample.rebase(arguments + Self.unread, onto: sample(onto))
            #expect(manual.end == .exited(0), "\(manual.errors)")
        }
    }

    // MARK: Bases of the catalogue

    /// A second definition of the same packages, with another variable.
    private static let other = #"""
        cat > Bases/debian13/other.yaml <<'END'
        for: tests
        end-of-life: 2020-01-01
        env:
          MINI: large
        packages:
          - mini-data
          - mini-tool
        END
        sum=$(printf 'other\nmini-data\nmini-tool\n' | sha256sum | cut -c-64)
        sed -i 's/"definitions":{/&"other":"sha256:'$sum'",/' Bases/debian13/packages.lock.json
        """#

    /// The same packages under another file of the base's own.
    private static let otherFiles = #"printf 'files:\n  /etc/mini: |\n    other\n' >>Bases/debian13/mini.yaml"#

    @Test(
        "an image on a base of the catalogue names it by its packages, and its configuration is merged",
        arguments: [true, false]
    )
    func catalogue(isExact: Bool) throws {
        let base = try SmallBase()
        let program = try FixtureProgram.go("hello").path()
        try base.coracle(["build", program, "--base", "mini", "--env", "MINE=1", "-o", "old"]).output()
        try Command.shell(Self.other, directory: base.place.path).output()
        // The lock has gone on since.
        if !isExact { try base.move(to: "1.0-2") }
        let outcome = try base.coracle(["rebase", "old", "--onto", "other", "-o", "new", "--json"]).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let versions =
            isExact
            ? "in the versions of its lock, and its layers prove it"
            : "in other versions than its lock has now, which nothing proves"
        #expect(
            outcome.errors.contains("the old base: the history names its packages, \(versions)"),
            "\(outcome.errors)"
        )
        #expect(
            outcome.output.contains(#""name": "debian13/mini""#) && outcome.output.contains(#""foundBy": "packages""#)
        )
        #expect(!outcome.errors.contains("the old base is not to be had"))
        let inspected = try base.coracle(["inspect", "new", "--json"]).output()
        #expect(inspected.contains("MINI=large") && !inspected.contains("MINI=small"), "\(inspected)")
        #expect(inspected.contains("MINE=1"))
        // It is the image that a build on the new base makes.
        try base.coracle(["build", program, "--base", "other", "--env", "MINE=1", "-o", "built"]).output()
        #expect(try base.coracle(["digest", "new"]).output() == base.coracle(["digest", "built"]).output())

        let outdated = try base.coracle(["outdated", "old", "--quick"]).run()
        let evidence = "debian13/mini, by the packages in the image's history"
        #expect(outdated.output.contains(evidence), "\(outdated.output)")
        #expect(outdated.output.contains("\(evidence), proved by the layers") == isExact, "\(outdated.output)")
        // Without the packages nothing is proved, and none is fetched for that.
        let elsewhere = try base.coracle(["outdated", "old", "--quick"], cache: "empty").run()
        #expect(elsewhere.output.contains("\(evidence)\n"), "\(elsewhere.output)")
    }

    @Test("a history that names the packages of a base, over other layers, is not believed")
    func falseHistory() throws {
        let base = try SmallBase()
        let program = try FixtureProgram.go("hello").path()
        try base.coracle(["build", program, "--base", "mini", "-o", "old"]).output()
        try Command.shell(Self.otherFiles, directory: base.place.path).output()
        let outdated = try base.coracle(["outdated", "old", "--quick"]).run()
        #expect(
            outdated.output.contains("its history names the packages of `debian13/mini`, and its layers are others"),
            "\(outdated.output)\(outdated.errors)"
        )
        let outcome = try base.coracle(["rebase", "old", "--onto", "mini:root", "-o", "new"]).run()
        #expect(!outcome.errors.contains("the history names its packages"), "\(outcome.errors)")
    }

    @Test("an image on a base of the catalogue that has other packages keeps its configuration")
    func unlike() throws {
        let base = try SmallBase()
        let program = try FixtureProgram.go("hello").path()
        try base.coracle(["build", program, "--base", "mini", "-o", "old"]).output()
        try Command.shell("\(Self.other)\nrm Bases/debian13/mini.yaml", directory: base.place.path).output()
        try base.define(packages: ["mini-tool"])
        let script = #"""
            sed -i '/mini-data/d' Bases/debian13/other.yaml
            for name in mini other; do
                sum=$(printf "$name\nmini-tool\n" | sha256sum | cut -c-64)
                sed -i 's/"'$name'":"sha256:[0-9a-f]*/"'$name'":"sha256:'$sum'/' Bases/debian13/packages.lock.json
            done
            """#
        try Command.shell(script, directory: base.place.path).output()
        let outcome = try base.coracle(["rebase", "old", "--onto", "other", "-o", "new"]).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("the old base is not to be had"), "\(outcome.errors)")
        #expect(try base.coracle(["inspect", "new", "--json"]).output().contains("MINI=small"))
    }
}

import TestSupport
import Testing

@Suite("Commands and images that others made")
struct OthersImageCommandTests {
    private static func write(_ image: HandmadeImage, to place: TemporaryDirectory, _ folder: String) throws {
        for (path, bytes) in try image.layout(folder, tag: "1") { try place.file(path, bytes) }
    }

    @Test("a name of the base stays a program when the other name of its file is replaced")
    func rebound() throws {
        let place = try Sample.program()
        let hello = try FixtureProgram.go("hello").path()
        let layer = try HandmadeImage.Layer("mkdir -p usr/bin && cp \(hello) usr/bin/a && ln usr/bin/a usr/bin/b")
        try Self.write(try HandmadeImage(layers: [layer]), to: place, "base")
        try place.file("text", "not a program\n")
        let arguments = ["build", "hello", "--base", "oci:base:1", "--add", "text:/usr/bin/a", "-o", "out"]
        let second = try Built.coracle(arguments + ["--entrypoint", "/usr/bin/b"], directory: place.path).run()
        #expect(second.end == .exited(0), "\(second.errors)")
        try Built.coracle(["check", "out"], directory: place.path).output()
        let first = try Built.coracle(arguments + ["--entrypoint", "/usr/bin/a"], directory: place.path).run()
        #expect(first.end != .exited(0), "\(first.errors)")
    }

    @Test("an image whose config no engine reads is not found to be in order")
    func unreadableTime() throws {
        let place = try TemporaryDirectory()
        let hello = try FixtureProgram.go("hello").path()
        let layer = try HandmadeImage.Layer("cp \(hello) hello")
        for (time, end) in [("2001-02-03T04:05:06Z", Int32(0)), ("yesterday", 9)] {
            let image = try HandmadeImage(
                layers: [layer],
                config: {
                    $0.replacing("2001-02-03T04:05:06Z", with: time)
                        .replacing(#""config":{"#, with: #""config":{"User":"65532:65532","Entrypoint":["/hello"],"#)
                }
            )
            try Self.write(image, to: place, "image-\(end)")
            let outcome = try Built.coracle(["check", "oci:image-\(end):1"], directory: place.path).run()
            #expect(outcome.end == .exited(end), "\(outcome.errors)")
            #expect(outcome.output.contains("error[run.config-time]") == (end == 9), "\(outcome.output)")
        }
    }

    @Test("a signature that has a tag comes along when it is asked for, and a note says that it stays when it is not")
    func tags() throws {
        let image = try SmallImage.image
        let signature = try HandmadeImage(layers: [HandmadeImage.Layer("echo signed >it")])
        let registry = try FaultyRegistry()
        registry.hold(image, in: "me/app", tag: "1")
        let tag = try image.digest.replacing(":", with: "-") + ".sig"
        registry.hold(signature, in: "me/app", tag: tag)
        let arguments = ["copy", "\(registry.address)/me/app:1", "\(registry.address)/me/other:1"]
        let without = try FaultyRun(arguments)
        #expect(without.outcome.end == .exited(0), "\(without.story)")
        #expect(without.outcome.errors.contains("note: signatures or documents of the image do not come along"))
        #expect(registry.manifest(tag, in: "me/other") == nil)
        let with = try FaultyRun(arguments + ["--referrers"])
        #expect(with.outcome.end == .exited(0), "\(with.story)")
        #expect(registry.manifest(tag, in: "me/other") == signature.top)
    }

    @Test("a base with a layer that its maker keeps is refused with the reason, and copied as the hint says")
    func keptElsewhere() throws {
        let layers = try [HandmadeImage.Layer("echo a >a")]
        var image = try HandmadeImage(
            layers: layers,
            manifest: {
                $0.replacing("image.layer.v1.tar", with: "image.layer.nondistributable.v1.tar")
                    .replacing("}]}", with: #","urls":["https://example.com/layer"]}]}"#)
            }
        )
        image.replace(image.layers[0], by: nil)
        var files = try image.layout("base", tag: "1")
        files["hello"] = try Sample.hello
        let build = try FaultyRun(["build", "hello", "--base", "oci:base:1"], files: files)
        #expect(build.outcome.end == .exited(4), "\(build.story)")
        #expect(build.outcome.errors.contains("error[base.foreign-layer]: "), "\(build.story)")
        #expect(build.outcome.errors.contains("at `https://example.com/layer`"), "\(build.story)")
        #expect(build.outcome.errors.contains("; `coracle copy` copies this one as it is"), "\(build.story)")
        let copy = try FaultyRun(["copy", "oci:base:1", "oci:other"], files: files)
        #expect(copy.outcome.end == .exited(0), "\(copy.story)")
    }

    @Test("sizes whose sum overflows do not end a plan of a push by a crash")
    func sizes() throws {
        let layers = try [HandmadeImage.Layer("echo a >a"), HandmadeImage.Layer("echo b >b")]
        let image = try HandmadeImage(
            layers: layers,
            manifest: { manifest in
                var manifest = manifest
                for layer in layers {
                    manifest = manifest.replacing("\"size\":\(layer.bytes.count)", with: "\"size\":9223372036854775807")
                }
                return manifest
            }
        )
        let registry = try FaultyRegistry()
        let name = "\(registry.address)/me/app:1"
        let files = try image.layout("image")
        for command in [["push", "image", name, "--plan"], ["push", "image", name], ["inspect", "image"]] {
            let run = try FaultyRun(command, files: files)
            guard case .exited(let status) = run.outcome.end else {
                Issue.record("\(command): \(run.story)")
                continue
            }
            #expect(status != 1, "\(run.story)")
        }
        #expect(registry.manifest("1", in: "me/app") == nil)
    }
}

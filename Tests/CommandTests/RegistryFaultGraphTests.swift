import TestSupport
import Testing

@Suite("Images whose parts a registry gives in odd ways")
struct RegistryFaultGraphTests {
    @Test("a layer that an image has twice comes and goes once")
    func twice() throws {
        let layer = try HandmadeImage.Layer("openssl rand 1000 >noise")
        let image = try HandmadeImage(layers: [layer, layer])
        let registry = try FaultyRegistry()
        let target = try FaultyRegistry()
        registry.hold(image, in: "me/app", tag: "1")
        let name = "\(target.address)/me/app:1"
        let run = try FaultyRun(["copy", "\(registry.address)/me/app:1", name])
        #expect(run.outcome.end == .exited(0), "\(run.story)")
        #expect(run.outcome.output == "\(name)@\(try image.digest)\n")
        #expect(registry.count(.getBlob) == 2)
        #expect(target.count(.putBlob) == 2)
        #expect(target.manifest("1", in: "me/app") == image.top)
    }

    @Test("a tag that moves while an image is pulled does not mix two images")
    func moved() throws {
        let layer = try HandmadeImage.Layer("openssl rand 1000 >noise")
        let platform = #"{"os":"linux","architecture":"amd64"}"#
        let image = try HandmadeImage(of: [(HandmadeImage(layers: [layer]), platform)])
        let other = try HandmadeImage(of: [(SmallImage.image, platform)])
        let registry = try FaultyRegistry { asked in
            // From the second question on the tag is another image's.
            asked.step == .getManifest && asked.name == "1" && asked.number > 0
                ? .response(200, [("Content-Type", HandmadeImage.indexType)], other.top) : asked.answer
        }
        registry.hold(image, in: "me/app", tag: "1")
        let name = "\(registry.address)/me/app:1"
        let run = try FaultyRun(["pull", name, "-o", "image.tar"])
        #expect(run.outcome.end == .exited(0), "\(run.story)")
        #expect(run.outcome.output == "\(name)@\(try image.digest)\n")
        #expect(run.written == ["image.tar"])
    }

    /// What answers the question for referrers; whether the copy has them.
    @Test(
        "what refers to an image is found by the tag where the registry does not know how to say it",
        arguments: [
            (404, "text/plain", "404 page not found"), (404, "application/json", "{}"), (400, "text/plain", ""),
            (401, "text/plain", ""), (405, "text/plain", ""), (406, "text/plain", ""), (200, "text/html", "<html>"),
            (501, "text/plain", ""),
        ] as [(Int, String, String)]
    )
    func referrers(status: Int, type: String, body: String) throws {
        let image = try SmallImage.image
        let subject =
            #""subject":{"mediaType":"\#(HandmadeImage.manifestType)","digest":"\#(try image.digest)","size":\#(image.top.count)},"#
        let signature = try HandmadeImage(
            layers: [HandmadeImage.Layer("echo signed >it")],
            manifest: { $0.replacing("\"layers\":", with: subject + "\"layers\":") }
        )
        let list = try HandmadeImage(of: [(signature, #"{"os":"unknown","architecture":"unknown"}"#)])
        let registry = try FaultyRegistry { asked in
            asked.step == .referrers ? .response(status, [("Content-Type", type)], body) : asked.answer
        }
        registry.hold(image, in: "me/app", tag: "1")
        registry.hold(list, in: "me/app", tag: "sha256-\(try image.digest.dropFirst(7))")
        let target = try FaultyRegistry()
        let name = "\(target.address)/me/app:1"
        let run = try FaultyRun(["copy", "--referrers", "\(registry.address)/me/app:1", name])
        #expect(run.outcome.end == .exited(0), "\(run.story)")
        #expect(target.manifest("1", in: "me/app") == image.top)
        #expect(
            try target.manifest(signature.digest, in: "me/app") == signature.top,
            "\(target.manifests(in: "me/app"))"
        )
    }

    @Test("pages of referrers are followed on the same server only")
    func referrerPages() throws {
        let stranger = try ScriptedServer { _ in .response(404) }
        let registry = try FaultyRegistry { asked in
            guard asked.step == .referrers else { return asked.answer }
            let headers = [
                ("Content-Type", HandmadeImage.indexType), ("Link", "<http://\(stranger.address)/next>; rel=\"next\""),
            ]
            return .response(
                200,
                headers,
                #"{"schemaVersion":2,"mediaType":"\#(HandmadeImage.indexType)","manifests":[]}"#
            )
        }
        registry.hold(try SmallImage.image, in: "me/app", tag: "1")
        let target = try FaultyRegistry()
        let run = try FaultyRun(["copy", "--referrers", "\(registry.address)/me/app:1", "\(target.address)/me/app:1"])
        #expect(run.outcome.exitCode != nil, "\(run.story)")
        #expect(registry.count(.referrers) == 1)
        #expect(stranger.requests.count == 0)
    }
}

import TestSupport
import Testing

@Suite("A registry sends a client elsewhere")
struct RegistryFaultRedirectTests {
    /// `ELSEWHERE` is another server's address; the exit code.
    @Test(
        "a redirect of a blob is followed where it may be",
        arguments: [
            ("http://ELSEWHERE/blob?sig=secret-signature", 0),
            ("http://ELSEWHERE/blob#fragment", 0),
            ("/again", 0),
            ("file:///etc/passwd", 4),
            ("ftp://ELSEWHERE/blob", 4),
            ("http://me:secret@ELSEWHERE/blob", 4),
            ("http://ELSEWHERE/loop", 6),
            ("", 6),
        ] as [(String, Int32)]
    )
    func blob(location: String, exit: Int32) throws {
        let image = try SmallImage.image
        let elsewhere = try ScriptedServer { request in
            if request.path == "/loop" { return .response(307, [("Location", "/loop")]) }
            let blob = image.blobs.max { $0.value.count < $1.value.count }
            return .response(200, [("Content-Type", "application/octet-stream")], blob?.value ?? [])
        }
        let target = String(location.replacing("ELSEWHERE", with: elsewhere.address))
        let registry = try FaultyRegistry { asked in
            guard asked.request["Authorization"] == TokenServer.basic else {
                return .response(401, [("WWW-Authenticate", "Basic realm=\"x\"")])
            }
            let blob = image.blobs[image.layers[0]] ?? []
            if asked.request.path == "/again" { return .response(200, [], blob) }
            guard asked.step == .getBlob, asked.name == image.layers[0] else { return asked.answer }
            return .response(307, location.isEmpty ? [] : [("Location", target)])
        }
        registry.hold(image, in: "me/app", tag: "1")
        let run = try FaultyRun(
            ["pull", "\(registry.address)/me/app:1", "-o", "image"],
            credentials: DockerConfiguration(accountAt: registry.address)
        )
        #expect([exit, exit == 6 ? 4 : exit].map { .exited($0) }.contains(run.outcome.end), "\(run.story)")
        #expect(run.written == (exit == 0 ? ["image"] : []))
        #expect(elsewhere.requests.allSatisfy { $0["Authorization"] == nil && $0["Cookie"] == nil })
        #expect(elsewhere.requests.count <= 11, "\(elsewhere.requests.count)")
        #expect(!run.outcome.errors.contains("secret"), "\(run.story)")
    }

    @Test("the challenge of another server is never answered")
    func strangersChallenge() throws {
        let tokens = try ScriptedServer { _ in .response(200, [], #"{"token":"t"}"#) }
        let stranger = try ScriptedServer { request in
            .response(401, [("WWW-Authenticate", #"Bearer realm="http://\#(tokens.address)/stranger",service="x""#)])
        }
        let image = try SmallImage.image
        let registry = try FaultyRegistry { asked in
            guard asked.request["Authorization"] == TokenServer.basic else {
                return .response(401, [("WWW-Authenticate", "Basic realm=\"x\"")])
            }
            guard asked.step == .getBlob else { return asked.answer }
            return .response(307, [("Location", "http://\(stranger.address)/blob")])
        }
        registry.hold(image, in: "me/app", tag: "1")
        let run = try FaultyRun(
            ["pull", "\(registry.address)/me/app:1", "-o", "image"],
            credentials: DockerConfiguration(accountAt: registry.address)
        )
        #expect([5, 6].contains(run.outcome.exitCode), "\(run.story)")
        #expect(tokens.requests.count == 0)
        #expect(stranger.requests.allSatisfy { $0["Authorization"] == nil })
        #expect(run.written == [])
    }

    @Test("an upload to another server takes no credential there")
    func upload() throws {
        let elsewhere = try ScriptedServer { _ in .response(201) }
        let registry = try FaultyRegistry { asked in
            guard asked.request["Authorization"] == TokenServer.basic else {
                return .response(401, [("WWW-Authenticate", "Basic realm=\"x\"")])
            }
            guard asked.step == .startUpload else { return asked.answer }
            return .response(202, [("Location", "http://\(elsewhere.address)/put?sig=secret-signature")])
        }
        let run = try FaultyRun(
            ["push", "image", "\(registry.address)/me/app:1"],
            credentials: DockerConfiguration(accountAt: registry.address),
            files: try SmallImage.layout()
        )
        #expect(run.outcome.exitCode != nil, "\(run.story)")
        #expect(elsewhere.requests.count > 0, "\(run.story)")
        for request in elsewhere.requests {
            #expect(request["Authorization"] == nil)
            #expect(request.parameters("sig") == ["secret-signature"])
            #expect(request.parameters("digest").count == 1)
        }
        #expect(!run.outcome.errors.contains("secret-signature"), "\(run.story)")
    }

    @Test("a copy shows each registry its own credential alone")
    func twoRegistries() throws {
        let source = try FaultyRegistry { asked in
            asked.request["Authorization"] == TokenServer.basic
                ? asked.answer : .response(401, [("WWW-Authenticate", "Basic realm=\"x\"")])
        }
        let target = try FaultyRegistry()
        let image = try SmallImage.image
        source.hold(image, in: "me/app", tag: "1")
        let run = try FaultyRun(
            ["copy", "\(source.address)/me/app:1", "\(target.address)/me/app:1"],
            credentials: DockerConfiguration(accountAt: source.address)
        )
        #expect(run.outcome.end == .exited(0), "\(run.story)")
        #expect(target.manifest("1", in: "me/app") == image.top)
        #expect(target.requests.allSatisfy { $0["Authorization"] == nil })
        #expect(source.requests.contains { $0["Authorization"] != nil })
        #expect((source.requests + target.requests).allSatisfy { $0["Cookie"] == nil && $0["User-Agent"] != nil })
    }

    @Test("pages of tags are followed on the same server only")
    func tags() throws {
        let stranger = try ScriptedServer { _ in .response(200, [], #"{"name":"a","tags":["evil"]}"#) }
        let registry = try FaultyRegistry { asked in
            guard asked.step == .tags else { return asked.answer }
            let next =
                asked.request.query.isEmpty
                ? "/v2/me/app/tags/list?last=1" : "http://\(stranger.address)/v2/a/tags/list"
            let tags = asked.request.query.isEmpty ? "1" : "2"
            return .response(200, [("Link", "<\(next)>; rel=\"next\"")], #"{"name":"me/app","tags":["\#(tags)"]}"#)
        }
        let run = try FaultyRun(["tags", "\(registry.address)/me/app"])
        #expect(run.outcome.end != .exited(0), "\(run.story)")
        #expect(stranger.requests.count == 0)
        #expect(registry.count(.tags) == 2)
    }
}

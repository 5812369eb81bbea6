import Glibc
import TestSupport
import Testing

@Suite("A registry fails while an image is pulled")
struct RegistryFaultPullTests {
    private static let again = [("Retry-After", "0")]
    private static let past = [("Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT")]

    private static let answers: [RegistryFault] =
        [408, 429, 499, 500, 502, 503, 504, 522].map {
            .first(.getManifest, "\($0)", [.response($0, again)], times: 3...3)
        } + [
            .first(.getManifest, "429 with a date that is past", [.response(429, past)], times: 3...3),
            .first(.getBlob, "503", [.response(503, again), .response(503, again)], times: 4...4),
            .always(
                .getManifest,
                "503",
                FaultyRegistry.again(503, "UNAVAILABLE", "the disk is on fire"),
                6,
                "registry.unavailable",
                "503",
                "the disk is on fire",
                "after 5 attempts",
                times: 5...5
            ),
            .always(.getManifest, "400", FaultyRegistry.refusal(400, "UNSUPPORTED"), 6, "400", times: 1...1),
            .always(.getManifest, "405", .response(405), 6, "405", times: 1...1),
            .always(.getManifest, "415", .response(415), 6, "415", times: 1...1),
            .always(
                .getManifest,
                "403",
                FaultyRegistry.refusal(403, "DENIED", "not yours"),
                5,
                "not yours",
                times: 1...1
            ),
            .always(
                .getManifest,
                "no such manifest",
                FaultyRegistry.refusal(404, "MANIFEST_UNKNOWN", "unknown"),
                7,
                "manifest.not-found",
                times: 1...1
            ),
            .always(
                .getManifest,
                "no such repository",
                FaultyRegistry.refusal(404, "NAME_UNKNOWN", "unknown"),
                7,
                "repository.not-found",
                times: 1...1
            ),
            .always(.getBlob, "404", FaultyRegistry.refusal(404, "BLOB_UNKNOWN", "unknown"), 7, "blob.not-found"),
            .always(
                .getManifest,
                "a web page",
                .response(200, [("Content-Type", "text/html")], "<html>"),
                6,
                "text/html"
            ),
            .always(.getManifest, "nothing", .response(200, [("Content-Type", HandmadeImage.manifestType)]), 4),
            .always(
                .getManifest,
                "200 MB",
                .init([
                    .bytes(
                        ScriptedAnswer.head(200, [("Content-Type", HandmadeImage.manifestType)], length: 200_000_000)
                    ),
                    .pause(.seconds(30)),
                ]),
                4,
                "4 MiB",
                times: 1...1
            ),
            .changed(.getManifest, "a wrong digest in the header, for a tag", 0) {
                $0.answer.replacingHead(
                    "Docker-Content-Digest: [^\r]*",
                    "Docker-Content-Digest: sha256:" + String(repeating: "0", count: 64)
                )
            },
            .changed(.getManifest, "no digest in the header", 0) {
                $0.answer.replacingHead("Docker-Content-Digest: [^\r]*\r\n", "")
            },
            .changed(.getManifest, "a type with parameters", 0) {
                $0.answer.replacingHead("manifest.v1\\+json", "manifest.v1+json; charset=utf-8")
            },
            .changed(.getManifest, "another type than in the document", 4) {
                $0.answer.replacingHead("image.manifest.v1", "image.index.v1")
            },
        ]

    @Test("the reason is reported, or the request is tried again", arguments: answers)
    func answer(fault: RegistryFault) throws { try pull(fault) }

    private static let brokenFrames: [RegistryFault] = [
        .changed(.getBlob, "reset in the middle, once", 0) { asked in
            asked.number > 0 ? asked.answer : .truncated(200, [], asked.answer.body, after: 100, then: .reset)
        },
        .changed(.getBlob, "closed in the middle, twice", 0) { asked in
            asked.number > 1 ? asked.answer : .truncated(200, [], asked.answer.body, after: 100, then: .close)
        },
        .first(.getManifest, "reset before an answer", [.init([.reset])], times: 3...3),
        .first(.getManifest, "closed before an answer", [.init([.close])], times: 3...3),
        .first(
            .getManifest,
            "reset within the head",
            [.init([.bytes(Array("HTTP/1.1 200 OK\r\nContent-".utf8)), .reset])],
            times: 3...3
        ),
        .always(
            .getManifest,
            "an answer that is not HTTP",
            .init([.bytes(Array("220 smtp.example ESMTP\r\n".utf8)), .close]),
            6
        ),
        .changed(.getManifest, "two lengths", 6) {
            $0.answer.replacingHead("Content-Length: ", "Content-Length: 3\r\nContent-Length: ")
        },
        .changed(.getManifest, "a length and chunks", 6) {
            $0.answer.replacingHead("Content-Length: ", "Transfer-Encoding: chunked\r\nContent-Length: ")
        },
        .changed(.getManifest, "a negative length", 6) {
            $0.answer.replacingHead("Content-Length: ", "Content-Length: -")
        },
        .changed(.getBlob, "an encoding that was not asked for", 6, "content encoding") {
            $0.answer.replacingHead("Content-Length: ", "Content-Encoding: gzip\r\nContent-Length: ")
        },
        .changed(.getBlob, "flipped bits", 4, "blob.digest") { asked in
            asked.answer.replacingBody { $0.map { $0 ^ 1 } }
        },
        .changed(.getBlob, "a byte more", 4, "blob.size") { asked in
            asked.answer.replacingBody { $0 + [0] }.replacingHead("Content-Length: \\d+", "X: y")
                .replacingHead("X: y", "Content-Length: \(asked.answer.body.count + 1)")
        },
        .changed(.getBlob, "a byte less", 4, "blob.size") { asked in
            asked.answer.replacingBody { $0.dropLast() }
                .replacingHead("Content-Length: \\d+", "Content-Length: \(asked.answer.body.count - 1)")
        },
    ]

    @Test("broken framing and broken bytes are seen", arguments: brokenFrames)
    func framing(fault: RegistryFault) throws { try pull(fault) }

    /// What answers the request for the rest, after the layer was cut at 40,000 bytes.
    @Test(
        "a download that was cut goes on where it was, or starts again",
        arguments: ["right", "whole", "wrong range", "416"]
    )
    func resume(kind: String) throws {
        let layer = try SmallImage.layer
        let whole = try #require(try SmallImage.image.blobs[layer])
        let registry = try FaultyRegistry { asked in
            guard asked.step == .getBlob, asked.name == layer else { return asked.answer }
            let body = asked.answer.body
            guard let range = asked.request["Range"] else {
                return asked.number > 3 ? asked.answer : .truncated(200, [], body, after: 40_000, then: .reset)
            }
            #expect(range == "bytes=40000-")
            switch kind {
            case "whole": return .response(200, [], whole)
            case "wrong range":
                return .response(206, [("Content-Range", "bytes 39999-\(body.count)/\(body.count + 1)")], body)
            case "416": return .response(416)
            default: return asked.answer
            }
        }
        registry.hold(try SmallImage.image, in: "me/app", tag: "1")
        let run = try FaultyRun(["pull", "\(registry.address)/me/app:1", "-o", "image"])
        #expect(run.outcome.end == .exited(0), "\(run.story)")
        #expect(run.written == ["image"])
        #expect(registry.requests.contains { $0["Range"] != nil })
    }

    @Test("a pinned digest decides, whatever the header says")
    func pinned() throws {
        let image = try SmallImage.image
        let digest = try image.digest
        let registry = try FaultyRegistry { asked in
            asked.step == .getManifest
                ? asked.answer.replacingBody { $0 + [0x20] }.replacingHead(
                    "Content-Length: \\d+",
                    "Content-Length: \(asked.answer.body.count + 1)"
                ) : asked.answer
        }
        registry.hold(image, in: "me/app", tag: "1")
        let run = try FaultyRun(["pull", "\(registry.address)/me/app@\(digest)", "-o", "image"])
        #expect(run.outcome.end == .exited(4), "\(run.story)")
        #expect(run.outcome.errors.contains(digest.dropFirst(7).prefix(12)))
        #expect(run.written == [])
    }

    @Test(
        "an interrupted pull ends soon, and leaves nothing",
        arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)]
    )
    func interrupted(signal: Int32, code: Int32) throws {
        let layer = try SmallImage.layer
        let registry = try FaultyRegistry { asked in
            guard asked.step == .getBlob, asked.name == layer else { return asked.answer }
            let bytes = asked.answer.body
            return ScriptedAnswer([
                .bytes(ScriptedAnswer.head(200, length: bytes.count)), .body(Array(bytes.prefix(40_000))),
                .pause(.seconds(60)),
            ])
        }
        registry.hold(try SmallImage.image, in: "me/app", tag: "1")
        let place = try TemporaryDirectory()
        let credentials = try DockerConfiguration()
        let running = try Built.coracle(
            ["pull", "\(registry.address)/me/app:1", "-o", "image"],
            environment: credentials.environment,
            directory: place.path,
            timeLimit: 10
        ).start()
        for _ in 0..<1000 where registry.count(.getBlob) < 2 { usleep(10_000) }
        running.send(signal)
        let outcome = try withExtendedLifetime(credentials) { try running.wait() }
        #expect([.signalled(signal), .exited(code)].contains(outcome.end), "\(outcome.errors)")
        #expect(try names(in: place.path) == [])
        let drafts = try Command("find", [credentials.cachePath, "-name", ".coracle-tmp*"]).output()
        #expect(drafts == "")
    }

    private func pull(_ fault: RegistryFault) throws {
        let registry = try FaultyRegistry(fault.answer)
        registry.hold(try SmallImage.image, in: "me/app", tag: "1")
        let run = try FaultyRun(["pull", "\(registry.address)/me/app:1", "-o", "image"])
        #expect(run.outcome.end == .exited(fault.exit), "\(run.story)")
        #expect(run.written == (fault.exit == 0 ? ["image"] : []), "\(run.story)")
        for word in fault.words { #expect(run.outcome.errors.contains(word), "\(run.story)") }
        if let count = fault.count { #expect(count.times.contains(registry.count(count.step)), "\(run.story)") }
        if fault.exit != 0 { #expect(run.outcome.output == "") }
    }
}

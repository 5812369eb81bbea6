import Glibc
import TestSupport
import Testing

@Suite("A registry fails while an image is pushed")
struct RegistryFaultPushTests {
    private static let uploads: [RegistryFault] = [
        .always(.headBlob, "403, as some say for what they lack", .response(403), 0),
        .always(.headBlob, "405", .response(405), 0),
        .first(.headBlob, "503", [.response(503, [("Retry-After", "0")])]),
        .always(.startUpload, "403", FaultyRegistry.refusal(403, "DENIED", "not yours"), 5, "not yours"),
        .always(
            .startUpload,
            "no such repository",
            FaultyRegistry.refusal(404, "NAME_UNKNOWN", "create it"),
            7,
            "create it"
        ),
        .always(.startUpload, "405", FaultyRegistry.refusal(405, "UNSUPPORTED", "read only"), 6, "read only"),
        .always(.startUpload, "no place to upload to", .response(202), 6, "Location"),
        .always(.startUpload, "a place that is not an address", .response(202, [("Location", "http://[/")]), 4),
        .always(.startUpload, "a place of another kind", .response(202, [("Location", "file:///etc/passwd")]), 4),
        .changed(.startUpload, "an absolute place", 0) { asked in
            asked.answer.replacingHead("Location: ", "Location: http://\(asked.request["Host"] ?? "")")
        },
        .changed(.startUpload, "a place without a query", 0) { $0.answer.replacingHead("\\?_state=[^\r]*", "") },
        .changed(.startUpload, "a place with an empty query", 0) { $0.answer.replacingHead("\\?_state=[^\r]*", "?") },
        .first(.putBlob, "500", [.response(500, [("Retry-After", "0")])]),
        .first(.putBlob, "reset", [.init([.reset])]),
        .always(
            .putBlob,
            "wrong digest",
            FaultyRegistry.refusal(400, "DIGEST_INVALID", "not what you said"),
            6,
            "not what you said"
        ),
        .always(.putBlob, "413", .response(413, [("Content-Type", "text/html")], "<html>nginx</html>"), 6, "413"),
        .changed(.putBlob, "200", 0) { $0.answer.replacingHead("^[^\r]*", "HTTP/1.1 200 OK") },
        .changed(.putBlob, "202", 0) { $0.answer.replacingHead("^[^\r]*", "HTTP/1.1 202 Accepted") },
        .changed(.putBlob, "another digest", 6, "registry.refused") {
            $0.answer.replacingHead("Content-Digest: sha256:........", "Content-Digest: sha256:00000000")
        },
        .changed(.putBlob, "no digest", 0) { $0.answer.replacingHead("Docker-Content-Digest: [^\r]*\r\n", "") },
    ]

    private static let manifests: [RegistryFault] = [
        .first(.putManifest, "503", [.response(503, [("Retry-After", "0")])]),
        .first(.putManifest, "a blob that it has not seen yet", [unknownBlob, unknownBlob]),
        .always(
            .putManifest,
            "403",
            FaultyRegistry.refusal(403, "DENIED", "tags are immutable"),
            5,
            "tags are immutable"
        ),
        .always(.putManifest, "413", .response(413), 6, "413", times: 1...1),
        .always(.putManifest, "415", .response(415), 6, "415", times: 1...1),
        .always(
            .putManifest,
            "invalid",
            FaultyRegistry.refusal(400, "MANIFEST_INVALID", "bad type"),
            6,
            "bad type",
            times: 1...1
        ),
        .changed(.putManifest, "another digest", 6, "registry.refused") {
            $0.answer.replacingHead("Content-Digest: sha256:........", "Content-Digest: sha256:00000000")
        },
        .changed(.putManifest, "no digest", 0) { $0.answer.replacingHead("Docker-Content-Digest: [^\r]*\r\n", "") },
        .changed(.putManifest, "200", 0) { $0.answer.replacingHead("^[^\r]*", "HTTP/1.1 200 OK") },
    ]

    private static let unknownBlob = FaultyRegistry.again(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry")

    @Test("the push goes on where it can, and leaves no tag where it cannot", arguments: uploads + manifests)
    func push(fault: RegistryFault) throws {
        let registry = try FaultyRegistry(fault.answer)
        let name = "\(registry.address)/me/app:1"
        let run = try FaultyRun(["push", "image", name], files: try SmallImage.layout())
        #expect(run.outcome.end == .exited(fault.exit), "\(run.story)")
        for word in fault.words { #expect(run.outcome.errors.contains(word), "\(run.story)") }
        if let count = fault.count { #expect(count.times.contains(registry.count(count.step)), "\(run.story)") }
        let digest = try SmallImage.image.digest
        if fault.exit == 0 {
            #expect(run.outcome.output == "\(name)@\(digest)\n", "\(run.story)")
            #expect(try registry.manifest("1", in: "me/app") == SmallImage.image.top)
            #expect(try registry.blobs(in: "me/app") == SmallImage.image.blobs.keys.sorted())
        } else {
            #expect(run.outcome.output == "")
            if fault.count?.step != .putManifest, !fault.testDescription.hasPrefix("putManifest") {
                #expect(registry.manifests(in: "me/app") == [])
            }
        }
        // A session's state is as good as a password.
        #expect(!run.outcome.errors.contains("secret-state"), "\(run.story)")
    }

    /// How a registry may answer the wish to mount, and whether it did.
    @Test(
        "a blob that cannot be mounted is uploaded",
        arguments: [nil, 202, 400, 401, 403, 404, 405, 501] as [Int?]
    )
    func mount(status: Int?) throws {
        let registry = try FaultyRegistry { asked in
            guard asked.step == .mount, let status else { return asked.answer }
            if status == 202 {
                return .response(202, [("Location", "/v2/you/app/blobs/uploads/77?_state=secret-state")])
            }
            return FaultyRegistry.refusal(status, "DENIED")
        }
        let image = try SmallImage.image
        registry.hold(image, in: "me/app", tag: "1")
        let target = "\(registry.address)/you/app:2"
        let run = try FaultyRun(["copy", "\(registry.address)/me/app:1", target])
        #expect(run.outcome.end == .exited(0), "\(run.story)")
        #expect(run.outcome.output == "\(target)@\(try image.digest)\n")
        #expect(registry.blobs(in: "you/app") == image.blobs.keys.sorted())
        #expect(registry.count(.putBlob) == (status == nil ? 0 : image.blobs.count), "\(run.story)")
    }

    @Test("every blob is there before the manifest, and the tag comes last")
    func order() throws {
        let registry = try FaultyRegistry()
        let run = try FaultyRun(
            ["push", "image", "\(registry.address)/me/app:1", "\(registry.address)/me/app:2"],
            files: try SmallImage.layout()
        )
        #expect(run.outcome.end == .exited(0), "\(run.story)")
        let puts = registry.requests.filter { $0.method == "PUT" }.map { $0.path.split(separator: "/").dropFirst(3) }
        let firstManifest = try #require(puts.firstIndex { $0.first == "manifests" })
        #expect(puts[..<firstManifest].count == 2)
        #expect(puts[firstManifest...].allSatisfy { $0.first == "manifests" })
        #expect(puts.suffix(2).compactMap(\.last).sorted() == ["1", "2"])
    }

    @Test("bytes that are not the blob's are never given to a registry as that blob")
    func rotten() throws {
        var files = try SmallImage.layout()
        let path = "image/blobs/sha256/\(try SmallImage.layer.dropFirst(7))"
        var bytes = try #require(files[path])
        bytes[5000] ^= 1
        files[path] = bytes
        let registry = try FaultyRegistry()
        let run = try FaultyRun(["push", "image", "\(registry.address)/me/app:1"], files: files)
        #expect(run.outcome.end == .exited(4), "\(run.story)")
        #expect(registry.manifests(in: "me/app") == [])
        #expect(!registry.blobs(in: "me/app").contains(try SmallImage.layer))
    }

    @Test(
        "an interrupted push takes its uploads back, and ends soon",
        arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)]
    )
    func interrupted(signal: Int32, code: Int32) throws {
        let registry = try FaultyRegistry(bodyLimit: { $0 == .putBlob ? 10 : .max }) { asked in
            asked.step == .putBlob ? .init([.pause(.seconds(60))]) : asked.answer
        }
        let place = try TemporaryDirectory()
        for (name, bytes) in try SmallImage.layout() { try place.file(name, bytes) }
        let credentials = try DockerConfiguration()
        let running = try Built.coracle(
            ["push", "image", "\(registry.address)/me/app:1"],
            environment: credentials.environment,
            directory: place.path,
            timeLimit: 10
        ).start()
        for _ in 0..<1000 where !registry.requests.contains(where: { $0.method == "PUT" }) { usleep(10_000) }
        running.send(signal)
        let outcome = try withExtendedLifetime(credentials) { try running.wait() }
        #expect([.signalled(signal), .exited(code)].contains(outcome.end), "\(outcome.errors)")
        #expect(registry.count(.cancelUpload) > 0)
        #expect(registry.manifests(in: "me/app") == [])
    }

    @Test("`--verify-push` reads the manifest once under each name, and reports what is not given back")
    func verified() throws {
        let image = try SmallImage.image
        for (name, answer, words) in [
            ("good", nil, []),
            ("gone", FaultyRegistry.refusal(404, "MANIFEST_UNKNOWN"), ["cannot be read back", "answered 404"]),
            (
                "other", .response(200, [("Content-Type", HandmadeImage.manifestType)], image.top + [0x20]),
                ["and \(try image.digest) was pushed"]
            ),
        ] as [(String, ScriptedAnswer?, [String])] {
            let registry = try FaultyRegistry { asked in
                asked.step == .getManifest ? answer ?? asked.answer : asked.answer
            }
            let names = ["\(registry.address)/me/app:1", "\(registry.address)/me/app:2"]
            let trusting = try FaultyRun(["push", "image"] + names, files: try SmallImage.layout())
            #expect(trusting.outcome.end == .exited(0), "\(trusting.story)")
            #expect(registry.count(.getManifest) == 0)
            let run = try FaultyRun(["push", "image", "--verify-push"] + names, files: try SmallImage.layout())
            #expect(run.outcome.end == .exited(answer == nil ? 0 : 6), "\(name): \(run.story)")
            #expect(registry.count(.getManifest) == (answer == nil ? 2 : 1))
            for word in words { #expect(run.outcome.errors.contains(word), "\(name): \(run.story)") }
        }
    }
}

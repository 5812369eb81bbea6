import TestSupport
import Testing

@Suite("Signatures of images in registries")
struct SigningCommandTests {
    private let registry: FaultyRegistry
    private let place: TemporaryDirectory
    private let image: HandmadeImage
    private let digest: String

    init() throws {
        registry = try FaultyRegistry()
        place = try TemporaryDirectory()
        image = try HandmadeImage(layers: [try HandmadeImage.Layer("echo a >a")])
        digest = try image.digest
        registry.hold(image, in: "me/server", tag: "1")
        try coracle("key generate").output()
    }

    private var name: String { "\(registry.address)/me/server" }

    /// `coracle` with the words of `line`, in which `REF` is the image.
    private func coracle(_ line: String, password: String = "pw") -> Command {
        let words = line.replacing("REF", with: "\(name):1").split(separator: " ").map(String.init)
        return Built.coracle(words, environment: ["COSIGN_PASSWORD": password], directory: place.path)
    }

    /// The JSON of a manifest, as text.
    private func manifest(_ name: String) throws -> String {
        String(decoding: try #require(registry.manifest(name, in: "me/server")), as: UTF8.self)
    }

    private var tag: String { digest.replacing(":", with: "-") }

    @Test("an image is signed in both forms, and its digest stays")
    func both() throws {
        let signed = try coracle("sign REF --key cosign.key").output()
        #expect(signed == "\(name)@\(digest)\n")
        #expect(registry.manifest("1", in: "me/server") == image.top)
        let list = try manifest(tag)
        #expect(list.contains("application/vnd.dev.sigstore.bundle.v0.3+json"))
        let simple = try manifest("\(tag).sig")
        #expect(simple.contains("application/vnd.dev.cosign.simplesigning.v1+json"))
        #expect(!simple.contains("subject"))
        let verified = try coracle("verify REF --key cosign.pub").output().split(separator: "\n")
        #expect(verified.count == 2, "\(verified)")
        #expect(verified.allSatisfy { $0.hasPrefix("\(name)@\(digest)  signature  by cosign.pub  at sha256") })
        #expect(verified.contains { $0.hasSuffix("\(tag).sig") })
    }

    @Test("openssl verifies what is under the tag")
    func openssl() throws {
        try coracle("sign REF --key cosign.key").output()
        let simple = try manifest("\(tag).sig")
        let layer = try #require(simple.firstMatch(of: #/"layers":\[\{.*?"digest":"(sha256:[0-9a-f]+)"/#)?.1)
        let signature = try #require(simple.firstMatch(of: #/"dev.cosignproject.cosign\/signature":"([^"]+)"/#)?.1)
        let payload = try Command("curl", ["-sf", "http://\(registry.address)/v2/me/server/blobs/\(layer)"]).output()
        #expect(payload.contains("\"docker-manifest-digest\":\"\(digest)\""))
        try place.file("payload", payload)
        try place.file("signature", String(signature))
        let line = "base64 -d <signature >sig && openssl dgst -sha256 -verify cosign.pub -signature sig payload"
        #expect(try Command.shell(line, directory: place.path).output() == "Verified OK\n")
    }

    @Test("what is signed is not signed again, and another key's signature stands beside it")
    func twice() throws {
        try coracle("sign REF --key cosign.key").output()
        let before = registry.manifests(in: "me/server")
        let again = try coracle("sign REF --key cosign.key").run()
        #expect(again.end == .exited(0))
        #expect(again.errors.contains("signed already"), "\(again.errors)")
        #expect(registry.manifests(in: "me/server") == before)
        try coracle("key generate -o other").output()
        try coracle("sign REF --key other.key").output()
        for key in ["cosign.pub", "other.pub"] {
            #expect(try coracle("verify REF --key \(key)").output().split(separator: "\n").count == 2)
        }
    }

    @Test("six signers at once: every signature is there in the end", .timeLimit(.minutes(2)))
    func parallel() throws {
        let keys = (0..<6).map { "k\($0)" }
        for key in keys { try coracle("key generate -o \(key)").output() }
        let running = try keys.map { try coracle("sign REF --key \($0).key").start() }
        for run in running {
            let outcome = try run.wait()
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
        }
        for key in keys {
            let verified = try coracle("verify REF --key \(key).pub").output()
            #expect(verified.contains("\(tag).sig"), "\(key): \(verified)")
        }
    }

    /// What is done, how the image is verified, and the problem.
    @Test(
        "what is not a signature of the image does not count, and says why",
        arguments: [
            ("", "verify REF --key cosign.pub", "signature.missing"),
            ("sign REF --key cosign.key", "verify REF --key other.pub", "signature.other-key"),
            (
                "attest REF --predicate d.json --type https://me/t --key cosign.key", "verify REF --key cosign.pub",
                "attestation.type"
            ),
            ("sign REF --key cosign.key", "verify REF --key cosign.pub --type spdx", "attestation.type"),
            (
                "attest REF --predicate d.json --type https://me/t --key cosign.key",
                "verify REF --key cosign.pub --type spdx", "attestation.type"
            ),
        ]
    )
    func refused(done: String, asked: String, code: String) throws {
        try place.file("d.json", #"{"a":1}"#)
        try coracle("key generate -o other").output()
        if !done.isEmpty { try coracle(done).output() }
        let outcome = try coracle(asked).run()
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(code)]"), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }

    @Test("what was attested comes back, and proves itself alone")
    func attested() throws {
        try place.file("d.json", #"{"spdxVersion":"SPDX-2.3","a":[1,2.50]}"#)
        try coracle("attest REF --predicate d.json --type spdx --key cosign.key").output()
        let verified = try coracle("verify REF --key cosign.pub --type spdx --predicate-out back.json").output()
        #expect(verified.hasPrefix("\(name)@\(digest)  spdx  by cosign.pub  at sha256:"))
        #expect(try String(decoding: readFile(place("back.json")), as: UTF8.self).contains("2.50"))
        #expect(try manifest(tag).contains(#""in-toto.io/predicate-type":"https://spdx.dev/Document""#))
        let again = try coracle("attest REF --predicate d.json --type spdx --key cosign.key").run()
        #expect(again.errors.contains("signed already"))
    }

    @Test(
        "a document of another type is refused before anything is asked",
        arguments: [
            ("{}", "spdx"), ("[]", "https://me/t"), (#"{"_type":"a","predicate":{}}"#, "https://me/t"),
            (#"{"bomFormat":"CycloneDX"}"#, "spdx"),
        ]
    )
    func document(text: String, type: String) throws {
        try place.file("d.json", text)
        let outcome = try coracle("attest REF --predicate d.json --type \(type) --key cosign.key").run()
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.contains("error[attestation.predicate]"), "\(outcome.errors)")
        #expect(registry.requests.isEmpty)
    }

    @Test("a signature of another image, and one whose statement was changed, are refused")
    func moved() throws {
        let other = try HandmadeImage(layers: [try HandmadeImage.Layer("echo b >b")])
        registry.hold(other, in: "me/server", tag: "2")
        try coracle("sign REF --key cosign.key").output()
        // The signatures of the first image under the tag of the second.
        let signatures: [UInt8] = try #require(registry.manifest("\(tag).sig", in: "me/server"))
        let moved = try Command(
            "curl",
            [
                "-sf", "-X", "PUT", "-H", "Content-Type: \(HandmadeImage.manifestType)", "--data-binary", "@-",
                "http://\(registry.address)/v2/me/server/manifests/\(try other.digest.replacing(":", with: "-")).sig",
            ],
            input: signatures
        ).run()
        #expect(moved.end == .exited(0))
        let outcome = try coracle("verify \(name):2 --key cosign.pub").run()
        #expect(outcome.end == .exited(9))
        #expect(outcome.errors.contains("error[signature.other-image]"), "\(outcome.errors)")
        #expect(outcome.errors.contains(digest))
    }

    @Test("signatures that are too large together are not read, and what can be read counts")
    func large() throws {
        try coracle("sign REF --key cosign.key").output()
        let many = try HandmadeImage(
            layers: try (0..<3).map { try HandmadeImage.Layer("echo \($0) >a") },
            manifest: { text in
                let parts = text.split(separator: "\"layers\":", maxSplits: 1)
                let layers = parts[1].replacing(HandmadeImage.layerType, with: Self.simple)
                    .replacing(#/"size":\d+/#, with: #""size":120000000,"annotations":{"\#(Self.signature)":"AA=="}"#)
                return "\(parts[0])\"layers\":\(layers)"
            }
        )
        registry.hold(many, in: "me/server", tag: "\(tag).sig")
        let verified = try coracle("verify REF --key cosign.pub").run()
        #expect(verified.end == .exited(0), "\(verified.errors)")
        #expect(verified.output.split(separator: "\n").count == 1)
        // Two were asked for; the third would be too much.
        let asked = registry.requests.filter { $0.target.contains("/blobs/") && $0.method == "GET" }.map(\.target)
        #expect(many.layers.count { layer in asked.contains { $0.hasSuffix(layer) } } == 2, "\(asked)")
    }

    private static let simple = "application/vnd.dev.cosign.simplesigning.v1+json"
    private static let signature = "dev.cosignproject.cosign/signature"

    @Test("something else under cosign's tag is left alone")
    func tagTaken() throws {
        registry.hold(image, in: "me/server", tag: "\(tag).sig")
        let outcome = try coracle("sign REF --key cosign.key").run()
        #expect(outcome.end == .exited(4))
        #expect(outcome.errors.contains("error[attached.tag-taken]"), "\(outcome.errors)")
        #expect(registry.manifest("\(tag).sig", in: "me/server") == image.top)
    }

    @Test("with `--recursive` each platform's image is signed")
    func recursive() throws {
        let arm = try HandmadeImage(layers: [try HandmadeImage.Layer("echo b >b")], architecture: "arm64")
        let index = try HandmadeImage(of: [
            (image, #"{"architecture":"amd64","os":"linux"}"#), (arm, #"{"architecture":"arm64","os":"linux"}"#),
        ])
        registry.hold(index, in: "me/server", tag: "3")
        try coracle("sign \(name):3 --key cosign.key").output()
        let alone = try coracle("verify \(name):3 --key cosign.pub --recursive").run()
        #expect(alone.errors.contains("error[signature.missing]"), "\(alone.errors)")
        let signed = try coracle("sign \(name):3 --key cosign.key --recursive").output()
        let names = try [index, image, arm].map { "\(name)@\(try $0.digest)" }
        #expect(signed.split(separator: "\n").sorted() == names.sorted().map { $0[...] })
        let verified = try coracle("verify \(name):3 --key cosign.pub --recursive").output()
        #expect(verified.split(separator: "\n").count == 6)
        #expect(try coracle("verify \(name)@\(try arm.digest) --key cosign.pub").output().contains("signature"))
    }

    @Test("a key that is elsewhere signs what `--payload-out` wrote")
    func elsewhere() throws {
        #expect(try coracle("sign REF --payload-out p").output() == "p\np.bundle\n")
        let line = """
            openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out h.key &&
            openssl pkey -in h.key -pubout -out h.pub && openssl dgst -sha256 -sign h.key -out p.sig p &&
            openssl dgst -sha256 -sign h.key p.bundle | base64 >p.bundle.sig
            """
        try Command.shell(line, directory: place.path).output()
        let wrong = try coracle("sign REF --key cosign.pub --signature p.sig").run()
        #expect(wrong.end == .exited(5))
        #expect(wrong.errors.contains("error[signature.not-of-it]"), "\(wrong.errors)")
        try coracle("sign REF --key h.pub --signature p.sig --signature p.bundle.sig").output()
        #expect(try coracle("verify REF --key h.pub").output().split(separator: "\n").count == 2)
    }

    @Test("signatures come along into a layout, and are verified there")
    func layout() throws {
        try coracle("sign REF --key cosign.key").output()
        try coracle("copy REF oci:image --referrers").output()
        #expect(try coracle("verify oci:image --key cosign.pub").output().contains("signature  by cosign.pub"))
    }

    @Test("a push of signatures that breaks off leaves the image as it was, whole and not signed in part only")
    func cut() throws {
        var steps = 0
        for limit in 0... {
            let registry = try FaultyRegistry { asked in
                let isWrite = [.putManifest, .putBlob, .startUpload].contains(asked.step)
                guard isWrite, asked.number >= limit else { return asked.answer }
                return FaultyRegistry.refusal(403, "DENIED")
            }
            registry.hold(image, in: "me/server", tag: "1")
            let ref = "\(registry.address)/me/server:1"
            let outcome = try coracle("sign \(ref) --key cosign.key").run()
            #expect(registry.manifest("1", in: "me/server") == image.top)
            // What is there is whole: each manifest's blobs are.
            let blobs = Set(registry.blobs(in: "me/server") + registry.manifests(in: "me/server"))
            for name in registry.manifests(in: "me/server") {
                let text = String(decoding: registry.manifest(name, in: "me/server") ?? [], as: UTF8.self)
                for match in text.matches(of: #/"digest":"(sha256:[0-9a-f]+)"/#) {
                    #expect(blobs.contains(String(match.1)), "\(name) after \(limit)")
                }
            }
            if outcome.end == .exited(0) {
                #expect(try coracle("verify \(ref) --key cosign.pub").output().split(separator: "\n").count == 2)
                break
            }
            steps += 1
            #expect(try coracle("validate \(ref)").run().end == .exited(0))
            try #require(limit < 20)
        }
        #expect(steps > 2)
    }
}

@Suite("Keys on the command line")
struct KeyCommandTests {
    private let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    private func coracle(_ line: String, _ environment: [String: String?] = [:]) -> Command {
        Built.coracle(
            line.split(separator: " ").map(String.init),
            environment: ["COSIGN_PASSWORD": "pw"].merging(environment) { $1 },
            directory: place.path
        )
    }

    @Test("a pair of keys is made once, and only its owner reads the private one")
    func generate() throws {
        #expect(try coracle("key generate").output() == "cosign.key\ncosign.pub\n")
        let modes = try Command("stat", ["-c", "%a", "cosign.key", "cosign.pub"], directory: place.path).output()
        #expect(modes == "600\n644\n")
        let before = try readFile(place("cosign.key"))
        let again = try coracle("key generate").run()
        #expect(again.end == .exited(2))
        #expect(again.errors.contains("error[key.exists]"))
        #expect(try readFile(place("cosign.key")) == before)
        #expect(try coracle("key public --key cosign.key").output().utf8.elementsEqual(readFile(place("cosign.pub"))))
    }

    @Test("a key in the environment is read, and a wrong password is named without either")
    func environment() throws {
        try coracle("key generate").output()
        let key = String(decoding: try readFile(place("cosign.key")), as: UTF8.self)
        let open = try coracle("key public --key env://MY_KEY", ["MY_KEY": key]).output()
        #expect(open.utf8.elementsEqual(try readFile(place("cosign.pub"))))
        let wrong = try coracle("key public --key env://MY_KEY", ["MY_KEY": key, "COSIGN_PASSWORD": "horse-battery"])
            .run()
        #expect(wrong.end == .exited(5))
        #expect(wrong.errors.contains("error[key.password]"), "\(wrong.errors)")
        #expect(!wrong.errors.contains("horse") && !wrong.errors.contains(key.dropFirst(60).prefix(40)))
    }

    @Test("a private key that others can read is warned about")
    func exposed() throws {
        try coracle("key generate").output()
        #expect(!(try coracle("key public --key cosign.key").run()).errors.contains("note:"))
        try Command("chmod", ["644", "cosign.key"], directory: place.path).output()
        let outcome = try coracle("key public --key cosign.key").run()
        #expect(outcome.end == .exited(0))
        #expect(outcome.errors.contains("others on this machine can read the key"), "\(outcome.errors)")
    }

    @Test(
        "a key that cannot be read says what it is instead",
        arguments: [
            ("nope.key", 3, "key.absent"), ("env://NOPE", 3, "key.absent"), ("awskms://alias/a", 3, "key.absent"),
            (".", 3, "key.absent"), ("cosign.pub", 5, "key.kind"), ("rsa.key", 5, "key.kind"),
            ("/dev/zero", 3, "key.absent"),
            ("text", 3, "key.malformed"),
        ]
    )
    func unreadable(key: String, status: Int32, code: String) throws {
        try coracle("key generate").output()
        try place.file("text", "hello\n")
        if key == "rsa.key" {
            try Command("openssl", ["genpkey", "-algorithm", "RSA", "-out", key], directory: place.path).output()
        }
        let outcome = try coracle("key public --key \(key)").run()
        #expect(outcome.end == .exited(status), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(code)]"), "\(outcome.errors)")
        // Everyone may read what is not a private key.
        #expect(!outcome.errors.contains("note:"), "\(outcome.errors)")
    }
}

import TestSupport
import Testing

@Suite("Builds that sign, and bases that are signed")
struct BuildSigningTests {
    private let registry: FaultyRegistry
    private let place: TemporaryDirectory

    init() throws {
        registry = try FaultyRegistry()
        place = try Sample.program()
        let keys = """
            openssl ecparam -name prime256v1 -genkey -noout -out a.key && chmod 600 a.key &&
            openssl pkey -in a.key -pubout -out a.pub
            """
        try Command.shell(keys, directory: place.path).output()
    }

    /// `coracle` with the words of `line`, in which `REG` is the registry.
    private func coracle(_ line: String, _ environment: [String: String?] = [:]) -> Command {
        Built.coracle(
            line.replacing("REG", with: registry.address).split(separator: " ").map(String.init),
            environment: environment,
            directory: place.path
        )
    }

    @Test("what is pushed is signed when it is in place, and once only")
    func signed() throws {
        let cache: [String: String?] = ["CORACLE_CACHE": place("cache")]
        let line = "build hello -t REG/me/hello:1 --push --sign-key a.key"
        let first = try coracle(line, cache).run()
        #expect(first.end == .exited(0), "\(first.errors)")
        #expect(first.errors.contains("signed: sha256:"))
        let verified = try coracle("verify REG/me/hello:1 --key a.pub").output()
        let image = first.output.trimmed.replacing(":1@", with: "@")
        #expect(verified.hasPrefix("\(image)  signature  by a.pub  at "), "\(verified)")
        let plain = try coracle("build hello -t REG/me/hello:2 --push", cache).output()
        #expect(plain.suffix(72) == first.output.suffix(72))
        let again = try coracle(line, cache).run()
        #expect(again.end == .exited(0))
        #expect(!again.errors.contains("signed:"), "\(again.errors)")
    }

    @Test("where signing fails the image is in place, whole and not signed")
    func cut() throws {
        let registry = try FaultyRegistry { asked in
            guard asked.step == .putManifest, asked.name.hasSuffix(".sig") else { return asked.answer }
            return FaultyRegistry.refusal(403, "DENIED")
        }
        let name = "\(registry.address)/me/hello:1"
        let outcome = try coracle("build hello -t \(name) --push --sign-key a.key").run()
        #expect(outcome.end == .exited(5), "\(outcome.errors)")
        #expect(try coracle("validate \(name)").run().end == .exited(0))
    }

    @Test("a key is opened before anything is built, and wants a push")
    func early() throws {
        let missing = try coracle("build hello -t REG/me/hello:1 --push --sign-key no.key").run()
        #expect(missing.end == .exited(3))
        #expect(missing.errors.contains("error[key.absent]"))
        let local = try coracle("build hello -o image --sign-key a.key").run()
        #expect(local.end == .exited(2))
        #expect(registry.requests.isEmpty && !exists(place("image")))
    }

    @Test("a base whose signature does not verify is refused before a byte of it is used")
    func base() throws {
        registry.hold(try HandmadeImage(layers: [try HandmadeImage.Layer("echo a >a")]), in: "me/base", tag: "1")
        let line = "build hello -o image --no-check --base REG/me/base:1 --base-key a.pub"
        let refused = try coracle(line).run()
        #expect(refused.end == .exited(9), "\(refused.errors)")
        #expect(refused.errors.contains("error[signature.missing]"))
        #expect(registry.count(.getBlob) == 0)
        #expect(!exists(place("image")))
        try coracle("sign REG/me/base:1 --key a.key").output()
        let accepted = try coracle(line).run()
        #expect(accepted.end == .exited(0), "\(accepted.errors)")
        try coracle("build hello -o plain --no-check --base REG/me/base:1").output()
        #expect(try coracle("digest image").output() == (try coracle("digest plain").output()))
    }

    @Test("an images file can want signed bases")
    func imagesFile() throws {
        registry.hold(try HandmadeImage(layers: [try HandmadeImage.Layer("echo a >a")]), in: "me/base", tag: "1")
        let yaml = """
            defaults: {path: hello, base: '\(registry.address)/me/base:1', base-key: a.pub, no-check: true}
            images: {one: , two: }

            """
        try place.file("images.yaml", yaml)
        let refused = try coracle("build --file images.yaml").run()
        #expect(refused.end == .exited(9), "\(refused.errors)")
        try coracle("sign REG/me/base:1 --key a.key").output()
        let accepted = try coracle("build --file images.yaml").run()
        #expect(accepted.end == .exited(0), "\(accepted.errors)")
    }

    @Test("a base of the catalogue has no signature of others")
    func catalogue() throws {
        let outcome = try coracle("build hello -o image --base static --base-key a.pub").run()
        #expect(outcome.end == .exited(2), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[usage.conflict]"))
    }

    @Test("provenance names every input by its digest, and no path, time or secret; it is the same twice")
    func provenance() throws {
        registry.hold(try HandmadeImage(layers: [try HandmadeImage.Layer("echo a >a")]), in: "me/base", tag: "1")
        let line = "build hello -o image --no-check --base REG/me/base:1 --env TOKEN=horse-battery"
        var documents = [String]()
        for name in ["a.json", "b.json"] {
            try Command("rm", ["-rf", "image"], directory: place.path).output()
            try coracle("\(line) --provenance-output \(name)").output()
            documents.append(String(decoding: try readFile(place(name)), as: UTF8.self))
        }
        #expect(documents[0] == documents[1])
        let document = documents[0]
        let digest = try coracle("digest image").output().trimmed
        #expect(document.contains(#""subject":[{"digest":{"sha256":"\#(digest.dropFirst(7))"}}]"#), "\(document)")
        #expect(document.contains(#""predicateType":"https://slsa.dev/provenance/v1""#))
        let hello = try FaultyRegistry.digest(of: Sample.hello).dropFirst(7)
        #expect(document.contains(#"{"name":"/app/hello","digest":{"sha256":"\#(hello)"}}"#), "\(document)")
        #expect(document.contains(#""uri":"pkg:oci/base@sha256:"#))
        #expect(document.contains("/etc/ssl/certs/ca-certificates.crt"))
        for absent in [place.path, "horse"] { #expect(!document.contains(absent), "\(absent)") }
        #expect(document.contains(#""internalParameters":{"compression":["libdeflate"#), "\(document)")
        // No level of SLSA is claimed: the word is only in how layers are compressed.
        #expect(!document.replacing(", level ", with: "").contains("level"), "\(document)")
    }

    @Test("provenance is attested, with what the environment says of the builder")
    func attested() throws {
        let environment: [String: String?] = ["GITHUB_ACTIONS": "true", "RUNNER_ENVIRONMENT": "github-hosted"]
        let line = "build hello -t REG/me/hello:1 --push --sign-key a.key --provenance"
        let outcome = try coracle(line, environment).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        try coracle("verify REG/me/hello:1 --key a.pub --type slsa --predicate-out p.json").output()
        let predicate = String(decoding: try readFile(place("p.json")), as: UTF8.self)
        #expect(predicate.contains("https://github.com/actions/runner/github-hosted"), "\(predicate)")
        #expect(predicate.contains("https://coracle.dev/provenance/build/v1"))
    }

    // MARK: Signatures elsewhere

    /// A registry that asks for an account before anything else.
    private static func closed() throws -> FaultyRegistry {
        try FaultyRegistry { asked in
            guard asked.request["Authorization"] == nil else { return asked.answer }
            return .response(401, [("WWW-Authenticate", #"Basic realm="closed""#)], "")
        }
    }

    @Test("signatures are in the repository that COSIGN_REPOSITORY names, and found there")
    func elsewhere() throws {
        let other = try FaultyRegistry()
        let variables: [String: String?] = ["COSIGN_REPOSITORY": "\(other.address)/me/signatures"]
        let line = "build hello -t REG/me/hello:1 --push --sign-key a.key --provenance"
        let outcome = try coracle(line, variables).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let image = outcome.output.trimmed.suffix(64)
        #expect(other.manifest("sha256-\(image).sig", in: "me/signatures") != nil)
        #expect(registry.manifest("sha256-\(image).sig", in: "me/hello") == nil)
        #expect(other.manifest("sha256:\(image)", in: "me/signatures") == nil)
        for type in ["", "--type spdx", "--type slsa"] {
            let verified = try coracle("verify REG/me/hello:1 --key a.pub \(type)", variables).run()
            #expect(verified.end == .exited(0), "\(verified.errors)")
            #expect(try coracle("verify REG/me/hello:1 --key a.pub \(type)").run().end == .exited(9))
        }
        let tree = try coracle("referrers REG/me/hello:1", variables).output()
        #expect(tree.contains("  - .sig") && tree.contains("  - application/spdx+json"), "\(tree)")
        #expect(tree.contains("https://slsa.dev/provenance/v1"), "\(tree)")
        let alone = try coracle("referrers REG/me/hello:1").output()
        #expect(alone.contains("application/spdx+json") && !alone.contains("sigstore"), "\(alone)")
        // The image's repository is what is signed, not the one that has the signature.
        try coracle("sign REG/me/hello:1 --key a.key", variables).output()
        let base = try coracle("build hello -o on --no-check --base REG/me/hello:1 --base-key a.pub", variables).run()
        #expect(base.end == .exited(0), "\(base.errors)")
    }

    @Test("the registry with the images and that with the signatures get their own credentials alone")
    func credentials() throws {
        let (images, signatures) = (try Self.closed(), try Self.closed())
        let variables: [String: String?] = ["COSIGN_REPOSITORY": "\(signatures.address)/me/signatures"]
        func account(_ name: String) -> String { #""auth": "\#(base64(Array("\(name):\(name)-secret".utf8)))""# }
        func run(_ accounts: [String: String]) throws -> Outcome {
            let home = try DockerConfiguration(accounts)
            return try coracle(
                "build hello -t \(images.address)/me/hello:1 --push --sign-key a.key",
                home.environment.merging(variables) { $1 }
            ).run()
        }
        let half = try run([images.address: account("me")])
        #expect(half.end == .exited(5), "\(half.errors)")
        #expect(signatures.requests.allSatisfy { $0["Authorization"] == nil })
        #expect(!half.errors.contains("me-secret"))
        let whole = try run([images.address: account("me"), signatures.address: account("you")])
        #expect(whole.end == .exited(0), "\(whole.errors)")
        func seen(_ registry: FaultyRegistry) -> Set<String> {
            Set(registry.requests.compactMap { $0["Authorization"] })
        }
        #expect(seen(images) == ["Basic \(base64(Array("me:me-secret".utf8)))"])
        #expect(seen(signatures) == ["Basic \(base64(Array("you:you-secret".utf8)))"])
    }

    @Test(
        "what is not a repository is an error before anything is sent",
        arguments: ["a b", "ghcr.io/me/s:tag", "me/UPPER"]
    )
    func malformedRepository(text: String) throws {
        let outcome = try coracle("sign REG/me/hello:1 --key a.key", ["COSIGN_REPOSITORY": text]).run()
        #expect(outcome.end == .exited(2), "\(outcome.errors)")
        #expect(outcome.errors.contains("COSIGN_REPOSITORY is not a repository"))
        #expect(registry.requests.isEmpty)
    }
}

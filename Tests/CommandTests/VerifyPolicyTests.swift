import TestSupport
import Testing

@Suite("coracle verify --policy") struct VerifyPolicyTests {
    private let registry: FaultyRegistry
    private let place: TemporaryDirectory
    private let digest: String

    init() throws {
        registry = try FaultyRegistry()
        place = try TemporaryDirectory()
        let keys = """
            for name in a b; do
                openssl ecparam -name prime256v1 -genkey -noout -out $name.key && chmod 600 $name.key
                openssl pkey -in $name.key -pubout -out $name.pub
            done
            """
        try Command.shell(keys, directory: place.path).output()
        let provenance = """
            {"buildDefinition": {"resolvedDependencies": [{"uri": "git+https://git.example/me/server"}]},
            "runDetails": {"builder": {"id": "https://github.com/actions/runner/github-hosted"}}}
            """
        try place.file("p.json", provenance)
        let image = try HandmadeImage(layers: [try HandmadeImage.Layer("echo a >a")])
        digest = try image.digest
        for name in ["server", "plain", "bundle"] { registry.hold(image, in: "me/\(name)", tag: "1") }
        try coracle("sign REG/me/server:1 --key a.key").output()
        try coracle("attest REG/me/server:1 --key a.key --predicate p.json --type slsa").output()
        try coracle("sign REG/me/bundle:1 --payload-out p").output()
        try Command.shell("openssl dgst -sha256 -sign a.key -out p.sig p.bundle", directory: place.path).output()
        try coracle("sign REG/me/bundle:1 --key a.pub --signature p.sig").output()
    }

    /// `coracle` with the words of `line`, in which `REG` is the registry.
    private func coracle(_ line: String) -> Command {
        let words = line.replacing("REG", with: registry.address).split(separator: " ").map(String.init)
        return Built.coracle(words, directory: place.path)
    }

    private func verify(_ name: String, by policy: String) throws -> Outcome {
        try place.file("policy", policy.replacing("REG", with: registry.address).replacing("KEY", with: place("a.pub")))
        return try coracle("verify \(name) --policy policy").run()
    }

    @Test("an image is judged by the entry with the longest name that it is in", arguments: PolicyRow.ours)
    func ours(row: PolicyRow) throws { try judge(row) }

    @Test("podman's file is read as podman reads it", arguments: PolicyRow.podmans)
    func podmans(row: PolicyRow) throws { try judge(row) }

    private func judge(_ row: PolicyRow) throws {
        let outcome = try verify("REG/me/\(row.image):1", by: row.policy)
        let words = row.words.replacing("REG", with: registry.address)
        if let code = row.code {
            #expect(outcome.end == .exited(9), "\(outcome.errors)")
            #expect(outcome.errors.contains("error[\(code)]"), "\(outcome.errors)")
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
        } else {
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
            #expect(outcome.output.hasPrefix("\(registry.address)/me/\(row.image)@\(digest)  "), "\(outcome.output)")
            #expect(outcome.output.contains(words), "\(outcome.output)")
        }
    }

    @Test("layouts and archives have entries of their own")
    func files() throws {
        try coracle("copy REG/me/server:1 oci:server --referrers").output()
        try coracle("copy REG/me/plain:1 oci-archive:plain.tar").output()
        let ours = "files: {keys: [a.pub]}"
        #expect(try verify("oci:server", by: ours).end == .exited(0))
        #expect(try verify("oci-archive:plain.tar", by: ours).end == .exited(9))
        #expect(try verify("oci:server", by: #"repositories: {"*": accept}"#).end == .exited(9))
        let json =
            #"{"default": [{"type": "reject"}], "transports": {"oci": {"\#(place.path)": [\#(PolicyRow.accept)]}}}"#
        #expect(try verify("oci:server", by: json).end == .exited(0))
        #expect(try verify("oci-archive:plain.tar", by: json).end == .exited(9))
    }

    @Test(
        "a policy that is not understood accepts nothing",
        arguments: [
            ("repositories: {a: {key: [a.pub]}}", 3, "yaml.unexpected", "did you mean `keys`?"),
            ("repositories: {a: {keys: []}}", 3, "yaml.unexpected", "there is no key"),
            ("repositories: {a: maybe}", 3, "yaml.unexpected", "`maybe`"),
            ("default: {keys: [a.pub], recursive: perhaps}", 3, "yaml.unexpected", "`perhaps`"),
            ("default: {keys: [a.pub], attestations: [{type: spdx, builder: x}]}", 3, "yaml.unexpected", "slsa"),
            ("default: {keys: [a.pub], attestations: [word]}", 3, "yaml.unexpected", "`word`"),
            ("{}", 4, "json.unexpected", "default"), ("repository: {}", 3, "yaml.unexpected", "`repositories`"),
            ("default: {keys: [none.pub]}", 3, "key.absent", "none.pub"),
            ("default: {keys: [p.json]}", 3, "key.", "p.json"),
            (#"{"default": []}"#, 4, "json.unexpected", "empty"),
            (#"{"default": [{"type": "signedBy", "keyType": "GPGKeys"}]}"#, 4, "policy.unsupported", "`signedBy`"),
            (#"{"default": [{"type": "sigstoreSigned"}]}"#, 4, "json.unexpected", "`keyPath`"),
            (#"{"default": [{"type": "sigstoreSigned", "fulcio": {}}]}"#, 4, "policy.unsupported", "`fulcio`"),
            (#"{"default": [{"type": "reject", "unless": 1}]}"#, 4, "policy.unsupported", "`unless`"),
            (
                #"{"default": [{"type": "reject"}], "default": [{"type": "insecureAcceptAnything"}]}"#, 4, "json.",
                "default"
            ),
        ] as [(String, Int32, String, String)]
    )
    func malformed(policy: String, status: Int32, code: String, words: String) throws {
        let before = registry.requests.count
        let outcome = try verify("REG/me/server:1", by: policy)
        #expect(outcome.end == .exited(status), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(code)"), "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(registry.requests.count == before)
    }

    @Test(
        "the policy says what is verified, and no other option",
        arguments: ["--key a.pub", "--type spdx", "--recursive"]
    )
    func alone(option: String) throws {
        try place.file("policy", "default: accept")
        let outcome = try coracle("verify REG/me/server:1 --policy policy \(option)").run()
        #expect(outcome.end == .exited(2) && outcome.errors.contains("error[usage.conflict]"), "\(outcome.errors)")
    }
}

/// An image, a policy, and what is to become of it: `nil` for an image that is accepted, else a code; and words of the answer.
struct PolicyRow: Sendable, CustomTestStringConvertible {
    let image: String
    let policy: String
    let code: String?
    let words: String

    init(_ image: String, _ policy: String, _ code: String? = nil, _ words: String = "") {
        (self.image, self.policy, self.code, self.words) = (image, policy, code, words)
    }

    var testDescription: String { "\(image) by \(policy)" }
}

extension PolicyRow {
    static let ours: [PolicyRow] = [
        PolicyRow("server", #"repositories: {"REG/me": {keys: [a.pub]}}"#, nil, "  signature  by a.pub  at sha256"),
        PolicyRow(
            "plain",
            #"repositories: {"REG/me": {keys: [a.pub]}}"#,
            "signature.missing",
            "the entry `REG/me` of the policy"
        ),
        // The longest name decides.
        PolicyRow("server", #"repositories: {"REG/me": reject, "REG/me/server": {keys: [a.pub]}}"#),
        PolicyRow(
            "server",
            #"repositories: {"REG/me/server": {keys: [a.pub]}, "REG/me/server:1": reject}"#,
            "policy.rejected"
        ),
        PolicyRow(
            "plain",
            #"repositories: {"REG/me/server": {keys: [a.pub]}, "REG": accept}"#,
            nil,
            "accepted without a signature"
        ),
        // A name is whole: `me/serve` is another repository.
        PolicyRow("server", #"repositories: {"REG/me/serve": accept}"#, "policy.rejected", "`default`"),
        PolicyRow("server", #"repositories: {"REG/*/serv*": {keys: [a.pub]}}"#),
        PolicyRow("plain", "default: accept", nil, "accepted without a signature"),
        PolicyRow("plain", "repositories: {docker.io: accept}", "policy.rejected"),
        PolicyRow("server", "default: {keys: [b.pub]}", "signature.other-key"),
        PolicyRow("server", "default: {keys: [b.pub, a.pub]}"),
        PolicyRow("server", "default: {keys: [a.pub], attestations: [slsa]}"),
        PolicyRow("server", "default: {keys: [a.pub], attestations: [spdx]}", "attestation.type"),
        PolicyRow("bundle", "default: {keys: [a.pub], attestations: [slsa]}", "attestation.type"),
        PolicyRow("bundle", "default: {keys: [a.pub]}"),
        PolicyRow(
            "server",
            #"default: {keys: [a.pub], attestations: [{type: slsa, builder: "https://github.com/actions/*"}]}"#
        ),
        PolicyRow(
            "server",
            #"default: {keys: [a.pub], attestations: [{type: slsa, builder: "https://gitlab.com/*"}]}"#,
            "attestation.refused",
            "github-hosted`, and `https://gitlab.com/*` is required"
        ),
        PolicyRow(
            "server",
            #"default: {keys: [a.pub], attestations: [{type: slsa, source: "git+https://git.example/me/*"}]}"#
        ),
        PolicyRow(
            "server",
            #"default: {keys: [a.pub], attestations: [{type: slsa, source: "git+https://git.example/you/*"}]}"#,
            "attestation.refused",
            "`git+https://git.example/me/server`"
        ),
    ]

    private static func json(_ scope: String, _ requirements: String) -> String {
        #"{"default": [{"type": "reject"}], "transports": {"docker": {"\#(scope)": [\#(requirements)]}}}"#
    }

    private static func signed(_ identity: String, key: String = #""keyPath": "KEY""#) -> String {
        #"{"type": "sigstoreSigned", \#(key), "signedIdentity": \#(identity)}"#
    }

    private static let repository = #"{"type": "matchRepository"}"#
    static let accept = #"{"type": "insecureAcceptAnything"}"#

    static let podmans: [PolicyRow] = [
        PolicyRow("server", json("REG/me", signed(repository)), nil, ".sig"),
        PolicyRow("server", json("REG/me/server:1", signed(repository)), nil, ".sig"),
        PolicyRow("plain", json("REG/me", signed(repository)), "signature.missing"),
        PolicyRow("bundle", json("REG/me", signed(repository)), "signature.other-form"),
        PolicyRow(
            "server",
            json("REG/me", #"{"type": "sigstoreSigned", "keyPath": "KEY"}"#),
            "signature.other-name",
            "matchRepository"
        ),
        PolicyRow("server", json("REG/me", signed(#"{"type": "matchExact"}"#)), "signature.other-name"),
        PolicyRow("server", json("", signed(#"{"type": "exactRepository", "dockerRepository": "REG/me/server"}"#))),
        PolicyRow(
            "server",
            json("", signed(#"{"type": "exactRepository", "dockerRepository": "a.example/b"}"#)),
            "signature.other-name"
        ),
        PolicyRow("server", json("REG", signed(repository, key: #""keyPaths": ["b.pub", "a.pub"]"#))),
        PolicyRow("server", json("REG", signed(repository, key: #""keyPaths": ["b.pub"]"#)), "signature.other-key"),
        PolicyRow("plain", json("REG/me", accept), nil, "accepted without a signature"),
        PolicyRow("plain", json("REG/you", accept), "policy.rejected"),
        PolicyRow("server", json("REG", "\(signed(repository)), {\"type\": \"reject\"}"), "policy.rejected"),
        PolicyRow("plain", #"{"default": [{"type": "insecureAcceptAnything"}]}"#, nil, "accepted without a signature"),
    ]
}

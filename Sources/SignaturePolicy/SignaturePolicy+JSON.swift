import Diagnostics
import OCI
import SignedImages
import Signing

extension SignaturePolicy {
    /// Reads containers-policy.json(5), as far as signatures by keys of sigstore go. What it has for transports that coracle
    /// does not read is left alone.
    init(
        json bytes: [UInt8],
        named name: String,
        key: (String) throws(Diagnostic) -> PublicKey
    ) throws(Diagnostic) {
        let reader = JSONReader(try JSON(parsing: bytes, named: name), named: name)
        try Self.refuseOthers(reader, than: ["default", "transports"])
        var entries = [Transport: [Entry]]()
        if let transports = try reader.optional("transports") {
            for text in try transports.object().keys {
                guard let transport = Transport(rawValue: text) else { continue }
                let scopes = try transports.member(text)
                for scope in try scopes.object().keys {
                    let requirements = try Self.requirements(try scopes.member(scope), key)
                    let entry = Entry(scope: scope, name: scope.isEmpty ? text : scope, requirements)
                    entries[transport, default: []].append(entry)
                }
            }
        }
        let others = try Self.requirements(try reader.member("default"), key)
        self.init(name: name, entries: entries, others: others)
    }

    private static func requirements(
        _ reader: JSONReader,
        _ key: (String) throws(Diagnostic) -> PublicKey
    ) throws(Diagnostic) -> [Requirement] {
        let list = try reader.array()
        guard !list.isEmpty else {
            throw reader.malformed("an empty list requires nothing, and accepts nothing either")
        }
        var requirements = [Requirement]()
        for element in list {
            switch try element.member("type").string() {
            case "insecureAcceptAnything":
                try refuseOthers(element, than: ["type"])
                requirements.append(.accept)
            case "reject":
                try refuseOthers(element, than: ["type"])
                requirements.append(.reject)
            case "sigstoreSigned": requirements.append(.signed(try signed(element, key)))
            case let type: throw unsupported(element, "its type is `\(type.excerpt)`")
            }
        }
        return requirements
    }

    private static func signed(
        _ reader: JSONReader,
        _ key: (String) throws(Diagnostic) -> PublicKey
    ) throws(Diagnostic) -> SignedRequirement {
        for member in [
            "fulcio", "pki", "rekorPublicKeyPath", "rekorPublicKeyPaths", "rekorPublicKeyData", "rekorPublicKeyDatas",
        ] {
            guard try reader.optional(member) == nil else { throw unsupported(reader, "it has `\(member)`") }
        }
        try refuseOthers(reader, than: ["type", "keyPath", "keyPaths", "keyData", "keyDatas", "signedIdentity"])
        var keys = [NamedKey]()
        var ways = 0
        if let path = try reader.optional("keyPath")?.string() {
            ways += 1
            keys.append(NamedKey(try key(path), named: path))
        }
        if let paths = try reader.optional("keyPaths")?.strings() {
            ways += 1
            for path in paths { keys.append(NamedKey(try key(path), named: path)) }
        }
        if let data = try reader.optional("keyData") {
            ways += 1
            keys.append(try self.key(data))
        }
        if let datas = try reader.optional("keyDatas")?.array() {
            ways += 1
            for data in datas { keys.append(try self.key(data)) }
        }
        guard ways == 1, !keys.isEmpty else {
            throw reader.malformed("it needs one of `keyPath`, `keyPaths`, `keyData` and `keyDatas`")
        }
        var signed = SignedRequirement(keys: keys)
        signed.identity =
            try reader.optional("signedIdentity").map { reader throws(Diagnostic) in
                try identity(reader)
            } ?? .matchRepositoryDigestOrExact
        return signed
    }

    /// A key that is in the policy itself: PEM in base64.
    private static func key(_ reader: JSONReader) throws(Diagnostic) -> NamedKey {
        guard let bytes = Base64Text.decode(try reader.string()) else { throw reader.malformed("it is not base64") }
        return NamedKey(try PublicKey(pem: bytes, named: reader.path), named: reader.path)
    }

    private static func identity(_ reader: JSONReader) throws(Diagnostic) -> SignedIdentity {
        switch try reader.member("type").string() {
        case "matchExact": return .matchExact
        case "matchRepoDigestOrExact": return .matchRepositoryDigestOrExact
        case "matchRepository": return .matchRepository
        case "exactReference": return .exactReference(try reader.member("dockerReference").string())
        case "exactRepository": return .exactRepository(try reader.member("dockerRepository").string())
        case "remapIdentity":
            return .remap(
                prefix: try reader.member("prefix").string(),
                signed: try reader.member("signedPrefix").string()
            )
        case let type: throw unsupported(reader, "its type is `\(type.excerpt)`")
        }
    }

    /// A member that is not known could be a condition.
    private static func refuseOthers(_ reader: JSONReader, than known: [String]) throws(Diagnostic) {
        for key in try reader.object().keys where !known.contains(key) {
            throw unsupported(reader, "it has `\(key.excerpt)`")
        }
    }

    private static func unsupported(_ reader: JSONReader, _ reason: String) -> Diagnostic {
        var problem = reader.malformed(reason)
        problem.code = .policyUnsupported
        problem.summary = "a policy asks for what coracle cannot verify"
        problem.hint =
            "signatures by keys are verified: `sigstoreSigned` with `keyPath`, `keyPaths`, `keyData` or `keyDatas`"
        return problem
    }
}

extension Diagnostic.Code {
    static let policyUnsupported = Self("policy.unsupported", .verification)
}

package import Diagnostics
import OCI
import SignedImages
package import Signing
import YAML

extension SignaturePolicy {
    /// Size limit of a file, in bytes.
    package static let largest = YAMLDocument.sizeLimit

    /// Reads a policy: JSON as podman's `policy.json`, else YAML of our own.
    ///
    ///     default: reject
    ///     repositories:
    ///       ghcr.io/me:
    ///         keys: [cosign.pub]
    ///         recursive: true
    ///         attestations: [spdx, {type: slsa, builder: "https://github.com/actions/runner/*"}]
    ///       docker.io/library: accept
    ///     files: {keys: [cosign.pub]}
    ///
    /// - Parameters:
    ///   - name: what messages call the file.
    ///   - key: reads the key that the file names, relative to it or by a variable.
    /// - Throws: `yaml.…`, `json.…`, `policy.unsupported`; what `key` throws.
    package init(
        parsing bytes: [UInt8],
        named name: String,
        key: (String) throws(Diagnostic) -> PublicKey
    ) throws(Diagnostic) {
        if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
            try self.init(json: bytes, named: name, key: key)
            return
        }
        let document = YAMLReader(try YAMLDocument(parsing: bytes, named: name))
        try document.refuseOthers(than: ["default", "repositories", "files"])
        var entries = [Transport: [Entry]]()
        for member in try document.optional("repositories")?.members() ?? [] {
            guard !member.key.isEmpty else { throw member.value.malformed("a repository has a name") }
            let requirement = try Self.requirement(member.value, key)
            entries[.docker, default: []].append(Entry(scope: member.key, [requirement]))
        }
        if let files = try document.optional("files") {
            let requirement = try Self.requirement(files, key)
            for transport in [Transport.oci, .archive, .dockerArchive] {
                entries[transport] = [Entry(scope: "", name: "files", [requirement])]
            }
        }
        let others = try document.optional("default").map { reader throws(Diagnostic) in
            try Self.requirement(reader, key)
        }
        guard !entries.isEmpty || others != nil else { throw document.malformed("it says nothing about any image") }
        self.init(name: name, entries: entries, others: [others ?? .reject])
    }

    private static func requirement(
        _ reader: YAMLReader,
        _ key: (String) throws(Diagnostic) -> PublicKey
    ) throws(Diagnostic) -> Requirement {
        guard case .mapping = reader.value.content else {
            switch try reader.string() {
            case "accept": return .accept
            case "reject": return .reject
            case let text:
                throw reader.malformed("`\(text)` is neither `accept` nor `reject`, nor a mapping with `keys`")
            }
        }
        try reader.refuseOthers(than: ["keys", "recursive", "attestations"])
        var keys = [NamedKey]()
        for name in try reader.member("keys").strings() { keys.append(NamedKey(try key(name), named: name)) }
        guard !keys.isEmpty else { throw reader.malformed("one of its `keys` has to sign, and there is no key") }
        var signed = SignedRequirement(keys: keys)
        if let member = try reader.optional("recursive") {
            switch try member.string() {
            case "true": signed.isRecursive = true
            case "false": break
            case let text: throw member.malformed("`\(text)` is neither `true` nor `false`")
            }
        }
        for element in try reader.optional("attestations")?.array() ?? [] {
            signed.attestations.append(try attestation(element))
        }
        return .signed(signed)
    }

    private static func attestation(_ reader: YAMLReader) throws(Diagnostic) -> SignedRequirement.Attestation {
        guard case .mapping = reader.value.content else {
            return SignedRequirement.Attestation(type: try type(reader))
        }
        try reader.refuseOthers(than: ["type", "builder", "source"])
        var attestation = SignedRequirement.Attestation(type: try type(try reader.member("type")))
        attestation.builder = try reader.optional("builder")?.string()
        attestation.source = try reader.optional("source")?.string()
        guard attestation.builder == nil && attestation.source == nil || attestation.type == .provenance else {
            throw reader.malformed("only provenance, `type: slsa`, names a builder and a source")
        }
        return attestation
    }

    private static func type(_ reader: YAMLReader) throws(Diagnostic) -> PredicateType {
        let text = try reader.string()
        guard let type = PredicateType(named: text) else {
            let names = PredicateType.names.map(\.name).joined(separator: ", ")
            throw reader.malformed("`\(text)` is neither \(names) nor a URI")
        }
        return type
    }
}

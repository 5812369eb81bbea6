import ByteIO
package import Diagnostics
import Glibc
import OCI

/// A credential file as it was read: docker's `config.json` or podman's `auth.json`, which are alike.
struct CredentialFile: Sendable {
    let place: CredentialPlace
    var members: JSONObject
    /// The permission bits.
    let permissions: UInt16

    static let limit = 1 << 20

    /// Nil if there is no file; an empty one has no members.
    ///
    /// - Throws: `credentials.malformed`, which never quotes a value.
    init?(reading place: CredentialPlace) throws(Diagnostic) {
        let bytes: [UInt8]
        do throws(SystemError) {
            // Opening a FIFO would wait for a writer.
            let file = try OpenFile(place.path, O_RDONLY | O_NONBLOCK)
            permissions = try file.status().permissions
            bytes = try file.readAll(limit: Self.limit)
        } catch {
            if error.number == ENOENT || error.number == ENOTDIR { return nil }
            throw Diagnostic(
                .credentialsMalformed,
                "cannot read the credentials in `\(place.shown)`",
                at: .file(path: place.path.display),
                because: error.description(readingAtMost: Self.limit),
                hint: error.hint
            )
        }
        self.place = place
        members = JSONObject()
        guard !bytes.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) else { return }
        do throws(Diagnostic) {
            let json = try JSON(parsing: bytes, named: place.shown)
            guard let object = json.objectValue else { throw malformed(nil, "it is no JSON object") }
            members = object
        } catch  where error.code != .credentialsMalformed {
            throw Diagnostic(
                .credentialsMalformed,
                "`\(place.shown)` is not the JSON that it should be",
                at: error.subject,
                because: error.reason,
                hint: "mend or remove the file"
            )
        }
    }

    /// The file that is to be.
    init(new place: CredentialPlace) {
        self.place = place
        members = JSONObject()
        permissions = 0o600
    }

    /// Names of helpers that are to be asked for `repository`, the one that knows most about it first.
    func helpers(for repository: RepositoryName) throws(Diagnostic) -> [String] {
        var names = [String]()
        for (key, value) in try matching(repository, in: "credHelpers") {
            guard let name = value.stringValue else { throw malformed("credHelpers.\"\(key)\"", "it is no string") }
            if !name.isEmpty { names.append(name) }
        }
        if names.isEmpty, let store = try store() { names.append(store) }
        return names
    }

    /// The helper for all registries that no other is named for.
    func store() throws(Diagnostic) -> String? {
        guard let value = members["credsStore"], value != .null else { return nil }
        guard let name = value.stringValue else { throw malformed("credsStore", "it is no string") }
        return name.isEmpty ? nil : name
    }

    /// What stands in `auths` for `repository`, the most specific entry first; nil for nothing, or nothing but empty entries.
    func credential(for repository: RepositoryName) throws(Diagnostic) -> Credential? {
        for (key, value) in try matching(repository, in: "auths") {
            if let credential = try credential(in: value, at: "auths.\"\(key)\"") { return credential }
        }
        return nil
    }

    /// Whether somebody who reads the file learns a secret.
    var holdsSecrets: Bool {
        guard let auths = members["auths"]?.objectValue else { return false }
        return auths.members.contains { $0.value.objectValue?.isEmpty == false }
    }

    /// The members of the object `name` that are about `repository`, most specific first.
    private func matching(
        _ repository: RepositoryName,
        in name: String
    ) throws(Diagnostic) -> [(key: String, value: JSON)] {
        try object(name).members
            .map { (member: $0, key: CredentialKey(parsing: $0.key)) }
            .filter { $0.key.covers(repository) }
            .enumerated()
            .sorted { ($1.element.key.path.utf8.count, $0.offset) < ($0.element.key.path.utf8.count, $1.offset) }
            .map(\.element.member)
    }

    /// The object `name`; one without members if it is absent or null.
    func object(_ name: String) throws(Diagnostic) -> JSONObject {
        guard let value = members[name], value != .null else { return JSONObject() }
        guard let object = value.objectValue else { throw malformed(name, "it is no object") }
        return object
    }

    /// For what is wrong with the value of `key`, which is not shown.
    func malformed(_ key: String?, _ reason: String) -> Diagnostic {
        Diagnostic(
            .credentialsMalformed,
            "`\(place.shown)` does not say what it should" + (key.map { " at `\($0)`" } ?? ""),
            at: .file(path: place.path.display),
            because: reason,
            hint: "mend the file, or log in again"
        )
    }
}

extension Diagnostic.Code {
    package static let credentialsMalformed = Self("credentials.malformed", .input)
}

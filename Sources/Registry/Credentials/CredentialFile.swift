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

    /// Reads the file; `nil` if it is absent. An empty file has no members.
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
            guard let object = json.objectValue else { throw malformed(nil, "expected a JSON object") }
            members = object
        } catch  where error.code != .credentialsMalformed {
            throw Diagnostic(
                .credentialsMalformed,
                "`\(place.shown)` is not valid JSON",
                at: error.subject,
                because: error.reason,
                hint: "correct or remove the file"
            )
        }
    }

    /// A file that does not exist yet.
    init(new place: CredentialPlace) {
        self.place = place
        members = JSONObject()
        permissions = 0o600
    }

    /// Names of the helpers for `repository`, the most specific first.
    func helpers(for repository: RepositoryName) throws(Diagnostic) -> [String] {
        var names = [String]()
        for (key, value) in try matching(repository, in: "credHelpers") {
            guard let name = value.stringValue else { throw malformed("credHelpers.\"\(key)\"", "expected a string") }
            if !name.isEmpty { names.append(name) }
        }
        if names.isEmpty, let store = try store() { names.append(store) }
        return names
    }

    /// The helper for all registries without one of their own.
    func store() throws(Diagnostic) -> String? {
        guard let value = members["credsStore"], value != .null else { return nil }
        guard let name = value.stringValue else { throw malformed("credsStore", "expected a string") }
        return name.isEmpty ? nil : name
    }

    /// The credential of the most specific entry of `auths` for `repository`; `nil` if there are only empty entries.
    func credential(for repository: RepositoryName) throws(Diagnostic) -> Credential? {
        for (key, value) in try matching(repository, in: "auths") {
            if let credential = try credential(in: value, at: "auths.\"\(key)\"") { return credential }
        }
        return nil
    }

    /// Whether the file contains secrets.
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
        guard let object = value.objectValue else { throw malformed(name, "expected a JSON object") }
        return object
    }

    /// The error for a malformed value of `key`. The value is not shown.
    func malformed(_ key: String?, _ reason: String) -> Diagnostic {
        Diagnostic(
            .credentialsMalformed,
            "`\(place.shown)` is malformed" + (key.map { " at `\($0)`" } ?? ""),
            at: .file(path: place.path.display),
            because: reason,
            hint: "correct the file, or log in again"
        )
    }
}

extension Diagnostic.Code {
    package static let credentialsMalformed = Self("credentials.malformed", .input)
}

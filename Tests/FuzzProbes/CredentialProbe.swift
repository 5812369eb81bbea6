import OCI

@testable import Registry

/// Docker's `config.json` and podman's `auth.json`.
enum CredentialProbe {
    private static let repositories = [
        RepositoryName(registry: "docker.io", path: "library/ubuntu"),
        RepositoryName(registry: "ghcr.io", path: "a/b"),
        RepositoryName(registry: "localhost:5000", path: "a"),
    ]

    static func read(_ bytes: [UInt8]) {
        let input = InputFile(holding: bytes)
        if let file = try? CredentialFile(reading: CredentialPlace(input.path, home: nil)) {
            _ = try? file.store()
            for repository in repositories {
                _ = try? file.helpers(for: repository)
                if let credential = try? file.credential(for: repository) {
                    require(credential.defect == nil, "a credential that cannot be sent is given")
                }
            }
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if let decoded = Base64Text.decode(text) {
            require(Base64Text.decode(Base64Text.encode(decoded)) == decoded, "base64 changes in print")
        }
        require(Base64Text.decode(Base64Text.encode(bytes)) == bytes, "base64 is not read as it was written")
    }
}

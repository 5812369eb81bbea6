import Findings

/// Why a file might be a secret, from its name alone: most files are not looked into.
struct SecretSuspicion {
    /// What to look for in the file.
    enum Proof {
        /// The name is enough.
        case name(String)
        case dotenv
        case privateKey
        case puTTYKey
        case javaKeyStore
        case kubeconfig
        case registryPassword
        case assignment(of: [String])
        case netrc
        /// A file of settings, which may have a key or a cloud's credential in it.
        case settings
    }

    let rule: Rule
    let proof: Proof
    /// Largest size of the file, in bytes; a larger one is something else.
    let sizeLimit: Int64

    private init(_ rule: Rule, _ proof: Proof, limit: Int64 = 1 << 20) {
        (self.rule, self.proof, sizeLimit) = (rule, proof, limit)
    }

    /// Whether a name says that there is nothing to look for: a source, a picture, an object file.
    static func isAboveSuspicion(_ name: ArraySlice<UInt8>) -> Bool {
        guard name.first != UInt8(ascii: "."), let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return harmless.contains(name[(dot + 1)...])
    }

    private static let harmless = Set(
        [
            "js", "mjs", "cjs", "jsx", "ts", "tsx", "mts", "cts", "map", "py", "pyc", "pyi", "rb", "go", "rs", "c", "h",
            "cc", "cpp", "hpp", "java", "class", "cs", "php", "lua", "md", "rst", "html", "css", "scss", "svg", "png",
            "jpg", "gif", "ico", "woff", "woff2", "ttf", "wasm", "so", "a", "o", "node", "tzif", "mo", "po", "gz",
        ].map { (ending: String) in ArraySlice(Array(ending.utf8)) }
    )

    /// - Parameters:
    ///   - name: the file's.
    ///   - directory: the name of the directory that it is in.
    ///   - isDependency: whether it is in a folder of dependencies, of which only keys and passwords by name are suspected.
    static func of(_ name: String, in directory: String, isDependency: Bool) -> SecretSuspicion? {
        if let suspicion = byName[name] { return suspicion }
        if let suspicion = byPlace["\(directory)/\(name)"] { return suspicion }
        if name.hasPrefix(".env.") {
            return dotenvExamples.contains { name.hasSuffix($0) } ? nil : SecretSuspicion(.secretDotenv, .dotenv)
        }
        if name.hasPrefix("ssh_host_"), name.hasSuffix("_key") {
            return SecretSuspicion(.secretPrivateKey, .name("SSH keeps a host's private key in a file of this name"))
        }
        guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else {
            return name.hasPrefix("kubeconfig") ? SecretSuspicion(.secretKubeconfig, .kubeconfig) : nil
        }
        let ending = name[name.index(after: dot)...]
        if let suspicion = byEnding[ending] { return suspicion }
        guard !isDependency, settings.contains(ending) else { return nil }
        return SecretSuspicion(.secretPrivateKey, .settings, limit: 64 << 10)
    }

    private static let dotenvExamples = [".example", ".sample", ".template", ".dist", ".defaults", ".schema"]

    private static let settings: Set<Substring> = [
        "json", "yaml", "yml", "conf", "cfg", "ini", "toml", "properties", "txt", "xml", "config",
    ]

    private static let byName: [String: SecretSuspicion] = {
        var table = [String: SecretSuspicion]()
        for name in ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk"] {
            let reason = "SSH keeps a user's private key in a file of this name"
            table[name] = SecretSuspicion(.secretPrivateKey, .name(reason))
        }
        table[".env"] = SecretSuspicion(.secretDotenv, .dotenv)
        table[".npmrc"] = SecretSuspicion(
            .secretCredentials,
            .assignment(of: ["_authToken", "_auth", "_password"])
        )
        table[".yarnrc"] = table[".npmrc"]
        table[".yarnrc.yml"] = SecretSuspicion(
            .secretCredentials,
            .assignment(of: ["npmAuthToken", "npmAuthIdent"])
        )
        table[".pypirc"] = SecretSuspicion(.secretCredentials, .assignment(of: ["password"]))
        table[".netrc"] = SecretSuspicion(.secretCredentials, .netrc)
        table["_netrc"] = table[".netrc"]
        table[".dockercfg"] = SecretSuspicion(.secretCredentials, .registryPassword)
        for (name, what) in [
            (".git-credentials", "git keeps passwords"), (".pgpass", "PostgreSQL's clients keep passwords"),
            (".vault-token", "Vault keeps a token"), ("terraform.tfstate", "Terraform keeps passwords and keys"),
        ] {
            table[name] = SecretSuspicion(.secretCredentials, .name("\(what) in a file of this name"))
        }
        return table
    }()

    /// By the names of directory and file.
    private static let byPlace: [String: SecretSuspicion] = {
        var table = [
            ".kube/config": SecretSuspicion(
                .secretKubeconfig,
                .name("kubectl keeps credentials in a file of this name")
            ),
            ".docker/config.json": SecretSuspicion(.secretCredentials, .registryPassword),
            "containers/auth.json": SecretSuspicion(.secretCredentials, .registryPassword),
        ]
        for place in [
            ".aws/credentials", "gcloud/credentials.db", "gcloud/access_tokens.db",
            "gcloud/application_default_credentials.json", ".azure/accessTokens.json",
            ".azure/msal_token_cache.json", ".azure/msal_token_cache.bin",
        ] {
            let reason = "a cloud's command line keeps credentials in a file of this name"
            table[place] = SecretSuspicion(.secretCloud, .name(reason), limit: 64 << 20)
        }
        return table
    }()

    private static let byEnding: [Substring: SecretSuspicion] = {
        var table = [Substring: SecretSuspicion]()
        for ending in ["pem", "key", "crt", "cer", "cert", "p8", "pk8", "pkcs8", "asc", "gpg", "rsa"] as [Substring] {
            table[ending] = SecretSuspicion(.secretPrivateKey, .privateKey)
        }
        for ending in ["p12", "pfx"] as [Substring] {
            let reason = "a file of this ending is a PKCS #12 store, which has a private key in it"
            table[ending] = SecretSuspicion(.secretPrivateKey, .name(reason))
        }
        table["ppk"] = SecretSuspicion(.secretPrivateKey, .puTTYKey)
        for ending in ["jks", "keystore"] as [Substring] {
            table[ending] = SecretSuspicion(.secretPrivateKey, .javaKeyStore)
        }
        table["kubeconfig"] = SecretSuspicion(.secretKubeconfig, .kubeconfig)
        return table
    }()

    /// A rule that a file breaks, and why.
    struct Verdict {
        let rule: Rule
        let reason: String
    }

    /// What `content` proves; `nil` if nothing. If the name is enough, `content` is empty.
    func verdict(on content: SecretContent) -> Verdict? {
        if case .settings = proof {
            if let cloud = content.cloudCredential { return Verdict(rule: .secretCloud, reason: "it has \(cloud)") }
            if content.isKubeconfig { return Verdict(rule: .secretKubeconfig, reason: Self.kubeconfigReason) }
        }
        return reason(in: content).map { Verdict(rule: rule, reason: $0) }
    }

    private static let kubeconfigReason = "it has clusters and users of Kubernetes"

    /// Why the file breaks `rule`; `nil` if it does not.
    private func reason(in content: SecretContent) -> String? {
        switch proof {
        case .name(let reason): reason
        case .dotenv: content.assignsAnything ? "it gives variables values" : nil
        case .privateKey, .settings: content.privateKeyBlock.map { "it has a PEM block `\($0)`" }
        case .puTTYKey: content.isPuTTYKey ? "it is a key of PuTTY" : nil
        case .javaKeyStore: content.isJavaKeyStoreWithKey ? "it is a Java key store with a private key" : nil
        case .kubeconfig: content.isKubeconfig ? Self.kubeconfigReason : nil
        case .registryPassword: content.hasRegistryPassword ? "it has a registry's password or token" : nil
        case .assignment(let keys):
            content.assigns(keys) ? "it gives " + keys.map { "`\($0)`" }.joined(separator: " or ") + " a value" : nil
        case .netrc: content.hasNetrcPassword ? "it has a password" : nil
        }
    }
}

package import Findings

extension Rule {
    static let secretPrivateKey = Rule("secret.private-key", .error, "a private key would be in the image")
    static let secretDotenv = Rule("secret.dotenv", .error, "a `.env` file would be in the image")
    static let secretKubeconfig = Rule("secret.kubeconfig", .error, "a kubeconfig would be in the image")
    static let secretCloud = Rule("secret.cloud-credentials", .error, "a cloud's credentials would be in the image")
    static let secretCredentials = Rule("secret.credentials", .error, "a password or token would be in the image")
    static let secretInDependency = Rule(
        "secret.in-dependency",
        .warning,
        "a dependency brings what looks like a secret"
    )

    /// Secrets that everyone who pulls the image could use.
    package static let secret = [
        secretPrivateKey, secretDotenv, secretKubeconfig, secretCloud, secretCredentials, secretInDependency,
    ]
}

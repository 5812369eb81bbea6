import ArgumentParser
import Build
import Diagnostics
import Images
import KeyCommands
import OCI
import Request
import SignedImages
import Signing
import Store
import Terminal

/// Who signs what is built, and who has to have signed what it stands on.
struct SigningOptions: ParsableArguments {
    @Option(flag: "sign-key") var signKey: String?
    @Option(flag: "base-key") var baseKey: String?
}

extension BuildOptions {
    /// The options under "Signatures".
    static let signingFlags: [BuildFlag] = [
        .text(
            "sign-key",
            \.signing.signKey,
            "Sign what is pushed with this private key, each platform's image too: a file, or env://NAME.",
            value: "key",
            key: .none
        ),
        .text(
            "base-key",
            \.signing.baseKey,
            "Use the base only if it is signed with this key: a file, or env://NAME.",
            value: "key",
            key: .key
        ) { text, request in request.baseKey = text },
    ]

    /// What is done with each image that was pushed: it is signed. `nil` without a key.
    ///
    /// - Throws: `usage.conflict`, `key.…`, before anything is built.
    func afterPush(_ access: ImageAccess) throws(Diagnostic) -> AfterPush? {
        guard let text = signing.signKey else { return nil }
        guard output.push else {
            throw Diagnostic(
                .usageConflict,
                "`--sign-key` signs what is pushed",
                at: .option("--sign-key"),
                because: "`--push` is not given",
                hint: "add `--push`"
            )
        }
        let key = try KeySource(text: text).privateKey()
        return { images, names async throws(Diagnostic) in
            try await Self.sign(images.top, names, key, access)
            if let companion = images.companion {
                try await Self.sign(companion.top, companion.names, key, access)
            }
        }
    }

    private static func sign(
        _ image: Descriptor,
        _ names: [Reference],
        _ key: PrivateKey,
        _ access: ImageAccess
    ) async throws(Diagnostic) {
        var signed = Set<RepositoryName>()
        for name in names where signed.insert(name.repositoryName).inserted {
            let reference = try Reference(parsing: "\(name.repositoryName)@\(image.digest)")
            for record in try await ImageSigner(access, reference).sign(by: .key(key), isRecursive: true) {
                guard case .written(let place) = record.place else { continue }
                Console.log("signed: \(record.image) at \(place)")
            }
        }
    }
}

extension BuildRequest {
    /// Verifies the base's signature if one is asked for. From then on its name stands for the image that was verified.
    ///
    /// - Throws: `signature.…`, `key.…`, `usage.conflict`.
    func verifyBase(_ access: ImageAccess) async throws(Diagnostic) {
        guard let baseKey else { return }
        switch base {
        case nil, .catalogue?:
            throw Diagnostic(
                .usageConflict,
                "`--base-key` is about a base that others have made",
                at: .option("--base-key"),
                because: base == nil
                    ? "no base is named" : "a base of the catalogue is made here, of packages that its lock names",
                hint: "name one with `--base IMAGE`, or leave out `--base-key`"
            )
        case let base?:
            let verification = Verification(try KeySource(text: baseKey).publicKey(), named: baseKey)
            guard let verified = try await verification.run(base, access).first else { return }
            access.pin(base, to: verified.image)
        }
    }
}

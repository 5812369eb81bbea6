import ArgumentParser
import ByteIO
import Diagnostics
import Images
import KeyCommands
import OCI
import Request
import SharedOptions
import SignedImages
import Signing
import Terminal

struct SignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign an image in a registry with a key.",
        usage: "coracle sign <ref> --key <key> [<options>]",
        discussion: HelpExamples(
            "coracle sign ghcr.io/me/server:1.0 --key cosign.key",
            "coracle sign ghcr.io/me/server:1.0 --key env://COSIGN_KEY --recursive",
            "coracle sign ghcr.io/me/server:1.0 --payload-out server.payload",
            note: """
                The signature is written in two forms: a bundle that refers to the image, which
                cosign 3 reads, and a tag beside it, which podman, CRI-O and policy engines
                read. The image's digest stays. What is signed already is not signed again.

                For a key that is elsewhere, --payload-out FILE writes what it is to sign: FILE
                for the tag, and FILE.bundle for the bundle. Then give the signatures (ECDSA
                with SHA-256), each with --signature, and the public key with --key.
                """
        ).text
    )

    @Argument(help: ArgumentHelp("The image to sign.", valueName: "ref"))
    var reference: String

    @Option(
        help: ArgumentHelp(
            "The private key: a file of cosign or openssl, or env://NAME. Password: COSIGN_PASSWORD, or asked for.",
            valueName: "key"
        )
    )
    var key: String?

    @Flag(help: "Sign each platform's image, too, and not only the index of them.")
    var recursive = false

    @Option(help: ArgumentHelp("Sign nothing; write what another program is to sign.", valueName: "file"))
    var payloadOut: String?

    @Option(
        help: ArgumentHelp(
            "A signature made elsewhere, DER or base64; --key is then the public key. Repeatable.",
            valueName: "file"
        )
    )
    var signature: [String] = []

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Registries") var registry: RegistryOptions

    func run() async throws {
        let reference = try ImageLocation.reference(parsing: reference)
        if let payloadOut { return try await write(payloadOut, of: reference) }
        let signer = try signer()
        let isRecursive = recursive
        let records = try await registry.withAccess(doing: "signing") {
            try await ImageSigner($0, reference).sign(by: signer, isRecursive: isRecursive)
        }
        try records.output(for: reference, asJSON: json)
    }

    private func signer() throws(Diagnostic) -> Signer {
        guard let key else {
            throw Diagnostic(
                .usageMalformed,
                "`sign` needs a key",
                at: .option("--key"),
                hint: "give one with `--key FILE`"
            )
        }
        guard !signature.isEmpty else { return .key(try KeySource(text: key).privateKey()) }
        guard !recursive else { throw Self.onlyOne("--signature") }
        var signatures = [[UInt8]]()
        for path in signature { signatures.append(try Self.signature(in: path)) }
        return .made(signatures, try KeySource(text: key).publicKey())
    }

    private func write(_ path: String, of reference: Reference) async throws {
        guard !recursive else { throw Self.onlyOne("--payload-out") }
        guard key == nil, signature.isEmpty else {
            throw Diagnostic(
                .usageConflict,
                "`--payload-out` signs nothing",
                at: .option("--payload-out"),
                because: "it writes what is to be signed",
                hint: "leave out `--key` and `--signature`"
            )
        }
        let payloads = try await registry.withAccess(doing: "asking the registry") {
            try await ImageSigner($0, reference).payloads()
        }
        for (path, bytes) in [(path, payloads.simple), (path + ".bundle", payloads.bundle)] {
            try OutputFile.write(bytes, to: FilePath(path))
        }
        try Console.output(nil, else: [path, path + ".bundle"], after: "the payloads are written")
    }

    private static func onlyOne(_ option: String) -> Diagnostic {
        Diagnostic(
            .usageConflict,
            "`\(option)` and `--recursive` contradict each other",
            at: .option(option),
            because: "each image has something else to sign",
            hint: "sign each image by its digest"
        )
    }

    private static func signature(in path: String) throws(Diagnostic) -> [UInt8] {
        let bytes = try InputFile.read(path, limit: 1 << 16)
        // DER begins with a sequence, 0x30, which in base64 would be the letter `0`: no signature's first.
        if bytes.first == 0x30 { return bytes }
        let text = String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
        guard let decoded = Base64Text.decode(text), decoded.first == 0x30 else {
            throw Diagnostic(
                .signatureMalformed,
                "`\(path)` is not a signature",
                at: .file(path: path),
                because: "it is neither DER nor base64 of it",
                hint: "make one with `openssl dgst -sha256 -sign KEY FILE`"
            )
        }
        return decoded
    }
}

struct AttestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attest",
        abstract: "Sign a document about an image, and attach it to the image.",
        usage: "coracle attest <ref> --predicate <file> --type <type> --key <key>",
        discussion: HelpExamples(
            "coracle attest ghcr.io/me/a:1.0 --predicate a.json --type spdx --key a.key",
            "coracle attest ghcr.io/me/a:1 --predicate v.json --type openvex --key k.pem",
            "coracle attest ghcr.io/me/a:1 --predicate b.json --type https://me/t --key k",
            note: """
                A type is spdx, cyclonedx, slsa, openvex, or a URI. The document becomes the
                predicate of an in-toto statement, which is signed and put into a bundle that
                refers to the image.
                """
        ).text
    )

    @Argument(help: ArgumentHelp("The image that the document is about.", valueName: "ref"))
    var reference: String

    @Option(help: ArgumentHelp("A file with the document: a JSON object.", valueName: "file"))
    var predicate: String

    @Option(help: ArgumentHelp("What it is: spdx, cyclonedx, slsa, openvex, or a URI.", valueName: "type"))
    var type: String

    @Option(
        help: ArgumentHelp(
            "The private key: a file of cosign or openssl, or env://NAME. Password: COSIGN_PASSWORD, or asked for.",
            valueName: "key"
        )
    )
    var key: String

    @Flag(help: "Attest each platform's image, too, and not only the index of them.")
    var recursive = false

    @Flag(help: "Print one JSON document.")
    var json = false

    @OptionGroup(title: "Registries") var registry: RegistryOptions

    /// Size limit of a document, in bytes; in a bundle it has a third more.
    private static let limit = 64 << 20

    func run() async throws {
        let reference = try ImageLocation.reference(parsing: reference)
        let type = try PredicateType(option: type)
        let document = try JSON(parsing: try InputFile.read(predicate, limit: Self.limit), named: predicate)
        try type.check(document, named: predicate)
        let key = try KeySource(text: key).privateKey()
        let isRecursive = recursive
        let records = try await registry.withAccess(doing: "signing") {
            try await ImageSigner($0, reference).attest(type, document, by: key, isRecursive: isRecursive)
        }
        try records.output(for: reference, asJSON: json)
    }
}

extension PredicateType {
    /// - Throws: `usage.malformed`.
    init(option text: String) throws(Diagnostic) {
        guard let type = PredicateType(named: text) else {
            throw .optionMalformed(
                .usageMalformed,
                "--type",
                text,
                because: "it is neither \(Self.names.map(\.name).joined(separator: ", ")) nor a URI",
                example: "spdx"
            )
        }
        self = type
    }
}

extension [SignedRecord] {
    /// Prints the image's reference, with the digest that was signed; where it was signed goes to standard error.
    fileprivate func output(for reference: Reference, asJSON: Bool) throws {
        let repository = reference.repositoryName.description
        var there = Set<Digest>()
        for record in self {
            switch record.place {
            case .written(let place): Console.log("signed: \(record.image) at \(place)")
            case .there where there.insert(record.image).inserted: Console.log("signed already: \(record.image)")
            case .there: break
            }
        }
        var images = [String]()
        for record in self where !images.contains("\(repository)@\(record.image)") {
            images.append("\(repository)@\(record.image)")
        }
        let document = ResultDocument(["signed": .array(map(\.json))])
        try Console.output(asJSON ? document : nil, else: images, after: "the image is signed")
    }
}

extension Diagnostic.Code {
    static let signatureMalformed = Self("signature.malformed", .input)
}

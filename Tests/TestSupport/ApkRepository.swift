/// Repositories of apk packages on this machine, whose indexes are signed by keys of the test.
package final class ApkRepository: Sendable {
    private let server: ScriptedServer
    private let folder: TemporaryDirectory

    /// The files of the private keys, by names; all tests share them.
    private static let keys: Result<TemporaryDirectory, any Error> = Result {
        let folder = try TemporaryDirectory()
        let script = #"""
            for name in alice mallory; do
              openssl genrsa -out "$name.pem" 2048 2>/dev/null
              openssl rsa -in "$name.pem" -pubout -out "$name.rsa.pub" 2>/dev/null
            done
            """#
        try Command.shell(script, directory: folder.path).output()
        return folder
    }

    package init() throws {
        let folder = try TemporaryDirectory()
        self.folder = folder
        server = try ScriptedServer { request in
            let path = request.target.split(separator: "?").first.map(String.init) ?? ""
            guard !path.contains(".."), let bytes = try? readFile(folder.path + path) else {
                return .response(404, [], "not here")
            }
            return .response(200, [], bytes)
        }
    }

    deinit { server.stop() }

    package var url: String { "http://\(server.address)" }
    package var path: String { folder.path }
    package var requests: [String] { server.requests.map(\.target) }

    /// The public key `alice` or `mallory` in a file, named after it.
    package static func publicKey(_ name: String) throws -> String { try keys.get()("\(name).rsa.pub") }

    /// Puts packages and their index into `repository`, such as `main/x86_64`.
    ///
    /// - Parameters:
    ///   - signatures: algorithm, and the key that signs; its name in the signature, if another.
    ///   - areSigned: whether packages are signed, too.
    ///   - text: the list of packages, instead of the right one.
    package func publish(
        _ packages: [MadeApk],
        in repository: String = "main/x86_64",
        signatures: [(algorithm: String, key: String, name: String?)] = [("RSA256", "alice", nil)],
        areSigned: Bool = false,
        description: String = "v1",
        text: String? = nil
    ) throws {
        let keys = try Self.keys.get()
        try MadeApk.write(
            packages,
            to: folder(repository),
            signatures: signatures.map { ($0.algorithm, $0.name ?? "\($0.key).rsa.pub", keys("\($0.key).pem")) },
            areSigned: areSigned,
            description: description,
            text: text
        )
    }

    /// The bytes of a file.
    package subscript(path: String) -> [UInt8]? { try? readFile(folder(path)) }

    /// Changes the bytes of a file.
    package func change(_ path: String, _ change: (inout [UInt8]) -> Void) throws {
        var bytes = try readFile(folder(path))
        change(&bytes)
        try folder.file(path, bytes)
    }
}

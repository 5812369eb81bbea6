import CSigning
import Diagnostics
import OCI

/// An encrypted key as sigstore's tools keep it: scrypt and NaCl's secretbox, in JSON.
struct SealedKey {
    private let salt: [UInt8]
    /// The cost of scrypt.
    private let cost: UInt64
    private let nonce: [UInt8]
    private let box: [UInt8]

    /// What is written, and what else sigstore's tools read.
    private static let costs: [UInt64] = [65536, 32768, 131072]
    private static let saltSize = 32

    /// Reads what is in the block of a key's file.
    ///
    /// - Throws: `key.malformed`.
    init(_ bytes: [UInt8], named name: String) throws(Diagnostic) {
        do throws(Diagnostic) {
            let reader = JSONReader(try JSON(parsing: bytes, named: name), named: name)
            let function = try reader.member("kdf")
            let parameters = try function.member("params")
            let cost = UInt64(exactly: try parameters.member("N").int()) ?? 0
            let cipher = try reader.member("cipher")
            guard try function.member("name").string() == "scrypt", Self.costs.contains(cost),
                try parameters.member("r").int() == 8, try parameters.member("p").int() == 1,
                try cipher.member("name").string() == "nacl/secretbox"
            else { throw Diagnostic.keyMalformed(name, "it is encrypted in another way than sigstore's tools do") }
            self.cost = cost
            salt = try function.member("salt").data()
            nonce = try cipher.member("nonce").data()
            box = try reader.member("ciphertext").data()
            guard salt.count == Self.saltSize, nonce.count == SecretBox.nonceSize else {
                throw Diagnostic.keyMalformed(name, "its salt or its nonce has another size than it should")
            }
        } catch {
            throw error.code == .keyMalformed ? error : .keyMalformed(name, error.reason ?? error.summary)
        }
    }

    /// - Throws: `key.password`, `key.memory`.
    func open(password: String, named name: String) throws(Diagnostic) -> [UInt8] {
        var key = try Self.key(password, salt, cost)
        defer { key.cleanse() }
        guard let message = SecretBox.open(box, key: key, nonce: nonce) else { throw .keyPassword(name) }
        return message
    }

    /// Encrypts `message`; the same in two calls never gives the same bytes.
    ///
    /// - Throws: `key.memory`.
    static func seal(_ message: [UInt8], password: String) throws(Diagnostic) -> [UInt8] {
        var salt = [UInt8](repeating: 0, count: saltSize)
        var nonce = [UInt8](repeating: 0, count: SecretBox.nonceSize)
        coracle_random(&salt, salt.count)
        coracle_random(&nonce, nonce.count)
        var key = try key(password, salt, costs[0])
        defer { key.cleanse() }
        let box = SecretBox.seal(message, key: key, nonce: nonce)
        let parameters: JSON = ["N": .int(costs[0]), "r": 8, "p": 1]
        let json: JSON = [
            "kdf": ["name": "scrypt", "params": parameters, "salt": .string(Base64Text.encode(salt))],
            "cipher": ["name": "nacl/secretbox", "nonce": .string(Base64Text.encode(nonce))],
            "ciphertext": .string(Base64Text.encode(box)),
        ]
        return json.encoded()
    }

    static func key(_ password: String, _ salt: [UInt8], _ cost: UInt64) throws(Diagnostic) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: SecretBox.keySize)
        let password = Array(password.utf8)
        guard coracle_scrypt(password, password.count, salt, salt.count, cost, 8, 1, &key, key.count) == 1 else {
            throw .keyMemory()
        }
        return key
    }

}

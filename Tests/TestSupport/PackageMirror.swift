package import Synchronization

/// A mirror of packages on this machine, whose suites are signed by keys of the test.
package final class PackageMirror: Sendable {
    /// What it has, by paths; a test may change it.
    package let files = Mutex<[String: [UInt8]]>([:])
    private let server: Mutex<ScriptedServer?> = Mutex(nil)

    package init() throws {
        let server = try ScriptedServer { [weak self] request in
            guard let self else { return .response(503, [], "") }
            return self.files.withLock { files in
                guard let bytes = files[request.target] else { return .response(404, [], "not here") }
                return .response(200, [], bytes)
            }
        }
        self.server.withLock { $0 = server }
    }

    deinit { server.withLock { $0?.stop() } }

    package var url: String { server.withLock { "http://\($0?.address ?? "")/debian" } }
    package var requests: [String] { server.withLock { $0?.requests.map(\.target) ?? [] } }

    package subscript(path: String) -> [UInt8]? {
        get { files.withLock { $0["/debian/\(path)"] } }
        set { files.withLock { $0["/debian/\(path)"] = newValue } }
    }

    /// A package on the mirror.
    package struct Placed {
        package let path: String
        package let bytes: [UInt8]
        /// SHA-256 of the bytes, in hexadecimal digits.
        package let sha256: String
    }

    package func add(_ made: MadePackage) throws -> Placed {
        let bytes = try made.bytes()
        let path = "pool/main/x/\(made.name)_\(made.version)_\(made.architecture).deb"
        // As clients ask for it.
        self[path.utf8.map { $0 == UInt8(ascii: ":") ? "%3A" : String(UnicodeScalar($0)) }.joined()] = bytes
        return Placed(path: path, bytes: bytes, sha256: try Self.sha256(of: bytes))
    }

    /// A suite being put together.
    package struct Suite {
        package var name: String
        package var codename: String?
        package var date: String
        package var validUntil: String?
        package var byHash: Bool
        /// The end of the name of the list of packages: `.xz` or `.gz`.
        package var compression: String
        /// For `amd64`.
        package var packages: [MadePackage]
        package var signers: [String]

        package init(
            name: String = "test",
            codename: String? = nil,
            date: String = "Sat, 21 Nov 2026 10:00:00 UTC",
            validUntil: String? = nil,
            byHash: Bool = true,
            compression: String = ".xz",
            packages: [MadePackage] = [],
            signers: [String] = ["alice"]
        ) {
            self.name = name
            self.codename = codename
            self.date = date
            self.validUntil = validUntil
            self.byHash = byHash
            self.compression = compression
            self.packages = packages
            self.signers = signers
        }
    }

    /// Adds packages, their list and the signed Release.
    package func publish(_ suite: Suite, _ keys: TestKeys) throws {
        var text = ""
        for made in suite.packages {
            let placed = try add(made)
            text += """
                Package: \(made.name)
                Version: \(made.version)
                Architecture: \(made.architecture)
                Filename: \(placed.path)
                Size: \(placed.bytes.count)
                SHA256: \(placed.sha256)
                Description: a test

                """
            text += made.fields.isEmpty ? "\n" : made.fields + "\n\n"
        }
        let command = suite.compression == ".xz" ? "xz -c" : "gzip -n"
        let list = try Command("sh", ["-c", command], input: Array(text.utf8)).run().outputBytes
        let digest = try Self.sha256(of: list)
        let folder = "dists/\(suite.name)/main/binary-amd64"
        self["\(folder)/Packages\(suite.compression)"] = suite.byHash ? nil : list
        self["\(folder)/by-hash/SHA256/\(digest)"] = suite.byHash ? list : nil
        var release = "Origin: Test\nSuite: \(suite.name)\nCodename: \(suite.codename ?? "code-\(suite.name)")\n"
        release += "Date: \(suite.date)\n"
        if let end = suite.validUntil { release += "Valid-Until: \(end)\n" }
        if suite.byHash { release += "Acquire-By-Hash: yes\n" }
        release += "Architectures: all amd64\nComponents: main\nSHA256:\n"
        release += " \(digest) \(list.count) main/binary-amd64/Packages\(suite.compression)\n"
        self["dists/\(suite.name)/InRelease"] = try keys.sign(release, as: suite.signers)
    }

    private static func sha256(of bytes: [UInt8]) throws -> String {
        String(try Command("sha256sum", input: bytes).output().prefix(64))
    }
}

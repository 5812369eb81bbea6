import TestSupport

/// Certificates and keys that the `openssl` command has just made.
struct TestAuthority {
    let directory: TemporaryDirectory

    init() throws {
        let directory = try TemporaryDirectory()
        // A configuration of our own: the machine's may add extensions.
        let configuration = """
            [req]
            distinguished_name = name
            [name]
            [authority]
            basicConstraints = critical,CA:TRUE
            keyUsage = critical,keyCertSign,cRLSign
            [leaf]
            basicConstraints = critical,CA:FALSE

            """
        try directory.file("openssl.cnf", configuration)
        self.directory = directory
    }

    /// The path of a new self-signed certificate; its key is beside it, with `.key` after its name.
    func certificate(_ name: String, extensions: String = "authority") throws -> String {
        let path = directory("\(name).pem")
        let arguments = [
            "req", "-x509", "-config", directory("openssl.cnf"), "-extensions", extensions,
            "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "\(path).key",
            "-utf8", "-subj", "/C=DE/O=Würzburg, Inc./CN=\(name)", "-days", "30", "-out", path,
        ]
        try Command("openssl", arguments).output()
        return path
    }

    /// What `openssl COMMAND -in PATH -out … ARGUMENTS` writes.
    func converted(_ path: String, by command: String, _ arguments: [String]) throws -> [UInt8] {
        let output = directory("converted-by-\(command)-\(arguments.count)")
        try Command("openssl", [command, "-in", path, "-out", output] + arguments).output()
        return try readFile(output)
    }
}

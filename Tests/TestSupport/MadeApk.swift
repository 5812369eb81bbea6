/// An apk package that `Tests/Fixtures/make_apk.py` makes.
package struct MadeApk: Sendable {
    /// Something in its files.
    package struct File: Sendable {
        fileprivate let members: [(String, String)]

        /// A regular file.
        package static func text(_ path: String, _ text: String, mode: Int = 0o644, uid: Int = 0) -> File {
            File(members: [
                ("path", quoted(path)), ("text", quoted(text)), ("mode", "\(mode)"), ("uid", "\(uid)"),
            ])
        }

        /// A regular file with the content of another one.
        package static func copy(_ path: String, of source: String, mode: Int = 0o755) -> File {
            File(members: [("path", quoted(path)), ("from", quoted(source)), ("mode", "\(mode)")])
        }

        package static func zeros(_ path: String, _ count: Int) -> File {
            File(members: [("path", quoted(path)), ("zeros", "\(count)")])
        }

        package static func directory(_ path: String, mode: Int = 0o755) -> File {
            File(members: [("path", quoted(path)), ("directory", "true"), ("mode", "\(mode)")])
        }

        package static func symlink(_ path: String, _ target: String) -> File {
            File(members: [("path", quoted(path)), ("symlink", quoted(target))])
        }

        package static func hardlink(_ path: String, _ target: String) -> File {
            File(members: [("path", quoted(path)), ("hardlink", quoted(target))])
        }

        /// `fifo` or `device`.
        package static func special(_ path: String, _ kind: String) -> File {
            File(members: [("path", quoted(path)), ("kind", quoted(kind))])
        }
    }

    package var name: String
    package var version: String
    package var architecture: String
    package var files: [File]
    /// More lines of `.PKGINFO`, such as `depend = musl`.
    package var info: [String]
    package var scripts: [String]
    /// When it was built, in seconds since 1970.
    package var built: Int
    /// What is wrong with it, as the script calls it.
    package var damage: String

    package init(
        _ name: String = "hello",
        _ version: String = "1.0-r0",
        architecture: String = "x86_64",
        files: [File] = [.text("usr/bin/hello", "hello\n", mode: 0o755)],
        info: [String] = [],
        scripts: [String] = [],
        built: Int = 1_700_000_000,
        damage: String = ""
    ) {
        self.name = name
        self.version = version
        self.architecture = architecture
        self.files = files
        self.info = info
        self.scripts = scripts
        self.built = built
        self.damage = damage
    }

    fileprivate var json: String {
        object([
            ("name", quoted(name)), ("version", quoted(version)), ("arch", quoted(architecture)),
            ("files", list(files.map { object($0.members) })), ("info", list(info.map(quoted))),
            ("scripts", list(scripts.map(quoted))), ("built", "\(built)"), ("damage", quoted(damage)),
        ])
    }

    /// The bytes of the package, and of an index that has it alone and no signature.
    package func bytes() throws -> (package: [UInt8], index: [UInt8]) {
        let folder = try TemporaryDirectory()
        try MadeApk.write([self], to: folder.path)
        return (try readFile(folder("\(name)-\(version).apk")), try readFile(folder("APKINDEX.tar.gz")))
    }

    /// Writes packages and their index into `directory`.
    ///
    /// - Parameters:
    ///   - signatures: algorithm, name of the key, and file of the private key.
    ///   - text: the list of packages, instead of the right one.
    static func write(
        _ packages: [MadeApk],
        to directory: String,
        signatures: [(String, String, String)] = [],
        areSigned: Bool = false,
        description: String = "v1",
        text: String? = nil
    ) throws {
        let signed = list(signatures.map { list([quoted($0.0), quoted($0.1), quoted($0.2)]) })
        var members = [
            ("packages", list(packages.map(\.json))), ("signatures", signed), ("description", quoted(description)),
        ]
        if areSigned { members.append(("package signatures", signed)) }
        if let text { members.append(("text", quoted(text))) }
        try Command(
            Tool.python,
            ["\(FixtureProgram.sources)/make_apk.py", directory],
            input: Array(object(members).utf8)
        ).output()
    }
}

private func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
        scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            ? "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16) : String(scalar)
    }
    return "\"\(escaped.joined())\""
}

private func list(_ values: [String]) -> String { "[\(values.joined(separator: ","))]" }

private func object(_ members: [(String, String)]) -> String {
    "{\(members.map { "\(quoted($0.0)):\($0.1)" }.joined(separator: ","))}"
}

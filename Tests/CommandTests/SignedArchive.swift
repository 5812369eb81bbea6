import TestSupport

/// Debian's archive as one that a test signs: `trixie`, with the packages that the mirror of a `SmallBase` has.
struct SignedArchive {
    private static let architectures = ["amd64", "arm64"]

    /// Who signs; of the keys of the test, `archive` is in the keyring.
    var signers = ["archive"]
    var codename = "trixie"
    /// As `date` understands it.
    var date = "1 hour ago"
    var validUntil = "next week"
    /// The version of each package, which its file need not have.
    var version = "1.0-1"
    /// The suite, such as `trixie-security`; its codename is `codename`.
    var suite = "trixie"
    /// What the Release calls the suite itself.
    var suiteName = "stable"
    /// When the signature was made, such as `20200101T120000`; `nil` for now.
    var signedAt: String?

    /// Puts lists and the signed Release on the mirror of `base`.
    func publish(on base: SmallBase, _ keys: TestKeys) throws {
        var list = ""
        // Locks have the shell of `:debug`, too, which nothing here fetches.
        for package in SmallBase.packages + ["busybox-static"] {
            let bytes = base[SmallBase.path(of: package, version)] ?? Array("no package".utf8)
            let file = try base.place.file("published", bytes)
            list += """
                Package: \(package)
                Version: \(version)
                Architecture: all
                Filename: \(SmallBase.path(of: package, version))
                Size: \(bytes.count)
                SHA256: \(try SmallBase.sha256(of: file))
                Description: a test


                """
        }
        let packed = try Command("gzip", ["-n"], input: Array(list.utf8)).run().outputBytes
        let digest = try SmallBase.sha256(of: try base.place.file("list", packed))
        var release = "Origin: Test\nSuite: \(suiteName)\nCodename: \(codename)\n"
        release += "Date: \(try Self.time(date))\nValid-Until: \(try Self.time(validUntil))\n"
        release += "Architectures: all \(Self.architectures.joined(separator: " "))\nComponents: main\nSHA256:\n"
        for architecture in Self.architectures {
            let path = "main/binary-\(architecture)/Packages.gz"
            base["dists/\(suite)/\(path)"] = packed
            release += " \(digest) \(packed.count) \(path)\n"
        }
        base["dists/\(suite)/InRelease"] = try keys.sign(release, as: signers, time: signedAt)
    }

    /// As a Release has times.
    private static func time(_ text: String) throws -> String {
        String(
            try Command("date", ["-u", "-d", text, "+%a, %d %b %Y %H:%M:%S UTC"], environment: ["LC_ALL": "C"]).output()
                .dropLast()
        )
    }
}

extension SmallBase {
    /// Locks its packages by what those sign of `keys` that a keyring would have.
    func lock(_ keys: TestKeys, _ options: [String] = []) throws -> Outcome {
        let keyring = try keys.keyring(keys.names.filter { $0 != "stranger" })
        return try coracle(["base", "lock", "debian13", "--update", "--keyring", keyring] + options).run()
    }
}

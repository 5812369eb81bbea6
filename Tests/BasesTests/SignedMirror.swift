import Bases
import OCI
import Synchronization
import TestSupport

extension BaseMirror {
    static let now = Timestamp(secondsSince1970: 1_795_262_400)

    /// Puts a signed archive with packages for amd64 on the mirror.
    func publish(_ archive: String, _ packages: [MadePackage], _ keys: TestKeys) throws {
        var text = ""
        for made in packages {
            let package = try add(made)
            text += "Package: \(made.name)\nVersion: \(made.version)\nArchitecture: \(made.architecture)\n"
            text += "Filename: \(package.path)\nSize: \(package.size)\nSHA256: \(package.digest.hex)\n\n"
        }
        let list = try Command("gzip", ["-n"], input: Array(text.utf8)).run().outputBytes
        let path = "main/binary-amd64/Packages.gz"
        let release = """
            Suite: \(archive)
            Codename: \(archive)
            Date: Sat, 21 Nov 2026 10:00:00 UTC
            Architectures: amd64
            Components: main
            SHA256:
             \(Digest(sha256Of: list).hex) \(list.count) \(path)

            """
        let signed = try keys.sign(release, as: ["archive"])
        files.withLock { files in
            files["/debian/dists/\(archive)/\(path)"] = list
            files["/debian/dists/\(archive)/InRelease"] = signed
        }
    }
}

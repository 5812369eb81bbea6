import Bases
import OCI
import TestSupport

extension PackageMirror {
    static let now = Timestamp(secondsSince1970: 1_795_262_400)

    /// Adds a package; returns how it is locked.
    func lock(_ made: MadePackage) throws -> BaseLock.Package {
        let placed = try add(made)
        return BaseLock.Package(
            name: made.name,
            version: made.version,
            architecture: made.architecture,
            path: placed.path,
            size: Int64(placed.bytes.count),
            digest: Digest(sha256Of: placed.bytes)
        )
    }

    /// Puts other bytes in a package's place.
    func change(_ package: BaseLock.Package, _ change: (inout [UInt8]) -> Void) {
        guard var bytes = self[package.path] else { return }
        change(&bytes)
        self[package.path] = bytes
    }

    /// Puts a signed archive with packages for amd64 on the mirror.
    func publish(_ archive: String, _ packages: [MadePackage], _ keys: TestKeys) throws {
        let suite = Suite(
            name: archive,
            codename: archive,
            byHash: false,
            compression: ".gz",
            packages: packages,
            signers: ["archive"]
        )
        try publish(suite, keys)
    }
}

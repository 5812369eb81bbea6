package import Diagnostics
package import OCI
package import Store

/// A shell and its tools for the top of an image: Debian's busybox in `/busybox`.
package struct DebugLayer: Sendable {
    package let layer: WrittenLayer
    package let blob: LocalBlob
    /// The name and version of its package.
    package let package: String

    /// The path of the shell.
    package static let shell = "/\(Busybox.directory)/sh"
    /// The directories for `PATH`.
    package static let searchPath = "/\(Busybox.directory)"
}

extension BaseAssembler {
    /// The layer that makes a base a `debug` one.
    ///
    /// - Parameter entry: a base whose lock has the package. Nothing else of it is used.
    /// - Throws: `base.lock-…`, `base.platform-absent`; what the fetcher and `DebReader` throw.
    package func debugLayer(of entry: BaseCatalogue.Entry, for platform: Platform) async throws(Diagnostic)
        -> DebugLayer
    {
        let lock = try entry.lock()
        guard let architecture = platform.debianArchitecture,
            let package = lock.packages[architecture]?.first(where: { $0.name == BaseLock.debugPackage })
        else { throw absent(platform, entry, lock) }
        guard let made = try await layers.make([package], for: entry)[package.digest] else {
            preconditionFailure("a package without a layer")
        }
        return DebugLayer(layer: made.package.layer, blob: made.blob, package: "\(package.name) \(package.version)")
    }
}

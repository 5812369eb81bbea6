import Debian
package import Diagnostics
package import Store

/// The scripts that Debian would run when it installs a package. coracle runs none of them, so they are reported to those
/// who choose packages.
package struct PackageScripts {
    /// Scripts for removal do not matter in an image.
    private static let matter = ["config", "postinst", "preinst", "triggers"]

    /// The scripts of each package that has some, by its name.
    package private(set) var names: [String: [String]] = [:]
    /// Number of packages that are not in the cache and were not read.
    package private(set) var absent = 0

    /// Reads those of `packages` that are in `cache`.
    ///
    /// - Throws: what `DebReader` throws.
    package init(of packages: [BaseLock.Package], in cache: BlobCache?) throws(Diagnostic) {
        for package in packages {
            guard let blob = try cache?.blob(package.descriptor) else {
                absent += 1
                continue
            }
            let reader = try DebReader(try blob.open(), named: package.path)
            let scripts = reader.control.scripts.filter(Self.matter.contains)
            if !scripts.isEmpty { names[package.name] = scripts }
        }
    }
}

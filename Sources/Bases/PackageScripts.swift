import Debian
package import Diagnostics
package import Store

/// What Debian would run when it installs a package. coracle runs nothing of it: whoever chooses packages has to know.
package struct PackageScripts {
    /// Those that are run at removal only do not matter in an image.
    private static let matter = ["config", "postinst", "preinst", "triggers"]

    /// The scripts of each of `packages` that has some, by its name.
    package private(set) var names: [String: [String]] = [:]
    /// How many of the packages are not here, and so cannot be looked into.
    package private(set) var absent = 0

    /// Looks into those of `packages` that are in `cache`.
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

import Apk
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
    /// - Throws: what `DebReader` and `ApkReader` throw.
    package init(
        of packages: [BaseLock.Package],
        _ format: PackageFormat = .deb,
        in cache: BlobCache?
    ) throws(Diagnostic) {
        for package in packages {
            guard let blob = try cache?.blob(package.descriptor) else {
                absent += 1
                continue
            }
            if format == .apk {
                let control = try ApkReader(try blob.open(), named: package.path).control
                let scripts = control.scripts.filter { !$0.hasSuffix("deinstall") && !$0.hasSuffix("upgrade") }
                // A trigger is run when something changes in certain directories.
                let shown = scripts.map {
                    $0 == "trigger" ? "trigger of \(control.triggers.joined(separator: " "))" : $0
                }
                if !shown.isEmpty { names[package.name] = shown }
                continue
            }
            let reader = try DebReader(try blob.open(), named: package.path)
            let scripts = reader.control.scripts.filter(Self.matter.contains)
            if !scripts.isEmpty { names[package.name] = scripts }
        }
    }
}

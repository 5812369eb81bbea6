package import ArgumentParser
import ByteIO
package import Diagnostics
import Glibc
package import Images
import OCI
import Request

/// Which bases there are, and where their packages come from.
package struct BaseOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A mirror of Debian: an address, or a directory that `base fetch --into` made. Repeatable. Default: CORACLE_DEBIAN_MIRROR, or apt's sources",
            valueName: "url"
        )
    )
    package var mirror: [String] = []

    @Option(
        help: ArgumentHelp(
            "An archive of Debian's snapshots, for packages that mirrors no longer have. Repeatable. Default: CORACLE_DEBIAN_SNAPSHOT",
            valueName: "url"
        )
    )
    package var snapshot: [String] = []

    @Option(
        help: ArgumentHelp(
            "A directory of bases beside the built-in ones. Repeatable. Default: ./Bases, ./coracle.bases",
            valueName: "directory"
        )
    )
    package var bases: [String] = []

    /// Adds what was typed to `settings`.
    ///
    /// - Throws: `usage.malformed`.
    package func apply(to settings: inout RegistrySettings) throws(Diagnostic) {
        settings.bases.mirrors = try Self.places(mirror, "--mirror")
        settings.bases.snapshots = try Self.places(snapshot, "--snapshot")
        settings.bases.directories = bases.map { FilePath($0) }
        settings.bases.cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    private static func places(_ texts: [String], _ option: String) throws(Diagnostic) -> [String] {
        var places = [String]()
        for text in texts {
            if text.hasPrefix("http://") || text.hasPrefix("https://") {
                places.append(text)
                continue
            }
            // An absolute path, which does not depend on the working directory.
            if !text.contains("://"), let path = FilePath(text).resolved {
                places.append(path.display)
                continue
            }
            let reason = "it is neither the address of a mirror nor an existing directory"
            throw .optionMalformed(
                .usageMalformed,
                option,
                text,
                because: reason,
                example: "https://mirror.example/debian"
            )
        }
        return places
    }

    /// As ArgumentParser asks for.
    package init() {}
}

/// How many layers a base of the catalogue has.
package struct LayeringOptions: ParsableArguments {
    @Flag(help: "Make a base from the catalogue one layer, instead of one for each package.")
    package var squashBase = false

    /// As ArgumentParser asks for.
    package init() {}
}

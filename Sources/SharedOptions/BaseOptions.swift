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
            "A mirror of Debian, or of apk packages: an address, or a directory that `base fetch --into` made. Repeatable. Default: CORACLE_DEBIAN_MIRROR, or apt's sources; CORACLE_APK_MIRROR, or the definition's",
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

    @Option(
        help: ArgumentHelp(
            "The lock of the project. Default: coracle.lock beside the images file, or here, if it is there",
            valueName: "file"
        )
    )
    package var lock: String?

    @Flag(help: "Use the locks in coracle, and no coracle.lock.")
    package var noLock = false

    @Flag(help: "Refuse a base that only coracle itself locks, and no coracle.lock.")
    package var locked = false

    /// Adds what was typed to `settings`.
    ///
    /// - Throws: `usage.malformed`, `usage.conflict`.
    package func apply(to settings: inout RegistrySettings) throws(Diagnostic) {
        settings.bases.mirrors = try Self.places(mirror, "--mirror")
        settings.bases.snapshots = try Self.places(snapshot, "--snapshot")
        settings.bases.directories = bases.map { FilePath($0) }
        settings.bases.lock = try lockChoice()
        settings.bases.needsLock = locked
        settings.bases.cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    private func lockChoice() throws(Diagnostic) -> BaseSettings.ProjectLockChoice {
        if noLock {
            guard let other = lock != nil ? "--lock" : locked ? "--locked" : nil else { return .none }
            throw Diagnostic(
                .usageConflict,
                "`--no-lock` and `\(other)` contradict each other",
                at: .option("--no-lock"),
                hint: "leave one of them out"
            )
        }
        return lock.map { .file(FilePath($0)) } ?? .usual
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

/// Which packages a base of the catalogue is made of, for a command that makes one.
package struct NewestOptions: ParsableArguments {
    @Flag(
        help: "Make bases of the newest packages in Debian's signed index, for this one run, and say what is different."
    )
    package var latest = false

    @Option(
        help: ArgumentHelp(
            "With --latest, trust the keys in this file instead of Debian's. Repeatable.",
            valueName: "file"
        )
    )
    package var keyring: [String] = []

    /// Adds what was typed to `settings`.
    ///
    /// - Parameter bases: the other options about bases.
    /// - Throws: `usage.conflict`.
    func apply(to settings: inout RegistrySettings, _ bases: BaseOptions?) throws(Diagnostic) {
        guard latest else {
            guard keyring.isEmpty else {
                throw Diagnostic(
                    .usageConflict,
                    "`--keyring` is about `--latest`, and that was not given",
                    at: .option("--keyring"),
                    hint: "leave it out, or add `--latest`"
                )
            }
            return
        }
        if let bases, bases.locked {
            throw Diagnostic(
                .usageConflict,
                "`--latest` and `--locked` contradict each other",
                at: .option("--latest"),
                hint: "leave one of them out"
            )
        }
        settings.bases.newest = BaseSettings.Newest(keyrings: keyring.map { FilePath($0) }, now: .now)
    }

    /// As ArgumentParser asks for.
    package init() {}
}

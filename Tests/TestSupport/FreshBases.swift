import Glibc
import Synchronization

/// The bases of this repository, locked now: mirrors drop what older locks name.
///
/// Packages and layers are kept beside the test bundle, so that each base is assembled once, and later runs are quick.
package enum FreshBases {
    package static let folder = "\(Built.folder)/coracle-bases"
    /// For `CORACLE_CACHE`.
    package static let cache = "\(folder)/cache"
    private static let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    private static let isLocked = Mutex(false)

    /// Locks them, once in a process; returns the directory, for `--bases`.
    package static func locked() throws -> String {
        try isLocked.withLock { isLocked in
            if isLocked { return }
            try Command.shell(
                #"mkdir -p "$1/cache" && rm -rf "$1/Bases" && mkdir "$1/Bases" && cp -R "$2"/Bases/debian* "$1/Bases""#,
                [folder, repository]
            ).output()
            try Command(
                Built.coracle,
                ["base", "lock", "--update", "--bases", "\(folder)/Bases"],
                environment: ["CORACLE_CACHE": cache],
                timeLimit: 500
            ).output()
            isLocked = true
        }
        return "\(folder)/Bases"
    }
}

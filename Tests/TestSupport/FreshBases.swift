import Glibc
import Synchronization

/// The bases of this repository, locked now: mirrors drop what older locks name.
///
/// Packages and layers are kept beside the test bundle, so that each base is assembled once, and later runs are quick.
package enum FreshBases {
    package static let folder = Built.part("coracle-bases")
    /// For `CORACLE_CACHE`; all processes of a run have the same one.
    package static let cache = "\(Built.folder)/coracle-bases/cache"
    private static let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    private static let isLocked = Mutex(false)

    /// Locks them, once in a process; returns the directory, for `--bases`.
    package static func locked() throws -> String {
        try isLocked.withLock { isLocked in
            if isLocked { return }
            try Command.shell(
                #"rm -rf "$1/Bases" && mkdir -p "$1/Bases" "$3" && cp -R "$2"/Bases/debian* "$1/Bases""#,
                [folder, repository, cache]
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

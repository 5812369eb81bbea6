package import ByteIO
package import OCI

/// Which bases there are, where their packages come from, and how they are made.
package struct BaseSettings: Sendable {
    /// Which lock of a project counts.
    package enum ProjectLockChoice: Hashable, Sendable {
        /// `coracle.lock` in the project's directory, if it is there.
        case usual
        /// A file that has to be there, except for the command that writes it.
        case file(FilePath)
        /// Those in coracle, or beside definitions.
        case none
    }

    /// What the newest packages are found by.
    package struct Newest: Hashable, Sendable {
        /// Files of keys that may sign; none for Debian's own.
        package let keyrings: [FilePath]
        /// What the indexes' dates are compared with.
        package let now: Timestamp

        package init(keyrings: [FilePath], now: Timestamp) {
            self.keyrings = keyrings
            self.now = now
        }
    }

    /// Which lock precedes those in coracle.
    package var lock = ProjectLockChoice.usual
    /// Where the project is; `nil` for the working directory.
    package var project: FilePath?
    /// Whether the lock that is named is about to be written, and need not be there.
    package var writesLock = false
    /// Whether a base is refused that only coracle itself locks.
    package var needsLock = false
    /// Has bases made of the newest packages, for this one run; `nil` for those that are locked.
    package var newest: Newest?
    /// Mirrors of Debian or of apk packages, in the order they are tried; none for `CORACLE_DEBIAN_MIRROR`, else those that apt has;
    /// and for `CORACLE_APK_MIRROR`, else those of definitions.
    package var mirrors: [String] = []
    /// Archives of snapshots of Debian, for what mirrors no longer have; none for `CORACLE_DEBIAN_SNAPSHOT`.
    package var snapshots: [String] = []
    /// Directories of bases, those that go first first; none for `Bases` and `coracle.bases` in the working directory.
    package var directories: [FilePath] = []
    /// How much is worked on at a time, which decides no byte of a base.
    package var cores = 1

    /// Whether a base is one layer, and not one for each package.
    package var isSquashed = false

    init() {}
}

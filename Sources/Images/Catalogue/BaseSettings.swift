package import ByteIO

/// Which bases there are, where their packages come from, and how they are made.
package struct BaseSettings: Sendable {
    /// Mirrors of Debian, in the order they are tried; none for `CORACLE_DEBIAN_MIRROR`, else those that apt has.
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

import ByteIO

/// What an unfinished build has on disk under a name of its own.
package enum Leftovers {
    /// Deletes it, for a process that is about to end before its time.
    package static func delete() { TemporaryPaths.deleteAll() }
}

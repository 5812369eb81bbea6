import Bases

/// Locks of packages: of a project, and beside definitions.
enum LockProbe {
    static func read(_ bytes: [UInt8]) {
        if let lock = try? ProjectLock(parsing: bytes, named: "probe") {
            let again = try? ProjectLock(parsing: lock.encoded, named: "probe")
            require(again == lock, "the lock of a project is not read as it was written")
            require(again?.encoded == lock.encoded, "the lock of a project has two forms")
        }
        if let lock = try? BaseLock(parsing: bytes, named: "probe") {
            let again = try? BaseLock(parsing: lock.encoded, named: "probe")
            require(again == lock, "a lock is not read as it was written")
        }
    }
}

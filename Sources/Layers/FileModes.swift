/// The modes that files get in an image, whatever modes they have on this machine, so that no umask is in the digest.
package enum FileModes {
    package static let directory: UInt16 = 0o755
    /// The mode of a link means nothing; every tar stores 0777 for one.
    package static let symlink: UInt16 = 0o777
    package static let executable: UInt16 = 0o755
    package static let plain: UInt16 = 0o644

    private static let setID: UInt16 = 0o6000

    /// The mode of a file: only whether it is executable is taken from this machine.
    package static func file(isExecutable: Bool) -> UInt16 { isExecutable ? executable : plain }

    /// The mode of a file below a directory that is added with `stated`: a user who may read a program may start it, and nothing
    /// else can be started. The sticky bit and the group's bit are for directories.
    package static func file(isExecutable: Bool, stated: UInt16) -> UInt16 {
        isExecutable ? stated & 0o4666 | executeBits(of: stated) : stated & 0o666
    }

    /// The mode of a directory that is added with `stated`: users who may read it may enter it.
    package static func directory(stated: UInt16) -> UInt16 { stated & 0o3777 | executeBits(of: stated) }

    /// The bits by which everyone who may read may also execute, as `chmod` with an `X` would set them.
    private static func executeBits(of mode: UInt16) -> UInt16 { (mode & 0o444) >> 2 }

    /// Whether a program with `mode` runs as its owner or group.
    package static func setsID(_ mode: UInt16) -> Bool { mode & setID != 0 }

    package static func withoutSetID(_ mode: UInt16) -> UInt16 { mode & 0o7777 & ~setID }
}

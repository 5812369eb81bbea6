package import Glibc

/// The result of `lstat` or `fstat` for one file.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case regular, directory, symlink, socket, fifo, characterDevice, blockDevice, unknown
    }

    package let kind: Kind
    /// The permission bits with setuid, setgid and sticky: `0o7777` at most.
    package let permissions: UInt16
    package let linkCount: UInt64
    package let stamp: FileStamp

    package var size: Int64 { stamp.size }
    package var isExecutable: Bool { permissions & 0o111 != 0 }

    package init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symlink
            case S_IFSOCK: .socket
            case S_IFIFO: .fifo
            case S_IFCHR: .characterDevice
            case S_IFBLK: .blockDevice
            default: .unknown
            }
        permissions = UInt16(status.st_mode & 0o7777)
        linkCount = UInt64(status.st_nlink)
        stamp = FileStamp(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            modifiedSeconds: Int64(status.st_mtim.tv_sec),
            modifiedNanoseconds: Int64(status.st_mtim.tv_nsec),
            changedSeconds: Int64(status.st_ctim.tv_sec),
            changedNanoseconds: Int64(status.st_ctim.tv_nsec)
        )
    }

    /// The status of `path`. A symlink there is followed only if `following` is set.
    package init(at path: FilePath, following: Bool = false) throws(SystemError) {
        var status = stat()
        let result = path.withCString { name in
            fstatat(AT_FDCWD, name, &status, following ? 0 : AT_SYMLINK_NOFOLLOW)
        }
        guard result == 0 else { throw .last }
        self.init(status)
    }
}

/// Identifies a file and its content, so that a later change is noticed.
package struct FileStamp: Hashable, Sendable {
    package let device: UInt64
    package let inode: UInt64
    /// Size of the content, in bytes.
    package let size: Int64
    /// Time of the last change of its content. Everyone who may write the file can set it.
    package let modifiedSeconds: Int64
    package let modifiedNanoseconds: Int64
    /// Time of the last change of anything about it. Only the kernel sets it.
    package let changedSeconds: Int64
    package let changedNanoseconds: Int64
}

extension BinaryWriter {
    /// The device is omitted: its number changes when it is mounted again.
    package mutating func put(_ stamp: FileStamp) {
        put(
            (
                stamp.inode.littleEndian, stamp.size.littleEndian, stamp.modifiedSeconds.littleEndian,
                stamp.modifiedNanoseconds.littleEndian, stamp.changedSeconds.littleEndian,
                stamp.changedNanoseconds.littleEndian
            )
        )
    }
}

extension FileStamp {
    /// Reads the stamp of a file on `device` from a record; `nil` if the record is too short.
    package init?(_ reader: inout BinaryReader, on device: UInt64) {
        guard
            let inode: UInt64 = reader.number(), let size: Int64 = reader.number(),
            let modifiedSeconds: Int64 = reader.number(), let modifiedNanoseconds: Int64 = reader.number(),
            let changedSeconds: Int64 = reader.number(), let changedNanoseconds: Int64 = reader.number()
        else { return nil }
        self.init(
            device: device,
            inode: inode,
            size: size,
            modifiedSeconds: modifiedSeconds,
            modifiedNanoseconds: modifiedNanoseconds,
            changedSeconds: changedSeconds,
            changedNanoseconds: changedNanoseconds
        )
    }
}

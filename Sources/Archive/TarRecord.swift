package import Diagnostics

/// One entry of a tar archive as it was read.
package struct TarRecord: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case regular
        case directory
        /// The target as stored.
        case symlink(target: [UInt8])
        /// The target is another entry's `path`, in the same normal form.
        case hardlink(target: [UInt8])
        case characterDevice(major: UInt32, minor: UInt32)
        case blockDevice(major: UInt32, minor: UInt32)
        case fifo
    }

    /// The name as stored, which may begin with `./` or `/` and end in a slash.
    package let rawPath: [UInt8]
    /// The name relative to the archive's root: no leading or trailing slash, no empty component, no `.` and no `..`.
    /// The root itself, which can only be a directory, is empty.
    package let path: [UInt8]
    package let kind: Kind
    /// Permission bits, with setuid, setgid and sticky.
    package let mode: UInt16
    package let uid: UInt32
    package let gid: UInt32
    /// Size of the content, in bytes; 0 for everything but a regular file.
    package let size: Int64
    /// Whole seconds since 1970, rounded down.
    package let modified: Int64
    /// Empty if not stored.
    package let userName: [UInt8]
    /// Empty if not stored.
    package let groupName: [UInt8]
    /// All pax records that apply to this entry, those of global headers among them.
    package let pax: PaxRecords
    /// Where the entry's own header block is in the archive, in bytes.
    package let offset: Int64
}

extension Diagnostic.Code {
    package static let tarMalformed = Self("tar.malformed", .verification)
    package static let tarUnsupported = Self("tar.unsupported", .verification)
    package static let tarPathEscapes = Self("tar.path-escapes", .verification)
}

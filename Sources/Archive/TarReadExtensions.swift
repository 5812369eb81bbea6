import Diagnostics

// What Linux allows, in bytes: PATH_MAX, NAME_MAX and XATTR_SIZE_MAX (limits.h). No engine can unpack more.
private let longestPath = 4096
private let longestName = 255
private let largestAttribute = 65536

/// What the headers before an entry said about it, and how that and its own header make a record.
///
/// POSIX.1-2017, pax § pax Extended Header Keyword Precedence; GNU tar manual § Basic Tar Format, `L` and `K`.
struct TarReadExtensions {
    var pax: PaxRecords?
    /// GNU's long name.
    var name: [UInt8]?
    /// GNU's long link target.
    var target: [UInt8]?

    var isEmpty: Bool { pax == nil && name == nil && target == nil }

    /// The entry of `header`, which is at `offset`.
    func record(_ header: TarHeaderReader, global: PaxRecords, at offset: Int64) throws(TarReadProblem) -> TarRecord {
        var records = global
        if let pax { records.merge(pax) }
        try Self.checkAttributes(records)
        guard !records.values.keys.contains(where: { $0.starts(with: "GNU.sparse.".utf8) }) else {
            throw .unsupported("it is sparse")
        }
        // Programs differ on which of the two wins.
        if name != nil, records["path"] != nil { throw .malformed("an entry has a pax name and a GNU name") }
        if target != nil, records["linkpath"] != nil { throw .malformed("an entry has a pax and a GNU link target") }
        let rawPath = records["path"] ?? name ?? header.name
        let rawTarget = records["linkpath"] ?? target ?? header.linkTarget
        let path = try Self.normalised(rawPath)
        let size = try records.number("size", as: Int64.self) ?? header.size
        let kind = try Self.kind(of: header, rawPath: rawPath, target: rawTarget)
        if case .symlink(let target) = kind, target.count > longestPath {
            throw .unsupported("a symlink's target has \(target.count) bytes; Linux allows \(longestPath)")
        }
        // Some programs would take the bytes behind such an entry for its content, and others for a header.
        guard kind == .regular || size == 0 else {
            throw .malformed("an entry has \(size) bytes and is not a regular file")
        }
        // An entry that replaces the root, as in CVE-2021-29136.
        guard !path.isEmpty || kind == .directory else { throw .malformed("the root is not a directory") }
        return TarRecord(
            entry: TarEntry(
                path: path,
                kind: kind,
                mode: header.mode,
                uid: try records.number("uid", as: UInt32.self) ?? header.uid,
                gid: try records.number("gid", as: UInt32.self) ?? header.gid,
                size: size,
                modified: try records.seconds("mtime") ?? header.modified
            ),
            rawPath: rawPath,
            userName: records["uname"] ?? header.userName,
            groupName: records["gname"] ?? header.groupName,
            pax: records,
            offset: offset
        )
    }

    private static func kind(
        of header: TarHeaderReader,
        rawPath: [UInt8],
        target: [UInt8]
    ) throws(TarReadProblem) -> TarRecord.Kind {
        switch header.flag {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
            // How directories were written before they had a flag of their own.
            return rawPath.last == UInt8(ascii: "/") ? .directory : .regular
        case UInt8(ascii: "1"):
            let target = try normalised(target)
            guard !target.isEmpty else { throw .malformed("a hard link is to the root") }
            return .hardlink(target: target)
        case UInt8(ascii: "2"):
            guard !target.isEmpty else { throw .malformed("a symlink has no target") }
            return .symlink(target: target)
        case UInt8(ascii: "3"):
            return .characterDevice(major: header.deviceMajor, minor: header.deviceMinor)
        case UInt8(ascii: "4"):
            return .blockDevice(major: header.deviceMajor, minor: header.deviceMinor)
        case UInt8(ascii: "5"):
            return .directory
        case UInt8(ascii: "6"):
            return .fifo
        case UInt8(ascii: "S"):
            throw .unsupported("it is sparse")
        default:
            throw .unsupported("its type flag is `\(String(printing: CollectionOfOne(header.flag)))`")
        }
    }

    /// Refuses extended attributes that no Linux file can have.
    private static func checkAttributes(_ records: PaxRecords) throws(TarReadProblem) {
        guard records.size > largestAttribute else { return }
        for (key, value) in records.values where value.count > largestAttribute {
            guard key.starts(with: "SCHILY.xattr.".utf8) else { continue }
            throw .unsupported("an extended attribute has \(value.count) bytes; Linux allows \(largestAttribute)")
        }
    }

    /// `raw` without leading and trailing slashes, empty components and `.`.
    private static func normalised(_ raw: [UInt8]) throws(TarReadProblem) -> [UInt8] {
        guard !raw.isEmpty else { throw .malformed("a name is empty") }
        var path = [UInt8]()
        path.reserveCapacity(raw.count)
        for component in raw.split(separator: UInt8(ascii: "/")) where !component.elementsEqual(".".utf8) {
            guard !component.elementsEqual("..".utf8) else { throw .escapes(raw) }
            guard component.count <= longestName else {
                throw .unsupported("a name has \(component.count) bytes; Linux allows \(longestName)")
            }
            if !path.isEmpty { path.append(UInt8(ascii: "/")) }
            path += component
        }
        guard path.count <= longestPath else {
            throw .unsupported("a path has \(path.count) bytes; Linux allows \(longestPath)")
        }
        return path
    }
}

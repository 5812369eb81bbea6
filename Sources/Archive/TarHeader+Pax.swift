// What does not fit ustar's fields. POSIX.1-2017, pax § pax Header Block.
extension TarHeader {
    /// Whether everything fits ustar's fields, as it does in nearly all headers.
    private var fitsUstar: Bool {
        splitName != nil && linkTarget.count <= 100 && size <= Self.largestLong && isModifiedRepresentable
            && uid <= Self.largestShort && gid <= Self.largestShort && capability.isEmpty
    }

    /// The records of the extended header before this one; empty if it needs none.
    var paxRecords: [UInt8] {
        guard !fitsUstar else { return [] }
        var records = [UInt8]()
        let longName = splitName == nil ? name : nil
        let longTarget = linkTarget.count > 100 ? linkTarget : nil
        let longOnes = [longName, longTarget].compactMap(\.self)
        if longOnes.contains(where: { String(validating: $0, as: UTF8.self) == nil }) {
            // Values are UTF-8 unless this record says that they are bytes.
            records += PaxRecords.encode("hdrcharset", Array("BINARY".utf8))
        }
        if let longName { records += PaxRecords.encode("path", longName) }
        if let longTarget { records += PaxRecords.encode("linkpath", longTarget) }
        if size > Self.largestLong { records += PaxRecords.encode("size", Array(String(size).utf8)) }
        if uid > Self.largestShort { records += PaxRecords.encode("uid", Array(String(uid).utf8)) }
        if gid > Self.largestShort { records += PaxRecords.encode("gid", Array(String(gid).utf8)) }
        if !isModifiedRepresentable { records += PaxRecords.encode("mtime", Array(String(modified).utf8)) }
        // star's name, which all tar programs know; its value is bytes.
        if !capability.isEmpty { records += PaxRecords.encode("SCHILY.xattr.security.capability", capability) }
        return records
    }
}

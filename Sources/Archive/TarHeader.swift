/// The header of one tar entry, as it is written: ustar, with a pax extended header before it where ustar's fields are
/// too small, and only there, so that the same entry always gives the same bytes.
///
/// POSIX.1-2017, pax § ustar Interchange Format and § pax Header Block; image-spec, layer.md § Change Types.
package struct TarHeader: Hashable, Sendable {
    package enum Kind: UInt8, Hashable, Sendable {
        case regular = 0x30
        case hardlink = 0x31
        case symlink = 0x32
        case directory = 0x35
    }

    /// The size of a tar block, of which headers and padded contents are made.
    package static let blockSize = 512

    package var kind: Kind
    /// Relative; a directory's ends in a slash.
    package var name: [UInt8]
    /// What a symlink or a hard link points to; empty for others.
    package var linkTarget: [UInt8]
    /// Size of the content, in bytes; 0 for everything but a regular file.
    package var size: Int64
    package var mode: UInt16
    package var uid: UInt32
    package var gid: UInt32
    /// Whole seconds since 1970.
    package var modified: Int64
    /// The value of the attribute `security.capability`; empty if there is none.
    package var capability: [UInt8]

    package init(
        _ kind: Kind,
        name: [UInt8],
        linkTarget: [UInt8] = [],
        size: Int64 = 0,
        mode: UInt16,
        uid: UInt32 = 0,
        gid: UInt32 = 0,
        modified: Int64 = 0,
        capability: [UInt8] = []
    ) {
        self.kind = kind
        self.name = name
        self.linkTarget = linkTarget
        self.size = size
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.modified = modified
        self.capability = capability
    }

    /// How many bytes `encoded()` gives, a multiple of 512.
    package var encodedSize: Int {
        let records = paxRecords
        guard !records.isEmpty else { return Self.blockSize }
        return 2 * Self.blockSize + Self.padded(records.count)
    }

    /// The header's blocks, ready to be followed by the content.
    package func encoded() -> [UInt8] {
        let records = paxRecords
        guard !records.isEmpty else { return ustarBlock }
        var bytes = TarHeader(paxFor: self, size: records.count).ustarBlock(flag: UInt8(ascii: "x"))
        bytes += records
        bytes += [UInt8](repeating: 0, count: Self.padded(records.count) - records.count)
        bytes += ustarBlock
        return bytes
    }

    /// `size` rounded up to whole blocks.
    package static func padded<Size: FixedWidthInteger>(_ size: Size) -> Size {
        (size + 511) / 512 * 512
    }
}

// MARK: - ustar

extension TarHeader {
    // The largest numbers that fit: eleven and seven octal digits, each followed by NUL.
    static let largestLong: Int64 = 0o777_7777_7777
    static let largestShort: UInt32 = 0o777_7777

    private init(paxFor header: TarHeader, size: Int) {
        self.init(.regular, name: Array("PaxHeaders/x".utf8), size: Int64(size), mode: 0o644, modified: 0)
    }

    private var ustarBlock: [UInt8] { ustarBlock(flag: kind.rawValue) }

    private func ustarBlock(flag: UInt8) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ bytes: some Collection<UInt8>, at offset: Int) {
            var place = offset
            for byte in bytes {
                block[place] = byte
                place += 1
            }
        }
        func put(octal value: UInt64, at offset: Int, digits: Int) {
            var rest = value
            for index in stride(from: offset + digits - 1, through: offset, by: -1) {
                block[index] = UInt8(ascii: "0") + UInt8(rest & 7)
                rest >>= 3
            }
        }
        if let (prefix, rest) = splitName {
            put(rest, at: 0)
            put(prefix, at: 345)
        } else {
            // The whole name is in the pax header; what old programs see is its beginning.
            put(name.prefix(100), at: 0)
        }
        put(octal: UInt64(mode), at: 100, digits: 7)
        put(octal: UInt64(uid <= Self.largestShort ? uid : 0), at: 108, digits: 7)
        put(octal: UInt64(gid <= Self.largestShort ? gid : 0), at: 116, digits: 7)
        put(octal: UInt64(size <= Self.largestLong ? size : 0), at: 124, digits: 11)
        put(octal: UInt64(isModifiedRepresentable ? modified : 0), at: 136, digits: 11)
        block[156] = flag
        put(linkTarget.prefix(100), at: 157)
        put("ustar\0".utf8, at: 257)
        put("00".utf8, at: 263)
        put(octal: 0, at: 329, digits: 7)
        put(octal: 0, at: 337, digits: 7)
        // The checksum counts its own field as eight spaces.
        var sum: UInt64 = 8 * 0x20
        for byte in block { sum &+= UInt64(byte) }
        put(octal: sum, at: 148, digits: 6)
        block[155] = UInt8(ascii: " ")
        return block
    }

    var isModifiedRepresentable: Bool { (0...Self.largestLong).contains(modified) }

    /// The name as ustar's prefix and name fields; `nil` if it does not fit them.
    var splitName: (prefix: ArraySlice<UInt8>, rest: ArraySlice<UInt8>)? {
        if name.count <= 100 { return ([], name[...]) }
        guard name.count <= 256 else { return nil }
        // The slash between the two fields is not stored, and neither may be empty.
        let earliest = name.count - 101
        let latest = min(155, name.count - 2)
        guard earliest <= latest else { return nil }
        for index in max(earliest, 1)...latest where name[index] == UInt8(ascii: "/") {
            return (name[..<index], name[(index + 1)...])
        }
        return nil
    }
}

import Diagnostics

/// What glibc's loader knows of libraries beforehand: `/etc/ld.so.cache`, as `ldconfig` writes it.
///
/// glibc, sysdeps/generic/dl-cache.h.
package struct LoaderCache: Sendable {
    /// Where libraries are, by name; the first is taken.
    package let paths: [String: [String]]

    /// The new format, alone or behind the old one, in the byte order of the machine it is for; nil for anything else.
    package init?(_ bytes: [UInt8], byteOrder: ElfFormat.ByteOrder) {
        let magic = Array("glibc-ld.so.cache1.1".utf8)
        let format = ElfFormat(.bits64, byteOrder)
        guard let start = Self.start(bytes, magic, format) else { return nil }
        var header = ElfCursor(bytes, format, at: start + magic.count)
        guard let count = header.uint32() else { return nil }
        var cursor = ElfCursor(bytes, format, at: start + 48)
        var paths: [String: [String]] = [:]
        for _ in 0..<count {
            guard
                cursor.uint32() != nil, let key = cursor.uint32(), let value = cursor.uint32(),
                cursor.uint32() != nil, cursor.uint64() != nil
            else { return nil }
            var name = ElfCursor(bytes, format, at: start + Int(key))
            var path = ElfCursor(bytes, format, at: start + Int(value))
            guard let name = name.terminatedBytes(), let path = path.terminatedBytes(), !name.isEmpty else {
                return nil
            }
            paths[String(printing: name), default: []].append(String(printing: path))
        }
        self.paths = paths
    }

    /// Where the new format begins: offsets count from there.
    private static func start(_ bytes: [UInt8], _ magic: [UInt8], _ format: ElfFormat) -> Int? {
        if bytes.starts(with: magic) { return 0 }
        guard bytes.starts(with: "ld.so-1.7.0".utf8) else { return nil }
        var cursor = ElfCursor(bytes, format, at: 12)
        guard let count = cursor.uint32() else { return nil }
        // Entries of 12 bytes, and then as many as it takes to a multiple of 8.
        let end = (16 + Int(count) * 12 + 7) & ~7
        return bytes.dropFirst(end).starts(with: magic) ? end : nil
    }
}

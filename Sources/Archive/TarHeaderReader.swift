import Diagnostics

/// The fields of one 512-byte header block, read as ustar, GNU, star or version 7.
///
/// POSIX.1-2017, pax § ustar Interchange Format; GNU tar manual § Basic Tar Format.
struct TarHeaderReader {
    private enum Format { case ustar, star, gnu, version7 }

    let flag: UInt8
    /// With the prefix, if there is one.
    let name: [UInt8]
    let linkTarget: [UInt8]
    let mode: UInt16
    let uid: UInt32
    let gid: UInt32
    let size: Int64
    let modified: Int64
    let userName: [UInt8]
    let groupName: [UInt8]
    let deviceMajor: UInt32
    let deviceMinor: UInt32

    /// Reads a block of 512 bytes, whose checksum is verified.
    init(_ block: [UInt8]) throws(TarReadProblem) {
        guard block.count == TarHeader.blockSize else { throw .malformed("its header is too short") }
        try Self.verifyChecksum(block)
        let format = Self.format(of: block)
        flag = block[156]
        linkTarget = Self.text(block[157..<257])
        mode = UInt16(try Self.number(block[100..<108], "mode", within: 0...Int64(UInt32.max)) & 0o7777)
        uid = UInt32(try Self.number(block[108..<116], "uid", within: 0...Int64(UInt32.max)))
        gid = UInt32(try Self.number(block[116..<124], "gid", within: 0...Int64(UInt32.max)))
        size = try Self.number(block[124..<136], "size", within: 0...Int64.max)
        modified = try Self.number(block[136..<148], "mtime", within: Int64.min...Int64.max)
        let base = Self.text(block[0..<100])
        guard format != .version7 else {
            // Version 7 has no prefix, but some programs take one from there in any header.
            guard block[345..<500].allSatisfy({ $0 == 0 }) else {
                throw .malformed("its header has a prefix but no magic")
            }
            name = base
            userName = []
            groupName = []
            deviceMajor = 0
            deviceMinor = 0
            return
        }
        let prefix = Self.text(Self.prefix(of: block, format))
        name = prefix.isEmpty ? base : prefix + [UInt8(ascii: "/")] + base
        userName = Self.text(block[265..<297])
        groupName = Self.text(block[297..<329])
        // Only devices have these, but other programs refuse a field that is not a number in any entry.
        let major = try Self.number(block[329..<337], "devmajor", within: Int64.min...Int64.max)
        let minor = try Self.number(block[337..<345], "devminor", within: Int64.min...Int64.max)
        if flag == UInt8(ascii: "3") || flag == UInt8(ascii: "4") {
            guard let major = UInt32(exactly: major), let minor = UInt32(exactly: minor) else {
                throw .malformed("its device is \(major), \(minor)")
            }
            (deviceMajor, deviceMinor) = (major, minor)
        } else {
            (deviceMajor, deviceMinor) = (0, 0)
        }
    }

    private static func format(of block: [UInt8]) -> Format {
        if block[257..<265].elementsEqual("ustar  \0".utf8) { return .gnu }
        guard block[257..<263].elementsEqual("ustar\0".utf8) else { return .version7 }
        return block[508..<512].elementsEqual("tar\0".utf8) ? .star : .ustar
    }

    /// The field that holds the front of a long name.
    private static func prefix(of block: [UInt8], _ format: Format) -> ArraySlice<UInt8> {
        switch format {
        case .version7: return []
        case .ustar: return block[345..<500]
        case .star: return block[345..<476]
        case .gnu:
            // GNU keeps two times here, but Go's archive/tar before 1.8 wrote a prefix in spite of GNU's magic.
            let areTimes = [block[345..<357], block[357..<369]].allSatisfy { field in
                (try? number(field, "time", within: Int64.min...Int64.max)) != nil
            }
            return areTimes ? [] : block[345..<500]
        }
    }
}

// MARK: - Fields

extension TarHeaderReader {
    /// Up to the first NUL, or all.
    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] {
        field.withUnsafeBufferPointer { Array($0.prefix { $0 != 0 }) }
    }

    private static func number(
        _ field: ArraySlice<UInt8>,
        _ label: String,
        within range: ClosedRange<Int64>
    ) throws(TarReadProblem) -> Int64 {
        let isBinary = (field.first ?? 0) & 0x80 != 0
        guard let value = isBinary ? binary(field) : octal(field), range.contains(value) else {
            let written = isBinary ? "out of range" : "`\(String(printing: text(field)))`"
            throw .malformed("its \(label) is \(written)")
        }
        return value
    }

    /// Octal digits, with spaces before them, and a space or a NUL after them; nothing at all is 0.
    private static func octal(_ field: ArraySlice<UInt8>) -> Int64? {
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") }
        let written = field.drop(while: isSpace).prefix { $0 != 0 }
        guard let last = written.lastIndex(where: { !isSpace($0) }) else {
            // Digits after a NUL are a number to some programs and not to others.
            return field.allSatisfy { $0 == 0 || isSpace($0) } ? 0 : nil
        }
        var value: Int64 = 0
        // Twelve digits at most, which fit: that is the widest field.
        for digit in written[...last] {
            guard (0x30...0x37).contains(digit) else { return nil }
            value = value << 3 | Int64(digit - 0x30)
        }
        return value
    }

    /// GNU's numbers that do not fit: the first bit set, the rest big-endian in two's complement.
    private static func binary(_ field: ArraySlice<UInt8>) -> Int64? {
        guard let first = field.first else { return nil }
        // The second bit is the sign, which is carried into the first.
        let isNegative = first & 0x40 != 0
        var value: Int64 = isNegative ? -1 : 0
        var lead = isNegative ? first : first & 0x7F
        for index in field.indices {
            if index > field.startIndex { lead = field[index] }
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
            guard !overflow else { return nil }
            value = shifted | Int64(lead)
        }
        return value
    }

    private static func verifyChecksum(_ block: [UInt8]) throws(TarReadProblem) {
        let stored = try number(block[148..<156], "checksum", within: 0...Int64.max)
        // The checksum counts its own field as eight spaces.
        var unsigned: Int64 = 8 * 0x20
        var signed = unsigned
        block.withUnsafeBufferPointer { block in
            var (sum, negative): (Int32, Int32) = (0, 0)
            for range in [0..<148, 156..<block.count] {
                for byte in block[range] {
                    sum += Int32(byte)
                    negative += Int32(byte >> 7)
                }
            }
            unsigned += Int64(sum)
            signed += Int64(sum) - 256 * Int64(negative)
        }
        // Old programs summed signed characters.
        guard stored == unsigned || stored == signed else { throw .malformed("its checksum is wrong") }
    }
}

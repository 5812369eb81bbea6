// Copies static libraries into a directory, without the flag that keeps all that is public in every program:
// unretained DIRECTORY LIBRARY…
//
// The compiler says of whatever is public that something unknown may use it (SHF_GNU_RETAIN). Where the whole program is
// linked, nothing is unknown. What the runtime finds by its section (`swift5_…`) keeps the flag.

import Glibc

/// A library as ar(5) and elf(5) have it: members of 64 bits, little-endian.
struct Library {
    private(set) var bytes: [UInt8]
    private(set) var changedCount = 0

    private static let retained: UInt64 = 0x20_0000

    private func number<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number {
        bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var start = 8
        while start + 60 <= bytes.count {
            let text = String(decoding: bytes[(start + 48)..<(start + 58)], as: UTF8.self).prefix { $0 != " " }
            guard let size = Int(text) else { fatalError("a member's size is not a number") }
            start += 60
            if bytes[start...].starts(with: [0x7f, 0x45, 0x4c, 0x46]) { change(at: start) }
            start += size + size % 2
        }
    }

    /// - Parameter start: where an object file begins.
    private mutating func change(at start: Int) {
        let table = start + Int(number(UInt64.self, at: start + 40))
        var count = Int(number(UInt16.self, at: start + 60))
        var nameSection = Int(number(UInt16.self, at: start + 62))
        // With 65,280 sections and more, the first has both numbers.
        if count == 0 { count = Int(number(UInt64.self, at: table + 32)) }
        if nameSection == 0xffff { nameSection = Int(number(UInt32.self, at: table + 40)) }
        let names = start + Int(number(UInt64.self, at: table + 64 * nameSection + 24))
        for header in stride(from: table, to: table + 64 * count, by: 64) {
            let name = names + Int(number(UInt32.self, at: header))
            let flags = number(UInt64.self, at: header + 8)
            guard flags & Self.retained != 0, !bytes[name...].starts(with: "swift5_".utf8) else { continue }
            bytes.withUnsafeMutableBytes {
                $0.storeBytes(of: (flags & ~Self.retained).littleEndian, toByteOffset: header + 8, as: UInt64.self)
            }
            changedCount += 1
        }
    }
}

func content(of path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { fatalError("cannot read \(path)") }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    return [UInt8](unsafeUninitializedCapacity: ftell(file)) { buffer, count in
        rewind(file)
        count = fread(buffer.baseAddress, 1, buffer.count, file)
    }
}

let directory = CommandLine.arguments[1]
for path in CommandLine.arguments.dropFirst(2) {
    let library = Library(content(of: path))
    // A library of another compiler may have no such flag.
    print("\(path): \(library.changedCount) sections may be left out")
    guard let name = path.split(separator: "/").last, let file = fopen("\(directory)/\(name)", "w") else {
        fatalError("cannot write to \(directory)")
    }
    fwrite(library.bytes, 1, library.bytes.count, file)
    fclose(file)
}

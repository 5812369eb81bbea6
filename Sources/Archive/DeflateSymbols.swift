/// RFC 1951 § 3.2.5 and § 3.2.7, in the form of `HuffmanTable`'s entries without the code's length.
enum DeflateSymbols {
    static let codeLengthOrder: [UInt8] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    static let literals: [UInt32] = {
        var values: [UInt32] = (0..<256).map { 1 << 31 | 1 << 16 | $0 << 8 }
        values.append(0)
        var base: UInt32 = 3
        for symbol in 257..<285 {
            let extra: UInt32 = symbol < 265 ? 0 : UInt32(symbol - 261) / 4
            values.append(base << 16 | extra << 8 | extra)
            base += 1 << extra
        }
        values.append(258 << 16)
        // 286 and 287 take part in the fixed code's construction and never occur.
        return values + [0, 0]
    }()

    static let distances: [UInt32] = (0..<32).map { symbol in
        let extra: UInt32 = symbol < 4 ? 0 : UInt32(symbol) / 2 - 1
        let base: UInt32 = symbol < 4 ? UInt32(symbol) + 1 : (2 + UInt32(symbol) % 2) << extra + 1
        return base << 16 | extra << 8 | extra
    }

    static let fixedLiteralLengths: [UInt8] =
        [UInt8](repeating: 8, count: 144) + [UInt8](repeating: 9, count: 112)
        + [UInt8](repeating: 7, count: 24) + [UInt8](repeating: 8, count: 8)
    static let fixedDistanceLengths = [UInt8](repeating: 5, count: 30)
}

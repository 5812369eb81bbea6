import Diagnostics

/// The records of pax extended headers: keys and values, both bytes.
///
/// Keys are text by the standard, but names of extended attributes are part of them and need not be.
///
/// POSIX.1-2017, pax § pax Extended Header.
package struct PaxRecords: Hashable, Sendable {
    /// By key. Of a key that came twice, the last.
    package private(set) var values: [[UInt8]: [UInt8]] = [:]

    package init() {}

    /// Parses the body of an `x` or `g` header, records of the form `LENGTH KEY=VALUE\n`.
    ///
    /// A record with an empty value is kept: it says that the field is not to be taken from anywhere.
    /// - Throws: `TarReadProblem.malformed`.
    init(parsing bytes: [UInt8]) throws(TarReadProblem) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let space = rest.prefix(20).firstIndex(of: UInt8(ascii: " ")) else {
                throw .malformed("a pax record does not begin with its length")
            }
            guard
                let length = Int(decimalDigits: rest[..<space]),
                length > space - rest.startIndex + 1, length <= rest.count
            else { throw .malformed("the length of a pax record is wrong") }
            let end = rest.startIndex + length - 1
            guard rest[end] == UInt8(ascii: "\n") else { throw .malformed("a pax record does not end in a line feed") }
            let record = rest[(space + 1)..<end]
            guard let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > record.startIndex else {
                throw .malformed("a pax record has no key")
            }
            let key = Array(record[..<equals])
            let value = record[(equals + 1)...]
            guard !key.contains(0), !Self.keysOfText.contains(key) || !value.contains(0) else {
                throw .malformed("the pax record `\(String(printing: key.prefix(80)))` contains a NUL byte")
            }
            values[key] = Array(value)
            rest = rest[(end + 1)...]
        }
    }

    // What another program would cut at the NUL, and so read as another name than we.
    private static let keysOfText = Set(["path", "linkpath", "uname", "gname"].map { Array($0.utf8) })

    /// The value of `key`; `nil` if it is absent or empty.
    package subscript(key: String) -> [UInt8]? {
        guard let value = values[Array(key.utf8)], !value.isEmpty else { return nil }
        return value
    }

    package var isEmpty: Bool { values.isEmpty }

    /// The bytes of all keys and values.
    var size: Int { values.reduce(0) { $0 + $1.key.count + $1.value.count } }

    /// Adds the records of `later`, which win.
    mutating func merge(_ later: PaxRecords) {
        values.merge(later.values) { _, later in later }
    }

    /// Writes one record, `LENGTH KEY=VALUE\n`, where the length counts itself.
    static func encode(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = key.utf8.count + value.count + 3
        var length = rest + String(rest).utf8.count
        if rest + String(length).utf8.count > length { length = rest + String(length).utf8.count }
        return Array("\(length) \(key)=".utf8) + value + [UInt8(ascii: "\n")]
    }
}

// MARK: - Numbers

extension PaxRecords {
    /// A size or an id, decimal digits only; `nil` if absent.
    func number<Number: FixedWidthInteger>(_ key: String, as type: Number.Type) throws(TarReadProblem) -> Number? {
        guard let value = self[key] else { return nil }
        guard let number = Number(decimalDigits: value[...]) else {
            throw .malformed("the pax record `\(key)` is `\(String(printing: value.prefix(40)))`")
        }
        return number
    }

    /// A time, which may be negative and have a fraction, as the whole seconds before it; `nil` if absent.
    func seconds(_ key: String) throws(TarReadProblem) -> Int64? {
        guard let value = self[key] else { return nil }
        let isNegative = value.first == UInt8(ascii: "-")
        let digits = value.dropFirst(isNegative ? 1 : 0)
        let point = digits.firstIndex(of: UInt8(ascii: ".")) ?? digits.endIndex
        let fraction = digits[point...].dropFirst()
        guard
            let whole = Int64(decimalDigits: digits[..<point]),
            fraction.allSatisfy({ (0x30...0x39).contains($0) })
        else { throw .malformed("the pax record `\(key)` is `\(String(printing: value.prefix(40)))`") }
        guard isNegative else { return whole }
        // Rounded down, away from zero, as the time before it is in the second before it.
        return fraction.contains { $0 != UInt8(ascii: "0") } ? -whole &- 1 : -whole
    }
}

extension FixedWidthInteger {
    /// Decimal digits, at least one; `nil` for anything else, and for a number that does not fit.
    init?(decimalDigits digits: ArraySlice<UInt8>) {
        guard !digits.isEmpty else { return nil }
        var value: Self = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Self(digit - 0x30))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        self = value
    }
}

package import Diagnostics
import Request

/// Amounts as options take them.
package enum Quantity {
    /// `500MB`, `2GiB`, `1024`: bytes.
    package static func bytes(_ text: String, _ option: String, example: String = "2GiB") throws(Diagnostic) -> Int64 {
        let units: [(String, Int64)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
            ("kB", 1000), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
            ("B", 1), ("", 1),
        ]
        guard let bytes = amount(text, units) else {
            throw .optionMalformed(
                .usageMalformed,
                option,
                text,
                because: "it is not a whole number of bytes, or of a unit such as MB or GiB",
                example: example
            )
        }
        return bytes
    }

    /// `30d`, `12h`, `90m`: seconds.
    package static func seconds(_ text: String, _ option: String) throws(Diagnostic) -> Int64 {
        let units: [(String, Int64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1), ("w", 7 * 86_400)]
        guard let seconds = amount(text, units) else {
            let reason = "it is not a number of days, hours or minutes"
            throw .optionMalformed(.usageMalformed, option, text, because: reason, example: "30d")
        }
        return seconds
    }

    private static func amount(_ text: String, _ units: [(String, Int64)]) -> Int64? {
        guard let (unit, factor) = units.first(where: { text.hasSuffix($0.0) }) else { return nil }
        let digits = text.dropLast(unit.count)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits) else {
            return nil
        }
        let (result, overflow) = number.multipliedReportingOverflow(by: factor)
        return overflow ? nil : result
    }
}

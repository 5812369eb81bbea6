/// Names of symbol versions, such as `GLIBC_2.38`: for messages only. Numbers do not decide whether a library has one.
enum SymbolVersion {
    /// Whether `left` is of the same family and has a smaller number; names without numbers come first.
    static func isOlder(_ left: String, than right: String) -> Bool {
        let (first, second) = (numbers(left), numbers(right))
        if first == second { return left < right }
        return first.lexicographicallyPrecedes(second)
    }

    /// The version with the largest number in the family of `version`; `nil` if there is none.
    static func newest(like version: String, among defined: [String]) -> String? {
        defined.filter { family($0) == family(version) && !numbers($0).isEmpty }.max { isOlder($0, than: $1) }
    }

    /// `GLIBC` of `GLIBC_2.38`.
    static func family(_ version: String) -> Substring {
        version.lastIndex(of: "_").map { version[..<$0] } ?? version[...]
    }

    /// 2 and 38 of `GLIBC_2.38`; nothing for `GLIBC_ABI_DT_RELR` and `GLIBC_PRIVATE`.
    static func numbers(_ version: String) -> [Int] {
        guard let mark = version.lastIndex(of: "_") else { return [] }
        let parts = version[version.index(after: mark)...].split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        return numbers.count == parts.count ? numbers : []
    }
}

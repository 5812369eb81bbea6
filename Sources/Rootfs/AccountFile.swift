import Diagnostics

/// A base's `/etc/passwd` or `/etc/group`, to which a line is added: every byte that was there stays.
///
/// passwd(5), group(5).
package struct AccountFile {
    private let bytes: [UInt8]
    /// Lines that are no account, counted from 1.
    package let malformedLines: [Int]
    /// Whether lines end in CR LF.
    package let hasCarriageReturns: Bool

    private struct Entry {
        let name: [UInt8]
        let number: UInt32
        /// The third number of a user's line.
        let group: UInt32?
    }
    private let entries: [Entry]

    /// Reads lines with a name first and a number third; what else is there is passed over.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var entries = [Entry]()
        var malformed = [Int]()
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            // NSS's own lines (`+::::::`) and comments are no accounts and no mistakes.
            guard let first = text.first, ![UInt8(ascii: "#"), UInt8(ascii: "+"), UInt8(ascii: "-")].contains(first)
            else { continue }
            let fields = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count >= 3, !fields[0].isEmpty, let number = Self.number(fields[2]) else {
                malformed.append(index + 1)
                continue
            }
            entries.append(
                Entry(name: Array(fields[0]), number: number, group: fields.count > 3 ? Self.number(fields[3]) : nil)
            )
        }
        self.entries = entries
        malformedLines = malformed
        hasCarriageReturns = lines.contains { $0.last == UInt8(ascii: "\r") }
    }

    private static func number(_ field: ArraySlice<UInt8>) -> UInt32? {
        guard !field.isEmpty, field.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt32(String(decoding: field, as: UTF8.self))
    }

    /// The number of the user or group called `name`, and a user's group.
    package func account(named name: String) -> (number: UInt32, group: UInt32?)? {
        entries.first { $0.name.elementsEqual(name.utf8) }.map { ($0.number, $0.group) }
    }

    /// A name for `wanted`, which has `number`, that nobody else has. Nil where somebody has the number already: it is
    /// the number that files belong to.
    private func freeName(_ wanted: String, _ number: UInt32) -> String? {
        guard !entries.contains(where: { $0.number == number }) else { return nil }
        return [wanted, "\(wanted)\(number)"].first { account(named: $0) == nil }
    }

    private func appending(_ line: String) -> [UInt8] {
        let needsEnd = bytes.last.map { $0 != UInt8(ascii: "\n") } ?? false
        return bytes + (needsEnd ? [UInt8(ascii: "\n")] : []) + line.utf8
    }

    /// The passwd file with a line for `user`, and the home directory in it; nil if it has one, or has no room for it.
    package func adding(_ user: Accounts.User) -> (bytes: [UInt8], home: String)? {
        guard let name = freeName(user.name, user.uid) else { return nil }
        let home = name == user.name ? user.home : "/home/\(name)"
        return (appending("\(name):x:\(user.uid):\(user.gid):\(name):\(home):/sbin/nologin\n"), home)
    }

    /// The group file with a line for `group`; nil if it has one, or has no room for it.
    package func adding(_ group: Accounts.Group) -> [UInt8]? {
        freeName(group.name, group.gid).map { appending("\($0):x:\(group.gid):\n") }
    }
}

import OCI

/// An `/etc/passwd` or an `/etc/group`: who has which name and number.
///
/// passwd(5), group(5). Both have a name first and a number third. Other lines are passed over, as container engines do.
package struct ParsedAccountFile: Hashable, Sendable {
    /// One user or group.
    package struct Account: Hashable, Sendable {
        package let name: [UInt8]
        /// The user's or the group's own number.
        package let number: UInt32
        /// What follows the number, from the fourth field on.
        fileprivate let rest: [[UInt8]]

        /// A user's group; `nil` if the line does not say one.
        package var group: UInt32? { rest.first.flatMap(ParsedAccountFile.number) }
        /// A user's home directory; empty if the line does not say one.
        package var home: String { rest.count > 2 ? String(decoding: rest[2], as: UTF8.self) : "" }

        /// Whether a group names `user` as its member.
        package func hasMember(_ user: [UInt8]) -> Bool {
            rest.first?.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual(user) } ?? false
        }
    }

    package let bytes: [UInt8]
    /// In the order of their lines.
    package let accounts: [Account]
    /// The numbers of the lines that are not accounts, counted from 1.
    package let malformedLines: [Int]
    /// Whether lines end in CR LF.
    package let hasCarriageReturns: Bool

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var accounts = [Account]()
        var malformed = [Int]()
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            // NSS's own lines (`+::::::`) and comments are neither accounts nor mistakes.
            guard let first = text.first, ![UInt8(ascii: "#"), UInt8(ascii: "+"), UInt8(ascii: "-")].contains(first)
            else { continue }
            let fields = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count >= 3, !fields[0].isEmpty, let number = Self.number(Array(fields[2])) else {
                malformed.append(index + 1)
                continue
            }
            accounts.append(
                Account(name: Array(fields[0]), number: number, rest: fields.dropFirst(3).map { Array($0) })
            )
        }
        self.accounts = accounts
        malformedLines = malformed
        hasCarriageReturns = lines.contains { $0.last == UInt8(ascii: "\r") }
    }

    /// Any number that a file may belong to: 2³²−1 means "no user" in system calls.
    private static func number(_ field: [UInt8]) -> UInt32? {
        UInt32(digits: field).flatMap { $0 == .max ? nil : $0 }
    }

    /// The first account called `name`; `nil` if there is none.
    package func account(named name: some StringProtocol) -> Account? {
        accounts.first { $0.name.elementsEqual(name.utf8) }
    }

    /// The first account that has `number`; `nil` if there is none.
    package func account(numbered number: UInt32) -> Account? {
        accounts.first { $0.number == number }
    }
}

package import Layers
import OCI

extension ParsedAccountFile {
    /// A passwd file with one more user.
    package struct AddedUser: Hashable, Sendable {
        package let bytes: [UInt8]
        /// The user's home directory, absolute.
        package let home: String
    }

    /// The passwd file with a line for `user`, every byte that was there kept; `nil` if its number or its names are taken.
    package func adding(_ user: Accounts.User) -> AddedUser? {
        guard let name = freeName(user.name, user.id.uid) else { return nil }
        let home = name == user.name ? user.home : "/home/\(name)"
        let line = "\(name):x:\(user.id):\(name):\(home):/sbin/nologin\n"
        return AddedUser(bytes: appending(line), home: home)
    }

    /// The group file with a line for `group`, every byte that was there kept; `nil` if its number or its names are taken.
    package func adding(_ group: Accounts.Group) -> [UInt8]? {
        freeName(group.name, group.gid).map { appending("\($0):x:\(group.gid):\n") }
    }

    /// A name for `number` that no other account has: `wanted`, or `wanted` with the number behind it.
    ///
    /// `nil` if both are taken, or if an account has the number: files belong to numbers.
    private func freeName(_ wanted: String, _ number: UInt32) -> String? {
        guard account(numbered: number) == nil else { return nil }
        return [wanted, "\(wanted)\(number)"].first { account(named: $0) == nil }
    }

    private func appending(_ line: String) -> [UInt8] {
        let needsEnd = bytes.last.map { $0 != UInt8(ascii: "\n") } ?? false
        return bytes + (needsEnd ? [UInt8(ascii: "\n")] : []) + line.utf8
    }
}

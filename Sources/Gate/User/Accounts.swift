import Diagnostics

/// What an image's `/etc/passwd` and `/etc/group` say, as far as it decides who a process is.
///
/// passwd(5), group(5). Lines that are no account are passed over, as container runtimes do.
struct Accounts: Hashable, Sendable {
    struct User: Hashable, Sendable {
        let name: String
        let uid: UInt32
        let gid: UInt32
        let home: String
    }

    struct Group: Hashable, Sendable {
        let name: String
        let gid: UInt32
        let members: Set<String>
    }

    /// In bytes, of each file; a larger one counts as absent.
    private static let sizeLimit: Int64 = 4 << 20

    let users: [User]
    let groups: [Group]

    init(passwd: [UInt8], group: [UInt8]) {
        users = Self.fields(passwd).compactMap { fields in
            guard fields.count >= 4, let uid = Self.number(fields[2]), let gid = Self.number(fields[3]) else {
                return nil
            }
            return User(name: fields[0], uid: uid, gid: gid, home: fields.count > 5 ? fields[5] : "")
        }
        groups = Self.fields(group).compactMap { fields in
            guard fields.count >= 3, let gid = Self.number(fields[2]) else { return nil }
            let members = fields.count > 3 ? fields[3].split(separator: ",").map(String.init) : []
            return Group(name: fields[0], gid: gid, members: Set(members))
        }
    }

    init(of root: some ImageRoot) throws(Diagnostic) {
        self.init(
            passwd: try root.content(of: "/etc/passwd", limit: Self.sizeLimit) ?? [],
            group: try root.content(of: "/etc/group", limit: Self.sizeLimit) ?? []
        )
    }

    private static func fields(_ bytes: [UInt8]) -> [[String]] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard let first = text.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ":") else { return nil }
            return text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }

    /// All digits: `UInt32` would also take a sign.
    static func number(_ text: String) -> UInt32? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt32(text)
    }
}

package import Findings
import Layers
package import OCI

/// Who a container's process is, as a container engine derives it from the image's user and the image's own accounts.
package struct ContainerUser: Hashable, Sendable {
    package enum Permission: UInt16 {
        case execute = 1
        case write = 2
        case read = 4
    }

    package let id: UserID
    /// The groups of `/etc/group` that name the user as a member.
    private(set) var groups: Set<UInt32>
    /// The home directory in `/etc/passwd`; `nil` if the user has no account there. Engines take `/` where it is empty.
    package let home: String?
    /// Whether the image gives a number, which is all that Kubernetes' `runAsNonRoot` accepts.
    package let isNumeric: Bool

    package var isRoot: Bool { id.uid == 0 }

    package init(_ id: UserID) {
        (self.id, groups, home, isNumeric) = (id, [], nil, true)
    }

    /// Reads the user of an image's configuration.
    ///
    /// - Parameter text: `USER[:GROUP]`, numbers or names; empty for root.
    /// - Returns: `nil` if a name is in no account file of the image, or a number is larger than engines take: they then
    ///   refuse to create the container.
    package init?(_ text: String, in database: UserDatabase) {
        let fields = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let word = fields.first ?? ""
        let number = word.isEmpty ? 0 : UserID.number(word)
        // A name may be all digits, and goes before the number.
        let account = database.users.account(named: word) ?? number.flatMap { database.users.account(numbered: $0) }
        guard let uid = account?.number ?? number else { return nil }
        var gid = account.flatMap(\.group) ?? 0
        if fields.count == 2, !fields[1].isEmpty {
            let group = database.groups.account(named: fields[1])?.number
            guard let wanted = group ?? UserID.number(fields[1]) else { return nil }
            gid = wanted
        }
        guard uid <= UserID.largest, gid <= UserID.largest else { return nil }
        id = UserID(uid: uid, gid: gid)
        isNumeric = number != nil
        home = account?.home
        let named = account.map { account in database.groups.accounts.filter { $0.hasMember(account.name) } } ?? []
        groups = Set(named.map(\.number))
    }

    /// The same user, who is in `more` groups as well.
    package func joining(_ more: some Sequence<UInt32>) -> ContainerUser {
        var user = self
        user.groups.formUnion(more)
        return user
    }

    /// Whether the mode and owner of `entry` let the process do it. Root has the capabilities that engines usually leave
    /// it: it may do all but execute what has no execute bit at all.
    ///
    /// path_resolution(7) § Permissions.
    package func may(_ permission: Permission, _ entry: RootEntry) -> Bool {
        if isRoot {
            guard permission == .execute, entry.kind != .directory else { return true }
            return entry.mode & 0o111 != 0
        }
        if entry.uid == id.uid { return entry.mode >> 6 & permission.rawValue != 0 }
        if entry.gid == id.gid || groups.contains(entry.gid) { return entry.mode >> 3 & permission.rawValue != 0 }
        return entry.mode & permission.rawValue != 0
    }
}

extension ContainerUser: CustomStringConvertible {
    /// `UID:GID`, such as `65532:65532`.
    package var description: String { id.description }
}

import Layers

/// Who the container's process is, as a runtime tells it from the image's user and the image's own accounts.
package struct ContainerUser: Hashable, Sendable {
    enum Permission: UInt16 {
        case execute = 1
        case write = 2
        case read = 4
    }

    package let uid: UInt32
    package let gid: UInt32
    /// Those of `/etc/group` that name the user.
    let groups: Set<UInt32>
    /// In `/etc/passwd`; nil for a number that nobody has there.
    let name: String?
    /// As `/etc/passwd` says; runtimes take `/` where it says nothing.
    let home: String?
    /// Whether the image says it in numbers, which is all that Kubernetes' `runAsNonRoot` believes.
    let isNumeric: Bool

    package var isRoot: Bool { uid == 0 }

    package init(uid: UInt32, gid: UInt32) {
        (self.uid, self.gid, groups, name, home, isNumeric) = (uid, gid, [], nil, nil, true)
    }

    /// - Parameter text: `USER[:GROUP]` of the image's configuration, numbers or names; empty for root.
    /// - Returns: nil where a name is in no account file of the image: a container of it cannot be created.
    init?(_ text: String, in accounts: Accounts) {
        let fields = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let word = fields.first ?? ""
        let number = word.isEmpty ? 0 : Accounts.number(word)
        let account = accounts.users.first { user in
            // A name may be all digits, and goes before the number.
            user.name == word || (user.uid == number && !accounts.users.contains { $0.name == word })
        }
        guard let uid = account?.uid ?? number else { return nil }
        var gid = account?.gid ?? 0
        if fields.count == 2, !fields[1].isEmpty {
            let group = accounts.groups.first { $0.name == fields[1] }
            guard let wanted = group?.gid ?? Accounts.number(fields[1]) else { return nil }
            gid = wanted
        }
        self.uid = uid
        self.gid = gid
        isNumeric = number != nil
        name = account?.name
        home = account?.home
        let named = account.map { account in accounts.groups.filter { $0.members.contains(account.name) } } ?? []
        groups = Set(named.map(\.gid))
    }

    /// Whether the mode and owner of `entry` let the process do it. Root is as a runtime starts it, with its usual
    /// capabilities: only what has no execute bit at all is not for it.
    ///
    /// path_resolution(7) § Permissions.
    func may(_ permission: Permission, _ entry: RootEntry) -> Bool {
        if isRoot {
            guard permission == .execute, entry.kind != .directory else { return true }
            return entry.mode & 0o111 != 0
        }
        if entry.uid == uid { return entry.mode >> 6 & permission.rawValue != 0 }
        if entry.gid == gid || groups.contains(entry.gid) { return entry.mode >> 3 & permission.rawValue != 0 }
        return entry.mode & permission.rawValue != 0
    }
}

extension ContainerUser: CustomStringConvertible {
    /// `65532:65532`.
    package var description: String { "\(uid):\(gid)" }
}

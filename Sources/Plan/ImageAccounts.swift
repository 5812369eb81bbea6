import Layers
import OCI
import Rootfs
import Stack

/// The names that an image's users and groups have.
struct ImageAccounts {
    /// The base's files as they are in the image; `nil` for those of an image made from nothing.
    var passwd: ParsedAccountFile?
    var group: ParsedAccountFile?

    /// The numbers of the user called `name`, and of its group. `nonroot` is known on every base.
    func user(named name: String) -> UserID? {
        let file = passwd ?? ParsedAccountFile(Array(Accounts.passwd.utf8))
        if let account = file.account(named: name) {
            return UserID(uid: account.number, gid: account.group ?? account.number)
        }
        return name == Accounts.nonroot.name ? .nonroot : nil
    }

    /// The user with the number `uid`, in its own group: that of its account, else the group of the same number. Engines
    /// would take root's group for a number without an account.
    func user(numbered uid: UInt32) -> UserID {
        UserID(uid: uid, gid: account(numbered: uid)?.group ?? uid)
    }

    /// Whether there is an account with the number `uid`.
    func hasAccount(numbered uid: UInt32) -> Bool { account(numbered: uid) != nil }

    private func account(numbered uid: UInt32) -> ParsedAccountFile.Account? {
        (passwd ?? ParsedAccountFile(Array(Accounts.passwd.utf8))).account(numbered: uid)
    }

    /// The number of the group called `name`. `nonroot` is known on every base.
    func group(named name: String) -> UInt32? {
        let file = group ?? ParsedAccountFile(Array(Accounts.group.utf8))
        return file.account(named: name)?.number ?? (name == Accounts.nonroot.name ? UserID.nonroot.gid : nil)
    }
}

extension LayerStack {
    /// The names of users and groups that the base has; those of coracle's own files where it has none.
    var baseAccounts: ImageAccounts {
        func file(_ path: String) -> ParsedAccountFile? {
            guard let entry = find(path), let bytes = base?.content(of: entry.path) else { return nil }
            return ParsedAccountFile(bytes)
        }
        return ImageAccounts(passwd: file("/etc/passwd"), group: file("/etc/group"))
    }
}

import Rootfs
import Stack

/// The names that an image's users and groups have.
struct ImageAccounts {
    /// The base's files as they are in the image; nil for those of an image made from nothing.
    var passwd: AccountFile?
    var group: AccountFile?

    func user(named name: String) -> (uid: UInt32, gid: UInt32)? {
        if let passwd {
            // `nonroot` is a word that `--user` knows, whatever a base calls the number.
            if let (uid, gid) = passwd.account(named: name) { return (uid, gid ?? uid) }
            return name == Accounts.nonroot.name ? (Accounts.nonroot.uid, Accounts.nonroot.gid) : nil
        }
        return Accounts.user(named: name).map { ($0.uid, $0.gid) }
    }

    func group(named name: String) -> UInt32? {
        guard let group else { return Accounts.group(named: name)?.gid }
        return group.account(named: name)?.number ?? (name == Accounts.nonroot.name ? Accounts.nonroot.gid : nil)
    }
}

extension LayerStack {
    /// The names of users and groups that the base has; those of coracle's own files where it has none.
    var baseAccounts: ImageAccounts {
        func file(_ path: String) -> AccountFile? {
            guard let entry = find(path), let bytes = base?.content(of: entry.path) else { return nil }
            return AccountFile(bytes)
        }
        return ImageAccounts(passwd: file("/etc/passwd"), group: file("/etc/group"))
    }
}

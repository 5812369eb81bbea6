import Layers
package import OCI

/// The users and groups of an image made from nothing: `/etc/passwd`, `/etc/group` and the home directories.
///
/// There is no `shadow`: no account has a password, and no program would check one.
package enum Accounts {
    package struct User: Hashable, Sendable {
        package let name: String
        package let id: UserID
        /// Absolute; need not exist.
        package let home: String

        package init(name: String, id: UserID, home: String) {
            self.name = name
            self.id = id
            self.home = home
        }
    }

    package struct Group: Hashable, Sendable {
        package let name: String
        package let gid: UInt32

        package init(name: String, gid: UInt32) {
            self.name = name
            self.gid = gid
        }
    }

    package static let root = User(name: "root", id: .root, home: "/root")
    package static let nobody = User(name: "nobody", id: UserID(uid: 65534, gid: 65534), home: "/nonexistent")
    package static let nonroot = User(name: "nonroot", id: .nonroot, home: "/home/nonroot")

    package static let users = [root, nobody, nonroot]
    package static let groups = [
        Group(name: root.name, gid: root.id.gid),
        Group(name: nobody.name, gid: nobody.id.gid),
        Group(name: "tty", gid: 5),
        Group(name: "staff", gid: 50),
        nonrootGroup,
    ]
    static let nonrootGroup = Group(name: nonroot.name, gid: nonroot.id.gid)

    /// The content of `/etc/passwd`, passwd(5). The image has no shell, so no account can log in.
    package static var passwd: String {
        users.map { "\($0.name):x:\($0.id):\($0.name):\($0.home):/sbin/nologin\n" }.joined()
    }

    /// The content of `/etc/group`, group(5). No group has members: users are only in their own group.
    package static var group: String {
        groups.map { "\($0.name):x:\($0.gid):\n" }.joined()
    }

    static var entries: [LayerEntry] {
        [
            .file("etc/passwd", passwd),
            .file("etc/group", group),
            .directory("root", mode: 0o700),
            .directory("home"),
            .directory("home/nonroot", mode: 0o700, owner: .nonroot),
        ]
    }
}

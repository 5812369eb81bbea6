import Layers

/// The users and groups of an image made from nothing: `/etc/passwd`, `/etc/group` and the home directories.
///
/// No `shadow`: there is no password to keep, and nothing that would check one.
package enum Accounts {
    package struct User: Hashable, Sendable {
        package let name: String
        package let uid: UInt32
        package let gid: UInt32
        /// Absolute; need not exist.
        package let home: String
    }

    package struct Group: Hashable, Sendable {
        package let name: String
        package let gid: UInt32
    }

    package static let root = User(name: "root", uid: 0, gid: 0, home: "/root")
    package static let nobody = User(name: "nobody", uid: 65534, gid: 65534, home: "/nonexistent")
    package static let nonroot = User(name: "nonroot", uid: 65532, gid: 65532, home: "/home/nonroot")

    package static let users = [root, nobody, nonroot]
    package static let groups = [
        Group(name: "root", gid: 0),
        Group(name: "nobody", gid: 65534),
        Group(name: "tty", gid: 5),
        Group(name: "staff", gid: 50),
        Group(name: "nonroot", gid: 65532),
    ]

    /// The user that `name` is in the image, for what a person writes as `--user nonroot`.
    package static func user(named name: String) -> User? {
        users.first { $0.name == name }
    }

    /// The group that `name` is in the image, for what a person writes as `--user nonroot:staff`.
    package static func group(named name: String) -> Group? {
        groups.first { $0.name == name }
    }

    /// passwd(5). No shell exists in the image, so none can log in.
    package static var passwd: String {
        users.map { "\($0.name):x:\($0.uid):\($0.gid):\($0.name):\($0.home):/sbin/nologin\n" }.joined()
    }

    /// group(5), without members: nobody is in a group besides their own.
    package static var group: String {
        groups.map { "\($0.name):x:\($0.gid):\n" }.joined()
    }

    static var entries: [LayerEntry] {
        [
            .file("etc/passwd", passwd),
            .file("etc/group", group),
            .directory("root", mode: 0o700),
            .directory("home"),
            .directory("home/nonroot", mode: 0o700, owner: nonroot),
        ]
    }
}

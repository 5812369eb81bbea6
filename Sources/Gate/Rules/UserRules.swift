package import Findings

extension Rule {
    static let userRoot = Rule("user.root", .warning, "the image runs as root")
    static let userNotNumeric = Rule("user.not-numeric", .warning, "cannot verify user is non-root")
    package static let userUnknown = Rule("user.unknown", .error, "the image has no such user")
    package static let userPermissionDenied = Rule(
        "user.permission-denied",
        .error,
        "permission denied: the image's user cannot start the program"
    )
    package static let userUnreadable = Rule(
        "user.unreadable",
        .error,
        "permission denied: the image's user cannot read a file"
    )
    package static let userWorkdir = Rule("user.workdir", .warning, "the image's user cannot use its working directory")
    static let userHome = Rule("user.home", .warning, "the image's user has no home directory")
    static let userPort = Rule("user.port", .warning, "permission denied: a port below 1024")
    static let userSetuid = Rule("user.setuid", .warning, "a program gives its caller the rights of its owner")
    static let userWorldWritable = Rule("user.world-writable", .warning, "every user may change a file")

    /// Whether the image's user can do what it has to, and no more.
    static let user = [
        userRoot, userNotNumeric, userUnknown, userPermissionDenied, userUnreadable, userWorkdir, userHome, userPort,
        userSetuid, userWorldWritable,
    ]
}

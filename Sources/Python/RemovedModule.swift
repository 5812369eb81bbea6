/// A module that programs still import and that Python's standard library no longer has, or that Debian has in a package of its own.
package struct RemovedModule: Sendable {
    /// The minor version of Python 3 that was the first without it; `nil` for what Debian has in another package.
    private let gone: Int?
    private let package: String?

    /// `nil` for all other modules.
    package init?(_ module: String) {
        package = Self.packages[module]
        gone = Self.versions[module]
        guard package != nil || gone != nil else { return nil }
    }

    /// - Parameter minor: the version of Python 3 that the image has.
    package func isAbsent(fromMinor minor: Int) -> Bool { gone.map { minor >= $0 } ?? true }

    /// Why it is not there.
    package var reason: String {
        if let gone { return "the standard library does not have it since Python 3.\(gone)" }
        return "Debian has it in a package of its own"
    }

    package var hint: String {
        if let package { return "define a base of your own with Debian's package `\(package)`" }
        return
            "choose a base with an older Python, such as `debian12/python3`, or install a package that stands in for it"
    }

    private static let packages = [
        "tkinter": "python3-tk", "turtle": "python3-tk", "idlelib": "idle", "_gdbm": "python3-gdbm",
    ]

    /// CPython, Doc/whatsnew/3.12.rst and 3.13.rst, § Removed.
    private static let versions: [String: Int] = {
        var versions: [String: Int] = [:]
        for name in ["asynchat", "asyncore", "distutils", "imp", "smtpd"] { versions[name] = 12 }
        for name in [
            "aifc", "audioop", "cgi", "cgitb", "chunk", "crypt", "imghdr", "lib2to3", "mailcap", "msilib", "nis",
            "nntplib",
            "ossaudiodev", "pipes", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib",
        ] { versions[name] = 13 }
        return versions
    }()
}

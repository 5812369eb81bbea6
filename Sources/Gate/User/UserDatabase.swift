package import Diagnostics
package import Findings
package import Layers

/// The accounts of an image: its own `/etc/passwd` and `/etc/group`, which decide who a process is.
package struct UserDatabase: Hashable, Sendable {
    /// Largest size of a file that is read, in bytes; a larger one counts as absent.
    private static let sizeLimit: Int64 = 4 << 20

    package let users: ParsedAccountFile
    package let groups: ParsedAccountFile

    package init(of root: some ImageRoot) throws(Diagnostic) {
        users = ParsedAccountFile(try root.content(of: "/etc/passwd", limit: Self.sizeLimit) ?? [])
        groups = ParsedAccountFile(try root.content(of: "/etc/group", limit: Self.sizeLimit) ?? [])
    }
}

package import Diagnostics
package import Findings
import Hygiene
import Layers
package import OCI

/// Whether an image runs as any user in root's group, as OpenShift starts it: the user has no account, and owns no file.
package struct ArbitraryUserCheck<Root: ImageRoot> {
    /// A number as OpenShift's projects get them.
    private static var user: UserID { UserID(uid: 1_000_650_000, gid: 0) }
    private static var cure: String {
        "build it with `--user 65532:0 --chown 65532:0 --chmod g=u`, which gives root's group the rights of the owner"
    }

    private let root: Root
    private let execution: ImageConfig.Execution

    /// - Parameter execution: of the image's configuration.
    package init(_ root: Root, _ execution: ImageConfig.Execution) {
        self.root = root
        self.execution = execution
    }

    /// What such a user may not do and needs to.
    ///
    /// - Throws: what keeps a file from being read.
    package func findings() throws(Diagnostic) -> [Finding] {
        var started = execution
        started.user = Self.user.description
        let rules: [Rule] = [.userPermissionDenied, .userUnreadable, .userWorkdir]
        let denied = try NonRootProof(root, started).findings().filter { rules.contains($0.rule) }.map { finding in
            Finding(
                .lintArbitraryUser,
                finding.summary,
                in: finding.path,
                because: finding.reason,
                hint: Self.cure
            )
        }
        return denied + [try unwritable()].compactMap(\.self)
    }

    /// Directories that the image's own user may change, and such a user may not.
    private func unwritable() throws(Diagnostic) -> Finding? {
        guard let own = ContainerUser(execution.user ?? "", in: try UserDatabase(of: root)) else { return nil }
        let any = ContainerUser(Self.user)
        let stated = Set(execution.volumes.compactMap { root.resolve($0)?.path })
        let directories = root.entries.filter { entry in
            guard entry.kind == .directory, own.may(.write, entry), !any.may(.write, entry) else { return false }
            // Homes are of accounts, which such a user has none of; what is root's is not meant to be changed.
            let isOwned = !own.isRoot && entry.uid == own.id.uid && !Self.isHome(entry.path)
            return isOwned || stated.contains(entry.path)
        }
        guard let first = directories.first else { return nil }
        let shown = directories.prefix(3).map { "`\($0.path)` \($0.modeText) \($0.uid):\($0.gid)" }.joined(
            separator: ", "
        )
        let more = directories.count > 3 ? ", and \(directories.count - 3) more" : ""
        return Finding(
            .lintArbitraryUser,
            "user \(Self.user) may not write `\(first.path)`"
                + (directories.count > 1
                    ? ", nor \(directories.count == 2 ? "another directory" : "\(directories.count - 1) other directories")"
                    : ""),
            in: first.path,
            because: "the image's user \(own) may: \(shown)\(more)",
            hint: Self.cure + "; of a directory of the base, set it with `--mkdir \(first.path):0775:\(first.uid):0`"
        )
    }

    private static func isHome(_ path: EntryPath) -> Bool {
        ["/home", "/root"].contains { EntryPath(normalizing: $0).contains(path) }
    }
}

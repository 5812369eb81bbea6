package import Diagnostics
package import Findings
import Hygiene
import Layers
import OCI

/// Whether an image runs as any user in root's group, as OpenShift starts it: the user has no account, and owns no file.
package struct ArbitraryUserCheck<Root: ImageRoot> {
    /// A number as OpenShift's projects get them.
    private static var user: UserID { UserID(uid: 1_000_650_000, gid: 0) }
    private static var cure: String {
        "build it with `--user 65532:0 --chown 65532:0 --chmod g=u`, which gives root's group the rights of the owner"
    }

    private let image: GatedImage<Root>
    private var root: Root { image.root }
    private var any: ContainerUser { ContainerUser(Self.user) }

    package init(_ image: GatedImage<Root>) { self.image = image }

    /// What such a user may not do and needs to.
    ///
    /// - Throws: what keeps a file from being read.
    package func findings() throws(Diagnostic) -> [Finding] {
        let denied = try ImageGate.denials(to: any, in: image).map { finding in
            Finding(
                .lintArbitraryUser,
                finding.summary,
                in: finding.path,
                because: finding.reason,
                hint: Self.cure
            )
        }
        let own = ContainerUser(image.execution.user ?? "", in: try UserDatabase(of: root))
        return denied + [own.flatMap { unwritable(own: $0) }, home(own), try temporaryDirectory()].compactMap(\.self)
    }

    /// Directories that the image's own user may change, and such a user may not.
    private func unwritable(own: ContainerUser) -> Finding? {
        let stated = Set(
            (image.execution.volumes + [image.execution.startDirectory]).compactMap { root.resolve($0)?.path }
        )
        let directories = root.entries.filter { entry in
            guard entry.kind == .directory, own.may(.write, entry), !any.may(.write, entry) else { return false }
            // Homes are of accounts, which such a user has none of; what is root's is not meant to be changed.
            let isOwned = !own.isRoot && entry.uid == own.id.uid && !WritePlaces.isHome(entry.path)
            return isOwned || stated.contains(entry.path) && !entry.path.isRoot
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

    /// The home that the image says: without an account there is no other, and engines set `HOME=/`.
    private func home(_ own: ContainerUser?) -> Finding? {
        let said = image.execution.value(of: "HOME").flatMap { $0.isEmpty ? nil : $0 }
        if let said, mayWrite(said) { return nil }
        // A home that the account would have may be open to the group.
        let better = own?.home.flatMap { !$0.isEmpty && $0 != "/" && mayWrite($0) ? $0 : nil } ?? "/tmp"
        return Finding(
            .lintArbitraryUser,
            said.map { "user \(Self.user) may not write `\($0)`, which the variable `HOME` says" }
                ?? "user \(Self.user) has no home directory",
            in: said.flatMap { root.resolve($0)?.path },
            because: said == nil
                ? "it is in no `/etc/passwd`, the image does not set `HOME`, and engines take `/` or the working directory: `mkdir /.cache: permission denied`"
                : "it is not the directory's owner, and the mode denies others: `permission denied`",
            hint: "name a directory that every user may write: `--env HOME=\(better)`"
        )
    }

    private func temporaryDirectory() throws(Diagnostic) -> Finding? {
        guard let (directory, program) = try WritePlaces.temporaryDirectory(image),
            !image.execution.volumes.contains(directory), !mayWrite(directory)
        else { return nil }
        return Finding(
            .lintArbitraryUser,
            "user \(Self.user) may not write `\(directory)`",
            in: root.resolve(directory)?.path,
            because: "`\(program.path)` writes temporary files",
            hint: "leave out `--no-runtime`, which brings `/tmp`, or set `--env TMPDIR=DIR`"
        )
    }

    /// Whether such a user may make files in the directory at `path`.
    private func mayWrite(_ path: String) -> Bool {
        guard case .found(let entry) = RootWalk(root: root, user: any).reach(path.utf8) else { return false }
        return entry.kind == .directory && any.may(.write, entry) && any.may(.execute, entry)
    }
}

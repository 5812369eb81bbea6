import Findings
import Layers

/// Finds dangerous modes: files that change who a process is, and files that every user may change.
struct FileSweep {
    /// Files of one kind: all are counted, and few are kept.
    private struct Found {
        static let listLimit = 5

        private(set) var count = 0
        private var application = [RootEntry]()
        private var others = [RootEntry]()

        mutating func append(_ entry: RootEntry) {
            count += 1
            if entry.origin.isOfUser {
                if application.count < Self.listLimit { application.append(entry) }
            } else if others.count < Self.listLimit {
                others.append(entry)
            }
        }

        /// The application's files come first: its author can change them.
        var first: ArraySlice<RootEntry> { (application + others).prefix(Self.listLimit) }
    }

    private var setuid = Found()
    private var writable = Found()
    private let user: ContainerUser?

    init(_ root: some ImageRoot, _ user: ContainerUser?) {
        self.user = user
        for entry in root.entries {
            switch entry.kind {
            case .file:
                if entry.mode & 0o6000 != 0, entry.mode & 0o111 != 0 { setuid.append(entry) }
                if entry.mode & 0o002 != 0 { writable.append(entry) }
            // In a directory with the sticky bit, as `/tmp` has it, only a file's owner may take it away.
            case .directory: if entry.mode & 0o1002 == 0o002 { writable.append(entry) }
            case .symlink, .hardlink, .other: continue
            }
        }
    }

    var findings: [Finding] {
        [
            finding(
                .userSetuid,
                setuid,
                "with the rights of its owner",
                "`allowPrivilegeEscalation: false` takes the bit's effect away; a base without such programs, such as those of `coracle base list`, needs no such care"
            ),
            finding(
                .userWorldWritable,
                writable,
                "writable by every user",
                "set the mode where it is added, as in `--add SRC:DST:0644`"
            ),
        ].compactMap(\.self)
    }

    /// One finding for all files: a base may have dozens.
    private func finding(_ rule: Rule, _ found: Found, _ what: String, _ hint: String) -> Finding? {
        guard let first = found.first.first else { return nil }
        let shown = found.first.map { "`\($0.path)` \($0.modeText)" }.joined(separator: ", ")
        let rest = found.count > Found.listLimit ? ", and \(found.count - Found.listLimit) more" : ""
        let verb = rule == .userSetuid ? "runs" : "is"
        let count =
            found.count == 1
            ? "`\(first.path)` \(verb)" : "\(found.count) files \(rule == .userSetuid ? "run" : "are")"
        return Finding(rule, "\(count) \(what)", in: first.path, because: shown + rest, hint: hint)
    }
}

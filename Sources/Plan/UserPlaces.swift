import Diagnostics
import Layers
import OCI
import Request
import Rootfs
import Stack

/// What the image's user needs that no file of the user brings: an account with a home, if it has none, and the
/// directories of `--workdir` and `--volume`, if they are not there.
///
/// Engines read `HOME` from the account, and make a directory that is not there as root's.
struct UserPlaces {
    private let inputs: PlanInputs
    private let stack: LayerStack
    private let user: UserID
    private var entries: [LayerEntry] = []
    private var remarks = Remarks()

    /// `stack` with a layer for the user that `base` and the request give; unchanged if nothing is missing.
    static func added(to stack: LayerStack, _ inputs: PlanInputs, on base: Base?) -> Checked<LayerStack> {
        // A user that is not known is reported with the configuration.
        guard
            let user = try? inputs.configuration.identity(over: base?.config.config.user, stack.baseAccounts),
            user.uid != UserID.root.uid
        else { return Checked(stack) }
        var places = UserPlaces(inputs: inputs, stack: stack, user: user)
        if inputs.configuration.statedUser != nil { places.addAccount() }
        places.addDirectories()
        guard !places.entries.isEmpty else { return Checked(stack, places.remarks) }
        var result = stack
        result.add(
            places.entries,
            as: .runtime,
            createdBy: "coracle: for user \(user)",
            &places.remarks.problems
        )
        return Checked(result, places.remarks)
    }

    private init(inputs: PlanInputs, stack: LayerStack, user: UserID) {
        self.inputs = inputs
        self.stack = stack
        self.user = user
    }

    // MARK: Account

    private mutating func addAccount() {
        guard inputs.runtime?.options.includes(.accounts) ?? false, let passwd = bytes(of: "/etc/passwd") else {
            return
        }
        let account = Accounts.User(name: "user", id: user, home: "/home/user")
        guard let added = ParsedAccountFile(passwd.bytes).adding(account) else { return }
        entries.append(LayerEntry(passwd.path, .bytes(added.bytes), mode: FileModes.plain))
        if let group = bytes(of: "/etc/group"),
            let bytes = ParsedAccountFile(group.bytes).adding(Accounts.Group(name: "user", gid: user.gid))
        {
            entries.append(LayerEntry(group.path, .bytes(bytes), mode: FileModes.plain))
        }
        if let home = try? EntryPath(absolute: added.home), stack.resolve(home) == nil {
            // OpenShift starts programs as any user, in root's group.
            add(home, mode: user.gid == UserID.root.gid ? 0o770 : 0o700)
        }
        remarks.notes.append(
            Diagnostic(
                .planUserPlaces,
                "user \(user) has an account in the image, with the home `\(added.home)`",
                because: "no account has the number \(user.uid), and programs would find no home",
                hint: "leave accounts alone with `--no-runtime`"
            )
        )
    }

    /// A small file as the layers and the base have it.
    private func bytes(of path: String) -> (path: EntryPath, bytes: [UInt8])? {
        guard let entry = stack.find(path) else { return nil }
        for layer in stack.blueprints.reversed() {
            guard let index = layer.entries.index(of: entry.path) else { continue }
            guard case .bytes(let bytes) = layer.entries[index].content else { return nil }
            return (entry.path, bytes)
        }
        return stack.base?.content(of: entry.path).map { (entry.path, $0) }
    }

    // MARK: Directories

    private mutating func addDirectories() {
        var made = [String]()
        for text in inputs.configuration.statedDirectories {
            guard let path = try? EntryPath(absolute: text), !path.isRoot,
                case .missing(_, link: nil) = stack.follow(path),
                !isOfApplication(path), !entries.contains(where: { $0.path == path })
            else { continue }
            add(path, mode: user.gid == UserID.root.gid ? 0o775 : FileModes.directory)
            made.append("`\(text)`")
        }
        guard !made.isEmpty else { return }
        remarks.notes.append(
            Diagnostic(
                .planUserPlaces,
                "\(made.joined(separator: " and ")) \(made.count == 1 ? "is" : "are") made for user \(user)",
                because: "an engine would make \(made.count == 1 ? "it" : "them") as root's",
                hint: "give another owner or mode with `--mkdir PATH:MODE:UID:GID`"
            )
        )
    }

    private mutating func add(_ path: EntryPath, mode: UInt16) {
        entries.append(LayerEntry(path, .directory, mode: mode, uid: user.uid, gid: user.gid))
    }

    /// Whether the application's own layers have the directory.
    private func isOfApplication(_ path: EntryPath) -> Bool {
        inputs.application?.variants.contains { variant in
            (variant.entries + variant.dependencies).contains { path == $0.path || path.contains($0.path) }
        } ?? false
    }
}

extension Diagnostic.Code {
    static let planUserPlaces = Self("plan.user-places", .input)
}

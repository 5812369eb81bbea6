import Archive
import ByteIO
import Diagnostics
import Layers
import OCI
import Plan
import Rootfs

/// What differs first between the files of two layers that were made by the same step.
struct FileCause {
    let step: String
    let platform: Platform
    let draft: Reproducer.Draft
    let record: BuildRecord?
    /// A clause about both versions of coracle.
    let versions: String

    func cause(_ old: LayerFiles, _ new: LayerFiles) -> Cause {
        let left = Dictionary(old.files.map { ($0.path, $0) }) { $1 }
        let right = Dictionary(new.files.map { ($0.path, $0) }) { $1 }
        // What is in a file weighs more than whose it is.
        let paths = Set(left.keys).union(right.keys).sorted()
        if let path = paths.first(where: { left[$0] == nil || right[$0] == nil }) {
            return isOwn ? missing(path, isNew: left[path] == nil, left[path] ?? right[path]) : ours(path, old, new)
        }
        for path in paths {
            guard let before = left[path], let after = right[path],
                before.content != after.content || before.entry.kind != after.entry.kind
            else { continue }
            return isOwn ? content(path, before, after) : ours(path, old, new)
        }
        for path in paths {
            guard let old = left[path], let new = right[path], old != new else { continue }
            return attributes(path, old, new)
        }
        return Cause(
            .version,
            platform,
            "the same files stand in the layer in another order or form",
            because: "the layer is `\(step)`; \(versions)",
            hint: "use the coracle that built the image"
        )
    }

    /// Whether the user brings the files of the layer.
    private var isOwn: Bool {
        let steps = MadeSteps([step])
        return !steps.application.isEmpty || !steps.added.isEmpty
    }

    /// The file of this machine that is at `path` in the image.
    private func source(of path: EntryPath) -> String? {
        guard let image = draft.plan.images.first(where: { $0.platform == platform }) else { return nil }
        for layer in image.layers.map({ draft.plan.layers[$0] }) where layer.blueprint.createdBy == step {
            guard let index = layer.blueprint.entries.index(of: path) else { continue }
            return layer.blueprint.entries[index].hostFile?.display
        }
        return nil
    }

    private func missing(_ path: EntryPath, isNew: Bool, _ file: LayerFiles.File?) -> Cause {
        let what = Self.kind(file)
        if isNew {
            let place = source(of: path).map { ", from `\($0)`" } ?? ""
            return Cause(
                .input,
                platform,
                "there is \(what) more: `\(path)`",
                because: "the image does not have it\(place)",
                hint: "delete it, or leave it out with a line in `.coracleignore`, as it was when the image was built"
            )
        }
        return Cause(
            .input,
            platform,
            "there is \(what) less: `\(path)`",
            because: "the image has it, and no file that was given goes there",
            hint: "give the files that the image was built from; the same commit, with the same ignored files"
        )
    }

    private static func kind(_ file: LayerFiles.File?) -> String {
        switch file?.entry.kind {
        case .directory?: "a directory"
        case .symlink?: "a symlink"
        case .hardlink?: "a hard link"
        default: "a file"
        }
    }

    private func content(_ path: EntryPath, _ old: LayerFiles.File, _ new: LayerFiles.File) -> Cause {
        let name = source(of: path).map { "`\($0)`" } ?? "the file"
        let reason: String
        if case .symlink(let left) = old.entry.kind, case .symlink(let right) = new.entry.kind {
            reason = "it leads to `\(String(printing: left))` in the image, and to `\(String(printing: right))` now"
        } else if let left = old.content, let right = new.content {
            let sizes =
                old.entry.size == new.entry.size
                ? "both have \(old.entry.size) bytes" : "\(old.entry.size) bytes and \(new.entry.size)"
            reason = "it is \(left) in the image, and \(right) now: \(sizes)"
        } else {
            reason = "it is \(Self.kind(old)) in the image, and \(Self.kind(new)) now"
        }
        let isProgram = step.hasSuffix(path.description)
        return Cause(
            .input,
            platform,
            "another input: \(name) is not what is at `\(path)` in the image",
            because: reason,
            hint: isProgram
                ? "build the program from the same source with the same compiler and flags (Go: `-trimpath -buildvcs=false`)"
                : "give the files that the image was built from"
        )
    }

    private func attributes(_ path: EntryPath, _ old: LayerFiles.File, _ new: LayerFiles.File) -> Cause {
        let (left, right) = (old.entry, new.entry)
        let aspect =
            left.mode != right.mode ? "chmod" : (left.uid, left.gid) != (right.uid, right.gid) ? "chown" : "mtime"
        if let said = draft.options.first(where: { $0.name == aspect && $0.source == .record }) {
            return Cause(
                .record,
                platform,
                "the provenance says `\(said.display)`, and `\(path)` is another one in the image",
                because:
                    "mode, owner and time are \(Self.attributes(left)) in the image, and \(Self.attributes(right)) now",
                hint: "ask who has signed it; leave it out to go by what the image says of itself"
            )
        }
        let isAddition = !MadeSteps([step]).added.isEmpty
        if left.mode != right.mode {
            let modes = "\(Self.octal(left.mode)) in the image, and \(Self.octal(right.mode)) now"
            let isExecution = (left.mode ^ right.mode) & 0o111 != 0 && (left.mode ^ right.mode) & 0o666 == 0
            if isExecution, left.kind == .regular {
                return Cause(
                    .input,
                    platform,
                    "`\(path)` has another mode",
                    because: "it is \(modes): whether it may be executed is taken from the file",
                    hint: "`chmod` the file as it was, or check out the sources with modes"
                )
            }
            return Cause(
                .option,
                platform,
                "`\(path)` has another mode",
                because: "it is \(modes)",
                hint: isAddition
                    ? "give it behind two hyphens: `-- --add SRC:DST:MODE`"
                    : "give it behind two hyphens: `-- --chmod MODE`"
            )
        }
        if (left.uid, left.gid) != (right.uid, right.gid) {
            return Cause(
                .option,
                platform,
                "`\(path)` has another owner",
                because: "it is \(left.uid):\(left.gid) in the image, and \(right.uid):\(right.gid) now",
                hint: isAddition
                    ? "give it behind two hyphens: `-- --add SRC:DST:MODE:UID:GID`"
                    : "give it behind two hyphens: `-- --chown UID:GID`"
            )
        }
        if left.modified != right.modified {
            return Cause(
                .time,
                platform,
                "`\(path)` has another time",
                because: "it is \(left.modified) in the image, and \(right.modified) now, in seconds since 1970",
                hint: "give it behind two hyphens: `-- --mtime \(left.modified)`"
            )
        }
        return Cause(
            .input,
            platform,
            "`\(path)` has other capabilities",
            because: "`security.capability` differs",
            hint: "set them with `setcap` as they were, and give `-- --xattrs security.capability`"
        )
    }

    private static func attributes(_ entry: TarEntry) -> String {
        "\(octal(entry.mode)) \(entry.uid):\(entry.gid) \(entry.modified)"
    }

    private static func octal(_ mode: UInt16) -> String { "0" + String(mode, radix: 8) }

    /// Files that coracle itself brings.
    private func ours(_ path: EntryPath, _ old: LayerFiles, _ new: LayerFiles) -> Cause {
        if LayerFiles.isBundle(path), let cause = certificates(old.bundle, new.bundle) { return cause }
        return Cause(
            .version,
            platform,
            "`\(path)`, which coracle adds, is another one",
            because: "the layer is `\(step)`; \(versions)",
            hint: "use the coracle that built the image"
        )
    }

    /// Certificates that the user brought, beside those of coracle or instead of them.
    private func certificates(_ old: [UInt8]?, _ new: [UInt8]?) -> Cause? {
        guard let old, let new, let before = try? CertificateBundle(pem: old, from: "the image").certificates,
            let after = try? CertificateBundle(pem: new, from: "the image").certificates
        else { return nil }
        let (gone, added) = (before.filter { !after.contains($0) }, after.filter { !before.contains($0) })
        let given = draft.options.filter { ["ca", "ca-only"].contains($0.name) && $0.source == .user }
        if let other = given.first {
            return Cause(
                .input,
                platform,
                "`\(other.display)` is not the file that the image was built with",
                because:
                    "of its certificates the image has \(Self.list(gone)) alone, and what was made again \(Self.list(added))",
                hint: "give the file that the image was built with"
            )
        }
        // Those of another version of coracle differ in both directions, or are fewer.
        guard !gone.isEmpty, added.isEmpty || added.count == after.count else { return nil }
        let option = added.isEmpty ? "ca" : "ca-only"
        return Cause(
            .option,
            platform,
            "the image was built with `--\(option)`",
            because: "it trusts \(Self.list(gone)), which coracle does not add by itself",
            hint: "give the file behind two hyphens: `-- --\(option) FILE`"
        )
    }

    private static func list(_ certificates: [Certificate]) -> String {
        guard let first = certificates.first else { return "none" }
        return "`\(first.subject)`" + (certificates.count == 1 ? "" : " and \(certificates.count - 1) more")
    }
}

import Diagnostics
import ELF
import Findings
import Layers
import OCI

/// What `strip` would take out of the application's programs and libraries.
struct DebugInformation {
    /// Not worth a word below this, in bytes, so that smaller files need not be looked into.
    private static let noticed: Int64 = 1 << 20

    private let files: [(entry: RootEntry, size: Int64)]

    init<Root: ImageRoot>(_ root: Root) throws(Diagnostic) {
        var files: [(entry: RootEntry, size: Int64)] = []
        for entry in root.entries where entry.origin.isOfUser && entry.size > Self.noticed {
            guard entry.kind == .file, try root.bytes(of: entry, at: 0, count: 4) == [0x7F, 0x45, 0x4C, 0x46] else {
                continue
            }
            let source = EntrySource(root: root, entry: entry)
            // Other checks report what is wrong with a file.
            guard let file = try? ElfFile(source, named: entry.path.description)
            else { continue }
            let size = file.strippableSize(in: source)
            if size >= Self.noticed { files.append((entry, size)) }
        }
        self.files = files.sorted { ($1.size, $0.entry.path) < ($0.size, $1.entry.path) }
    }

    var finding: Finding? {
        guard let first = files.first else { return nil }
        let size = files.reduce(Int64(0)) { $0.addingClamped($1.size) }
        let shown = files.prefix(3).map { "`\($0.entry.path)` \($0.size.inMegabytes)" }.joined(separator: ", ")
        return Finding(
            .junkDebugInfo,
            "`strip` would save \(size.inMegabytes): symbols and debug information",
            in: first.entry.path,
            because: shown + (files.count > 3 ? ", and \(files.count - 3) more" : ""),
            hint: files.allSatisfy { ApplicationScan.isDependency($0.entry.path) }
                ? "run `strip` on the files before building the image"
                : "build Go with `-ldflags='-s -w'`, Rust with `strip = true`, or run `strip` before building the image"
        )
    }
}

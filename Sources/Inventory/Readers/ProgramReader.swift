package import Diagnostics
import ELF
package import Findings
import Layers
import Needs

/// What was compiled into programs, where their makers noted it: Go's linker always, `cargo auditable` for Rust.
package enum ProgramReader: PackageReader {
    package static func isRecord(_ entry: RootEntry) -> Bool {
        entry.mayBeLoaded && entry.size >= FileFacts.smallestElf
    }

    package static func read(
        _ records: [RootEntry],
        of root: some ImageRoot,
        into draft: inout InventoryDraft
    ) throws(Diagnostic) {
        for record in records {
            guard try root.bytes(of: record, at: 0, count: 4) == ElfHeader.magic else { continue }
            let source = EntrySource(root: root, entry: record)
            guard let file = try? ElfFile(source, named: record.path.description) else { continue }
            if let info = GoBuildInfo(in: file, reading: source) {
                ModuleComponents.add(info, at: record.path, to: &draft)
            } else if let crates = RustCrates(in: file, reading: source) {
                CrateComponents.add(crates, at: record.path, to: &draft)
            } else if record.isOwnProgram {
                draft.addGap("what is compiled into `\(record.path)` is not known")
            }
        }
    }
}

extension RootEntry {
    /// Whether the user brings it as a program, and not as a part of a package that is listed.
    fileprivate var isOwnProgram: Bool {
        guard origin.isOfUser, mode & 0o111 != 0, !path.name.hasSuffix(".so"), !path.name.contains(".so.") else {
            return false
        }
        return !path.bytes.split(separator: UInt8(ascii: "/")).contains { part in
            ["node_modules", "site-packages", "dist-packages"].contains { part.elementsEqual($0.utf8) }
        }
    }
}

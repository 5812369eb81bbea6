import Diagnostics
import ELF
import Findings
import Layers
import Needs

/// The root filesystem of an image, if it stood on another base.
struct ReplacedBase<Upper: ImageRoot>: ImageRoot {
    let entries: [RootEntry]
    private let upper: Upper
    private let base: AlternativeBase

    init(of upper: Upper, by base: AlternativeBase) {
        self.upper = upper
        self.base = base
        var entries: [EntryPath: RootEntry] = [:]
        for entry in base.entries { entries[entry.path] = entry }
        let own = upper.entries.filter { $0.origin != .base }
        for entry in own { entries[entry.path] = entry }
        // A layer has no directory that its base has.
        for directory in RootEntry.directories(above: own.lazy.map(\.path)) where entries[directory] == nil {
            entries[directory] = RootEntry(directory, .directory, mode: FileModes.directory, origin: .base)
        }
        self.entries = entries.values.sorted { $0.path < $1.path }
    }

    subscript(path: EntryPath) -> RootEntry? { entries.index(of: path).map { entries[$0] } }

    func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        entry.origin == .base ? nil : try upper.bytes(of: entry, at: offset, count: count)
    }

    func facts(of entry: RootEntry) throws(Diagnostic) -> FileFacts? {
        entry.origin == .base ? base.facts[entry.path] : try upper.facts(of: entry)
    }

    func needs(of entry: RootEntry) throws(Diagnostic) -> ProgramNeeds? {
        entry.origin == .base ? nil : try upper.needs(of: entry)
    }
}

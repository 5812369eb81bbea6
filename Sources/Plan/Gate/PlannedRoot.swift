import Applications
import ByteIO
package import Diagnostics
package import ELF
package import Findings
import Glibc
package import Layers
package import Needs
import Stack

/// The root filesystem that a container of a planned image will see.
package struct PlannedRoot: ImageRoot {
    package let entries: PlannedEntries
    /// What the files are made from: those of the layers, not of the base.
    private let layers: [LayerBlueprint]
    private let base: BaseFiles?
    private let plannedFacts: [EntryPath: FileFacts]
    private let plannedNeeds: [EntryPath: ProgramNeeds]

    /// Looks at the first bytes of every file that could be a program, and at the headers of those that are.
    ///
    /// - Throws: `gate.unreadable` where a file cannot be read.
    init(_ stack: LayerStack, knowing needs: [EntryPath: ProgramNeeds] = [:]) throws(Diagnostic) {
        let entries = PlannedEntries(stack.blueprints, on: stack.base)
        self.entries = entries
        layers = stack.blueprints
        base = stack.base
        plannedNeeds = needs
        // Those of the base are known already, and coracle itself adds no programs.
        let planned = entries.planned
        let parts = inStretches(of: 512, planned.count) { [layers = stack.blueprints] stretch in
            Result { () throws(Diagnostic) in
                var facts: [(EntryPath, FileFacts)] = []
                for entry in planned[stretch] where entry.origin.isOfUser && entry.mayRun {
                    guard let content = Self.content(of: entry.path, in: layers),
                        let found = try Self.facts(content, entry.path)
                    else { continue }
                    facts.append((entry.path, found))
                }
                return facts
            }
        }
        var facts: [EntryPath: FileFacts] = [:]
        for part in parts {
            for (path, found) in try part.get() { facts[path] = found }
        }
        plannedFacts = facts
    }

    /// The files of `layers` alone, the lowest first, whatever is below them.
    package init(of layers: [LayerBlueprint]) {
        entries = PlannedEntries(layers, on: nil)
        self.layers = layers
        base = nil
        plannedFacts = [:]
        plannedNeeds = [:]
    }

    package subscript(path: EntryPath) -> RootEntry? { entries[path] }

    package func facts(of entry: RootEntry) throws(Diagnostic) -> FileFacts? {
        entry.origin == .base ? base?.facts(of: entry.path) : plannedFacts[entry.path]
    }

    package func needs(of entry: RootEntry) throws(Diagnostic) -> ProgramNeeds? {
        if let needs = plannedNeeds[entry.path] { return needs }
        return try readNeeds(of: entry)
    }

    package func bytes(of entry: RootEntry, at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8]? {
        guard entry.kind == .file, offset >= 0, count >= 0 else { return nil }
        switch Self.content(of: entry.path, in: layers) {
        case .bytes(let bytes)?: return Self.part(of: bytes, at: offset, count)
        case .file(let path, _)?: return try HostFile(path).part(at: offset, count: count)
        case .directory?, .symlink?, .hardlink?: return nil
        case nil: return base?.content(of: entry.path).map { Self.part(of: $0, at: offset, count) }
        }
    }

    /// What the uppermost layer that has `path` has there; `nil` if none has.
    private static func content(of path: EntryPath, in layers: [LayerBlueprint]) -> LayerEntry.Content? {
        for layer in layers.reversed() {
            if let index = layer.entries.index(of: path) { return layer.entries[index].content }
        }
        return nil
    }

    private static func part(of bytes: [UInt8], at offset: Int64, _ count: Int) -> [UInt8] {
        let start = Int(min(offset, Int64(bytes.count)))
        return Array(bytes[start...].prefix(count))
    }

    private static func facts(_ content: LayerEntry.Content, _ path: EntryPath) throws(Diagnostic) -> FileFacts? {
        switch content {
        case .bytes(let bytes): try FileFacts(MemoryFile(bytes: bytes), named: path.description)
        case .file(let file, _): try FileFacts(HostFile(file), named: path.description)
        case .directory, .symlink, .hardlink: nil
        }
    }
}

extension RootEntry {
    /// Endings of files that nothing loads as a program or library: opening thirty thousand of them is a waste.
    private static let textNames: Set<String> = [
        "js", "mjs", "cjs", "ts", "mts", "cts", "jsx", "tsx", "vue", "map", "json", "md", "markdown", "css", "scss",
        "less", "html", "htm", "svg", "txt", "yml", "yaml", "toml", "xml", "csv", "py", "pyi", "rb", "php", "java",
        "class", "go", "c", "h", "cc", "cpp", "hpp", "rs", "png", "jpg", "jpeg", "gif", "ico", "woff", "woff2",
    ]

    /// Whether the file has to be read: any executable file, and others unless their names say that they are text.
    fileprivate var mayRun: Bool {
        guard kind == .file, size > 2 else { return false }
        if mode & 0o111 != 0 { return true }
        guard size >= FileFacts.smallestElf else { return false }
        guard let dot = path.name.lastIndex(of: UInt8(ascii: ".")) else { return true }
        return !Self.textNames.contains(String(decoding: path.name[(dot + 1)...], as: UTF8.self))
    }
}

private struct MemoryFile: ElfSource {
    let bytes: [UInt8]

    var size: Int64 { Int64(bytes.count) }

    func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        Array(bytes.dropFirst(Int(offset)).prefix(count))
    }
}

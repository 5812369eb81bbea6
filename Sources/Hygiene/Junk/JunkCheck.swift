package import Diagnostics
package import Findings
import Layers
import OCI

/// Looks for what makes an image larger and no better among what the user puts into it.
package struct JunkCheck<Root: ImageRoot> {
    /// Tests and documentation are not worth a word below this, in bytes.
    static var noticed: Int64 { 1 << 20 }

    /// A directory of which nothing is needed, and what is in it.
    struct Heap {
        let rule: Rule
        let path: EntryPath
        var size: Int64 = 0
        var count = 0
    }

    private let root: Root

    package init(_ root: Root) { self.root = root }

    package func findings() throws(Diagnostic) -> [Finding] {
        var heaps = [Heap]()
        var cores = [RootEntry]()
        var bytecode = [RootEntry]()
        for entry in root.entries where entry.origin.isOfUser {
            let name = entry.path.name
            let isInHeap = heaps.last?.path.contains(entry.path) == true
            switch entry.kind {
            case .directory:
                if !isInHeap, let rule = Self.rule(for: String(decoding: name, as: UTF8.self)) {
                    heaps.append(Heap(rule: rule, path: entry.path))
                }
            case .file:
                if isInHeap {
                    let last = heaps.count - 1
                    heaps[last].size = heaps[last].size.addingReportingOverflow(entry.size).partialValue
                    heaps[last].count += 1
                }
                if name.suffix(4).elementsEqual(".pyc".utf8) { bytecode.append(entry) }
                if try isCoreDump(entry, name) { cores.append(entry) }
            case .symlink, .hardlink, .other: continue
            }
        }
        var findings = heaps.filter { $0.rule == .junkGit && $0.count > 0 }.map(Self.repository)
        findings += cores.map(Self.core)
        findings += try DevDependencies(root).findings()
        for rule in [Rule.junkTests, .junkDocs, .junkCache] {
            findings += Self.finding(rule, heaps.filter { $0.rule == rule && $0.count > 0 }).map { [$0] } ?? []
        }
        findings += try Bytecode(root, bytecode).finding.map { [$0] } ?? []
        return findings + (try DebugInformation(root).finding.map { [$0] } ?? [])
    }

    private static func rule(for name: String) -> Rule? {
        switch name {
        case ".git": .junkGit
        case "test", "tests", "__tests__", "testdata": .junkTests
        case "doc", "docs", "man": .junkDocs
        case ".cache", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".nox", ".nyc_output", ".parcel-cache",
            ".gradle", ".eslintcache", ".sass-cache", ".ipynb_checkpoints":
            .junkCache
        default: nil
        }
    }

    /// By its name, and then by what is in it.
    private func isCoreDump(_ entry: RootEntry, _ name: ArraySlice<UInt8>) throws(Diagnostic) -> Bool {
        let isNamed =
            name.elementsEqual("core".utf8) || name.suffix(5).elementsEqual(".core".utf8)
            || name.starts(with: "vgcore.".utf8)
            || (name.starts(with: "core.".utf8) && name.dropFirst(5).allSatisfy { (0x30...0x39).contains($0) })
        guard isNamed, let start = try root.bytes(of: entry, at: 0, count: 64) else { return false }
        return SecretContent(start).isCoreDump
    }

    private static func repository(_ heap: Heap) -> Finding {
        Finding(
            .junkGit,
            "`\(heap.path)` is a git repository: every version of every file, and often addresses with passwords",
            in: heap.path,
            because: "\(heap.count) files, \(heap.size.inMegabytes)",
            hint: "leave it out with a line `.git` in `.coracleignore`"
        )
    }

    private static func core(_ entry: RootEntry) -> Finding {
        Finding(
            .junkCoreDump,
            "`\(entry.path)` is a core dump: a program's memory, with its passwords",
            in: entry.path,
            because: "\(entry.size.inMegabytes), an ELF file of type ET_CORE",
            hint: "delete it, or leave it out with a line in `.coracleignore`"
        )
    }

    private static func finding(_ rule: Rule, _ heaps: [Heap]) -> Finding? {
        let size = heaps.reduce(Int64(0)) { $0.addingClamped($1.size) }
        guard let largest = heaps.max(by: { $0.size < $1.size }) else { return nil }
        guard rule == .junkCache || size >= noticed else { return nil }
        let what: String =
            switch rule {
            case .junkTests: "tests"
            case .junkDocs: "documentation"
            default: "caches"
            }
        let shown = heaps.sorted { ($1.size, $0.path) < ($0.size, $1.path) }.prefix(3)
        return Finding(
            rule,
            "\(size.inMegabytes) of \(what), in \(heaps.count == 1 ? "1 directory" : "\(heaps.count) directories")",
            in: largest.path,
            because: shown.map { "`\($0.path)` \($0.size.inMegabytes)" }.joined(separator: ", ")
                + (heaps.count > 3 ? ", and \(heaps.count - 3) more" : ""),
            hint: "leave them out with lines in `.coracleignore`, such as `**/\(String(printing: largest.path.name))`"
        )
    }
}

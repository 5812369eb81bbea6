import Diagnostics
import Findings
import Layers
import OCI

/// Python's bytecode, which it uses only while the source has the time and size that are recorded in it.
///
/// PEP 552; importlib, SourceLoader.get_code.
struct Bytecode {
    /// How many files are looked into: one bad file speaks for all, as one command made them.
    private static let sampleSize = 64

    private let all: [RootEntry]
    private let stale: [(file: RootEntry, recorded: UInt32, actual: Int64)]

    /// - Parameter entries: those whose names end in `.pyc`.
    init(_ root: some ImageRoot, _ entries: [RootEntry]) throws(Diagnostic) {
        all = entries
        var stale: [(file: RootEntry, recorded: UInt32, actual: Int64)] = []
        for entry in entries.prefix(Self.sampleSize) {
            guard let source = Self.source(of: entry.path).flatMap({ root[$0] }), source.kind == .file,
                let head = try root.bytes(of: entry, at: 0, count: 16), head.count == 16
            else { continue }
            let number = { (offset: Int) in
                head[offset..<offset + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            }
            // With the lowest flag, a hash of the source stands in the place of its time.
            guard number(4) == 0, number(8) != UInt32(truncatingIfNeeded: source.modified) else { continue }
            stale.append((file: entry, recorded: number(8), actual: source.modified))
        }
        self.stale = stale
    }

    /// The source of a file: `a/b.py` for `a/__pycache__/b.cpython-311.pyc`. A file outside `__pycache__` needs no source.
    private static func source(of path: EntryPath) -> EntryPath? {
        guard let folder = path.parent, folder.name.elementsEqual("__pycache__".utf8), let parent = folder.parent else {
            return nil
        }
        return parent.appending(Array(path.name.prefix { $0 != UInt8(ascii: ".") }) + Array(".py".utf8))
    }

    var finding: Finding? {
        guard let first = stale.first else { return nil }
        let size = all.reduce(Int64(0)) { $0.addingClamped($1.size) }
        return Finding(
            .junkBytecode,
            "\(size.inMegabytes) of Python's bytecode that Python will not use: it compiles again at every start",
            in: first.file.path,
            because:
                "it was made from a source of the time \(first.recorded), and in the image the source is of \(first.actual), in seconds since 1970",
            hint:
                "compile with `python3 -m compileall --invalidation-mode unchecked-hash DIR`, or leave it out with a line `**/__pycache__` in `.coracleignore`"
        )
    }
}

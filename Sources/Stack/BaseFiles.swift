import Archive
package import Check
package import Diagnostics
package import ELF
package import Findings
package import Layers
import OCI

/// The root filesystem of a base, asked by path.
package struct BaseFiles: Sendable {
    /// What is known of a file's content.
    private struct Known: Sendable {
        let content: [UInt8]?
        let facts: FileFacts?
    }

    /// The entries of a base, made in each pass: only the table is held.
    package struct Entries: Sequence, Sendable {
        fileprivate let files: SortedFiles

        package func makeIterator() -> Iterator { Iterator(files: files.makeIterator()) }

        package struct Iterator: IteratorProtocol {
            fileprivate var files: SortedFiles.Iterator

            package mutating func next() -> RootEntry? {
                files.next().map { path, file in RootEntry(file.entry, at: path, origin: .base) }
            }
        }
    }

    private let files: RootFilesystem
    /// All of it, sorted by path.
    package let entries: Entries
    /// By a file's locator.
    private let known: [Int64: Known]

    /// Applies the layers, the lowest first. The memory of each is free then.
    ///
    /// - Throws: what `RootFilesystem.apply` throws.
    package init(_ layers: consuming [LayerTable], _ limits: TableLimits = TableLimits()) throws(Diagnostic) {
        var files = RootFilesystem(limits)
        var known: [Int64: Known] = [:]
        layers.reverse()
        while let layer = layers.popLast() {
            try files.beginLayer(.blob(layer.diffID.description))
            for record in layer.records {
                var locator: Int64 = 0
                if record.content != nil || record.facts != nil {
                    locator = Int64(known.count + 1)
                    known[locator] = Known(content: record.content, facts: record.facts)
                }
                try files.apply(record.entry, locator: locator)
            }
        }
        files.settle()
        self.files = files
        entries = Entries(files: files.sorted)
        self.known = known
    }

    /// What is at `path`, symlinks not followed. Each name of a file with several is a file: a name may be replaced, and
    /// the others stay.
    package subscript(path: EntryPath) -> StackEntry? {
        guard let file = files[path] else { return nil }
        guard !file.isImplied else {
            return StackEntry(
                path: path,
                kind: .directory,
                mode: FileModes.directory,
                origin: "a directory of the base",
                isOfBase: true
            )
        }
        var kind = EntryKind(file.entry.kind)
        if case .hardlink = kind { kind = .file }
        return StackEntry(
            path: path,
            kind: kind,
            mode: file.entry.mode,
            uid: file.entry.uid,
            gid: file.entry.gid,
            origin: "\(kind.description) of the base",
            isOfBase: true
        )
    }

    /// The content of a file that is small enough to have been kept.
    package func content(of path: EntryPath) -> [UInt8]? { known(of: path)?.content }

    /// What a file says of how it runs; `nil` if it is neither an ELF file nor a script.
    package func facts(of path: EntryPath) -> FileFacts? { known(of: path)?.facts }

    private func known(of path: EntryPath) -> Known? { files[path].flatMap { known[$0.locator] } }

    /// What is at `path`, as the base has it: of several names of a file, all but one are hard links.
    package func entry(at path: EntryPath) -> RootEntry? {
        files[path].map { RootEntry($0.entry, at: path, origin: .base) }
    }

    /// What another name of the file at `path` is as a file of its own.
    package func file(at path: EntryPath) -> RootEntry? {
        guard let file = files[path] else { return nil }
        return RootEntry(
            path,
            .file,
            mode: file.entry.mode,
            uid: file.entry.uid,
            gid: file.entry.gid,
            size: file.contentSize,
            origin: .base,
            modified: file.entry.modified
        )
    }
}

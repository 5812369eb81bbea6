import Archive
package import Diagnostics
import Layers

/// The entries of a package that were read so far, and the rules that hold between them.
package struct DebTable {
    /// The codes of what is refused.
    package struct Codes: Sendable {
        let path: Diagnostic.Code
        let kind: Diagnostic.Code

        package init(path: Diagnostic.Code, kind: Diagnostic.Code) {
            self.path = path
            self.kind = kind
        }

        static let deb = Codes(path: .debPathRefused, kind: .debKindRefused)
    }

    /// Name of the package, for messages.
    let name: String
    private let codes: Codes
    private var entries: [LayerEntry] = []
    private var indices: [EntryPath: Int] = [:]
    /// Files with several names: the index of the entry with the content, and those of the other names.
    private var links: [Int: [Int]] = [:]
    private(set) var stripped: [EntryPath] = []

    package init(name: String, codes: Codes) {
        self.name = name
        self.codes = codes
    }

    init(name: String) { self.init(name: name, codes: .deb) }

    /// The path of `record` in a layer; `nil` for the root directory, which does not belong to the package.
    func path(of record: TarRecord) throws(Diagnostic) -> EntryPath? {
        let path = EntryPath(unchecked: record.path)
        guard record.rawPath.first != UInt8(ascii: "/") else { throw refused(record.rawPath, "the path is absolute") }
        guard !path.isRoot else { return nil }
        for component in path.bytes.split(separator: UInt8(ascii: "/")) where Whiteout.has(name: component) {
            throw refused(path.bytes, Whiteout.reason)
        }
        guard indices[path] == nil else { throw refused(path.bytes, "the path stands twice") }
        return path
    }

    mutating func add(_ record: TarRecord, at path: EntryPath, _ content: LayerEntry.Content) throws(Diagnostic) {
        var mode = record.mode
        switch content {
        case .bytes, .file:
            if FileModes.setsID(mode) { stripped.append(path) }
            mode = FileModes.withoutSetID(mode)
        case .symlink: mode = FileModes.symlink
        case .directory, .hardlink: break
        }
        indices[path] = entries.count
        entries.append(
            LayerEntry(path, content, mode: mode, uid: record.uid, gid: record.gid, modified: record.modified)
        )
    }

    mutating func link(_ record: TarRecord, at path: EntryPath, to target: EntryPath) throws(Diagnostic) {
        guard var index = indices[target] else {
            throw kindRefused(
                record.path,
                "it is a hard link to `\(target)`, which the package does not have before it"
            )
        }
        if case .hardlink(let first) = entries[index].content, let file = indices[first] { index = file }
        switch entries[index].content {
        case .bytes, .file: break
        case .directory, .symlink, .hardlink:
            throw kindRefused(record.path, "it is a hard link to `\(target)`, which is not a file")
        }
        links[index, default: []].append(entries.count)
        indices[path] = entries.count
        var entry = entries[index]
        entry.path = path
        entry.content = .hardlink(to: entries[index].path)
        entries.append(entry)
    }

    /// The error for a device or a FIFO.
    func refusal(of record: TarRecord) -> Diagnostic {
        kindRefused(record.path, "devices and FIFOs have no place in an image")
    }

    /// All entries.
    ///
    /// - Throws: `deb.path-refused` for a path below something that is not a directory.
    func finished() throws(Diagnostic) -> [LayerEntry] {
        for entry in entries {
            var parent = entry.path.parent
            while let above = parent, !above.isRoot {
                if let index = indices[above], entries[index].content != .directory {
                    throw refused(entry.path.bytes, "`\(above)` is not a directory in this package")
                }
                parent = above.parent
            }
        }
        // A layer is sorted, and the target of a hard link has to come before the link.
        var entries = entries
        for (file, others) in links {
            let names = ([file] + others).map { entries[$0].path }.sorted()
            guard let first = names.first else { continue }
            for (index, path) in zip([file] + others, names) {
                entries[index].path = path
                if index != file { entries[index].content = .hardlink(to: first) }
            }
        }
        return entries
    }

    private func refused(_ path: [UInt8], _ reason: String) -> Diagnostic {
        Diagnostic(
            codes.path,
            "the package `\(name)` has the path `\(String(printing: path.prefix(400)))`, which is refused",
            because: reason
        )
    }

    private func kindRefused(_ path: [UInt8], _ reason: String) -> Diagnostic {
        Diagnostic(
            codes.kind,
            "the package `\(name)` has `/\(String(printing: path.prefix(400)))`, which is refused",
            because: reason
        )
    }
}

extension Diagnostic.Code {
    package static let debPathRefused = Self("deb.path-refused", .verification)
    package static let debKindRefused = Self("deb.kind-refused", .verification)
}

import ByteIO
import Diagnostics
import Glibc
import Layers

/// A walked directory, asked by the names in it.
struct DirectoryContents {
    /// The paths of the directory and of everything in it, sorted.
    private let entries: [LayerEntry]
    private let lookup: TreeLookup
    private let destination: EntryPath
    /// At the top, sorted.
    let topFiles: [String]
    let topDirectories: [String]

    /// More is not read of a file that describes an application.
    private static let sizeLimit = 1 << 20

    /// - Parameters:
    ///   - entries: sorted.
    ///   - destination: where they are in the image; names are relative to it.
    init(_ entries: [LayerEntry], at destination: EntryPath) {
        self.entries = entries
        lookup = TreeLookup(entries)
        self.destination = destination
        var (files, directories) = ([String](), [String]())
        for entry in entries {
            let name = entry.path.name(below: destination)
            // No recognised file has a name that is not UTF-8.
            guard !name.isEmpty, !name.contains(UInt8(ascii: "/")), let text = String(validating: name, as: UTF8.self)
            else { continue }
            let real = entry.hostFile == nil ? lookup.resolve(entry.path) : entry
            if entry.isDirectory { directories.append(text) } else if real?.hostFile != nil { files.append(text) }
        }
        topFiles = files.sorted()
        topDirectories = directories.sorted()
    }

    func hasFile(_ name: String) -> Bool { file(name) != nil }
    func hasDirectory(_ name: String) -> Bool { entry(name)?.isDirectory ?? false }

    func hasFiles(in directory: String, ending end: String) -> Bool {
        let start = Array("\(directory)/".utf8)
        return entries.contains { entry in
            entry.path.bytes.hasSuffix(end) && entry.path.name(below: destination).starts(with: start)
                && entry.hostFile != nil
        }
    }

    /// The files directly in `directory`, sorted.
    func files(in directory: String) -> [String] {
        let start = Array("\(directory)/".utf8)
        return entries.filter { entry in
            let name = entry.path.name(below: destination)
            return !entry.isDirectory && name.starts(with: start)
                && !name.dropFirst(start.count).contains(UInt8(ascii: "/"))
        }.compactMap { name(of: $0.path) }
    }

    /// The names of the directories directly in `directory`, sorted.
    func directories(in directory: String) -> [String] {
        let start = Array("\(directory)/".utf8)
        return entries.compactMap { entry in
            let name = entry.path.name(below: destination)
            guard entry.isDirectory, name.starts(with: start) else { return nil }
            let rest = name.dropFirst(start.count)
            return rest.contains(UInt8(ascii: "/")) ? nil : String(validating: rest, as: UTF8.self)
        }
    }

    func file(_ name: String) -> FilePath? { entry(name)?.hostFile }

    /// The content of a small file; `nil` if there is none, or if it cannot be read.
    func read(_ name: String) -> [UInt8]? {
        guard let path = file(name) else { return nil }
        let file = try? OpenFile(path, O_RDONLY | O_NONBLOCK)
        guard let file else { return nil }
        return try? file.readAll(limit: Self.sizeLimit)
    }

    /// The first line of a small file, without spaces; `nil` if there is none.
    func line(_ name: String) -> String? {
        let text = read(name).map { String(decoding: $0.prefix(256), as: UTF8.self) }
        let line = text?.split(whereSeparator: \.isNewline).first?.filter { $0 != " " && $0 != "\t" }
        return line.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The entries whose names pass `isWanted`, which gets them relative to the directory.
    func entries(where isWanted: (ArraySlice<UInt8>) -> Bool) -> [LayerEntry] {
        entries.filter { isWanted($0.path.name(below: destination)) }
    }

    /// Where `path` is, relative to the directory; `nil` if it is outside, or not UTF-8.
    func name(of path: EntryPath) -> String? {
        let name = path.name(below: destination)
        return name.isEmpty ? nil : String(validating: name, as: UTF8.self)
    }

    /// What `name` leads to, relative to the directory: through symlinks, and by its first name if it has several.
    func realName(_ name: String) -> String? { entry(name).flatMap { self.name(of: $0.path) } }

    private func entry(_ name: String) -> LayerEntry? { lookup.resolve(destination.appending(name.utf8)) }
}

extension EntryPath {
    /// Relative to `directory`; empty for itself, and for what is not below it.
    func name(below directory: EntryPath) -> ArraySlice<UInt8> {
        let skipped = directory.isRoot ? 0 : directory.bytes.count + 1
        return bytes.count > skipped && directory.contains(self) ? bytes[skipped...] : []
    }
}

extension [UInt8] {
    fileprivate func hasSuffix(_ end: String) -> Bool { suffix(end.utf8.count).elementsEqual(end.utf8) }
}

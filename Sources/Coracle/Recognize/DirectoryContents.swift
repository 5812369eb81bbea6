import ByteIO
import Diagnostics
import Glibc
import Layers

/// A walked directory, asked by the names in it.
struct DirectoryContents {
    private let files: [String: FilePath]
    private let directories: Set<String>
    /// At the top, sorted.
    let topFiles: [String]
    let topDirectories: [String]

    /// More is not read of a file that describes an application.
    private static let sizeLimit = 1 << 20

    /// - Parameter destination: where `entries` are in the image; names are relative to it.
    init(_ entries: [LayerEntry], at destination: EntryPath) {
        var files: [String: FilePath] = [:]
        var directories = Set<String>()
        for entry in entries where destination.contains(entry.path) {
            let skipped = destination.isRoot ? 0 : destination.bytes.count + 1
            // A name that is no text is nothing that anyone looks for.
            guard let name = String(validating: entry.path.bytes.dropFirst(skipped), as: UTF8.self) else { continue }
            if let file = entry.hostFile {
                files[name] = file
            } else if entry.isDirectory {
                directories.insert(name)
            }
        }
        self.files = files
        self.directories = directories
        topFiles = files.keys.filter { !$0.contains("/") }.sorted()
        topDirectories = directories.filter { !$0.contains("/") }.sorted()
    }

    func hasFile(_ name: String) -> Bool { files[name] != nil }
    func hasDirectory(_ name: String) -> Bool { directories.contains(name) }

    func hasFiles(in directory: String, ending end: String) -> Bool {
        files.keys.contains { $0.hasPrefix("\(directory)/") && $0.hasSuffix(end) }
    }

    /// The directories whose names begin and end so, sorted.
    func directories(from start: String, to end: String) -> [String] {
        directories.filter { $0.hasPrefix(start) && $0.hasSuffix(end) }.sorted()
    }

    func file(_ name: String) -> FilePath? { files[name] }

    /// The content of a small file; nil if there is none, or if it cannot be read.
    func read(_ name: String) -> [UInt8]? {
        guard let path = files[name] else { return nil }
        let file = try? OpenFile(path, O_RDONLY | O_NONBLOCK)
        guard let file else { return nil }
        return try? file.readAll(limit: Self.sizeLimit)
    }
}

import Apk
import ByteIO
import Debian
import Diagnostics
import Layers
import OCI

/// What the files that are made of all packages need to know of an apk package.
struct InstalledPackage: Hashable, Sendable {
    /// Its paragraph of `lib/apk/db/installed`, without the empty line at its end.
    let record: String
    /// The absolute paths at which its busybox wants links to itself.
    let tools: [String]

    private static let toolLists = EntryPath(unchecked: Array("etc/busybox-paths.d".utf8))
    private static let toolListLimit = 1 << 20
    private static let mostTools = 2000

    /// - Parameters:
    ///   - size: that of the package's file, in bytes.
    ///   - entries: what is kept of its files, sorted, with the directories above them.
    /// - Throws: `io.failed`.
    init(
        _ control: ApkControl,
        _ checksum: ApkChecksum,
        size: Int64,
        _ entries: [LayerEntry]
    ) throws(Diagnostic) {
        record = try Self.record(control, checksum, size, entries)
        var tools = [String]()
        for entry in entries where entry.path.parent == Self.toolLists {
            guard case .bytes(let bytes) = entry.content, bytes.count <= Self.toolListLimit else { continue }
            for line in String(printing: bytes).split(whereSeparator: \.isNewline) where tools.count < Self.mostTools {
                guard let path = try? EntryPath(absolute: String(line)), !path.isRoot else { continue }
                tools.append(path.description)
            }
        }
        self.tools = tools
    }

    init(record: String, tools: [String]) {
        self.record = record
        self.tools = tools
    }

    // MARK: The installed database

    /// apk-v2(5) § Installed database: the fields of an index, then directories (`F:`) with their files (`R:`).
    private static func record(
        _ control: ApkControl,
        _ checksum: ApkChecksum,
        _ size: Int64,
        _ entries: [LayerEntry]
    ) throws(Diagnostic) -> String {
        var lines = ["C:\(checksum.text)", "P:\(control.name)", "V:\(control.version)", "A:\(control.architecture)"]
        lines.append("S:\(size)")
        for (letter, field) in [
            ("I", "size"), ("T", "pkgdesc"), ("U", "url"), ("L", "license"), ("o", "origin"), ("m", "maintainer"),
            ("t", "builddate"), ("c", "commit"), ("k", "provider_priority"),
        ] {
            if let value = control.value(of: field), !value.isEmpty { lines.append("\(letter):\(value)") }
        }
        for (letter, field) in [("D", "depend"), ("p", "provides"), ("i", "install_if"), ("r", "replaces")] {
            let values = control.values(of: field).filter { !$0.isEmpty }
            if !values.isEmpty { lines.append("\(letter):\(values.joined(separator: " "))") }
        }
        var files: [EntryPath: [LayerEntry]] = [:]
        var directories = [LayerEntry]()
        var sums: [EntryPath: String] = [:]
        for entry in entries where entry.path.bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
            switch entry.content {
            case .directory: directories.append(entry)
            case .symlink(let target): sums[entry.path] = Self.sha1(of: target)
            case .bytes(let bytes): sums[entry.path] = Self.sha1(of: bytes)
            case .file(let path, _): sums[entry.path] = try Self.sha1(of: path)
            case .hardlink(let first): sums[entry.path] = sums[first]
            }
            if entry.content != .directory, let parent = entry.path.parent { files[parent, default: []].append(entry) }
        }
        // The root has no line with owner and mode: readers give up the whole database over one.
        if let top = files[EntryPath.root] {
            lines.append("F:")
            lines += fileLines(top, sums)
        }
        for directory in directories {
            lines.append("F:\(String(decoding: directory.path.bytes, as: UTF8.self))")
            if directory.mode != 0o755 || directory.uid != 0 || directory.gid != 0 {
                lines.append("M:\(directory.uid):\(directory.gid):\(String(directory.mode, radix: 8))")
            }
            lines += fileLines(files[directory.path] ?? [], sums)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func fileLines(_ files: [LayerEntry], _ sums: [EntryPath: String]) -> [String] {
        var lines = [String]()
        for file in files {
            lines.append("R:\(String(decoding: file.path.name, as: UTF8.self))")
            let mode = if case .symlink = file.content { UInt32(0o777) } else { UInt32(file.mode) }
            if mode != 0o644 || file.uid != 0 || file.gid != 0 {
                lines.append("a:\(file.uid):\(file.gid):\(String(mode, radix: 8))")
            }
            if let sum = sums[file.path] { lines.append("Z:\(ApkChecksum.text(ofHex: sum))") }
        }
        return lines
    }

    private static func sha1(of bytes: [UInt8]) -> String {
        var hasher = SHA1Hasher()
        bytes.withUnsafeBytes { hasher.update($0) }
        return hasher.finalize()
    }

    private static func sha1(of path: FilePath) throws(Diagnostic) -> String {
        var source = try FileSource(path)
        var hasher = SHA1Hasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try source.read(into: buffer)
            if count == 0 { return hasher.finalize() }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}

// MARK: - The form in the cache

extension InstalledPackage {
    var json: JSON { ["record": .string(record), "tools": .array(tools.map(JSON.string))] }

    init(_ reader: JSONReader) throws(Diagnostic) {
        self.init(record: try reader.member("record").string(), tools: try reader.member("tools").strings())
    }
}

package import Archive
import Diagnostics
package import Layers
package import OCI

/// The root filesystem of an image: mode, owner, size, path and layer of every file.
package struct FileListing: Sendable {
    /// One line of the listing.
    package struct Line: Sendable {
        package let path: EntryPath
        package let record: TarEntry
        /// Counted from 1.
        package let layer: Int
        /// Size of the content, in bytes; a hard link has the size of its file.
        package let size: Int64
    }

    private let files: RootFilesystem

    init(_ files: RootFilesystem) { self.files = files }

    /// Sorted by path. They are made one after the other, as an image may have very many.
    package var lines: some Sequence<Line> {
        files.sorted.lazy.compactMap { path, file in
            guard !file.isImplied else { return nil }
            return Line(path: path, record: file.entry, layer: file.layer + 1, size: file.contentSize)
        }
    }

    /// For a person, one file a line.
    package var text: some Sequence<String> { lines.lazy.map(\.text) }

    /// For a program, one value a file.
    package var json: some Sequence<JSON> { lines.lazy.map(\.json) }
}

extension FileListing.Line {
    fileprivate var text: String {
        let owner = "\(record.uid):\(record.gid)"
        return [
            modeText, owner.rightAligned(11), String(size).rightAligned(10), "[\(layer)]",
            path.description + (target.map { " -> \($0)" } ?? ""),
        ].joined(separator: " ")
    }

    /// As `ls -l` shows it.
    private var modeText: String {
        let letters = Array("rwxrwxrwx")
        var text = (0..<9).map { record.mode >> (8 - $0) & 1 == 1 ? letters[$0] : "-" }
        let specialBits: [(UInt16, Int, String)] = [(0o4000, 2, "s"), (0o2000, 5, "s"), (0o1000, 8, "t")]
        for (bit, place, letter) in specialBits where record.mode & bit != 0 {
            text[place] = Character(text[place] == "x" ? letter : letter.uppercased())
        }
        return kindLetter + String(text)
    }

    private var kindLetter: String {
        switch record.kind {
        case .regular, .hardlink: "-"
        case .directory: "d"
        case .symlink: "l"
        case .characterDevice: "c"
        case .blockDevice: "b"
        case .fifo: "p"
        }
    }

    private var target: String? {
        switch record.kind {
        case .symlink(let target): String(printing: target)
        case .hardlink(let target): EntryPath(unchecked: target).description
        default: nil
        }
    }

    fileprivate var json: JSON {
        var json = JSONObject()
        json["path"] = .string(path.description)
        json["mode"] = .string(modeText)
        json["owner"] = .string("\(record.uid):\(record.gid)")
        json["size"] = .int(size)
        json["target"] = target.map { .string($0) }
        json["layer"] = .int(layer)
        return .object(json)
    }
}

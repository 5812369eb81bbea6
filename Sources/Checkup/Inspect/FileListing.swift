package import Archive
import Diagnostics
package import Layers
package import OCI

/// The root filesystem of an image: mode, owner, size, path and layer of every file.
package struct FileListing: Sendable {
    /// One line of the listing.
    package struct Line: Sendable {
        package let path: EntryPath
        package let record: TarRecord
        /// Counted from 1.
        package let layer: Int
        /// Size of the content, in bytes; a hard link has the size of its file.
        package let size: Int64
    }

    package let lines: [Line]

    init(_ files: RootFilesystem<TarRecord>) {
        let sorted = files.sorted
        let sizes = Dictionary(sorted.map { ($0.path, $0.file.record.size) }) { first, _ in first }
        lines = sorted.map { path, file in
            var size = file.record.size
            if case .hardlink(let target) = file.record.kind { size = sizes[EntryPath(unchecked: target)] ?? 0 }
            return Line(path: path, record: file.record, layer: file.layer + 1, size: size)
        }
    }

    /// For a person, one file a line.
    package var text: [String] { lines.map(\.text) }

    /// For a program.
    package var json: JSON { .array(lines.map(\.json)) }
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

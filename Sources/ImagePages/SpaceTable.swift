import Checkup
import Diagnostics
import Hygiene
import Layers
import OCI
import Page

/// The layers of an image with their directories and files by size: the picture as text.
struct SpaceTable {
    /// As many rows are made; what has none is counted in a row of its directory.
    private static let most = 900
    private static let deepest = 6
    /// Directories have a row for their small files, too.
    private static let wanted = 400

    private var table: Table
    private let total: Int64
    private let smallest: Int64

    init(_ survey: ImageSurvey) {
        table = Table(
            "Directories and files by size, unpacked, in each layer. Small ones are counted together.",
            [("Path", .text), ("Size", .number), ("Share", .number), ("", .bar)]
        )
        total = survey.waste.total
        // As small as there is room for: an image may have few large files, or very many small ones.
        var smallest = max(1, total / 2000)
        let trees = survey.layers.flatMap { [$0.files, $0.hidden] }
        while trees.reduce(0, { $0 + Self.count($1, smallest) }) > Self.wanted, smallest < total { smallest *= 2 }
        self.smallest = smallest
        for (index, layer) in survey.layers.enumerated() where layer.size > 0 {
            add("[\(index + 1)] \(layer.step ?? "")", layer.size, .group, 0)
            add(contentsOf: layer.files, 1)
            if layer.hidden.size > 0 {
                add("hidden by later layers", layer.hidden.size, .plain, 1)
                add(contentsOf: layer.hidden, 2)
            }
        }
    }

    private static func count(_ node: SizeTree, _ smallest: Int64) -> Int {
        node.children.reduce(0) { $0 + ($1.size >= smallest ? 1 + count($1, smallest) : 0) }
    }

    var markup: Markup { table.markup }

    private mutating func add(contentsOf directory: SizeTree, _ level: Int) {
        var (rest, restSize) = (directory.count, directory.size)
        if level <= Self.deepest {
            for child in directory.children where child.size >= smallest && table.count < Self.most {
                rest -= child.count
                restSize -= child.size
                let (last, name) = Self.chain(child)
                add(last.isDirectory ? "\(name)/" : name, child.size, .plain, level)
                if last.isDirectory { add(contentsOf: last, level + 1) }
            }
        }
        guard rest > 0, restSize > 0 else { return }
        let isAll = rest == directory.count
        add(
            PageParts.count(rest, isAll ? "file" : "more file", isAll ? "files" : "more files"),
            restSize,
            .folded,
            level
        )
    }

    private mutating func add(_ name: String, _ size: Int64, _ role: Table.Role, _ level: Int) {
        let share = Double(size) / Double(max(1, total))
        let tenths = Int(share * 1000)
        table.add(
            [
                role == .folded ? .text(name) : .path(name), .text("\(ByteCount(size))"),
                .text("\(tenths / 10).\(tenths % 10) %"), .share(share),
            ],
            role,
            indent: level
        )
    }

    /// A directory with nothing in it but one other is shown as one with it.
    static func chain(_ node: SizeTree) -> (SizeTree, String) {
        var (last, name) = (node, String(printing: node.name))
        while last.isDirectory, last.children.count == 1, last.folded.count == 0, last.children[0].isDirectory {
            last = last.children[0]
            name += "/" + String(printing: last.name)
        }
        return (last, name)
    }
}

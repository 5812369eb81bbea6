import Layers
import Page

extension MapNode {
    /// What is in `directory`, all of it with `tone`.
    static func parts(of directory: SizeTree, _ tone: MapNode.Tone) -> [MapNode] {
        var nodes = directory.children.map { child in
            let (last, name) = SpaceTable.chain(child)
            return MapNode(
                last.isDirectory ? "\(name)/" : name,
                size: child.size,
                tone,
                remark: last.isDirectory ? PageParts.count(last.count, "file", "files") : "",
                parts: last.isDirectory ? parts(of: last, tone) : []
            )
        }
        if directory.folded.size > 0 {
            nodes.append(
                MapNode(
                    PageParts.count(directory.folded.count, "small file", "small files"),
                    size: directory.folded.size,
                    tone.isSeries ? .folded : tone
                )
            )
        }
        return nodes.sorted { $0.size > $1.size }
    }
}

import Check
import Layers

/// Tables of blocks, which come from a registry, too.
enum BlockTableProbe {
    static func read(_ bytes: [UInt8]) {
        guard let table = BlockTable(bytes: bytes, .gzip) else { return }
        require(BlockTable(bytes: table.bytes, .gzip) == table, "a table of blocks is not read as it was written")
    }
}

/// Tables of a layer's files, which a cache keeps.
enum LayerTableProbe {
    static func read(_ bytes: [UInt8]) {
        guard let table = LayerTable(bytes: bytes) else { return }
        require(LayerTable(bytes: table.bytes)?.bytes == table.bytes, "a table of files is not read as it was written")
    }
}

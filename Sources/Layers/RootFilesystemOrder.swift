/// Walks through the names of a root filesystem in the order of their paths: a directory, then what is in it.
struct RootFilesystemOrder {
    private struct Level {
        var names: [Int32]
        /// Length of the directory's path, in bytes.
        let length: Int
    }

    /// The names that are still to come, the next one last, for each directory on the way.
    private var levels: [Level]
    /// The path of the name that was returned last.
    private(set) var path: [UInt8] = []

    init(_ filesystem: RootFilesystem) { levels = [Level(names: [RootFilesystem.root], length: 0)] }

    mutating func next(_ filesystem: RootFilesystem) -> Int32? {
        while let level = levels.indices.last {
            guard let node = levels[level].names.popLast() else {
                levels.removeLast()
                continue
            }
            path.removeSubrange(levels[level].length...)
            if node != RootFilesystem.root {
                if !path.isEmpty { path.append(UInt8(ascii: "/")) }
                path += filesystem.name(of: node)
            }
            if filesystem.isDirectory(node) {
                let children = filesystem.presentChildren(of: node)
                    .sorted { filesystem.name(of: $1).lexicographicallyPrecedes(filesystem.name(of: $0)) }
                if !children.isEmpty { levels.append(Level(names: children, length: path.count)) }
            }
            return node
        }
        return nil
    }
}

/// Finds names by directory and bytes.
struct NodeIndex: Sendable {
    /// Numbers of nodes by hash, -1 where none is; a power of two, at most three quarters full.
    private var slots = [Int32](repeating: -1, count: 64)
    private var count = 0

    func find(
        _ name: ArraySlice<UInt8>,
        in directory: Int32,
        _ nodes: borrowing Pieces<RootFilesystem.Node>,
        _ pool: borrowing BytePool
    ) -> Int32? {
        let mask = slots.count - 1
        var slot = Self.hash(name, directory) & mask
        while slots[slot] >= 0 {
            let node = nodes[slots[slot]]
            if node.parent == directory, Int(node.nameLength) == name.count,
                pool.bytes(at: node.name, count: name.count).elementsEqual(name)
            {
                return slots[slot]
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Adds a node that is not there yet.
    mutating func insert(
        _ node: Int32,
        _ nodes: borrowing Pieces<RootFilesystem.Node>,
        _ pool: borrowing BytePool
    ) {
        if count >= slots.count / 4 * 3 {
            let old = slots
            slots = [Int32](repeating: -1, count: 2 * old.count)
            for node in old where node >= 0 { put(node, nodes, pool) }
        }
        put(node, nodes, pool)
        count += 1
    }

    private mutating func put(
        _ node: Int32,
        _ nodes: borrowing Pieces<RootFilesystem.Node>,
        _ pool: borrowing BytePool
    ) {
        let mask = slots.count - 1
        let entry = nodes[node]
        var slot = Self.hash(pool.bytes(at: entry.name, count: Int(entry.nameLength)), entry.parent) & mask
        while slots[slot] >= 0 { slot = (slot + 1) & mask }
        slots[slot] = node
    }

    // Swift's own hash has a secret of the process: no one can choose names that fall together.
    private static func hash(_ name: ArraySlice<UInt8>, _ directory: Int32) -> Int {
        var hasher = Hasher()
        hasher.combine(directory)
        name.withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize() & .max
    }
}

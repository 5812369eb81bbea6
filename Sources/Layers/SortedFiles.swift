/// All files of a root filesystem in the order of their paths, implied directories and the root among them.
///
/// Beside the table, four bytes are held for an entry: each pass makes the paths again.
package struct SortedFiles: Sequence, Sendable {
    private let filesystem: RootFilesystem
    private let order: [Int32]

    init(_ filesystem: RootFilesystem) {
        self.filesystem = filesystem
        var order = [Int32]()
        order.reserveCapacity(filesystem.nodes.count)
        var walk = RootFilesystemOrder(filesystem)
        while let node = walk.next(filesystem) { order.append(node) }
        self.order = order
    }

    package func makeIterator() -> Iterator { Iterator(filesystem, order) }

    package struct Iterator: IteratorProtocol {
        private let filesystem: RootFilesystem
        private let order: [Int32]
        private var index = 0
        /// The path of the file before.
        private var path: [UInt8] = []

        fileprivate init(_ filesystem: RootFilesystem, _ order: [Int32]) {
            self.filesystem = filesystem
            self.order = order
        }

        package mutating func next() -> (path: EntryPath, file: RootFilesystem.File)? {
            guard index < order.count else { return nil }
            let node = order[index]
            index += 1
            if node != RootFilesystem.root {
                // The file before is in the same directory, or below it.
                path.removeSubrange(Int(filesystem.nodes[filesystem.nodes[node].parent].pathLength)...)
                if !path.isEmpty { path.append(UInt8(ascii: "/")) }
                path += filesystem.name(of: node)
            }
            return (EntryPath(unchecked: path), filesystem.file(node, at: path))
        }
    }
}

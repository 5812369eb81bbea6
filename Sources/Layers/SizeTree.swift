import OCI

/// Where the bytes of many files are: directories by their size, with what is small folded.
package struct SizeTree: Hashable, Sendable {
    /// The name in the directory above.
    package let name: [UInt8]
    /// Size of the files in it, in bytes.
    package internal(set) var size: Int64 = 0
    /// Number of files in it that have a size; 1 for a file.
    package internal(set) var count = 0
    package let isDirectory: Bool
    /// The largest first; of equal ones the first by name.
    package internal(set) var children: [SizeTree] = []
    /// What is directly in it, and too small for a node of its own.
    package internal(set) var folded = Folded()

    /// Several files and directories together.
    package struct Folded: Hashable, Sendable {
        /// Number of files.
        package internal(set) var count = 0
        /// In bytes.
        package internal(set) var size: Int64 = 0
    }

    init(name: [UInt8], isDirectory: Bool) {
        self.name = name
        self.isDirectory = isDirectory
    }
}

/// Makes a tree of files that come sorted by path. What it holds does not grow with the number of files.
package struct SizeTreeDraft: Sendable {
    /// The directories on the way to the last file, the root first.
    private var open: [SizeTree]
    private let smallest: Int64

    /// As many directories are followed from the root; a file below is one of the last.
    private static let deepest = 24

    /// - Parameter smallest: the size from which on a file or directory has a node of its own, in bytes.
    package init(smallest: Int64) {
        self.smallest = max(1, smallest)
        open = [SizeTree(name: [], isDirectory: true)]
    }

    /// Adds the file at `path`, which comes after all that were added.
    package mutating func add(_ path: EntryPath, size: Int64) {
        let names = path.bytes.split(separator: UInt8(ascii: "/"))
        let directories = names.dropLast().prefix(Self.deepest)
        var shared = 0
        for name in directories {
            guard shared + 1 < open.count, open[shared + 1].name.elementsEqual(name) else { break }
            shared += 1
        }
        close(to: shared + 1)
        for name in directories.dropFirst(shared) { open.append(SizeTree(name: Array(name), isDirectory: true)) }
        var file = SizeTree(name: Array(names.last ?? []), isDirectory: false)
        (file.size, file.count) = (size, 1)
        put(file)
    }

    /// The root of the tree.
    package consuming func finish() -> SizeTree {
        close(to: 1)
        var root = open[0]
        Self.sort(&root)
        return root
    }

    private mutating func close(to count: Int) {
        while open.count > count, var last = open.popLast() {
            Self.sort(&last)
            put(last)
        }
    }

    private mutating func put(_ node: SizeTree) {
        let last = open.count - 1
        open[last].size = open[last].size.addingClamped(node.size)
        open[last].count += node.count
        if node.size >= smallest {
            open[last].children.append(node)
        } else {
            open[last].folded.size = open[last].folded.size.addingClamped(node.size)
            open[last].folded.count += node.count
        }
    }

    private static func sort(_ node: inout SizeTree) {
        node.children.sort { left, right in
            left.size == right.size ? left.name.lexicographicallyPrecedes(right.name) : left.size > right.size
        }
    }
}

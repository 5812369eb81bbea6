package import Diagnostics
package import Findings
package import Layers
import OCI

/// What the layers of an image have that does not do anything: contents that no container sees, and those that are there twice.
package struct ImageWaste: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A later layer deletes it.
        case deleted
        /// A later entry has another content.
        case overwritten
        /// A later entry has the same content: only its mode, owner or time is another.
        case unchanged
        /// Another file has the same content.
        case twice
    }

    /// One content that could be left out.
    package struct Item: Hashable, Sendable {
        package let kind: Kind
        package let path: EntryPath
        /// In bytes, unpacked.
        package let size: Int64
        /// The layer with it, counted from 0.
        package let layer: Int
        /// The layer that hides it, counted from 0; `nil` if it is seen.
        package let hidingLayer: Int?
        /// The file with the same content; `nil` unless there are two.
        package let twin: EntryPath?
    }

    /// The largest first; of equal ones the first by path.
    package let items: [Item]
    /// Size of all contents in all layers, in bytes.
    package let total: Int64
    /// Size of what is wasted, in bytes.
    package let size: Int64

    /// Reads the files that may have the same content as another one.
    ///
    /// - Throws: what keeps them from being read.
    package init(in root: some LayeredRoot) throws(Diagnostic) {
        var total: Int64 = 0
        var counts = [Int64: Int]()
        for entry in root.entries where entry.kind == .file && entry.size > 0 {
            total = total.addingClamped(entry.size)
            counts[entry.size, default: 0] += 1
        }
        var items = [Item]()
        for file in root.discarded {
            total = total.addingClamped(file.size)
            items.append(
                Item(
                    kind: try Self.kind(of: file, in: root),
                    path: file.path,
                    size: file.size,
                    layer: file.layer,
                    hidingLayer: file.hidingLayer,
                    twin: nil
                )
            )
        }
        var known = [Content: EntryPath]()
        for entry in root.entries where entry.kind == .file && entry.size > 0 && counts[entry.size] != 1 {
            guard let digest = try Self.digest(of: entry, in: root) else { continue }
            let content = Content(size: entry.size, digest: digest)
            guard let first = known[content] else {
                known[content] = entry.path
                continue
            }
            items.append(
                Item(
                    kind: .twice,
                    path: entry.path,
                    size: entry.size,
                    layer: root.layer(of: entry.path) ?? 0,
                    hidingLayer: nil,
                    twin: first
                )
            )
        }
        items.sort { left, right in
            if left.size != right.size { return left.size > right.size }
            return left.path == right.path ? left.layer < right.layer : left.path < right.path
        }
        self.items = items
        self.total = total
        size = items.reduce(0) { $0.addingClamped($1.size) }
    }

    private struct Content: Hashable {
        let size: Int64
        let digest: Digest
    }

    /// Size of what is wasted in one way, in bytes.
    package func size(of kind: Kind) -> Int64 {
        items.lazy.filter { $0.kind == kind }.reduce(0) { $0.addingClamped($1.size) }
    }

    /// The share of the total, in tenths of a percent.
    package var permille: Int { total == 0 ? 0 : Int(Double(size) / Double(total) * 1000) }

    // MARK: Contents

    private static func kind(of file: DiscardedFile, in root: some LayeredRoot) throws(Diagnostic) -> Kind {
        if file.reason == .deleted { return .deleted }
        guard let now = root[file.path], now.kind == .file, now.size == file.size else { return .overwritten }
        let before = try digest(size: file.size) { offset, count throws(Diagnostic) in
            try root.bytes(of: file, at: offset, count: count)
        }
        return try before == digest(of: now, in: root) ? .unchanged : .overwritten
    }

    private static func digest(of entry: RootEntry, in root: some LayeredRoot) throws(Diagnostic) -> Digest? {
        try digest(size: entry.size) { offset, count throws(Diagnostic) in
            try root.bytes(of: entry, at: offset, count: count)
        }
    }

    /// `nil` if a part is not available.
    private static func digest(
        size: Int64,
        _ bytes: (Int64, Int) throws(Diagnostic) -> [UInt8]?
    ) throws(Diagnostic) -> Digest? {
        var hasher = SHA256Hasher()
        var offset: Int64 = 0
        while offset < size {
            guard let part = try bytes(offset, Int(min(1 << 20, size - offset))), !part.isEmpty else { return nil }
            part.withUnsafeBytes { hasher.update($0) }
            offset += Int64(part.count)
        }
        return hasher.finalize()
    }
}

extension ImageWaste {
    /// - Parameter limit: how much may be wasted, in percent.
    /// - Returns: `nil` if no more is.
    package func finding(allowing limit: Int) -> Finding? {
        guard Double(size) * 100 > Double(total) * Double(limit) else { return nil }
        let kinds = Kind.allCases.filter { size(of: $0) > 0 }.map { "\(size(of: $0).inMegabytes) \($0.words)" }
        let largest = items.prefix(5).map { "`\($0.path)` \($0.size.inMegabytes)" }
        return Finding(
            .lintWaste,
            "\(permille / 10).\(permille % 10) % of the image is wasted, and may be \(limit) %",
            because: "\(kinds.joined(separator: ", ")), of \(total.inMegabytes) unpacked; the largest: "
                + largest.joined(separator: ", "),
            hint:
                "delete files in the step that makes them, and set modes and owners where files are added; `coracle inspect IMAGE --tree` lists them"
        )
    }
}

extension ImageWaste.Kind {
    /// What such contents are, as a part of a sentence.
    package var words: String {
        switch self {
        case .deleted: "deleted by a later layer"
        case .overwritten: "overwritten later"
        case .unchanged: "written again unchanged"
        case .twice: "there twice"
        }
    }
}

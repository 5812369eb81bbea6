import ByteIO
package import Diagnostics
package import OCI
import Store

extension ImageCache {
    /// What is kept, by kind: a line for each, with the count, the bytes, and the last use.
    ///
    /// - Parameter selection: a kind, a digest or the beginning of one; `nil` for everything.
    /// - Throws: `cache.not-found` for a selection that nothing fits.
    package func show(_ selection: String?) throws(Diagnostic) -> CacheOverview {
        let entries = try cache.list()
        guard let selection else { return CacheOverview(path: path, entries, details: nil) }
        let ofKind = entries.filter { $0.kind.name == selection }
        if !ofKind.isEmpty { return CacheOverview(path: path, ofKind, details: nil) }
        let hex = selection.hasPrefix("sha256:") ? String(selection.dropFirst("sha256:".count)) : selection
        let found = hex.isEmpty ? [] : entries.filter { $0.digest.hex.hasPrefix(hex) }
        guard !found.isEmpty else {
            let kinds = Set(entries.map(\.kind.name)).sorted().map { "`\($0)`" }.joined(separator: ", ")
            throw Diagnostic(
                .cacheNotFound,
                "the cache has no entry that matches `\(selection)`",
                at: .file(path: path.display),
                because: kinds.isEmpty ? "it is empty" : "it has \(kinds); `coracle cache list` shows all digests"
            )
        }
        return CacheOverview(
            path: path,
            found,
            details: found.map { CacheOverview.Detail(path: cache.path(of: $0), condition: cache.condition(of: $0)) }
        )
    }

    /// Reads every entry and deletes what is corrupt.
    ///
    /// - Throws: `io.failed` where that cannot be deleted.
    package func verify() throws(Diagnostic) -> CacheVerification {
        let verification = try cache.verify()
        return CacheVerification(path: path, count: verification.count, corrupt: verification.corrupt)
    }
}

/// What a cache holds, summed up by kind, or entry by entry.
package struct CacheOverview: Sendable {
    struct Detail: Sendable {
        let path: FilePath
        let condition: BlobCache.Condition
    }

    private struct Sum {
        var count = 0
        var size: Int64 = 0
        var lastUse: Int64 = .min
    }

    private let path: FilePath
    private let entries: [BlobCache.Entry]
    private let details: [Detail]?

    init(path: FilePath, _ entries: [BlobCache.Entry], details: [Detail]?) {
        self.path = path
        self.entries = entries
        self.details = details
    }

    private var sums: [(kind: String, sum: Sum)] {
        var sums: [String: Sum] = [:]
        for entry in entries {
            sums[entry.kind.name, default: Sum()].count += 1
            sums[entry.kind.name, default: Sum()].size = sums[entry.kind.name, default: Sum()].size.addingClamped(
                entry.size
            )
            sums[entry.kind.name, default: Sum()].lastUse = max(sums[entry.kind.name]?.lastUse ?? .min, entry.lastUse)
        }
        return sums.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// For a person, in lines.
    package var text: [String] {
        guard let details else {
            let rows = sums.map { kind, sum in
                [
                    kind, sum.count == 1 ? "1 file" : "\(sum.count) files", ByteCount(sum.size).padded,
                    "last used \(Timestamp(secondsSince1970: sum.lastUse))",
                ]
            }
            return inColumns(rows, right: [1])
        }
        return zip(entries, details).flatMap { entry, detail in
            var lines = ["\(entry.kind.name)  \(entry.digest)"]
            lines.append("  size       \(ByteCount(entry.size))")
            lines.append("  last used  \(Timestamp(secondsSince1970: entry.lastUse))")
            lines.append("  file       \(detail.path.display)")
            lines.append("  content    \(detail.condition.words)")
            return lines
        }
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["path"] = .string(path.display)
        json["kinds"] = .array(
            sums.map { kind, sum in
                [
                    "kind": .string(kind), "count": .int(sum.count), "size": .int(sum.size),
                    "lastUse": .string(Timestamp(secondsSince1970: sum.lastUse).description),
                ]
            }
        )
        json["entries"] = details.map { details in
            .array(
                zip(entries, details).map { entry, detail in
                    [
                        "kind": .string(entry.kind.name), "digest": .string(entry.digest.description),
                        "size": .int(entry.size), "file": .string(detail.path.display),
                        "lastUse": .string(Timestamp(secondsSince1970: entry.lastUse).description),
                        "content": .string(detail.condition.words),
                    ]
                }
            )
        }
        return .object(json)
    }
}

/// What came of reading a whole cache.
package struct CacheVerification: Sendable {
    let path: FilePath
    let count: Int
    let corrupt: [BlobCache.Verification.Corrupt]

    /// Whether all that was read is what it was when it was put in.
    package var isWhole: Bool { corrupt.isEmpty }

    /// `12 files read, 1 corrupt and deleted`.
    package var summary: String {
        let files = count == 1 ? "1 file" : "\(count) files"
        return "\(files) read, " + (isWhole ? "all whole" : "\(corrupt.count) corrupt and deleted")
    }

    /// For a person, a line for each corrupt entry: kind, digest, reason.
    package var text: [String] {
        inColumns(corrupt.map { [$0.entry.kind.name, $0.entry.digest.description, $0.reason] })
    }

    /// For a program.
    package var json: JSON {
        [
            "path": .string(path.display),
            "count": .int(count),
            "corrupt": .array(
                corrupt.map { corrupt in
                    [
                        "kind": .string(corrupt.entry.kind.name), "digest": .string(corrupt.entry.digest.description),
                        "size": .int(corrupt.entry.size), "because": .string(corrupt.reason),
                    ]
                }
            ),
        ]
    }
}

extension BlobCache.Condition {
    fileprivate var words: String {
        switch self {
        case .whole: "verifies"
        case .points(let reference, let digest): "`\(reference)` pointed to \(digest)"
        case .corrupt(let reason): "corrupt: \(reason)"
        case .gone: "has just been deleted"
        }
    }
}

extension Diagnostic.Code {
    static let cacheNotFound = Self("cache.not-found", .notFound)
}

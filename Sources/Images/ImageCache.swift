package import ByteIO
package import Diagnostics
package import OCI
package import Store

/// The blobs that were fetched and kept.
package struct ImageCache: Sendable {
    package let cache: BlobCache

    /// Opens the cache that `settings` name.
    ///
    /// - Throws: `cache.absent`, `cache.unusable`.
    package init(_ settings: RegistrySettings) throws(Diagnostic) {
        guard let place = settings.cachePlace else { throw .cacheAbsent }
        cache = try BlobCache(place)
    }

    /// Its directory.
    package var path: FilePath { cache.path }

    /// What is kept, the least recently used first.
    package func list() throws(Diagnostic) -> CacheListing { CacheListing(path: path, entries: try cache.list()) }

    /// Deletes what was not used for `age` seconds, then the least recently used until at most `maximum` bytes are left.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Returns: what was deleted.
    package func prune(keeping maximum: Int64?, olderThan age: Int64?, now: Int64) throws(Diagnostic) -> CacheListing {
        CacheListing(path: path, entries: try cache.prune(keeping: maximum, olderThan: age, now: now))
    }
}

extension RegistrySettings {
    /// Where blobs are kept: `CORACLE_CACHE`, else `coracle` in `XDG_CACHE_HOME` or in `.cache` of the home directory; `nil`
    /// where there is none of them.
    package var cachePlace: FilePath? {
        if let cacheDirectory { return cacheDirectory }
        if let path = variable("CORACLE_CACHE") { return FilePath(path) }
        // XDG Base Directory Specification: paths that are not absolute are to be ignored.
        if let path = variable("XDG_CACHE_HOME"), path.hasPrefix("/") { return FilePath(path).appending("coracle") }
        return variable("HOME").map { FilePath($0).appending(".cache/coracle") }
    }
}

/// Some of what a cache holds, or held.
package struct CacheListing: Sendable {
    let path: FilePath
    let entries: [BlobCache.Entry]

    private var size: Int64 { entries.reduce(0) { $0.addingClamped($1.size) } }

    /// `12 files, 34.5 MB`.
    package var summary: String { "\(entries.count == 1 ? "1 file" : "\(entries.count) files"), \(ByteCount(size))" }

    /// For a person, in lines: size, last use, kind, digest.
    package var text: [String] {
        inColumns(
            entries.map { entry in
                let used = Timestamp(secondsSince1970: entry.lastUse)
                return [ByteCount(entry.size).padded, used.description, entry.kind.name, entry.digest.description]
            }
        )
    }

    /// For a program.
    package var json: JSON {
        var json = JSONObject()
        json["path"] = .string(path.display)
        json["size"] = .int(size)
        json["entries"] = .array(
            entries.map { entry in
                var object = JSONObject()
                object["kind"] = .string(entry.kind.name)
                object["digest"] = .string(entry.digest.description)
                object["size"] = .int(entry.size)
                object["lastUse"] = .string(Timestamp(secondsSince1970: entry.lastUse).description)
                return .object(object)
            }
        )
        return .object(json)
    }
}

extension BlobCache.Entry.Kind {
    package var name: String {
        switch self {
        case .blob: "blob"
        case .reference: "reference"
        case .derived(let kind): kind
        }
    }
}

extension Diagnostic {
    static let cacheAbsent = Diagnostic(
        .cacheAbsent,
        "what is fetched is not cached",
        because: "there is no home directory for a cache",
        hint: "set `CORACLE_CACHE`, or give `--cache-dir`"
    )
}

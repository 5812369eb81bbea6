/// A database of vulnerabilities for trivy, with as few as a test needs.
///
/// It is a file of bbolt, the key-value store: pages of 4,096 bytes, of which the first two are meta pages, and every other
/// here is a leaf, of as many pages as it takes (go.etcd.io/bbolt, `page.go` and `db.go`).
package struct TrivyDatabase {
    /// A bucket, or a value.
    private indirect enum Node {
        case bucket([String: Node])
        case value(String)
    }

    private var buckets: [String: [String: [String: String]]] = [:]
    private var vulnerabilities: [String: Node] = [:]
    private var sources: [String: Node] = [:]

    package init() {}

    /// A vulnerability of a source package of Debian that `fixed` mends.
    package mutating func add(debian release: String, _ source: String, _ id: String, fixed: String) {
        add("debian \(release)", source, id, #"{"FixedVersion":"\#(fixed)"}"#, "debian")
    }

    /// A vulnerability of a package of an ecosystem as trivy calls it, such as `npm` or `go`, in all versions before `fixed`.
    package mutating func add(_ ecosystem: String, _ package: String, _ id: String, fixed: String) {
        add(
            "\(ecosystem)::Test",
            package,
            id,
            #"{"VulnerableVersions":["<\#(fixed)"],"PatchedVersions":["\#(fixed)"]}"#,
            "ghsa"
        )
    }

    private mutating func add(_ bucket: String, _ package: String, _ id: String, _ value: String, _ source: String) {
        buckets[bucket, default: [:]][package, default: [:]][id] = value
        vulnerabilities[id] = .value(#"{"Title":"a test","Severity":"HIGH"}"#)
        sources[bucket] = .value(#"{"ID":"\#(source)","Name":"a test","URL":"https://example.com"}"#)
    }

    /// Writes it into `cache`, a folder for trivy's option `--cache-dir`.
    package func write(to cache: String) throws {
        try Command.shell(#"mkdir -p "$1/db""#, [cache]).output()
        let times = ["NextUpdate": "2099", "UpdatedAt": "2026", "DownloadedAt": "2026"].sorted { $0.key < $1.key }
            .map { #""\#($0.key)":"\#($0.value)-01-01T00:00:00Z""# }
        try writeFile("\(cache)/db/metadata.json", "{\"Version\":2,\(times.joined(separator: ","))}")
        var root: [String: Node] = ["vulnerability": .bucket(vulnerabilities), "data-source": .bucket(sources)]
        for (name, packages) in buckets {
            root[name] = .bucket(packages.mapValues { .bucket($0.mapValues { .value($0) }) })
        }
        var file = BoltFile()
        let page = Self.place(root, in: &file)
        try writeFile("\(cache)/db/trivy.db", file.bytes(rootedAt: page))
    }

    /// Writes the database of Java archives into `cache`: trivy takes the group of an archive without Maven's records from its
    /// manifest if it knows group and artifact.
    package static func writeArchives(_ known: [(group: String, artifact: String)], to cache: String) throws {
        let script = """
            import os, sqlite3, sys
            folder = sys.argv[1] + "/java-db"
            os.makedirs(folder)
            with open(folder + "/metadata.json", "w") as file:
                times = ", ".join(f'"{name}": "{year}-01-01T00:00:00Z"'
                    for name, year in [("NextUpdate", 2099), ("UpdatedAt", 2026), ("DownloadedAt", 2026)])
                file.write('{"Version": 1, ' + times + "}")
            database = sqlite3.connect(folder + "/trivy-java.db")
            database.execute("CREATE TABLE artifacts (id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT)")
            database.execute("CREATE TABLE indices (artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT)")
            for number, name in enumerate(sys.argv[2:]):
                database.execute("INSERT INTO artifacts VALUES (?, ?, ?)", (number, *name.split(":")))
                database.execute("INSERT INTO indices VALUES (?, '0', x'00', 'jar')", (number,))
            database.commit()
            """
        try Tool.python(script, [cache] + known.map { "\($0.group):\($0.artifact)" })
    }

    /// Lays out a bucket behind what is in it, and returns its page.
    private static func place(_ bucket: [String: Node], in file: inout BoltFile) -> UInt64 {
        var items = [BoltFile.Item]()
        for (key, node) in bucket.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            switch node {
            case .value(let text): items.append(BoltFile.Item(key: Array(key.utf8), value: Array(text.utf8)))
            case .bucket(let inner):
                let page = place(inner, in: &file)
                let value = BoltFile.number(page) + BoltFile.number(UInt64(0))
                items.append(BoltFile.Item(key: Array(key.utf8), value: value, isBucket: true))
            }
        }
        return file.add(items)
    }
}

/// A file of bbolt, written at once.
private struct BoltFile {
    struct Item {
        let key: [UInt8]
        let value: [UInt8]
        var isBucket = false
    }

    private static let pageSize = 4096
    /// Meta pages and the list of free pages, of which there are none, stand before the leaves.
    private var pages = [UInt8](repeating: 0, count: 3 * pageSize)

    /// Little-endian.
    static func number(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func header(_ page: UInt64, _ flags: UInt16, count: Int = 0, overflow: Int = 0) -> [UInt8] {
        number(page) + number(flags) + number(UInt16(count)) + number(UInt32(overflow))
    }

    /// Adds a leaf with these items, which are in order of their keys; returns its page.
    mutating func add(_ items: [Item]) -> UInt64 {
        var (table, content) = ([UInt8](), [UInt8]())
        for (place, item) in items.enumerated() {
            // Counted from the entry of the table.
            let offset = 16 * (items.count - place) + content.count
            for value in [item.isBucket ? 1 : 0, offset, item.key.count, item.value.count] {
                table += Self.number(UInt32(value))
            }
            content += item.key + item.value
        }
        let page = UInt64(pages.count / Self.pageSize)
        let size = 16 + table.count + content.count
        let taken = (size + Self.pageSize - 1) / Self.pageSize
        pages += Self.header(page, 2, count: items.count, overflow: taken - 1) + table + content
        pages += [UInt8](repeating: 0, count: taken * Self.pageSize - size)
        return page
    }

    /// The whole file.
    func bytes(rootedAt root: UInt64) -> [UInt8] {
        var bytes = pages
        for place in 0..<2 {
            var meta = Self.number(UInt32(0xED0C_DAED)) + Self.number(UInt32(2)) + Self.number(UInt32(Self.pageSize))
            meta += Self.number(UInt32(0)) + Self.number(root) + Self.number(UInt64(0)) + Self.number(UInt64(2))
            meta += Self.number(UInt64(pages.count / Self.pageSize)) + Self.number(UInt64(place))
            // FNV-1a.
            let sum = meta.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            let page = Self.header(UInt64(place), 4) + meta + Self.number(sum)
            bytes.replaceSubrange(place * Self.pageSize..<place * Self.pageSize + page.count, with: page)
        }
        let free = Self.header(2, 0x10)
        bytes.replaceSubrange(2 * Self.pageSize..<2 * Self.pageSize + free.count, with: free)
        return bytes
    }
}

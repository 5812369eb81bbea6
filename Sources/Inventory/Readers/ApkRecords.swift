import Diagnostics
import Findings
import Layers
import OCI

/// The packages of Alpine, Wolfi and Chainguard, and which files are theirs: apk's database of installed packages.
///
/// apk-v2(5) § Installed database.
enum ApkRecords {
    static let paths = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"].map(EntryPath.init(normalizing:))
    private static let limit: Int64 = 64 << 20
    /// More no system has.
    private static let most = 100_000
    private static let mostProviders = 8

    /// A paragraph of the database, as far as it matters here.
    private struct Package {
        var fields: [UInt8: String] = [:]

        subscript(letter: Unicode.Scalar) -> String { fields[UInt8(ascii: letter)] ?? "" }

        /// What it is called by those that need it: its name, and what it provides.
        var names: [String] {
            [self["P"]] + self["p"].split(separator: " ").map { String($0.prefix { $0 != "=" }) }
        }

        /// What it needs, without versions and conflicts.
        var needs: [String] {
            self["D"].split(separator: " ").filter { !$0.hasPrefix("!") }
                .map { String($0.prefix { !"=<>~@".contains($0) }) }
        }
    }

    /// Adds the packages of `root`, and returns the files that are theirs.
    ///
    /// - Throws: what keeps the image from being read.
    static func read(_ root: some ImageRoot, into draft: inout InventoryDraft) throws(Diagnostic) -> Set<EntryPath> {
        var owned = Set<EntryPath>()
        for path in paths {
            // A system whose `/lib` leads to `/usr/lib` has one database, of two names.
            guard let record = root[path], record.kind == .file,
                let bytes = try draft.bytes(of: record, in: root, upTo: limit)
            else { continue }
            let packages = Self.packages(in: bytes, &owned)
            guard !packages.isEmpty else {
                draft.remark(
                    .inventoryRecordMalformed,
                    "apk's database of packages cannot be read",
                    path,
                    because: "it names no package with a version"
                )
                continue
            }
            add(packages, from: path, to: &draft)
        }
        return owned
    }

    private static func packages(in bytes: [UInt8], _ owned: inout Set<EntryPath>) -> [Package] {
        var packages = [Package]()
        var package = Package()
        var directory = EntryPath.root
        func finish() {
            if !package["P"].isEmpty, !package["V"].isEmpty, packages.count < most { packages.append(package) }
            package = Package()
            directory = .root
        }
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            guard line.count >= 2, line[line.startIndex + 1] == UInt8(ascii: ":") else {
                if line.isEmpty { finish() }
                continue
            }
            let (letter, value) = (line[line.startIndex], line.dropFirst(2))
            switch letter {
            case UInt8(ascii: "F"): directory = EntryPath(normalizing: "/" + String(decoding: value, as: UTF8.self))
            case UInt8(ascii: "R"): owned.insert(directory.appending(value))
            case UInt8(ascii: "M"), UInt8(ascii: "a"), UInt8(ascii: "Z"): continue
            default: package.fields[letter] = String(printing: value)
            }
        }
        finish()
        return packages
    }

    private static func add(_ packages: [Package], from record: EntryPath, to draft: inout InventoryDraft) {
        let components = packages.map { Self.component($0, draft.distribution) }
        var keys: [String: [Component.Key]] = [:]
        for (package, component) in zip(packages, components) {
            for name in package.names where keys[name]?.count ?? 0 < mostProviders {
                keys[name, default: []].append(component.key)
            }
        }
        for (package, component) in zip(packages, components) {
            var component = component
            for name in package.needs { component.dependencies.formUnion(keys[name] ?? []) }
            component.dependencies.remove(component.key)
            draft.add(component, at: record)
        }
    }

    private static func component(_ package: Package, _ distribution: Inventory.Distribution?) -> Component {
        let (name, version, origin) = (package["P"], package["V"], package["o"])
        let url = PackageURL(
            "apk",
            namespace: distribution?.id ?? "alpine",
            name: name,
            version: version,
            qualifiers: [
                "arch": package["A"],
                "distro": distribution.map { $0.version.isEmpty ? $0.id : "\($0.id)-\($0.version)" },
                "upstream": origin == name ? nil : origin,
            ]
        )
        var component = Component(name, version, url, as: .system)
        component.knowsDependencies = true
        component.source = Component.Source(name: origin.isEmpty ? name : origin, version: version)
        component.licence = Component.Licence(saying: package["L"])
        if !package["m"].isEmpty { component.properties["maintainer"] = package["m"] }
        if !package["U"].isEmpty { component.properties["homepage"] = package["U"] }
        return component
    }
}

import Debian
import Diagnostics
import Findings
import Layers

/// Debian's packages, and which files are theirs.
enum DebianRecords {
    private static let listLimit: Int64 = 64 << 20
    /// Packages of one name that a dependency leads to: there is one for each architecture, and more only in made records.
    private static let mostNamesakes = 8

    /// Adds the packages of `root`, and returns the files that are theirs.
    ///
    /// - Throws: what keeps the image from being read.
    static func read(_ root: some ImageRoot, into draft: inout InventoryDraft) throws(Diagnostic) -> Set<EntryPath> {
        let packages: [DebianPackage]
        do throws(Diagnostic) {
            packages = try DebianPackage.installed(in: root)
        } catch {
            guard error.code.category == .verification else { throw error }
            let record = EntryPath(normalizing: "/var/lib/dpkg")
            draft.remark(error.code, error.summary, record, because: error.reason ?? error.summary)
            return []
        }
        guard !packages.isEmpty else { return [] }
        let components = packages.map { Self.component($0, draft.distribution) }
        var keys: [String: [Component.Key]] = [:]
        for (package, component) in zip(packages, components) {
            guard keys[package.name]?.count ?? 0 < mostNamesakes else { continue }
            keys[package.name, default: []].append(component.key)
        }
        for (package, component) in zip(packages, components) {
            var component = component
            component.licence = try DebianLicences.licence(of: package.name, in: root)
            for name in package.dependencies { component.dependencies.formUnion(keys[name] ?? []) }
            draft.add(component, at: package.record)
        }
        return try ownedFiles(of: root)
    }

    private static func component(_ package: DebianPackage, _ distribution: Inventory.Distribution?) -> Component {
        let namespace = distribution?.id ?? "debian"
        var upstream: String?
        if package.sourceVersion != package.version {
            upstream = "\(package.source)@\(package.sourceVersion)"
        } else if package.source != package.name {
            upstream = package.source
        }
        let url = PackageURL(
            "deb",
            namespace: namespace,
            name: package.name,
            version: package.version,
            qualifiers: [
                "arch": package.architecture,
                "distro": distribution.map { $0.version.isEmpty ? $0.id : "\($0.id)-\($0.version)" },
                "upstream": upstream,
            ]
        )
        var component = Component(package.name, package.version, url, as: .system)
        component.knowsDependencies = true
        component.source = Component.Source(name: package.source, version: package.sourceVersion)
        component.supplier = supplier(of: namespace)
        if let maintainer = package.maintainer { component.properties["maintainer"] = maintainer }
        if let homepage = package.homepage { component.properties["homepage"] = homepage }
        return component
    }

    /// Who gives out the packages of a distribution that uses dpkg; `nil` for those that are not known here.
    private static func supplier(of distribution: String) -> Component.Supplier? {
        switch distribution {
        case "debian": .organization("Debian")
        case "ubuntu": .organization("Ubuntu")
        default: nil
        }
    }

    /// The files that dpkg's lists name: one list of paths a package, or one of MD5 sums and relative paths.
    private static func ownedFiles(of root: some ImageRoot) throws(Diagnostic) -> Set<EntryPath> {
        var owned = Set<EntryPath>()
        for directory in ["/var/lib/dpkg/info", "/var/lib/dpkg/status.d"].map(EntryPath.init(normalizing:)) {
            guard root[directory]?.kind == .directory else { continue }
            for entry in root.entries where directory.isParent(of: entry.path) && entry.kind == .file {
                let hasSums = entry.path.name.hasSuffix(".md5sums")
                guard hasSums || entry.path.name.hasSuffix(".list"), entry.size <= listLimit, entry.size > 0,
                    let bytes = try root.bytes(of: entry, at: 0, count: Int(entry.size))
                else { continue }
                for line in bytes.split(separator: UInt8(ascii: "\n")) {
                    // An MD5 in hex, and two spaces.
                    let path = hasSums ? line.dropFirst(34) : line.dropFirst()
                    if !path.isEmpty { owned.insert(EntryPath(unchecked: Array(path))) }
                }
            }
        }
        return owned
    }
}

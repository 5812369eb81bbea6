import Diagnostics
import Findings
import Layers
import OCI

/// Node packages that are installed and that only `devDependencies` ask for.
struct DevDependencies<Root: ImageRoot> {
    /// In bytes, of a `package.json` or a lock.
    private static var sizeLimit: Int64 { 16 << 20 }
    /// How many packages are followed.
    private static var packageLimit: Int { 5000 }

    private let root: Root

    init(_ root: Root) { self.root = root }

    func findings() throws(Diagnostic) -> [Finding] {
        var findings = [Finding]()
        var scan = ApplicationScan()
        for entry in root.entries where entry.origin.isOfUser {
            scan.see(entry)
            let isDescription = entry.kind == .file && entry.path.name.elementsEqual("package.json".utf8)
            guard isDescription, !scan.isDependency, let project = entry.path.parent
            else { continue }
            let modules = project.appending("node_modules".utf8)
            guard root[modules]?.kind == .directory else { continue }
            let packages = try development(of: project, modules)
            findings += finding(packages, modules).map { [$0] } ?? []
        }
        return findings
    }

    private func finding(_ packages: [EntryPath], _ modules: EntryPath) -> Finding? {
        guard let first = packages.first else { return nil }
        let sizes = sizes(of: packages)
        let size = sizes.reduce(Int64(0)) { $0.addingReportingOverflow($1).partialValue }
        let largest = zip(packages, sizes).sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(5)
        let count = packages.count == 1 ? "1 package" : "\(packages.count) packages"
        return Finding(
            .junkDevDependencies,
            "\(count) in `\(modules)`, \(size.inMegabytes), are there for development only",
            in: first,
            because: largest.map { "`\(String(printing: $0.0.bytes.dropFirst(modules.bytes.count + 1)))`" }
                .joined(separator: ", ") + (packages.count > 5 ? ", and \(packages.count - 5) more" : ""),
            hint: "install with `npm ci --omit=dev`, or take them out with `npm prune --omit=dev`"
        )
    }

    /// In bytes, of what is in each directory.
    private func sizes(of packages: [EntryPath]) -> [Int64] {
        var sizes = [Int64](repeating: 0, count: packages.count)
        var next = 0
        // The packages that an entry is in: one may be in another.
        var open = [Int]()
        for entry in root.entries {
            while let last = open.last, !packages[last].contains(entry.path) { open.removeLast() }
            while next < packages.count, packages[next] <= entry.path {
                if packages[next].contains(entry.path) { open.append(next) }
                next += 1
            }
            for index in open { sizes[index] = sizes[index].addingReportingOverflow(entry.size).partialValue }
        }
        return sizes
    }

    /// The packages' directories, sorted.
    private func development(of project: EntryPath, _ modules: EntryPath) throws(Diagnostic) -> [EntryPath] {
        // npm's own record of what it installed says it of each package.
        if let lock = try object(at: modules.appending(".package-lock.json".utf8)),
            case .object(let packages)? = lock["packages"]
        {
            return packages.members.compactMap { key, value in
                guard case .object(let package) = value, package["dev"] == .bool(true) else { return nil }
                let path = project.appending(key.utf8)
                return root[path]?.kind == .directory ? path : nil
            }.sorted()
        }
        guard let package = try object(at: project.appending("package.json".utf8)) else { return [] }
        let wanted = Self.names(package, "devDependencies")
        guard !wanted.isEmpty else { return [] }
        let needed = try closure(of: package, modules)
        return wanted.subtracting(needed).map { modules.appending($0.utf8) }.filter {
            root[$0]?.kind == .directory
        }.sorted()
    }

    /// The names of all packages that the project needs when it runs, as far as they lie in its own `node_modules`.
    private func closure(of package: JSONObject, _ modules: EntryPath) throws(Diagnostic) -> Set<String> {
        var needed = Set<String>()
        var pending = Array(Self.runtimeNames(package))
        while let name = pending.popLast(), needed.count < Self.packageLimit {
            guard needed.insert(name).inserted else { continue }
            guard let package = try object(at: modules.appending("\(name)/package.json".utf8)) else { continue }
            pending += Self.runtimeNames(package)
        }
        return needed
    }

    private static func runtimeNames(_ package: JSONObject) -> Set<String> {
        names(package, "dependencies").union(names(package, "optionalDependencies"))
            .union(names(package, "peerDependencies"))
    }

    /// Names that can be a part of a path: `..` and the like are not packages.
    private static func names(_ package: JSONObject, _ key: String) -> Set<String> {
        guard case .object(let object)? = package[key] else { return [] }
        return Set(
            object.keys.filter { name in
                !name.isEmpty
                    && !name.split(separator: "/", omittingEmptySubsequences: false).contains {
                        $0.isEmpty || $0 == ".." || $0 == "."
                    }
            }
        )
    }

    /// `nil` if the file does not exist or is not a JSON object.
    private func object(at path: EntryPath) throws(Diagnostic) -> JSONObject? {
        guard let entry = root[path], entry.kind == .file, entry.size <= Self.sizeLimit,
            let bytes = try root.bytes(of: entry, at: 0, count: Int(entry.size)),
            let json = try? JSON(parsing: bytes, named: path.description), case .object(let object) = json
        else { return nil }
        return object
    }
}

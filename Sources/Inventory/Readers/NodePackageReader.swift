import ByteIO
package import Diagnostics
package import Findings
import Layers
import OCI

/// Packages of npm: every `package.json` with a name and a version.
package enum NodePackageReader: PackageReader {
    private static let limit: Int64 = 4 << 20
    private static let members: Set<String> = [
        "name", "version", "license", "licenses", "author", "dependencies", "optionalDependencies", "peerDependencies",
    ]
    private static let folder = Array("node_modules".utf8)

    package static func isRecord(_ entry: RootEntry) -> Bool { entry.path.name.elementsEqual("package.json".utf8) }

    package static func read(
        _ records: [RootEntry],
        of root: some ImageRoot,
        into draft: inout InventoryDraft
    ) throws(Diagnostic) {
        // By the directory with a `node_modules`, and what `require` calls the package in it.
        var installed: [EntryPath: [String: Component.Key]] = [:]
        var wishes = [(directory: EntryPath, key: Component.Key, names: [String])]()
        // Ten thousand records are read with all cores, and taken in their order.
        let read = inStretches(of: 64, records.count) { stretch in
            records[stretch].map { Self.content(of: $0, in: root) }
        }
        for (record, content) in zip(records, read.lazy.flatMap(\.self)) {
            guard let directory = record.path.parent else { continue }
            switch content {
            case .package(let component, let names):
                draft.add(component, at: record.path)
                if let (place, name) = place(of: directory) { installed[place, default: [:]][name] = component.key }
                if !names.isEmpty { wishes.append((directory, component.key, names)) }
            case .nothing: continue
            case .malformed(let reason):
                draft.remark(
                    .inventoryRecordMalformed,
                    "a record of a package cannot be read",
                    record.path,
                    because: reason
                )
            case .tooLarge, .unreadable: _ = try draft.bytes(of: record, in: root, upTo: limit)
            }
        }
        for wish in wishes {
            let near = packages(near: wish.directory, installed)
            draft.add(wish.names.compactMap { name in near.lazy.compactMap { $0[name] }.first }, to: wish.key)
        }
    }

    private enum Content: Sendable {
        case package(Component, needs: [String])
        case nothing
        /// With what is wrong.
        case malformed(String)
        case tooLarge
        case unreadable
    }

    private static func content(of record: RootEntry, in root: some ImageRoot) -> Content {
        guard record.size <= limit else { return .tooLarge }
        guard let directory = record.path.parent,
            let bytes = record.size > 0 ? try? root.bytes(of: record, at: 0, count: Int(record.size)) : []
        else { return .unreadable }
        let json: JSON
        do throws(Diagnostic) {
            json = try JSON(parsing: bytes, named: record.path.description, keeping: members)
        } catch {
            // Test data of packages is often not JSON on purpose; a package's own record stands right below `node_modules`.
            return isInstalled(directory) ? .malformed(error.reason ?? error.summary) : .nothing
        }
        guard let component = component(json, isOwn: !isInFolder(directory)) else { return .nothing }
        let names = ["dependencies", "optionalDependencies", "peerDependencies"].flatMap {
            json[$0]?.objectValue?.keys ?? []
        }
        return .package(component, needs: names)
    }

    /// `nil` if it has no name or no version, as many files of the name inside packages.
    private static func component(_ json: JSON, isOwn: Bool) -> Component? {
        guard let name = json["name"]?.stringValue, let version = json["version"]?.stringValue,
            PackageName.isPlausible(name), PackageName.isPlausible(version)
        else { return nil }
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        let isScoped = name.hasPrefix("@") && parts.count == 2
        let url = PackageURL(
            "npm",
            namespace: isScoped ? parts[0] : "",
            name: isScoped ? parts[1] : name,
            version: version
        )
        var component = Component(name, version, url, as: isOwn ? .mainModule : .installed)
        component.licence = licence(json)
        component.knowsDependencies = true
        if isScoped {
            component.supplier = .organization(parts[0])
        } else if let author = json["author"]?.stringValue ?? json["author"]?["name"]?.stringValue {
            component.supplier = .person(author)
        }
        return component
    }

    private static func licence(_ json: JSON) -> Component.Licence? {
        let text =
            json["license"]?.stringValue ?? json["license"]?["type"]?.stringValue
            ?? json["licenses"]?.arrayValue?.compactMap { $0["type"]?.stringValue }.joined(separator: " OR ")
        return text.flatMap(Component.Licence.init(saying:))
    }

    /// Whether `directory` is directly below a `node_modules`, with or without a scope.
    private static func isInstalled(_ directory: EntryPath) -> Bool { place(of: directory) != nil }

    /// The directory whose `node_modules` has the package in `directory`, and what the package is called there; `nil` if it is
    /// elsewhere.
    private static func place(of directory: EntryPath) -> (place: EntryPath, name: String)? {
        guard let parent = directory.parent else { return nil }
        let name = String(decoding: directory.name, as: UTF8.self)
        if parent.name.elementsEqual(folder), let place = parent.parent { return (place, name) }
        guard parent.name.first == UInt8(ascii: "@"), let above = parent.parent, above.name.elementsEqual(folder),
            let place = above.parent
        else { return nil }
        return (place, "\(String(decoding: parent.name, as: UTF8.self))/\(name)")
    }

    private static func isInFolder(_ directory: EntryPath) -> Bool {
        directory.bytes.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual(folder) }
    }

    /// Where `require` looks from `directory` on: in its own `node_modules`, and in those above.
    private static func packages(
        near directory: EntryPath,
        _ installed: [EntryPath: [String: Component.Key]]
    ) -> [[String: Component.Key]] {
        var near = [[String: Component.Key]]()
        var place: EntryPath? = directory
        while let current = place {
            if !current.name.elementsEqual(folder), let packages = installed[current] { near.append(packages) }
            place = current.parent
        }
        return near
    }
}

import Diagnostics
import ELF
import Layers
import OCI

/// Go's modules, from what its linker notes in every program.
enum ModuleComponents {
    /// Adds what `info` says, which stands in the program at `path`.
    static func add(_ info: GoBuildInfo, at path: EntryPath, to draft: inout InventoryDraft) {
        var needs = Set<Component.Key>()
        if let toolchain = toolchain(info) {
            draft.add(toolchain, at: path)
            needs.insert(toolchain.key)
        }
        for dependency in info.dependencies {
            guard let component = component(dependency, info) else {
                draft.remark(
                    .inventoryRecordMalformed,
                    "a Go program names a module that cannot be",
                    path,
                    because:
                        "`\(dependency.module.path.excerpt)` `\(dependency.module.version.excerpt)` is not a module"
                )
                continue
            }
            draft.add(component, at: path)
            needs.insert(component.key)
        }
        guard let module = info.mainModule, PackageName.isPlausible(module.path) else { return }
        let version = mainVersion(module.version, info)
        var main = Component(module.path, version, PackageURL(goModule: module.path, version: version), as: .mainModule)
        main.supplier = supplier(of: module.path)
        main.dependencies = needs
        main.knowsDependencies = true
        if let revision = info.settings["vcs.revision"] { main.properties["vcs.revision"] = revision }
        draft.add(main, at: path)
    }

    /// The standard library, by the version of the toolchain: `go1.22.3 X:boringcrypto`.
    private static func toolchain(_ info: GoBuildInfo) -> Component? {
        let words = info.version.split(separator: " ")
        guard let word = words.first(where: { $0.hasPrefix("go1") }) else { return nil }
        let version = String(word.dropFirst(2).prefix { $0 != "-" })
        guard PackageName.isPlausible(version) else { return nil }
        var component = Component("stdlib", version, PackageURL(goModule: "stdlib", version: version), as: .compiled)
        component.supplier = .organization("The Go Project")
        component.licence = .expression("BSD-3-Clause")
        if words.count > 1 || word.count != version.count + 2 { component.properties["go.version"] = info.version }
        return component
    }

    /// What was compiled: of a module that another replaces, the other; of one that a directory replaces, still the module.
    private static func component(_ dependency: GoBuildInfo.Dependency, _ info: GoBuildInfo) -> Component? {
        var module = dependency.module
        var properties: [String: String] = [:]
        var ancestor: Component.Ancestor?
        if let replacement = dependency.replacement {
            if isDirectory(replacement.path) {
                properties["go.replaced-by"] = "a directory of the machine that built it"
            } else {
                let url = PackageURL(goModule: module.path, version: module.version)
                properties["go.replaces"] = url.description
                ancestor = Component.Ancestor(name: module.path, version: module.version, url: url)
                module = replacement
            }
        }
        guard PackageName.isPlausible(module.path), PackageName.isPlausible(module.version) else { return nil }
        let url = PackageURL(goModule: module.path, version: module.version)
        var component = Component(module.path, module.version, url, as: .compiled)
        component.supplier = supplier(of: module.path)
        // A hash over a list of files, and so not the hash of anything that can be fetched.
        if let sum = info.sum(of: module) { properties["go.sum"] = sum }
        component.properties = properties
        component.ancestor = ancestor
        return component
    }

    private static func isDirectory(_ path: String) -> Bool {
        path.hasPrefix("./") || path.hasPrefix("../") || path.hasPrefix("/") || path == "." || path == ".."
    }

    /// A version for a main module without one, as Go makes them of a commit: `v0.0.0-20240506070809-0123456789ab`.
    private static func mainVersion(_ version: String, _ info: GoBuildInfo) -> String {
        guard version == "(devel)" || version.isEmpty else { return version }
        guard let revision = info.settings["vcs.revision"], revision.count >= 12,
            let time = info.commitTime.flatMap({ try? Timestamp(parsing: $0) })
        else { return "(devel)" }
        let digits = time.description.filter { $0.isNumber }
        return "v0.0.0-\(digits)-\(revision.prefix(12))" + (info.settings["vcs.modified"] == "true" ? "+dirty" : "")
    }

    /// The owner at a forge, else the host that the module's path names.
    private static func supplier(of path: String) -> Component.Supplier? {
        let parts = path.split(separator: "/")
        guard let host = parts.first, host.contains(".") else { return nil }
        let forges = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"]
        if forges.contains(String(host)), parts.count > 1 { return .organization("\(host)/\(parts[1])") }
        return .organization(String(host))
    }
}

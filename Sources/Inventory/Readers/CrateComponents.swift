import Diagnostics
import Layers
import Needs
import OCI

/// Rust's crates, from the list that `cargo auditable` notes in a program.
enum CrateComponents {
    /// Adds `crates`, which stand in the program at `path`.
    static func add(_ crates: RustCrates, at path: EntryPath, to draft: inout InventoryDraft) {
        var components = [Component?]()
        for crate in crates.all {
            let component = component(crate)
            components.append(component)
            if let component {
                draft.add(component, at: path)
            } else {
                draft.remark(
                    .inventoryRecordMalformed,
                    "a Rust program names a crate that cannot be",
                    path,
                    because: "`\(crate.name.excerpt)` `\(crate.version.excerpt)` is not a crate"
                )
            }
        }
        for (crate, component) in zip(crates.all, components) {
            guard let component else { continue }
            draft.add(crate.dependencies.compactMap { components[$0]?.key }, to: component.key)
        }
    }

    private static func component(_ crate: RustCrates.Crate) -> Component? {
        guard PackageName.isPlausible(crate.name), PackageName.isPlausible(crate.version) else { return nil }
        // Only a URL says where it is from; the word `git` alone does not.
        let vcs = crate.source.flatMap { $0.hasPrefix("git+") ? $0 : nil }
        let url = PackageURL("cargo", name: crate.name, version: crate.version, qualifiers: ["vcs_url": vcs])
        var component = Component(crate.name, crate.version, url, as: crate.isRoot ? .mainModule : .compiled)
        component.knowsDependencies = true
        // The public registry goes without saying: it is what such a name means.
        if let source = crate.source, !crate.isOfPublicRegistry { component.properties["cargo.source"] = source }
        return component
    }
}

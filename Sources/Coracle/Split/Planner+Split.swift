import ByteIO
import Diagnostics
import Layers
import OCI

extension Planner {
    /// Adds the application's layers to those of `stack`, which stand on `base`.
    mutating func add(_ variant: Application.Variant, to stack: inout LayerStack, on base: Base?) {
        for part in parts(of: variant, above: (base?.layers.count ?? 0) + stack.layers.count) {
            stack.add(
                part.entries,
                createdBy: part.createdBy,
                lineage: variant.source.display,
                modified: request.modified.secondsSince1970,
                &problems
            )
        }
    }

    private func parts(
        of variant: Application.Variant,
        above layerCount: Int
    ) -> [(createdBy: String, entries: [LayerEntry])] {
        guard request.split.rule == .auto, let root = variant.entries.first, root.isDirectory else {
            let below = ("\(variant.createdBy): what it depends on", variant.dependencies)
            return (variant.dependencies.isEmpty ? [] : [below]) + [(variant.createdBy, variant.entries)]
        }
        // One is left for the list of libraries, which comes on top.
        let room = Self.mostLayers - 1 - layerCount
        let parts = LayerParts(
            variant.entries,
            at: root.path,
            LayerParts.Rules(
                dependencies: DependencyFolders.find(in: variant.entries, at: root.path),
                kept: request.split.kept,
                mostParts: max(1, min(request.split.mostLayers, room))
            )
        )
        return parts.parts.map { (LayerParts.createdBy($0.root), $0.entries) }
    }

    /// The folders of dependencies below `destination` that are a layer of their own without being asked for.
    func knownDependencies(_ folders: [EntryPath]) -> [EntryPath] { request.split.rule == .known ? folders : [] }

    /// The same of a directory whose entry point the user names, where that is no program by itself.
    func knownDependencies(of walk: DirectoryWalk, at destination: EntryPath) -> [EntryPath] {
        guard request.split.rule == .known else { return [] }
        let kind: ApplicationKind
        switch Recognition(walk.entries, at: destination).result {
        case .application(let found): kind = found.kind
        case .unclear(let found, _): kind = found
        case .unknown: return []
        }
        switch kind {
        case .node, .python, .java, .ruby: return DependencyFolders.find(in: walk.entries, at: destination)
        case .dotnet, .staticSite: return []
        }
    }
}

import ByteIO
import Diagnostics
import Layers
import OCI
import SourceTree
package import Stack

extension Planner {
    /// Adds the application's layers to those of `stack`, which stand on `base`.
    package mutating func add(_ variant: Application.Variant, to stack: inout LayerStack, on base: Base?) {
        for part in parts(of: variant, above: (base?.layers.count ?? 0) + stack.blueprints.count) {
            stack.add(
                part.entries,
                as: part.kind,
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
    ) -> [(kind: LayerBlueprint.Kind, createdBy: String, entries: [LayerEntry])] {
        guard request.split.rule == .auto, let root = variant.entries.first, root.isDirectory else {
            let application = (LayerBlueprint.Kind.application, variant.createdBy, variant.entries)
            guard !variant.dependencies.isEmpty else { return [application] }
            return [(.dependencies, "\(variant.createdBy): what it depends on", variant.dependencies), application]
        }
        // One is left for the list of libraries, which comes on top.
        let room = Self.mostLayers - 1 - layerCount
        let dependencies = DependencyFolders.find(in: variant.entries, at: root.path)
        let parts = LayerParts(
            variant.entries,
            at: root.path,
            LayerParts.Rules(
                dependencies: dependencies,
                kept: request.split.kept,
                mostParts: max(1, min(request.split.mostLayers, room))
            )
        )
        return parts.parts.map { part in
            let kind: LayerBlueprint.Kind = dependencies.contains(part.root) ? .dependencies : .application
            return (kind, LayerParts.createdBy(part.root), part.entries)
        }
    }

    /// The folders of dependencies below `destination` that are a layer of their own without being asked for.
    func knownDependencies(_ folders: [EntryPath]) -> [EntryPath] { request.split.rule == .known ? folders : [] }

    /// The same for a directory whose entry point the user names, if that entry point is not a program itself.
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

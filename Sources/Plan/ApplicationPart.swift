import Applications
import Layers
import Request

/// A part of the application that is a layer of its own.
struct ApplicationPart {
    let kind: LayerBlueprint.Kind
    let createdBy: String
    let entries: [LayerEntry]

    /// The parts of `variant`, the lowest first.
    ///
    /// - Parameters:
    ///   - steps: what the previous image's history says of its layers: its parts stay parts where they are there.
    ///   - room: the number of layers that the image may have more.
    static func parts(
        of variant: Application.Variant,
        _ split: SplitOptions,
        after steps: [String],
        atMost room: Int
    ) -> [ApplicationPart] {
        guard split.rule == .auto, let root = variant.entries.first, root.isDirectory else {
            let name = variant.createdBy
            let application = ApplicationPart(kind: .application, createdBy: name, entries: variant.entries)
            guard !variant.dependencies.isEmpty else { return [application] }
            let folders = folders(of: variant)
            if !folders.isEmpty, folders.count < room { return folders + [application] }
            let dependencies = ApplicationPart(
                kind: .dependencies,
                createdBy: "\(name): what it depends on",
                entries: variant.dependencies
            )
            return [dependencies, application]
        }
        let dependencies = DependencyFolders.find(in: variant.entries, at: root.path)
        let parts = LayerSplit(
            variant.entries,
            at: root.path,
            LayerSplit.Rules(
                dependencies: dependencies,
                kept: steps,
                mostParts: max(1, min(split.mostLayers, room))
            )
        )
        return parts.parts.map { part in
            ApplicationPart(
                kind: dependencies.contains(part.root) ? .dependencies : .application,
                createdBy: LayerSplit.createdBy(part.root),
                entries: part.entries
            )
        }
    }

    /// The folders of an application that are a layer each; empty if they are one together.
    private static func folders(of variant: Application.Variant) -> [ApplicationPart] {
        guard let recognized = variant.recognized, recognized.isLayered,
            let root = variant.entries.first?.path
        else { return [] }
        let parts = recognized.dependencies.compactMap { name -> ApplicationPart? in
            let folder = root.appending(Array(name.utf8))
            let entries = variant.dependencies.filter { $0.path == folder || folder.contains($0.path) }
            return entries.isEmpty
                ? nil
                : ApplicationPart(kind: .dependencies, createdBy: LayerSplit.createdBy(folder), entries: entries)
        }
        return parts.reduce(0) { $0 + $1.entries.count } == variant.dependencies.count ? parts : []
    }
}

import Findings
import Layers
import OCI

/// Who brought the files of a finished image: by its history where coracle made it, else by where they are.
struct LayerOrigins {
    /// By layer, counted from 0; `nil` if coracle made none of them.
    private let origins: [RootEntry.Origin]?

    init(_ manifest: Manifest, _ config: ImageConfig) {
        let steps = config.history.filter { !$0.isEmptyLayer }.map { $0.createdBy ?? "" }
        // A base that coracle assembled is not an image of an application.
        let isOwn = manifest.layers.map { $0.annotations?[AnnotationKey.compression] != nil }
        guard steps.count == manifest.layers.count, isOwn.contains(true) else {
            origins = nil
            return
        }
        origins = zip(steps, isOwn).map { step, isOwn in
            guard isOwn else { return .base }
            return LayerStep.isReplaceable(step) ? .runtime : .application
        }
    }

    /// Whether all of the layer is known to be of a base.
    func isOfBase(layer: Int) -> Bool { origins?[layer] == .base }

    /// Whether the user may have brought some of the layer's files.
    func mayBeOfUser(layer: Int) -> Bool { origins?[layer].isOfUser ?? true }

    /// Who brought all of the layer; `nil` if that is not known.
    func origin(ofLayer layer: Int) -> RootEntry.Origin? { origins?[layer] }

    func origin(of path: EntryPath, layer: Int) -> RootEntry.Origin {
        if let origins { return origins[layer] }
        return Self.isOfSystem(path) ? .base : .application
    }

    /// Where package managers put what they install. What a user adds goes below `/app`, `/opt`, `/usr/local` and the like.
    private static func isOfSystem(_ path: EntryPath) -> Bool {
        let components = path.bytes.split(separator: UInt8(ascii: "/"))
        guard let first = components.first.map({ String(decoding: $0, as: UTF8.self) }) else { return true }
        if first == "usr" { return components.count < 2 || !components[1].elementsEqual("local".utf8) }
        return ["bin", "sbin", "etc", "var", "boot", "dev", "proc", "sys", "run", "root"].contains(first)
            || first.hasPrefix("lib")
    }
}

package import Layers
import OCI

/// Where a layer's bytes come from, and why they were or were not made again.
package enum LayerProvenance: Hashable, Sendable {
    /// Why no earlier layer was taken.
    package enum Reason: Hashable, Sendable {
        /// There was neither a record of this machine nor an image to look in.
        case nothingToCompare
        /// A layer of this origin was kept here, and nothing in it is the same.
        case changedHere
        /// No image has a layer of this origin.
        case unknown([String])
        /// An image has a layer of this origin, compressed in another way; `nil` if coracle did not make it.
        case otherCompression(String?, in: String)
        /// An image has a layer of this origin, with other content.
        case changed(since: String)
        /// Layers of this format are not looked for in images: what their indexes say would have to be trusted.
        case indexed(LayerCodec)
        /// An image says it has the layer, and that is not so.
        case untrusted(in: String)
    }

    /// All of it was written.
    case built(Reason)
    /// It is the one that an earlier build on this machine has kept.
    case unchanged
    /// It was written with some blocks of the one that an earlier build has kept: here if `name` is `nil`, else there.
    case blocks(reused: Int, of: Int, in: String?)
    /// An earlier image has it.
    case image(String)

    /// Whether nothing had to be written.
    package var isReused: Bool {
        switch self {
        case .built, .blocks: false
        case .unchanged, .image: true
        }
    }

    /// For a person, to follow the layer's name.
    package var explanation: String {
        switch self {
        case .built(let reason): "built: \(reason.explanation)"
        case .unchanged: "reused: unchanged on this machine"
        case .blocks(let reused, let count, nil): "built: \(reused) of \(count) blocks are unchanged on this machine"
        case .blocks(let reused, let count, let name?): "built: \(reused) of \(count) blocks are those of `\(name)`"
        case .image(let name): "reused: `\(name)` has it"
        }
    }

    /// For a program.
    var json: JSON { ["reused": .bool(isReused), "why": .string(explanation)] }
}

extension LayerProvenance.Reason {
    fileprivate var explanation: String {
        switch self {
        case .nothingToCompare: "there is no earlier image to compare with"
        case .changedHere: "all of it changed since it was built on this machine"
        case .unknown(let names):
            "no layer of this name in " + names.prefix(3).map { "`\($0)`" }.joined(separator: ", ")
                + (names.count > 3 ? ", …" : "")
        case .otherCompression(let other?, let name): "`\(name)` has it compressed by \(other)"
        case .otherCompression(nil, let name): "`\(name)` does not say how it is compressed there"
        case .changed(let name): "its files are not those of `\(name)`"
        case .indexed(let codec): "\(codec.rawValue) layers are not taken from images"
        case .untrusted(let name): "`\(name)` has another layer than it says"
        }
    }
}

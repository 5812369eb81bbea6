import Diagnostics
import OCI

/// How a layer's tar is stored.
enum LayerEncoding: String {
    case plain = "a plain tar"
    case gzip
    case zstd

    /// What the media type says; nil for one that is not read.
    private init?(_ mediaType: MediaType) {
        if mediaType.isGzipLayer {
            self = .gzip
        } else if mediaType.isZstdLayer {
            self = .zstd
        } else if mediaType.essence == .layerTar {
            self = .plain
        } else {
            return nil
        }
    }

    /// What the first bytes look like; nil where that is hard to say.
    private init?(magic bytes: [UInt8]) {
        if bytes.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else {
            return nil
        }
    }

    /// Refuses a layer that is compressed in another way than its media type says, for that decides how others read it.
    static func check(_ layer: Descriptor, beginningWith bytes: [UInt8]) throws(Diagnostic) {
        guard let said = LayerEncoding(layer.mediaType), let found = LayerEncoding(magic: bytes), said != found else {
            return
        }
        throw Diagnostic(
            .layerMediaType,
            "a layer is not what its media type says",
            at: .blob(layer.digest.description),
            because:
                "the media type `\(layer.mediaType)` says it is \(said.rawValue), and it looks like \(found.rawValue)",
            hint: "build or copy the image again"
        )
    }
}

extension Diagnostic.Code {
    static let layerMediaType = Self("layer.media-type", .verification)
}

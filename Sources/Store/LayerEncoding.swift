package import Diagnostics
package import OCI

/// How a layer's tar is stored. All of these are read, whatever wrote them.
package enum LayerEncoding: Hashable, Sendable {
    case plain
    case gzip
    case zstd

    /// The encoding that a media type says; `nil` for one that is not read.
    package init?(_ mediaType: MediaType) {
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

    /// The encoding that the first four bytes look like; `nil` if they look like none that has a signature.
    package init?(magic bytes: [UInt8]) {
        if bytes.starts(with: [0x1F, 0x8B]) {
            self = .gzip
        } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstd
        } else {
            return nil
        }
    }

    /// The media type of a layer that is stored so.
    var mediaType: MediaType {
        switch self {
        case .plain: .layerTar
        case .gzip: .layerTarGzip
        case .zstd: .layerTarZstd
        }
    }

    private var name: String {
        switch self {
        case .plain: "a plain tar"
        case .gzip: "gzip"
        case .zstd: "zstd"
        }
    }

    /// Refuses a layer that is compressed in another way than its media type says, for that decides how others read it.
    ///
    /// - Throws: `layer.media-type`.
    package static func check(_ layer: Descriptor, beginningWith bytes: [UInt8]) throws(Diagnostic) {
        guard let said = LayerEncoding(layer.mediaType), let found = LayerEncoding(magic: bytes), said != found else {
            return
        }
        throw Diagnostic(
            .layerMediaType,
            "a layer is not what its media type says",
            at: .blob(layer.digest.description),
            because: "the media type `\(layer.mediaType)` says it is \(said.name), and it looks like \(found.name)",
            hint: "build or copy the image again"
        )
    }
}

extension Diagnostic.Code {
    static let layerMediaType = Self("layer.media-type", .verification)
}

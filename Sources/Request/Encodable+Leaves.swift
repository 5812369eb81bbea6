package import ByteIO
package import Findings
package import Images
package import Layers
package import OCI

// What a request is made of, in the form in which its fingerprint takes it.

/// A value that is encoded as another one.
package protocol FingerprintLeaf: Encodable {
    associatedtype Encoded: Encodable

    var encoded: Encoded { get }
}

extension FingerprintLeaf {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(encoded)
    }
}

extension FilePath: FingerprintLeaf {
    package var encoded: [UInt8] { bytes }
}

extension EntryPath: FingerprintLeaf {
    package var encoded: [UInt8] { bytes }
}

extension Reference: FingerprintLeaf {
    /// The report shows it as it was typed.
    package var encoded: String { text }
}

extension Timestamp: FingerprintLeaf {
    package var encoded: Int64 { secondsSince1970 }
}

extension UserID: FingerprintLeaf {
    package var encoded: [UInt32] { [uid, gid] }
}

extension Rule: FingerprintLeaf {
    package var encoded: String { code }
}

extension Platform: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode([os, architecture])
        try container.encode(variant)
        try container.encode(osVersion)
        try container.encode(osFeatures)
    }
}

extension ImageLocation: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        switch self {
        case .registry(let reference):
            try container.encode("registry")
            try container.encode(reference)
        case .layout(let path, let name):
            try container.encode("layout")
            try container.encode(path)
            try container.encode(name)
        case .archive(let path, let name):
            try container.encode("archive")
            try container.encode(path)
            try container.encode(name)
        case .dockerArchive(let path, let name):
            try container.encode("docker-archive")
            try container.encode(path)
            try container.encode(name)
        case .catalogue(let name):
            try container.encode("catalogue")
            try container.encode(name)
        }
    }
}

package import ByteIO
package import Findings
package import Images
package import OCI

// What a request is made of, in the form in which its fingerprint takes it.

extension FilePath: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(bytes)
    }
}

extension Reference: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        // The report shows it as it was typed.
        try container.encode(text)
    }
}

extension Timestamp: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(secondsSince1970)
    }
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

extension UserID: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(uid)
        try container.encode(gid)
    }
}

extension Rule: Encodable {
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
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

/// An image made by hand, so that nothing of coracle takes part, and every byte may be wrong.
package struct HandmadeImage: Sendable {
    package static let manifestType = "application/vnd.oci.image.manifest.v1+json"
    package static let indexType = "application/vnd.oci.image.index.v1+json"
    package static let configType = "application/vnd.oci.image.config.v1+json"
    package static let layerType = "application/vnd.oci.image.layer.v1.tar+gzip"

    /// Layers and config by digest.
    package private(set) var blobs: [String: [UInt8]] = [:]

    /// Manifests and indexes by digest.
    package private(set) var manifests: [String: [UInt8]] = [:]

    /// What a tag leads to.
    package private(set) var top: [UInt8]

    /// The digests of the layers, in order.
    package private(set) var layers: [String] = []

    /// An image with these layers, each a gzip file with its diffID.
    ///
    /// - Parameter config: Changes the config's JSON.
    /// - Parameter manifest: Changes the manifest's JSON.
    package init(
        layers: [Layer],
        architecture: String = "amd64",
        config change: (String) -> String = { $0 },
        manifest changeManifest: (String) -> String = { $0 }
    ) throws {
        let diffs = layers.map { "\"\($0.diffID)\"" }.joined(separator: ",")
        let history = layers.map { _ in #"{"created":"2001-02-03T04:05:06Z","created_by":"hand"}"# }.joined(
            separator: ","
        )
        let config = change(
            """
            {"architecture":"\(architecture)","os":"linux","config":{"Env":["PATH=/usr/bin"],"Labels":{"by":"hand"}},\
            "rootfs":{"type":"layers","diff_ids":[\(diffs)]},"history":[\(history)]}
            """
        )
        var parts = [String]()
        top = []
        for layer in layers { parts.append(try hold(layer.bytes, Self.layerType)) }
        self.layers = try layers.map { try FaultyRegistry.digest(of: $0.bytes) }
        let manifest = changeManifest(
            """
            {"schemaVersion":2,"mediaType":"\(Self.manifestType)","config":\(try hold(Array(config.utf8), Self.configType)),\
            "layers":[\(parts.joined(separator: ","))]}
            """
        )
        top = Array(manifest.utf8)
        manifests[try FaultyRegistry.digest(of: top)] = top
    }

    /// An index of images, each with the JSON of its platform.
    package init(
        of images: [(image: HandmadeImage, platform: String)],
        index change: (String) -> String = { $0 }
    ) throws {
        top = []
        var parts = [String]()
        for (image, platform) in images {
            blobs.merge(image.blobs) { first, _ in first }
            manifests.merge(image.manifests) { first, _ in first }
            let isIndex = String(decoding: image.top, as: UTF8.self).contains("\"manifests\"")
            let type = isIndex ? Self.indexType : Self.manifestType
            let descriptor = try Self.descriptor(of: image.top, type)
            parts.append(descriptor.dropLast() + ",\"platform\":\(platform)}")
        }
        let text =
            #"{"schemaVersion":2,"mediaType":"\#(Self.indexType)","manifests":[\#(parts.joined(separator: ","))]}"#
        top = Array(change(text).utf8)
        manifests[try FaultyRegistry.digest(of: top)] = top
    }

    /// The digest of what a tag leads to.
    package var digest: String {
        get throws { try FaultyRegistry.digest(of: top) }
    }

    /// Has other bytes served under `digest`, or none.
    package mutating func replace(_ digest: String, by bytes: [UInt8]?) {
        if blobs[digest] != nil { blobs[digest] = bytes }
        if manifests[digest] != nil { manifests[digest] = bytes }
    }

    /// Has other bytes served under the tag.
    package mutating func replaceTop(by bytes: [UInt8]) { top = bytes }

    private mutating func hold(_ bytes: [UInt8], _ type: String) throws -> String {
        blobs[try FaultyRegistry.digest(of: bytes)] = bytes
        return try Self.descriptor(of: bytes, type)
    }

    private static func descriptor(of bytes: [UInt8], _ type: String) throws -> String {
        #"{"mediaType":"\#(type)","digest":"\#(try FaultyRegistry.digest(of: bytes))","size":\#(bytes.count)}"#
    }

    /// The files of an image layout that holds it, by their paths below `folder`.
    ///
    /// - Parameter tag: its tag there; `nil` leaves it without one.
    package func layout(_ folder: String, tag: String? = nil) throws -> [String: [UInt8]] {
        var files = [String: [UInt8]]()
        for (digest, bytes) in blobs.merging(manifests, uniquingKeysWith: { first, _ in first }) {
            files["\(folder)/blobs/sha256/\(digest.dropFirst(7))"] = bytes
        }
        let isIndex = String(decoding: top, as: UTF8.self).contains("\"manifests\"")
        var descriptor = try Self.descriptor(of: top, isIndex ? Self.indexType : Self.manifestType)
        if let tag {
            descriptor.removeLast()
            descriptor += #","annotations":{"org.opencontainers.image.ref.name":"\#(tag)"}}"#
        }
        files["\(folder)/oci-layout"] = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)
        files["\(folder)/index.json"] = Array(#"{"schemaVersion":2,"manifests":[\#(descriptor)]}"#.utf8)
        return files
    }

    /// A layer's gzip file.
    package struct Layer: Sendable {
        package var bytes: [UInt8]
        package var diffID: String

        /// Made by GNU tar and gzip of what `script` leaves in its working directory. A fixed owner and time, so that it
        /// is always the same.
        package init(_ script: String) throws {
            let place = try TemporaryDirectory()
            try place.directory("root")
            try Command.shell(
                """
                set -e
                (cd root && eval "$1")
                tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C root -cf layer.tar .
                gzip -9n <layer.tar >layer.tar.gz
                """,
                [script],
                directory: place.path
            ).output()
            bytes = try readFile(place("layer.tar.gz"))
            diffID = "sha256:" + (try Command("sha256sum", [place("layer.tar")]).output()).prefix(64)
        }

        /// `bytes` as they are.
        package init(_ bytes: [UInt8], diffID: String) {
            self.bytes = bytes
            self.diffID = diffID
        }
    }
}

import Diagnostics

@testable import OCI

/// JSON and the documents of the image-spec, which registries and layouts hold.
enum JSONProbe {
    static func read(_ bytes: [UInt8]) {
        if let json = try? JSON(parsing: bytes, named: "probe") {
            for pretty in [false, true] {
                let again = try? JSON(parsing: json.encoded(pretty: pretty), named: "probe")
                require(again == json, "JSON is not read as it was written")
            }
        }
        readDocument(bytes, as: .imageIndex, of: Index.self)
        readDocument(bytes, as: .imageManifest, of: Manifest.self)
        readDocument(bytes, as: .imageConfig, of: ImageConfig.self)
    }

    private static func readDocument<Content: JSONRepresentable & Equatable>(
        _ bytes: [UInt8],
        as mediaType: MediaType,
        of _: Content.Type
    ) {
        guard let document = try? Document<Content>(decoding: bytes, as: mediaType, named: "probe") else { return }
        let again = try? Content(document.content.json, named: "probe")
        require(again == document.content, "a document is not read as it was written")
    }
}

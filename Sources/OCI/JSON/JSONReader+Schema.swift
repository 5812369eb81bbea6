import Diagnostics

extension JSONReader {
    /// What indexes and manifests have in common: the schema's version, and which kind of document it is. One that could be
    /// read as either kind is refused, for some reader would take it for the other (CVE-2021-41190).
    ///
    /// Returns the media type that the document gives itself.
    func schema(forbidding forbidden: [String], _ accepts: (MediaType) -> Bool) throws(Diagnostic) -> MediaType? {
        let version = try member("schemaVersion")
        guard try version.int() == 2 else {
            throw version.malformed("schema \(try version.int()) is not supported, only 2")
        }
        for key in try object().keys where forbidden.contains(key.foldedKey) {
            throw malformed("it has `\(key)`, which makes it two kinds of document at once")
        }
        guard let member = try optional("mediaType") else { return nil }
        let mediaType = try member.mediaType()
        guard accepts(mediaType) else { throw member.malformed("`\(mediaType)` is another kind of document") }
        return mediaType
    }
}

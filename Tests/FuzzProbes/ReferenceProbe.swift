import OCI

/// What names an image or a part of it: each kind of text is parsed as the same value once it is printed.
enum ReferenceProbe {
    static func read(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let reference = try? Reference(parsing: text) {
            for printed in [reference.description, reference.normalized, reference.familiar] {
                let again = try? Reference(parsing: printed)
                require(again?.normalized == reference.normalized, "a reference is not parsed as it was printed")
            }
        }
        if let platform = try? Platform(parsing: text) {
            require((try? Platform(parsing: platform.description)) == platform, "a platform changes in print")
        }
        if let digest = try? Digest(parsing: text) {
            require((try? Digest(parsing: digest.description)) == digest, "a digest changes in print")
        }
        if let timestamp = try? Timestamp(parsing: text) {
            require((try? Timestamp(parsing: timestamp.description)) == timestamp, "a time changes in print")
        }
        let essence = MediaType(rawValue: text).essence
        require(essence.essence == essence, "a media type has two essences")
    }
}

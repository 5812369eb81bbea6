package import OCI

/// Why an image that was made again is another one: the first difference, in the order in which images are made.
package struct Cause: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        /// What the provenance says is not true of the image.
        case record
        /// The inputs are for other platforms.
        case platform
        /// The image stands on other layers.
        case base
        /// A file that went in is another one.
        case input
        case option
        /// Compressed by another program, or another version of it.
        case compressor
        /// Another version of coracle, which has other files or rules.
        case version
        case time
        /// Another program has changed the image's documents or layers.
        case changed
    }

    package let kind: Kind
    /// The image in which it shows; `nil` if it is about all.
    package let platform: Platform?
    /// What, in one sentence without a full stop.
    package let summary: String
    /// Both values, as a clause.
    package let reason: String?
    /// What to do.
    package let hint: String

    init(_ kind: Kind, _ platform: Platform?, _ summary: String, because reason: String? = nil, hint: String) {
        self.kind = kind
        self.platform = platform
        self.summary = summary
        self.reason = reason
        self.hint = hint
    }

    var json: JSON {
        var json = JSONObject()
        json["kind"] = .string(kind.rawValue)
        json["platform"] = platform.map { .string($0.description) }
        json["summary"] = .string(summary)
        json["because"] = reason.map { .string($0) }
        json["hint"] = .string(hint)
        return .object(json)
    }
}

public import Diagnostics

/// What an image's programs run on, in Go's words.
///
/// image-spec, image-index.md § Platform Variants; config.md § Properties.
public struct Platform: Hashable, Sendable, CustomStringConvertible {
    public var os: String
    public var architecture: String
    public var variant: String?

    public init(os: String, architecture: String, variant: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
    }

    /// Parses `OS/ARCHITECTURE[/VARIANT]`; `arm64` alone is the variant that all of them are.
    ///
    /// - Throws: `platform.malformed`.
    public init(parsing text: String) throws(Diagnostic) {
        let fields = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isWord = { (word: String) in
            !word.isEmpty && word.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F }
        }
        guard (2...3).contains(fields.count), fields.allSatisfy(isWord) else {
            throw Diagnostic(
                .platformMalformed,
                "`\(text)` is not a platform",
                hint: "write it like `linux/amd64`, `linux/arm64` or `linux/arm/v7`"
            )
        }
        self.init(os: fields[0], architecture: fields[1], variant: fields.count == 3 ? fields[2] : nil)
    }

    public var description: String { [os, architecture, variant].compactMap(\.self).joined(separator: "/") }

    /// Whether they are the same, where a variant that is not said is the usual one.
    public func matches(_ other: Platform) -> Bool {
        os == other.os && architecture == other.architecture && usualVariant == other.usualVariant
    }

    private var usualVariant: String? {
        switch (architecture, variant) {
        case ("arm64", nil): "v8"
        case ("arm", nil): "v7"
        default: variant
        }
    }

    init(_ reader: JSONReader) throws(Diagnostic) {
        os = try reader.member("os").string()
        architecture = try reader.member("architecture").string()
        variant = try reader.optional("variant")?.string()
    }

    /// As in a descriptor.
    public var json: JSON {
        var object = JSONObject()
        object["architecture"] = .string(architecture)
        object["os"] = .string(os)
        object["variant"] = variant.map { .string($0) }
        return .object(object)
    }
}

extension Diagnostic.Code {
    package static let platformMalformed = Self("platform.malformed", .usage)
}

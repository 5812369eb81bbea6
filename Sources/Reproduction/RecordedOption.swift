package import OCI

/// An option of `build` that decides an image, in the command line's own words.
package struct RecordedOption: Hashable, Sendable {
    /// Who says that the image was made with it.
    package enum Source: String, Hashable, Sendable {
        /// It follows from what the image is.
        case image
        /// The provenance says so.
        case record
        /// The user says so now.
        case user
    }

    /// Without the hyphens.
    package let name: String
    /// `nil` for an option without a value.
    package let value: String?
    package let source: Source

    package init(_ name: String, _ value: String? = nil, _ source: Source = .image) {
        self.name = name
        self.value = value
        self.source = source
    }

    /// For the command line's parser: one word, so that a value may begin with a hyphen.
    package var word: String { value.map { "--\(name)=\($0)" } ?? "--\(name)" }

    /// For a person.
    package var display: String { value.map { "--\(name) \(Self.quoted($0))" } ?? "--\(name)" }

    static func quoted(_ text: String) -> String {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: Array("-_./:=@,+%".utf8).contains(byte)
                }
            }
        return isPlain ? text : "'" + text.replacing("'", with: #"'\''"#) + "'"
    }

    /// As provenance has it.
    package var json: JSON {
        var json = JSONObject()
        json["name"] = .string(name)
        json["value"] = value.map { .string($0) }
        return .object(json)
    }
}

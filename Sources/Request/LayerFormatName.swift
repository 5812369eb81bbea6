package import Diagnostics
package import Layers

/// How a layer's format is named where a user says it.
package enum LayerFormatName {
    /// - Parameter option: where the name was given.
    /// - Throws: `usage.malformed`.
    package static func codec(_ text: String, _ option: String) throws(Diagnostic) -> LayerCodec {
        guard let codec = LayerCodec(rawValue: text) else {
            let known = LayerCodec.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            let reason = "it is not one of \(known)"
            throw .optionMalformed(.usageMalformed, option, text, because: reason, example: "zstd")
        }
        return codec
    }
}

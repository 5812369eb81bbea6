import OCI
import Reproduction
import Signing

/// Statements of how an image was made: anyone can hang one on an image.
enum ProvenanceProbe {
    private static let names: Set<String> = ["add", "ca", "label", "layers", "mtime", "no-check"]

    static func read(_ bytes: [UInt8]) {
        guard let statement = try? Statement(decoding: bytes, named: "probe") else { return }
        let known = statement.subjects
        guard let record = try? BuildRecord(statement, about: known, allowing: names, named: "probe") else { return }
        require(!known.isEmpty, "a statement about nothing is about an image")
        for option in record.options ?? [] {
            require(names.contains(option.name), "an option that may not be recorded was taken")
            require(option.word.hasPrefix("--\(option.name)"), "an option is another word")
            _ = option.display
        }
        for path in record.inputs.keys { require(path.hasPrefix("/"), "an input is not a file of the image") }
        let other = try? BuildRecord(statement, about: [], allowing: names, named: "probe")
        require(other == nil, "a statement is about any image")
    }
}

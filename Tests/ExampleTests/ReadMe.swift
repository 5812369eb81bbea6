/// The fenced blocks of an example's README.md that the tests use.
///
/// The word after the language says which one it is: "```sh build" has the commands that make the image and
/// "```text build" what they print, "```sh run" and "```text run" the same for starting it.
struct ReadMe {
    private let text: String
    private let blocks: [String: String]

    init(_ bytes: [UInt8]) {
        text = String(decoding: bytes, as: UTF8.self)
        var blocks = [String: String]()
        var fence: String?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                fence = fence == nil ? String(line.dropFirst(3)) : nil
            } else if let fence {
                blocks[fence, default: ""] += "\(line)\n"
            }
        }
        self.blocks = blocks
    }

    struct Missing: Error, CustomStringConvertible {
        let fence: String
        var description: String { "README.md has no block that begins with ```\(fence)" }
    }

    func block(_ fence: String) throws -> String {
        guard let block = blocks[fence] else { throw Missing(fence: fence) }
        return block
    }

    /// The whole text with another block in the place of this one.
    func replacing(_ fence: String, with block: String) throws -> String {
        text.replacing("```\(fence)\n\(try self.block(fence))```", with: "```\(fence)\n\(block)```")
    }
}

/// `text` without what differs between two versions of a compiler, or of coracle: digests, sizes, versions.
func masked(_ text: String) -> String {
    text
        .replacing(/sha256:[0-9a-f]{64}/, with: "sha256:…")
        .replacing(/[ ]*[0-9]+(\.[0-9])? k?B/, with: " SIZE")
        .replacing(/[ ]*[0-9]+(\.[0-9])? MB/, with: " SIZE")
        .replacing(/go1\.[0-9.]+/, with: "goVERSION")
        .replacing(/and yours: [A-Za-z_ ]+/, with: "and yours: …")
        .replacing(/rustc [0-9a-f]{12}/, with: "rustc COMMIT")
        .replacing(/coracle [0-9]+\.[0-9]+\.[0-9]+[-+.0-9A-Za-z]*/, with: "coracle VERSION")
}

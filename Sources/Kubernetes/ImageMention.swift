/// An image that is to be built, as a text in a manifest names it: `coracle://shop`, `coracle://./cmd/shop`, or ko's
/// `ko://example.com/shop/cmd/shop`.
package struct ImageMention: Hashable, Sendable {
    package enum Subject: Hashable, Sendable {
        /// An image of `coracle.yaml`, by its name.
        case image(String)
        /// A path of this machine, or an import path of Go, as `build` takes it.
        case path(String)
    }

    /// As it is written.
    package let text: String
    package let subject: Subject

    /// What a text is.
    package enum Reading: Hashable, Sendable {
        case mention(ImageMention)
        /// It begins like one, and goes on as prose or a command does.
        case more
        /// Why it does not name an image, as a clause.
        case malformed(String)
    }

    static let scheme = "coracle://"
    static let schemeOfKo = "ko://"

    /// Most bytes of a mention.
    private static let sizeLimit = 4096

    /// Whether a text with these bytes may name an image: `read` returns nothing for others.
    static func mayBegin(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        switch bytes.first {
        case UInt8(ascii: "c")?: bytes.starts(with: scheme.utf8)
        case UInt8(ascii: "k")?: bytes.starts(with: schemeOfKo.utf8)
        case let first?: first <= 0x20
        case nil: false
        }
    }

    /// What `text` is, with white space around it; `nil` if it does not begin as a mention does.
    package static func read(_ text: String) -> Reading? {
        // Most texts are something else: no copy is made of them.
        guard let first = text.utf8.first, first == UInt8(ascii: "c") || first == UInt8(ascii: "k") || first <= 0x20
        else { return nil }
        let text = text.trimmed
        let scheme = text.hasPrefix(scheme) ? scheme : schemeOfKo
        guard text.hasPrefix(scheme) else { return nil }
        let rest = String(text.dropFirst(scheme.count))
        if rest.contains(where: \.isWhitespace) { return .more }
        guard !rest.isEmpty else { return .malformed("nothing stands after `\(scheme)`") }
        guard rest.utf8.count <= sizeLimit else { return .malformed("it has more than \(sizeLimit) bytes") }
        if rest.contains("{{") || rest.contains("${") || rest.contains("$(") {
            return .malformed("it has a variable that another program replaces")
        }
        if scheme == schemeOfKo {
            // ko takes `ko://./cmd/app` for a path, too.
            let isPath = rest.hasPrefix("./") || rest.hasPrefix("../") || rest == "."
            return .mention(ImageMention(text: text, subject: .path(isPath ? rest : text)))
        }
        if rest.hasPrefix(".") || rest.hasPrefix("/") {
            return .mention(ImageMention(text: text, subject: .path(rest)))
        }
        guard !rest.contains("@") else { return .malformed("the digest is that of the image that is built") }
        guard !rest.contains(":") else {
            return .malformed("tags are given with `-t`, `--tags`, or `tag` in coracle.yaml")
        }
        return .mention(ImageMention(text: text, subject: .image(rest)))
    }
}

extension String {
    /// Without white space at both ends.
    var trimmed: String {
        var rest = self[...].drop(while: \.isWhitespace)
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}

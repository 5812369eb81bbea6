package import ByteIO
import YAML

/// A file of a project, or a profile in one: what values have in common that are written there.
package final class ProjectPart: Sendable {
    /// As messages call it.
    package let file: String
    /// What its paths are relative to; `nil` for the working directory.
    package let directory: FilePath?
    /// `nil` outside of profiles.
    package let profile: String?
    /// The file that extends this one; `nil` for the file that was named.
    package let extendedBy: String?

    init(file: FilePath, profile: String? = nil, extendedBy: String?) {
        self.file = file.display
        let directory = file.directory
        self.directory = directory == "." ? nil : directory
        self.profile = profile
        self.extendedBy = extendedBy
    }
}

/// Where a value is written.
package struct ProjectOrigin: Sendable {
    package let part: ProjectPart
    /// Counted from 1, as columns are.
    package let line: Int
    package let column: Int
    /// Whether it is written for all images.
    package let isDefault: Bool

    init(_ part: ProjectPart, _ mark: YAMLValue.Mark, isDefault: Bool) {
        self.part = part
        (line, column) = (mark.line, mark.column)
        self.isDefault = isDefault
    }
}

/// One text of a value.
package struct ProjectText: Sendable {
    /// What counts.
    package fileprivate(set) var text: String
    /// The same as it can be written and shown: without what comes from the environment. `nil` if it is `text`.
    fileprivate var written: String?
    /// Names of the variables that were read.
    package private(set) var variables: [String]
    /// Names of those that are not set, and have a default.
    package private(set) var unset: [String]
    package let origin: ProjectOrigin

    init(_ text: Variables.Replaced, _ origin: ProjectOrigin) {
        self.text = text.text
        written = text.written
        variables = text.variables
        unset = text.unset
        self.origin = origin
    }

    package var shown: String { written ?? text }

    /// With `next` behind it, which may come from the environment, too.
    func joined(_ separator: String, _ next: ProjectText?) -> ProjectText {
        var joined = self
        if written != nil || next?.written != nil { joined.written = shown + separator + (next?.shown ?? "") }
        joined.text = text + separator + (next?.text ?? "")
        joined.variables += next?.variables ?? []
        joined.unset += next?.unset ?? []
        return joined
    }

    func mapped(_ change: (String) -> String) -> ProjectText {
        var changed = self
        changed.text = change(text)
        changed.written = written.map(change)
        return changed
    }
}

/// What a file says under a key.
package struct ProjectValue: Sendable {
    package let kind: ProjectKey.Kind
    /// One, except for lists and pairs.
    package fileprivate(set) var parts: [ProjectText]
    /// Where the value begins.
    package let origin: ProjectOrigin
    /// Whether the text is the name of another image of the project.
    package let isImage: Bool
    /// Whether `{name}` in it is a text like others.
    private let isVerbatim: Bool

    init(
        _ kind: ProjectKey.Kind,
        _ parts: [ProjectText],
        _ origin: ProjectOrigin,
        isImage: Bool = false,
        isVerbatim: Bool = false
    ) {
        (self.kind, self.parts, self.origin, self.isImage) = (kind, parts, origin, isImage)
        self.isVerbatim = isVerbatim
    }

    package var texts: [String] { parts.map(\.text) }
    package var text: String? { parts.first?.text }

    /// With the image's name where `{name}` stands.
    func naming(_ name: String) -> ProjectValue {
        guard !isVerbatim, parts.contains(where: { $0.text.utf8.contains(UInt8(ascii: "{")) }) else { return self }
        return mapped { $0.naming(image: name) }
    }

    func mapped(_ change: (String) -> String) -> ProjectValue {
        var changed = self
        changed.parts = parts.map { $0.mapped(change) }
        return changed
    }
}

extension [String: ProjectValue] {
    /// Adds what is said later: values and lists replace the earlier ones, pairs are added to them.
    mutating func add(_ later: [String: ProjectValue]) {
        for (key, value) in later {
            if let other = ProjectKey.alternatives[key] { self[other] = nil }
            if value.kind == .pairs, let earlier = self[key] {
                self[key] = ProjectValue(.pairs, earlier.parts + value.parts, value.origin)
            } else {
                self[key] = value
            }
        }
    }
}

extension String {
    /// With an image's name where `{name}` stands.
    ///
    /// A thousand images have ten thousand texts, for which the library's own search takes longer than the whole file.
    package func naming(image name: String) -> String {
        let (brace, place) = (UInt8(ascii: "{"), "{name}".utf8)
        guard utf8.contains(brace) else { return self }
        var (named, rest) = ([UInt8](), utf8[...])
        while let start = rest.firstIndex(of: brace) {
            named += rest[..<start]
            rest = rest[start...]
            let isPlace = rest.starts(with: place)
            named += isPlace ? Array(name.utf8) : [brace]
            rest = rest.dropFirst(isPlace ? place.count : 1)
        }
        return String(decoding: named + rest, as: UTF8.self)
    }
}

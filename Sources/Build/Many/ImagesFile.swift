package import ByteIO
package import Diagnostics
import Glibc
import Request
import YAML

/// A file that says of many images what the command line says of one.
///
///     defaults:
///       output: images.oci
///       tag: ghcr.io/me/{name}:1.0
///     images:
///       shop: {path: bin/shop, env: {PORT: "8080"}}
///       cart: {path: bin/cart}
package struct ImagesFile: Sendable {
    /// What an option's value looks like.
    package enum Kind: Sendable {
        case text, number, flag
        /// Several texts, or one.
        case list
        /// NAME=VALUE several times, or a mapping. An image's stand behind the defaults'.
        case pairs
    }

    package enum Value: Hashable, Sendable {
        case text(String)
        case number(Int)
        case flag(Bool)
        case list([String])
    }

    /// What is said of one image, the defaults included.
    package struct Entry: Sendable {
        package let name: String
        /// Where it stands, counted from 1.
        package let line: Int
        /// By option.
        package let values: [String: Value]
    }

    /// In the order of the file, no name twice.
    package let images: [Entry]
    /// What paths in the file are relative to; `nil` for the working directory.
    package let directory: FilePath?

    /// Reads the file at `path`, which says of images what `options` can take, by their names.
    ///
    /// - Throws: `io.failed`; `yaml.…` with line and column for everything that is not understood, at once.
    package init(readingFrom path: FilePath, options: [String: Kind]) throws(DiagnosticList) {
        let document = try Self.document(path)
        var reading = Reading(options: options)
        images = reading.images(document)
        if let list = DiagnosticList(reading.problems) { throw list }
        let directory = path.directory
        self.directory = directory == "." ? nil : directory
    }

    /// Whether the file at `path` has images in it, and not only other settings.
    ///
    /// - Throws: `io.failed`; `yaml.…`.
    package static func hasImages(_ path: FilePath) throws(DiagnosticList) -> Bool {
        guard case .mapping(let members) = try document(path).value.content else { return false }
        return members.contains { Reading.lists.contains($0.key) }
    }

    private static func document(_ path: FilePath) throws(DiagnosticList) -> YAMLReader {
        do throws(Diagnostic) {
            let bytes: [UInt8]
            do throws(SystemError) {
                bytes = try ProjectFile.bytes(of: path)
            } catch {
                throw Diagnostic(
                    .imagesUnreadable,
                    "`\(path.display)` cannot be read",
                    at: .file(path: path.display),
                    because: error.description,
                    hint: "check the path given to `--file`"
                )
            }
            return YAMLReader(try YAMLDocument(parsing: bytes, named: path.display, limit: ProjectFile.sizeLimit))
        } catch {
            throw DiagnosticList(error)
        }
    }
}

/// The file on its way into entries. Goes on after a problem.
private struct Reading {
    /// What the images stand below. Other programs call them targets.
    static let lists = ["images", "targets"]
    private static let longestName = 128

    let options: [String: ImagesFile.Kind]
    var problems: [Diagnostic] = []
    private let known: [String]

    init(options: [String: ImagesFile.Kind]) {
        self.options = options
        known = options.keys.sorted()
    }

    private mutating func collect<Result>(_ body: () throws(Diagnostic) -> Result) -> Result? {
        do throws(Diagnostic) {
            return try body()
        } catch {
            problems.append(error)
            return nil
        }
    }

    mutating func images(_ document: YAMLReader) -> [ImagesFile.Entry] {
        guard let members = collect({ () throws(Diagnostic) in try document.members() }) else { return [] }
        let others = collect { () throws(Diagnostic) in try document.others(than: Self.lists + ["defaults", "lint"]) }
        problems += others ?? []
        let lists = members.filter { Self.lists.contains($0.key) }
        guard let list = lists.first, lists.count == 1 else {
            // A mistyped word was reported.
            guard problems.isEmpty || !lists.isEmpty else { return [] }
            problems.append(
                document.malformed(
                    lists.isEmpty
                        ? "there are no `images`" : "`images` and `targets` mean the same: write one list"
                )
            )
            return []
        }
        var defaults: [String: ImagesFile.Value] = [:]
        if let member = members.first(where: { $0.key == "defaults" }) { defaults = values(member.value, besides: []) }
        let images = named(list.value).map { name, entry in
            var values = values(entry, besides: isList(list.value) ? ["name"] : [])
            for (key, value) in defaults {
                let value = value.naming(name)
                guard options[key] == .pairs, case .list(let own)? = values[key], case .list(let shared) = value else {
                    if values[key] == nil { values[key] = value }
                    continue
                }
                values[key] = .list(shared + own)
            }
            return ImagesFile.Entry(name: name, line: entry.value.mark.line, values: values)
        }
        if images.isEmpty, problems.isEmpty { problems.append(list.value.malformed("there is no image")) }
        return images
    }

    private func isList(_ reader: YAMLReader) -> Bool {
        if case .sequence = reader.value.content { true } else { false }
    }

    /// The images with their names, from a mapping of them or a list.
    private mutating func named(_ reader: YAMLReader) -> [(name: String, value: YAMLReader)] {
        var found: [(name: String, value: YAMLReader)] = []
        if isList(reader) {
            for element in collect({ () throws(Diagnostic) in try reader.array() }) ?? [] {
                let name = collect { () throws(Diagnostic) in try element.member("name") }
                guard let name, let text = collect({ () throws(Diagnostic) in try name.string() }) else { continue }
                check(text, name)
                found.append((text, element))
            }
        } else {
            let members = collect { () throws(Diagnostic) in try reader.members() }
            for member in members ?? [] {
                check(member.key, member.value)
                found.append((member.key, member.value))
            }
        }
        var lines: [String: Int] = [:]
        for (name, value) in found {
            guard let line = lines.updateValue(value.value.mark.line, forKey: name) else { continue }
            problems.append(value.malformed("image `\(name)` is also on line \(line)"))
        }
        return found
    }

    /// A name becomes a file's, and a part of a reference.
    private mutating func check(_ name: String, _ reader: YAMLReader) {
        let letters = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard letters, name.utf8.count <= Self.longestName, name.first.map({ $0 != "." && $0 != "-" }) ?? false else {
            problems.append(
                reader.malformed(
                    "`\(name)` cannot be the name of an image: it may have letters, digits, `-`, `_` and `.`, \(Self.longestName) at most"
                )
            )
            return
        }
    }

    /// What `reader` says, by option; `others` are keys that are looked at elsewhere.
    private mutating func values(_ reader: YAMLReader, besides others: [String]) -> [String: ImagesFile.Value] {
        // An image may say nothing that the defaults do not.
        if case .null = reader.value.content { return [:] }
        guard let members = collect({ () throws(Diagnostic) in try reader.members() }) else { return [:] }
        let unknown = collect { [known] () throws(Diagnostic) in try reader.others(than: known + others) }
        problems += unknown ?? []
        var values: [String: ImagesFile.Value] = [:]
        for (key, value) in members {
            guard let kind = options[key] else { continue }
            values[key] = collect { () throws(Diagnostic) in try ImagesFile.Value(value, kind) }
        }
        return values
    }
}

extension ImagesFile.Value {
    fileprivate init(_ reader: YAMLReader, _ kind: ImagesFile.Kind) throws(Diagnostic) {
        switch (kind, reader.value.content) {
        case (.text, _): self = .text(try Self.text(reader))
        case (.number, _):
            guard let number = Int(try Self.text(reader)) else { throw reader.malformed("it is not a whole number") }
            self = .number(number)
        case (.flag, _):
            switch try Self.text(reader) {
            case "true": self = .flag(true)
            case "false": self = .flag(false)
            case let text: throw reader.malformed("`\(text)` is neither `true` nor `false`")
            }
        case (.list, .sequence), (.pairs, .sequence):
            var texts = [String]()
            for element in try reader.array() { texts.append(try Self.text(element)) }
            self = .list(texts)
        case (.pairs, .mapping):
            var pairs = [String]()
            for (name, value) in try reader.members() {
                guard !name.isEmpty, !name.utf8.contains(where: { $0 == UInt8(ascii: "=") || $0 == 0 }) else {
                    throw value.malformed("a name is not empty, and has no `=` in it")
                }
                pairs.append("\(name)=\(try Self.text(value))")
            }
            self = .list(pairs)
        case (.list, .scalar), (.pairs, .scalar): self = .list([try Self.text(reader)])
        case (.list, _): throw reader.unexpected("a list, or text")
        case (.pairs, _): throw reader.unexpected("a mapping, or a list of NAME=VALUE")
        }
    }

    /// Paths would end at a NUL, and no argument of a command can have one.
    private static func text(_ reader: YAMLReader) throws(Diagnostic) -> String {
        let text = try reader.string()
        guard !text.utf8.contains(0) else { throw reader.malformed("there is a NUL in it") }
        return text
    }

    /// With the image's name where `{name}` stands.
    fileprivate func naming(_ name: String) -> Self {
        switch self {
        case .text(let text): .text(text.naming(image: name))
        case .list(let texts): .list(texts.map { $0.naming(image: name) })
        case .number, .flag: self
        }
    }
}

extension String {
    /// With an image's name where `{name}` stands.
    package func naming(image name: String) -> String { replacing("{name}", with: name) }
}

extension Diagnostic.Code {
    static let imagesUnreadable = Self("images.unreadable", .input)
}

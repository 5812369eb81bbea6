package import Diagnostics
import Glibc

/// What a user writes to name an image: `[registry/]repository[:tag][@digest]`.
///
/// distribution/reference's grammar, which docker, podman and skopeo follow: without a registry it is Docker Hub's.
package struct Reference: Hashable, Sendable, CustomStringConvertible {
    /// As the user wrote it.
    package let text: String
    /// A host, with a port where one was given: `docker.io`, `localhost:5000`.
    package let registry: String
    /// With Docker Hub's `library/` where it goes without saying: `library/ubuntu`.
    package let repository: String
    /// `latest` where there is neither tag nor digest.
    package let tag: String?
    /// Decides, where there are both.
    package let digest: Digest?

    private static let hub = "docker.io"

    /// Parses what a user wrote.
    ///
    /// - Throws: `reference.malformed`.
    package init(parsing text: String) throws(Diagnostic) {
        var rest = text[...]
        var digest: Digest?
        if let at = rest.lastIndex(of: "@") {
            do throws(Diagnostic) {
                digest = try Digest(parsing: String(rest[rest.index(after: at)...]))
            } catch {
                throw Self.malformed(text, "what follows `@` is not a digest")
            }
            rest = rest[..<at]
        }
        guard !rest.isEmpty else { throw Self.malformed(text, "it names no repository") }
        guard !(rest.utf8.count == 64 && rest.utf8.allSatisfy(Self.isLowercaseHex)) else {
            throw Self.malformed(text, "64 hexadecimal digits are an image's ID, not its name")
        }
        var registry = Self.hub
        if let slash = rest.firstIndex(of: "/"), Self.namesRegistry(rest[..<slash]) {
            registry = String(rest[..<slash])
            rest = rest[rest.index(after: slash)...]
            guard Self.isRegistry(registry) else {
                throw Self.malformed(text, "`\(registry.excerpt)` is not a registry's host")
            }
        }
        var tag: String?
        if let colon = rest.firstIndex(of: ":") {
            let name = rest[rest.index(after: colon)...]
            guard Self.isTag(name) else { throw Self.malformedTag(text, name) }
            tag = String(name)
            rest = rest[..<colon]
        }
        guard !rest.utf8.contains(where: { (0x41...0x5A).contains($0) }) else {
            throw Self.malformed(text, "a repository's name is lowercase", likely: text.lowercased())
        }
        guard Self.isRepository(rest) else {
            throw Self.malformed(text, "`\(String(rest).excerpt)` is not a repository's name")
        }
        if registry == "index.docker.io" { registry = Self.hub }
        self.text = text
        self.registry = registry
        repository = registry == Self.hub && !rest.contains("/") ? "library/\(rest)" : String(rest)
        self.tag = tag == nil && digest == nil ? "latest" : tag
        self.digest = digest
        guard repository.utf8.count <= 255 else {
            throw Self.malformed(text, "the repository's name is longer than 255 bytes")
        }
    }

    /// A repository alone, with neither tag nor digest: for what is the same under all of them.
    package init(to name: RepositoryName) {
        (registry, repository) = (name.registry, name.path)
        text = name.description
        (tag, digest) = (nil, nil)
    }

    /// As the user wrote it.
    package var description: String { text }

    /// With everything said: `docker.io/library/ubuntu:latest`.
    package var normalized: String {
        "\(registry)/\(repository)" + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// As Docker shows it: `ubuntu:latest`. It is another way to write the same reference.
    package var familiar: String {
        var name = "\(registry)/\(repository)"
        if registry == Self.hub {
            let components = repository.split(separator: "/")
            if components.count == 2, components[0] == "library" {
                name = String(components[1])
            } else if let first = components.first, !Self.namesRegistry(first) {
                name = repository
            }
        }
        return name + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }

    /// - Parameter likely: what was probably meant.
    private static func malformed(_ text: String, _ reason: String, likely: String? = nil) -> Diagnostic {
        Diagnostic(
            .referenceMalformed,
            "`\(text.excerpt)` is not an image reference",
            because: reason,
            hint: text.hasPrefix("http://") || text.hasPrefix("https://")
                ? "leave out `http://` or `https://`"
                : "write it like `\((likely ?? "ghcr.io/me/server:1.0").excerpt)`"
        )
    }

    private static func malformedTag(_ text: String, _ tag: Substring) -> Diagnostic {
        func isAllowed(_ character: Character) -> Bool {
            character.isASCII && (character.isLetter || character.isNumber || "_.-".contains(character))
        }
        guard let wrong = tag.first(where: { !isAllowed($0) }), wrong != "/", tag.utf8.count <= 128 else {
            return malformed(text, "`\(String(tag).excerpt)` is not a tag")
        }
        let likely = String(tag.map { isAllowed($0) ? $0 : "-" })
        return malformed(
            text,
            "`\(String(tag).excerpt)` is not a tag: it has a `\(wrong)`, and tags have letters, digits, `_`, `.` and `-`",
            likely: isTag(likely[...]) ? "\(text.dropLast(tag.count))\(likely)" : nil
        )
    }

    /// Whether what stands before the first slash is a host: it has a dot or a port, is `localhost`, or has a capital.
    private static func namesRegistry(_ text: Substring) -> Bool {
        text.contains(".") || text.contains(":") || text == "localhost"
            || text.utf8.contains { (0x41...0x5A).contains($0) }
    }

    private static func isRegistry(_ text: String) -> Bool {
        var host = text[...]
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return false }
            let address = text[text.index(after: text.startIndex)..<end]
            guard address.utf8.allSatisfy({ isHex($0) || $0 == UInt8(ascii: ":") }), isIPv6Address(address) else {
                return false
            }
            let port = text[text.index(after: end)...]
            return port.isEmpty || (port.hasPrefix(":") && isPort(port.dropFirst()))
        }
        if let colon = host.firstIndex(of: ":") {
            guard isPort(host[host.index(after: colon)...]) else { return false }
            host = host[..<colon]
        }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    private static func isIPv6Address(_ text: Substring) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET6, String(text), &address) == 1
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard text.utf8.count <= 5, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        return UInt16(text).map { $0 > 0 } ?? false
    }

    private static func isTag(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128 else { return false }
        return (isAlphanumeric(first) || first == UInt8(ascii: "_"))
            && text.utf8.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }

    private static func isRepository(_ text: Substring) -> Bool {
        text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { isPathComponent(Array($0.utf8)) }
    }

    /// Lowercase letters and digits, with `.`, `_`, `__` or any number of `-` between them.
    private static func isPathComponent(_ bytes: [UInt8]) -> Bool {
        func isWord(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) }
        guard let first = bytes.first, let last = bytes.last, isWord(first), isWord(last) else { return false }
        let separators = bytes.split { isWord($0) }
        return separators.allSatisfy { separator in
            let text = Array(separator)
            return text == [0x2E] || text == [0x5F] || text == [0x5F, 0x5F] || text.allSatisfy { $0 == 0x2D }
        }
    }

    private static func isHex(_ byte: UInt8) -> Bool { isLowercaseHex(byte) || (0x41...0x46).contains(byte) }
    private static func isLowercaseHex(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}

extension Diagnostic.Code {
    package static let referenceMalformed = Self("reference.malformed", .usage)
}

package import ByteIO
package import Diagnostics
import Glibc

/// One entry of apt's configuration: the place of packages, and the keys that may sign them.
///
/// sources.list(5).
package struct AptSource: Hashable, Sendable {
    /// The mirrors, `http` and `https` only, without a slash at the end.
    package var mirrors: [String]
    /// The suites, such as `bookworm` and `bookworm-updates`.
    package var suites: [String]
    package var components: [String]
    /// Debian's names of the architectures; empty for all.
    package var architectures: [String]
    /// Files with the keys that may sign the suites; empty if absent.
    package var keyrings: [FilePath]

    package init(
        mirrors: [String],
        suites: [String],
        components: [String],
        architectures: [String] = [],
        keyrings: [FilePath] = []
    ) {
        self.mirrors = mirrors
        self.suites = suites
        self.components = components
        self.architectures = architectures
        self.keyrings = keyrings
    }
}

/// apt's configuration, used to find mirrors that are known to be reachable.
package struct AptSources: Hashable, Sendable {
    /// The entries in the order of the files and of their lines, without those for source packages.
    package let sources: [AptSource]

    package init(_ sources: [AptSource]) { self.sources = sources }

    /// Reads `sources.list`, `sources.list.d/*.list` and `sources.list.d/*.sources` in `directory`, which is `/etc/apt`.
    /// Absent files count as empty.
    ///
    /// - Throws: `apt.sources-malformed` with file and line, `io.failed`.
    package init(readingFrom directory: FilePath) throws(Diagnostic) {
        var sources = [AptSource]()
        let list = directory.appending("sources.list")
        if let bytes = try Self.contents(of: list) { sources += try Self.oneLine(bytes, at: list) }
        let folder = directory.appending("sources.list.d")
        for name in (try? directoryEntries(of: folder))?.sorted(by: { $0.lexicographicallyPrecedes($1) }) ?? [] {
            let file = folder.appending(name: name)
            // apt itself ignores these: backups, and files that were renamed to disable them.
            if name.hasEnding(".list"), let bytes = try Self.contents(of: file) {
                sources += try Self.oneLine(bytes, at: file)
            } else if name.hasEnding(".sources"), let bytes = try Self.contents(of: file) {
                sources += try Self.paragraphs(bytes, at: file)
            }
        }
        self.sources = sources
    }

    /// The mirrors of `suite`, without repetition, in order.
    package func mirrors(of suite: String) -> [String] {
        var mirrors = [String]()
        for source in sources where source.suites.contains(suite) {
            for mirror in source.mirrors where !mirrors.contains(mirror) { mirrors.append(mirror) }
        }
        return mirrors
    }

    private static func contents(of file: FilePath) throws(Diagnostic) -> [UInt8]? {
        let limit = 1 << 20
        do throws(SystemError) {
            return try OpenFile(file, O_RDONLY | O_NONBLOCK).readAll(limit: limit)
        } catch {
            if error.number == ENOENT || error.number == ENOTDIR { return nil }
            var problem = error.diagnostic("read apt's configuration", file.display)
            problem.reason = error.description(readingAtMost: limit)
            throw problem
        }
    }
}

// MARK: - The two forms

extension AptSources {
    /// `deb [OPTIONS] URI SUITE COMPONENT…`, one a line.
    static func oneLine(_ bytes: [UInt8], at file: FilePath) throws(Diagnostic) -> [AptSource] {
        var sources = [AptSource]()
        for (index, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            func malformed(_ reason: String) -> Diagnostic { Self.malformed(reason, at: file, line: index + 1) }
            let text = line.prefix { $0 != UInt8(ascii: "#") }
            var words = text.split { $0.isBlank || $0 == 0x0D }.map { Array($0) }
            guard let type = words.first else { continue }
            words.removeFirst()
            guard type.elementsEqual("deb".utf8) else {
                guard type.elementsEqual("deb-src".utf8) else {
                    throw malformed("`\(String(printing: type.prefix(40)))` is neither `deb` nor `deb-src`")
                }
                continue
            }
            var options = [[UInt8]]()
            if words.first?.first == UInt8(ascii: "[") {
                guard let end = words.firstIndex(where: { $0.last == UInt8(ascii: "]") }) else {
                    throw malformed("the options have no `]`")
                }
                options = words[...end].map { word in word.filter { $0 != UInt8(ascii: "[") && $0 != UInt8(ascii: "]") }
                }
                words.removeFirst(end + 1)
            }
            guard words.count >= 2 else { throw malformed("an address and a suite are missing") }
            let texts = words.map { String(printing: $0) }
            func option(_ name: String) -> [String] {
                let prefix = Array("\(name)=".utf8)
                return options.filter { $0.starts(with: prefix) }.flatMap { option in
                    option.dropFirst(prefix.count).split(separator: UInt8(ascii: ",")).map { String(printing: $0) }
                }
            }
            sources += source(
                addresses: [texts[0]],
                suites: [texts[1]],
                components: Array(texts[2...]),
                architectures: option("arch"),
                keyrings: option("signed-by")
            )
        }
        return sources
    }

    /// Paragraphs with `Types`, `URIs`, `Suites` and so on.
    static func paragraphs(_ bytes: [UInt8], at file: FilePath) throws(Diagnostic) -> [AptSource] {
        var reader = ControlReader(MemorySource(bytes), at: .file(path: file.display))
        var sources = [AptSource]()
        while let paragraph = try reader.next() {
            let enabled = paragraph.words(of: "Enabled").first ?? "yes"
            guard !["no", "false", "without", "off", "disable", "0"].contains(enabled) else { continue }
            let types = paragraph.words(of: "Types")
            guard !types.isEmpty else { throw malformed("`Types` is missing", at: file, line: paragraph.line) }
            guard types.contains("deb") else { continue }
            let (addresses, suites) = (paragraph.words(of: "URIs"), paragraph.words(of: "Suites"))
            guard !addresses.isEmpty, !suites.isEmpty else {
                throw malformed("`URIs` or `Suites` is missing", at: file, line: paragraph.line)
            }
            // A key can be embedded in the file, which gpgv cannot use; the caller's keyring is used then.
            let keyrings = paragraph.words(of: "Signed-By").filter { $0.hasPrefix("/") }
            sources += source(
                addresses: addresses,
                suites: suites,
                components: paragraph.words(of: "Components"),
                architectures: paragraph.words(of: "Architectures"),
                keyrings: keyrings
            )
        }
        return sources
    }

    /// `nil` without a mirror that we can use: for media, local directories and flat layouts.
    private static func source(
        addresses: [String],
        suites: [String],
        components: [String],
        architectures: [String],
        keyrings: [String]
    ) -> [AptSource] {
        let mirrors = addresses.filter { $0.hasPrefix("http://") || $0.hasPrefix("https://") }.map(\.withoutSlashAtEnd)
        let suites = suites.map(\.withoutSlashAtEnd).filter { !$0.isEmpty }
        guard !mirrors.isEmpty, !suites.isEmpty, !components.isEmpty else { return [] }
        let files = keyrings.filter { $0.hasPrefix("/") }.map { FilePath(bytes: Array($0.utf8)) }
        return [
            AptSource(
                mirrors: mirrors,
                suites: suites,
                components: components,
                architectures: architectures,
                keyrings: files
            )
        ]
    }

    private static func malformed(_ reason: String, at file: FilePath, line: Int) -> Diagnostic {
        Diagnostic(
            .aptSourcesMalformed,
            "apt's configuration cannot be read",
            at: .file(path: file.display, line: line),
            because: reason,
            hint: "correct it, or name mirrors with `--mirror`"
        )
    }
}

extension String {
    var withoutSlashAtEnd: String { hasSuffix("/") ? String(dropLast()).withoutSlashAtEnd : self }
}

extension [UInt8] {
    fileprivate func hasEnding(_ ending: String) -> Bool { suffix(ending.utf8.count).elementsEqual(ending.utf8) }
}

extension Diagnostic.Code {
    package static let aptSourcesMalformed = Self("apt.sources-malformed", .input)
}

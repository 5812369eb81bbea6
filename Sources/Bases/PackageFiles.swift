import Archive
import ByteIO
import Diagnostics
import ELF
import Layers

/// What the loader finds in the packages of one suite for one architecture, without their content: `Bases/SUITE/libraries.txt.gz`.
///
/// `Bases/summarize` writes it, and describes its form. Lines that it would not write are ignored.
struct PackageFiles: Sendable {
    static let fileName = "libraries.txt.gz"

    private var files: [String: [LoadableFile]] = [:]
    /// The names of busybox's tools.
    private(set) var tools: [String] = []

    /// Largest text, in bytes.
    private static let sizeLimit: Int64 = 64 << 20

    /// - Parameters:
    ///   - bytes: the text, compressed.
    ///   - architecture: Debian's name.
    /// - Throws: `gzip.…`, which no user can cause.
    init(compressed bytes: [UInt8], for architecture: String) throws(Diagnostic) {
        var source = try GzipReader(MemorySource(bytes), limit: Self.sizeLimit)
        var text = [UInt8]()
        try withBuffer(of: 1 << 18) { (buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) in
            while true {
                let count = try source.read(into: buffer)
                if count == 0 { return }
                text.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        self.init(parsing: text, for: architecture)
    }

    private init(parsing bytes: [UInt8], for architecture: String) {
        var package: String?
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
            if words.first == "package", words.count == 3 {
                package = words[1] == architecture ? words[2] : nil
                if let package { files[package] = files[package] ?? [] }
            } else if let package, words.first == "tools" {
                tools = Array(words.dropFirst())
                files[package] = files[package] ?? []
            } else if let package, let file = Self.file(words, architecture) {
                files[package, default: []].append(file)
            }
        }
    }

    /// The files of the package called `name`; `nil` if nothing is known of it.
    subscript(name: String) -> [LoadableFile]? { files[name] }

    private static func file(_ words: [String], _ architecture: String) -> LoadableFile? {
        guard words.count >= 3 else { return nil }
        let path = EntryPath(normalizing: words[1])
        switch words[0] {
        case "link": return LoadableFile(path, .symlink(target: Array(words[2].utf8)))
        case "script":
            let shebang = Shebang(
                interpreter: words[2],
                argument: words.count > 3 ? words.dropFirst(3).joined(separator: " ") : nil,
                endsInCarriageReturn: false,
                isTooLong: false
            )
            return LoadableFile(path, .file, .script(shebang))
        case "elf":
            guard let facts = elf(words, architecture) else { return nil }
            return LoadableFile(path, .file, .elf(facts))
        default: return nil
        }
    }

    private static func elf(_ words: [String], _ architecture: String) -> ElfFacts? {
        var fields: [Substring: String] = [:]
        for word in words.dropFirst(3) {
            guard let mark = word.firstIndex(of: "=") else { return nil }
            fields[word[..<mark]] = String(word[word.index(after: mark)...])
        }
        func list(_ name: Substring) -> [String] { fields[name]?.split(separator: ",").map(String.init) ?? [] }
        let soname = fields["soname"] == "=" ? words[1].split(separator: "/").last.map(String.init) : fields["soname"]
        let needed = list("needed")
        let linkage: Linkage
        switch words[2] {
        case "library": linkage = .sharedLibrary(soname: soname)
        case "program": linkage = .dynamic(loader: fields["loader"], needed: needed)
        case "static": linkage = .staticExecutable
        default: return nil
        }
        return ElfFacts(
            format: ElfFormat(.bits64, .little),
            machine: architecture == "arm64" ? .aarch64 : .x86_64,
            architecture: architecture,
            linkage: linkage,
            soname: soname,
            needed: needed,
            rpath: fields["rpath"],
            runpath: fields["runpath"],
            isLoadable: words[2] == "library" || fields["loadable"] != nil,
            versionNeeds: (fields["needs"] ?? "").split(separator: ";").compactMap(versionNeed),
            versionDefinitions: list("defines")
        )
    }

    /// `libc.so.6:GLIBC_2.2.5,GLIBC_2.34?`; what is behind a question mark need not be there.
    private static func versionNeed(_ text: Substring) -> VersionNeed? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let versions = text[text.index(after: colon)...].split(separator: ",").map { name in
            VersionNeed.Version(name: String(name.prefix { $0 != "?" }), isWeak: name.hasSuffix("?"))
        }
        return VersionNeed(library: String(text[..<colon]), versions: versions)
    }
}

/// What a file is, by the bytes it begins with.
package enum FileKind: Hashable, Sendable {
    case elf
    case script(Shebang)
    case machO
    case portableExecutable
    case webAssembly
    /// An `ar` archive of objects, or a Go package archive.
    case staticLibrary
    case debianPackage
    case zip
    case javaArchive
    case gzip
    case xz
    case zstd
    case tar
    case classFile
    case text
    case empty
    case unknown

    /// The number of bytes that is enough to decide.
    package static let windowSize = 4096

    /// `start` is the file's first `windowSize` bytes, or all of a shorter file.
    package init(_ start: [UInt8]) {
        let start = start.prefix(Self.windowSize)
        self =
            if start.isEmpty {
                .empty
            } else if let shebang = Shebang(start) {
                .script(shebang)
            } else if let kind = Self.byMagic(start) {
                kind
            } else {
                Self.isText(start) ? .text : .unknown
            }
    }

    private static func byMagic(_ start: ArraySlice<UInt8>) -> FileKind? {
        func begins(_ magic: UInt8...) -> Bool { start.starts(with: magic) }
        func has(_ text: String, at offset: Int) -> Bool { start.dropFirst(offset).starts(with: text.utf8) }

        if begins(0x7F, 0x45, 0x4C, 0x46) { return .elf }
        if begins(0xFE, 0xED, 0xFA, 0xCE) || begins(0xFE, 0xED, 0xFA, 0xCF) { return .machO }
        if begins(0xCE, 0xFA, 0xED, 0xFE) || begins(0xCF, 0xFA, 0xED, 0xFE) { return .machO }
        if begins(0xCA, 0xFE, 0xBA, 0xBE) { return universalOrClass(start) }
        if begins(0xCA, 0xFE, 0xBA, 0xBF) { return .machO }
        if has("MZ", at: 0) && isPortableExecutable(start) { return .portableExecutable }
        if begins(0x00, 0x61, 0x73, 0x6D) { return .webAssembly }
        if has("!<arch>\ndebian-binary", at: 0) { return .debianPackage }
        if has("!<arch>\n", at: 0) || has("!<thin>\n", at: 0) { return .staticLibrary }
        if begins(0x50, 0x4B, 0x03, 0x04) { return has("META-INF/", at: 30) ? .javaArchive : .zip }
        if begins(0x50, 0x4B, 0x05, 0x06) { return .zip }
        if begins(0x1F, 0x8B) { return .gzip }
        if begins(0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00) { return .xz }
        if begins(0x28, 0xB5, 0x2F, 0xFD) { return .zstd }
        if has("ustar", at: 257) { return .tar }
        return nil
    }

    /// Apple's universal binaries and Java's classes share a magic number. In the next four bytes the first have the
    /// number of their architectures, a small one, and the second their version, from 45 on.
    private static func universalOrClass(_ start: ArraySlice<UInt8>) -> FileKind {
        let number = start.dropFirst(4).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return number < 45 ? .machO : .classFile
    }

    /// Two letters prove little: the header must also point at a PE header, or beyond what is seen.
    private static func isPortableExecutable(_ start: ArraySlice<UInt8>) -> Bool {
        guard start.count >= 64 else { return false }
        let offset = start.dropFirst(60).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard offset + 4 <= start.count else { return start.count == windowSize && !isText(start) }
        return start.dropFirst(offset).starts(with: [0x50, 0x45, 0x00, 0x00])
    }

    /// UTF-8 without control characters; the last character may be cut.
    private static func isText(_ start: ArraySlice<UInt8>) -> Bool {
        // Tab, line feed, form feed, carriage return, and the escape of colours.
        let allowed: Set<UInt8> = [0x09, 0x0A, 0x0C, 0x0D, 0x1B]
        guard start.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || allowed.contains($0) }) else { return false }
        return (0...3).contains { String(validating: start.dropLast($0), as: UTF8.self) != nil }
    }
}

extension FileKind: CustomStringConvertible {
    /// With an article, to follow "it is".
    package var description: String {
        switch self {
        case .elf: "an ELF file"
        case .script(let shebang): "\(shebang)"
        case .machO: "a macOS program (Mach-O)"
        case .portableExecutable: "a Windows program (PE)"
        case .webAssembly: "a WebAssembly module"
        case .staticLibrary: "a static library (ar archive)"
        case .debianPackage: "a Debian package"
        case .zip: "a zip archive"
        case .javaArchive: "a Java archive (jar)"
        case .gzip: "compressed with gzip"
        case .xz: "compressed with xz"
        case .zstd: "compressed with zstd"
        case .tar: "a tar archive"
        case .classFile: "a Java class"
        case .text: "text"
        case .empty: "empty"
        case .unknown: "of an unknown kind"
        }
    }
}

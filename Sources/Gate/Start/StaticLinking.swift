import Diagnostics
import ELF
import Findings
import Glibc
import Layers
import Needs

/// How a program is linked statically: that depends on the language it is written in, which its file shows.
enum StaticLinking {
    case go, goWithoutC, rust, swift, dotNet, nim, c, other

    /// The command, with the name of what it is for.
    var words: String {
        switch self {
        case .go: "Go with `CGO_ENABLED=0`"
        case .goWithoutC: "Go with `-buildmode=exe`, as it needs nothing but the loader"
        case .rust: "Rust with a musl target, such as `--target x86_64-unknown-linux-musl`"
        case .swift: "Swift with `swift build --static-swift-stdlib -Xswiftc -static-executable`"
        case .dotNet:
            ".NET with `PublishAot` and `StaticExecutable`; other .NET programs need a base with the C and C++ libraries"
        case .c: "C and C++ with `-static`"
        case .nim: "Nim with `--passL:-static`, by musl's compiler: `--gcc.exe:musl-gcc --gcc.linkerexe:musl-gcc`"
        case .other:
            "Go with `CGO_ENABLED=0`, Rust with `-C target-feature=+crt-static` or a musl target, C with `-static`"
        }
    }

    /// As a way out among others.
    var advice: String {
        if case .other = self { return "link statically" }
        return "link statically: \(words)"
    }

    /// Texts that the programs of one language have in them, the most telling first: what GCC and Clang note in the end is in the
    /// programs of other languages, too.
    private static var marks: [(text: String, language: StaticLinking)] {
        [
            // The place of an application's name in the host program of .NET, before it is filled in.
            ("c3ab8ff13720e8ad9047dd39466b3c89", .dotNet), ("hostfxr_main", .dotNet), ("NimMain", .nim),
            ("swift_getTypeByMangledName", .swift),
            // Distributions build Rust's library in places of their own.
            ("/usr/src/rustc-", .rust), ("/library/core/src/", .rust), ("/cargo/registry/", .rust), ("GCC: (", .c),
            ("clang version ", .c),
        ]
    }
    private static var windowSize: Int { 1 << 20 }
    /// So much of the program is looked through, in bytes.
    private static var largest: Int64 { 128 << 20 }

    init(of entry: RootEntry, _ elf: ElfFacts, in root: some ImageRoot) throws(Diagnostic) {
        if elf.needed.contains(where: { $0.hasPrefix("libswift") }) {
            self = .swift
            return
        }
        switch try root.needs(of: entry)?.maker {
        case .go(let info)?:
            self = elf.needed.isEmpty || info.settings["CGO_ENABLED"] == "0" ? .goWithoutC : .go
        case .rust?: self = .rust
        case .other?, nil: self = try Self.marked(entry, root) ?? .other
        }
    }

    private static func marked(_ entry: RootEntry, _ root: some ImageRoot) throws(Diagnostic) -> StaticLinking? {
        let marks = marks.map { (text: Array($0.text.utf8), language: $0.language) }
        var offset: Int64 = 0
        var best = marks.count
        while offset < min(entry.size, largest), best > 0 {
            guard let bytes = try root.bytes(of: entry, at: offset, count: windowSize), !bytes.isEmpty else { break }
            best = marks[..<best].firstIndex { bytes.contains(subsequence: $0.text) } ?? best
            guard bytes.count == windowSize else { break }
            // So far back that no window cuts a mark.
            offset += Int64(bytes.count - 64)
        }
        return best < marks.count ? marks[best].language : nil
    }
}

extension [UInt8] {
    /// Whether `part` is among the bytes.
    package func contains(subsequence part: [UInt8]) -> Bool {
        guard let first = part.first else { return true }
        return withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            var position = 0
            while position + part.count <= bytes.count {
                guard let found = memchr(start + position, Int32(first), bytes.count - position - part.count + 1) else {
                    return false
                }
                position = UnsafeRawPointer(found) - start
                if bytes[position...].starts(with: part) { return true }
                position += 1
            }
            return false
        }
    }
}

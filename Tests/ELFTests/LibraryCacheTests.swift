import ELF
import TestSupport
import Testing

@Suite("The loader's list of libraries")
struct LibraryCacheTests {
    private static let amd64 = LibraryCache.ABI(architecture: "amd64")

    private static func list(_ names: [String]) throws -> LibraryCache {
        let abi = try #require(amd64)
        return LibraryCache(names.map { LibraryCache.Library(name: $0, path: "/usr/lib/\($0)", abi: abi) })
    }

    /// What ldconfig says is in a list.
    private static func ldconfig(_ bytes: [UInt8]) throws -> [String] {
        let place = try TemporaryDirectory()
        let file = try place.file("cache", bytes)
        return try Command(try Tool.path(of: "ldconfig"), ["-p", "-C", file]).output().split(separator: "\n")
            .dropFirst()
            .map { String($0.drop { $0 == "\t" }) }
    }

    @Test("ldconfig reads it, in the order in which the loader halves it: numbers count, the last is first")
    func order() throws {
        let names = [
            "libz.so.1", "libssl.so.3", "libx9.so", "libx10.so", "libx.so.1", "liba.so.2", "liba.so.10",
            "ld-linux.so.2",
        ]
        let cache = try Self.list(names)
        let sorted = [
            "libz.so.1", "libx10.so", "libx9.so", "libx.so.1", "libssl.so.3", "liba.so.10", "liba.so.2",
            "ld-linux.so.2",
        ]
        #expect(cache.libraries.map(\.name) == sorted)
        #expect(try Self.ldconfig(cache.encoded) == sorted.map { "\($0) (libc6,x86-64) => /usr/lib/\($0)" })
        #expect(try Self.list(names.reversed()).encoded == cache.encoded)
    }

    @Test("names keep their order, and a name that is given twice counts once")
    func duplicates() throws {
        let abi = try #require(Self.amd64)
        let libraries = ["/usr/local/lib/libz.so.1", "/lib/libz.so.1", "/usr/local/lib/libz.so.1"].map {
            LibraryCache.Library(name: "libz.so.1", path: $0, abi: abi)
        }
        let cache = LibraryCache(libraries)
        #expect(cache.libraries.map(\.path) == ["/usr/local/lib/libz.so.1", "/lib/libz.so.1"])
        #expect(LibraryCache(parsing: cache.encoded) == cache)
    }

    @Test("what this machine's ldconfig wrote is read as ldconfig reads it", arguments: ["new", "compat"])
    func real(format: String) throws {
        let place = try TemporaryDirectory()
        let path = place("cache")
        try Command(try Tool.path(of: "ldconfig"), ["-X", "-c", format, "-C", path]).output()
        let cache = try #require(LibraryCache(parsing: try readFile(path)))
        #expect(cache.libraries.count > 20)
        let mine = cache.libraries.filter { $0.abi == Self.amd64 }.map { "\($0.name) (libc6,x86-64) => \($0.path)" }
        let theirs = try Self.ldconfig(try readFile(path)).filter { $0.contains(" (libc6,x86-64) => ") }
        #expect(mine == theirs)
        // Written again it says the same.
        #expect(
            try Self.ldconfig(LibraryCache(cache.libraries).encoded).filter { $0.contains(" => ") }
                == Self.ldconfig(try readFile(path)).filter { $0.contains(" => ") }
        )
    }

    @Test("a damaged list is refused or read, wherever the damage is")
    func damaged() throws {
        let bytes = try Self.list(["libz.so.1", "libssl.so.3"]).encoded
        for index in bytes.indices {
            for value in [0, 0x7F, 0xFF] as [UInt8] {
                var changed = bytes
                changed[index] = value
                _ = LibraryCache(parsing: changed)
            }
            _ = LibraryCache(parsing: Array(bytes[..<index]))
        }
        #expect(LibraryCache(parsing: []) == nil)
        #expect(LibraryCache(parsing: Array(bytes.prefix(60))) == nil)
        var old = bytes
        old[19] = UInt8(ascii: "0")
        #expect(LibraryCache(parsing: old) == nil)
    }

    @Test(
        "a library for some processors of a machine is ignored, and the caller can see that the list must not be rewritten"
    )
    func someProcessors() throws {
        var special = try Self.list(["libz.so.1", "libssl.so.3"]).encoded
        #expect(LibraryCache(parsing: special)?.isWhole == true)
        special[48 + 16] = 1
        let cache = try #require(LibraryCache(parsing: special))
        #expect(cache.libraries.map(\.name) == ["libssl.so.3"])
        #expect(!cache.isWhole)
    }

    @Test("a list behind one of the old format is read, and one in the machine's other order of bytes is not")
    func oldFormat() throws {
        let list = try Self.list(["libz.so.1", "libssl.so.3"])
        // One library in the old format: 16 bytes, 12, and 4 up to a multiple of 8.
        let old = Array("ld.so-1.7.0".utf8) + [0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 16)
        #expect(LibraryCache(parsing: old + list.encoded) == list)
        #expect(LibraryCache(parsing: old) == nil)
        #expect(LibraryCache(parsing: list.encoded, byteOrder: .big) == nil)
        var big = list.encoded
        // The order's mark, the header's two numbers, and of each library five.
        big[28] = 3
        for start in [20, 24] + [48, 72].flatMap({ [$0, $0 + 4, $0 + 8] }) { big[start..<start + 4].reverse() }
        let read = try #require(LibraryCache(parsing: big, byteOrder: .big))
        #expect(read.libraries == list.libraries)
        #expect(!read.isWhole)
    }
}

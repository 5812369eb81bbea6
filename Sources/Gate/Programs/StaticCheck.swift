import Diagnostics
import ELF
import Findings
import Glibc
import Layers

/// Whether a static program would load parts of the image's C library into its own, which has to be the very same one.
///
/// A static program with glibc's name services loads `libnss_….so` at run time, as `nsswitch.conf` says.
struct StaticCheck<Root: ImageRoot> {
    /// The pattern by which glibc makes the names of such libraries; it is in no program that has no name services.
    private static var mark: [UInt8] { Array("libnss_%s.so".utf8) }
    private static var windowSize: Int { 1 << 20 }
    /// Larger programs are not looked through.
    private static var largest: Int64 { 256 << 20 }

    private let image: GatedImage<Root>

    init(_ image: GatedImage<Root>) { self.image = image }

    func findings(in entry: RootEntry, _ elf: ElfFacts) throws(Diagnostic) -> [Finding] {
        let places = [
            "/lib/\(LoaderNames(architecture: elf.architecture).triplet)/libc.so.6", "/lib64/libc.so.6",
            "/lib/libc.so.6",
        ]
        guard let library = places.lazy.compactMap({ image.root.resolve($0) }).first else { return [] }
        guard entry.size <= Self.largest, try hasNameServices(entry) else { return [] }
        return [
            Finding(
                .staticGlibc,
                "`\(entry.path)` is static, and loads parts of glibc when it looks up users or hosts",
                in: entry.path,
                because:
                    "it has glibc's name services, and the image a glibc of its own, `\(library.path)`: they have to be "
                    + "the same version",
                hint: "link it dynamically, or with musl, or put it on a base without glibc, such as `scratch`"
            )
        ]
    }

    private func hasNameServices(_ entry: RootEntry) throws(Diagnostic) -> Bool {
        let mark = Self.mark
        var offset: Int64 = 0
        while offset < entry.size {
            guard let bytes = try image.root.bytes(of: entry, at: offset, count: Self.windowSize), !bytes.isEmpty else {
                return false
            }
            let isThere = bytes.withUnsafeBytes { Self.contains(mark, $0) }
            if isThere { return true }
            guard bytes.count == Self.windowSize else { return false }
            // So far back that no window cuts the mark.
            offset += Int64(bytes.count - mark.count)
        }
        return false
    }

    /// Looks for the rarest byte of the mark first.
    private static func contains(_ mark: [UInt8], _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let rare = mark.firstIndex(of: UInt8(ascii: "%")), let start = bytes.baseAddress else { return false }
        var position = rare
        while position < bytes.count {
            guard let found = memchr(start + position, 0x25, bytes.count - position) else { return false }
            position = UnsafeRawPointer(found) - start
            if bytes[(position - rare)...].starts(with: mark) { return true }
            position += 1
        }
        return false
    }
}

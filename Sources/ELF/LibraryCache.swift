/// The loader's list of libraries, `/etc/ld.so.cache`, as ldconfig writes it.
///
/// The loader finds other libraries in its own directories only, and `/usr/local/lib` is not among them.
/// `ctypes.util.find_library` of Python, which looks for a library by half its name, consults only this list.
///
/// The format is that of glibc 2.32 and newer, without extensions (glibc, sysdeps/generic/dl-cache.h). Numbers are
/// little-endian, as on all machines that lists are written for.
package struct LibraryCache: Hashable, Sendable {
    package struct Library: Hashable, Sendable {
        /// What programs need it as: `libz.so.1`.
        package let name: String
        /// Absolute.
        package let path: String
        /// For which of a machine's programs.
        package let abi: ABI

        package init(name: String, path: String, abi: ABI) {
            self.name = name
            self.path = path
            self.abi = abi
        }
    }

    /// The flags of a library: glibc's, and for which machine.
    package struct ABI: Hashable, Sendable {
        package let flags: UInt32

        init(flags: UInt32) { self.flags = flags }

        /// The flags of 64-bit libraries for `architecture`, which is such as `amd64`; `nil` if it is not known.
        package init?(architecture: String) {
            guard let known = LibraryCache.architectures[architecture] else { return nil }
            flags = known.flags
        }

        /// `nil` for a machine that is not known, and for 32-bit programs.
        package init?(_ header: ElfHeader) {
            let known = LibraryCache.architectures.values.first { $0.machine == header.machine }
            guard header.format.elfClass == .bits64, let known else { return nil }
            flags = known.flags
        }
    }

    package static let path = "/etc/ld.so.cache"

    private struct Known {
        let machine: Machine
        let flags: UInt32
    }

    /// The architectures that lists are written for.
    private static let architectures = [
        "amd64": Known(machine: .x86_64, flags: 0x0303), "arm64": Known(machine: .aarch64, flags: 0x0A03),
    ]

    /// The path of glibc's loader, which reads the list, for programs of `architecture`, which is such as `amd64`; `nil` if
    /// no lists are written for it.
    package static func loader(for architecture: String) -> String? {
        architectures[architecture].flatMap { _ in LoaderNames(architecture: architecture).glibcLoader }
    }

    /// The directories in which ldconfig looks on Debian, in order; empty if no lists are written for `architecture`.
    package static func directories(for architecture: String) -> [String] {
        guard architectures[architecture] != nil else { return [] }
        let triplet = LoaderNames(architecture: architecture).triplet
        return [
            "/usr/local/lib", "/usr/local/lib/\(triplet)", "/lib/\(triplet)", "/usr/lib/\(triplet)", "/lib", "/usr/lib",
        ]
    }

    /// Whether ldconfig takes a file for a library by its name.
    package static func isLibrary(_ name: some StringProtocol) -> Bool {
        (name.hasPrefix("lib") || name.hasPrefix("ld-")) && name.contains(".so")
    }

    /// As the file has them: by name, the last first; of one name, as they were given.
    package let libraries: [Library]
    /// Whether `encoded` has everything that the file had: `libraries` leaves out those for some processors of a machine.
    package let isWhole: Bool

    /// A list of `libraries`, of which those of one name are in the order in which they are to be found.
    package init(_ libraries: [Library]) {
        var seen: Set<Library> = []
        // Not every sort of Swift promises to be stable.
        self.libraries = libraries.filter { seen.insert($0).inserted }.enumerated().sorted { left, right in
            let order = Self.compare(left.element.name, right.element.name)
            if order != 0 { return order > 0 }
            let (a, b) = (left.element.abi.flags, right.element.abi.flags)
            return a == b ? left.offset < right.offset : a > b
        }.map(\.element)
        isWhole = true
    }

    static let magic = Array("glibc-ld.so.cache1.1".utf8)
    static let headerSize = 48
    static let entrySize = 24
    /// The header's words on the order of bytes.
    static let littleEndian: UInt8 = 2
    static let bigEndian: UInt8 = 3

    /// The file's bytes.
    package var encoded: [UInt8] {
        var strings = [UInt8]()
        var places: [String: Int] = [:]
        let start = Self.headerSize + libraries.count * Self.entrySize
        func place(_ text: String) -> UInt32 {
            let position = places[text] ?? start + strings.count
            if places.updateValue(position, forKey: text) == nil { strings += Array(text.utf8) + [0] }
            return UInt32(truncatingIfNeeded: position)
        }
        var entries = [UInt8]()
        for library in libraries {
            for word in [library.abi.flags, place(library.name), place(library.path), 0, 0, 0] {
                entries.append(littleEndian: word)
            }
        }
        var bytes = Self.magic
        bytes.append(littleEndian: UInt32(truncatingIfNeeded: libraries.count))
        bytes.append(littleEndian: UInt32(truncatingIfNeeded: strings.count))
        bytes += [Self.littleEndian, 0, 0, 0]
        bytes += [UInt8](repeating: 0, count: Self.headerSize - bytes.count)
        return bytes + entries + strings
    }

    /// Below, at or above 0, as the loader compares names when it halves the list: digits in a row are a number.
    static func compare(_ left: String, _ right: String) -> Int {
        let (a, b) = (Array(left.utf8), Array(right.utf8))
        var (i, j) = (0, 0)
        func isDigit(_ bytes: [UInt8], _ index: Int) -> Bool { index < bytes.count && bytes[index].isDigit }
        func number(_ bytes: [UInt8], _ index: inout Int) -> Int {
            var value: Int32 = 0
            while isDigit(bytes, index) {
                // The loader's `int` overflows as this does.
                value = value &* 10 &+ Int32(bytes[index] - UInt8(ascii: "0"))
                index += 1
            }
            return Int(value)
        }
        while i < a.count {
            switch (isDigit(a, i), isDigit(b, j)) {
            case (true, true):
                let difference = number(a, &i) - number(b, &j)
                if difference != 0 { return difference }
            case (true, false): return 1
            case (false, true): return -1
            case (false, false):
                guard j < b.count, a[i] == b[j] else { return Int(a[i]) - (j < b.count ? Int(b[j]) : 0) }
                (i, j) = (i + 1, j + 1)
            }
        }
        return j < b.count ? -1 : 0
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
}

extension [UInt8] {
    fileprivate mutating func append(littleEndian word: UInt32) {
        for shift in [0, 8, 16, 24] as [UInt32] { append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
}

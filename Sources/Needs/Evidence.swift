import Diagnostics
import ELF

/// The markers that were seen in a program.
struct Evidence {
    /// By their places in `Marker.all`; the first text behind each crate's name.
    private(set) var seen: [Int: String] = [:]
    /// The commit of Rust's compiler.
    private(set) var rustCommit: String?

    /// So much is read at a time.
    private static let windowSize: Int64 = 256 << 10
    private static let scan = TextScan(Marker.all.map(\.text))
    /// What is looked at behind a marker's beginning: a commit, or a version.
    private static let lookahead = 64

    /// Reads what of the file is loaded when it runs, once, a window at a time.
    init(in file: ElfFile, reading source: borrowing some ElfSource & ~Copyable) throws(Diagnostic) {
        let names = file.symbolNames(in: source)
        let overlap = Int64(max(Self.scan.longest, Self.lookahead))
        for range in file.loadedRanges {
            var start = range.lowerBound
            while start < range.upperBound {
                // No overflow: the end of the range is a place in the file.
                let end = min(range.upperBound, start + min(Self.windowSize + overlap, range.upperBound - start))
                let window = try source.bytes(at: start, count: Int(end - start))
                search(window, at: start, names)
                start += min(Self.windowSize, range.upperBound - start)
            }
        }
    }

    private mutating func search(_ window: [UInt8], at start: Int64, _ names: Range<Int64>?) {
        var hits = [(marker: Int, position: Int)]()
        window.withUnsafeBufferPointer { bytes in
            Self.scan.search(bytes) { marker, position in
                if seen[marker] == nil { hits.append((marker, position)) }
            }
        }
        for (marker, position) in hits where seen[marker] == nil {
            let place = start + Int64(position)
            note(marker, behind: window[(position + Marker.all[marker].text.count)...], at: place, names)
        }
    }

    private mutating func note(
        _ index: Int,
        behind rest: ArraySlice<UInt8>,
        at place: Int64,
        _ names: Range<Int64>?
    ) {
        let marker = Marker.all[index]
        switch marker.meaning {
        case .rustCompiler:
            let commit = rest.prefix(40)
            guard commit.count == 40, commit.allSatisfy(Self.isHexadecimal), rest.dropFirst(40).first == 0x2F else {
                return
            }
            rustCommit = String(decoding: commit, as: UTF8.self)
            seen[index] = ""
        case .crate:
            let version = rest.prefix { Self.isVersion($0) }.prefix(Self.lookahead)
            // A path of the crate's sources has a slash behind the version.
            guard rest.dropFirst(version.count).first == 0x2F else { return }
            seen[index] = String(decoding: version, as: UTF8.self)
        case .answer, .authority, .goNames:
            if case .imported = marker.maker, names?.contains(place) != true { return }
            seen[index] = ""
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// Digits, dots, and what follows in a prerelease: `0.8.1`, `1.0.0-rc.1`.
    private static func isVersion(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2E || byte == 0x2D || byte == 0x2B
    }
}

import Diagnostics
import TestSupport
import Testing

@testable import ELF

/// Real programs, damaged: whatever is wrong with a file, it is read or refused. A trap ends the whole run.
@Suite("Damaged files")
struct MutationTests {
    @Test("damaged bytes are read or refused", arguments: Sample.allCases)
    func damaged(sample: Sample) throws {
        let whole = try sample.bytes()
        let regions = try Self.regions(whole)
        var random = Pseudorandom(seed: 0x5EED)
        var (readable, refused) = (0, 0)
        for _ in 0..<3000 {
            var source = Damaged(whole)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                // Most of a file is code, which is not looked at: the damage is done where it matters.
                let region = regions[Int.random(in: 0..<regions.count, using: &random)]
                let interesting: [UInt8] = [0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF, UInt8.random(in: 0...255, using: &random)]
                let value = interesting[Int.random(in: 0..<interesting.count, using: &random)]
                let start = Int.random(in: region, using: &random)
                for offset in start..<start + [1, 1, 2, 4, 8][Int.random(in: 0..<5, using: &random)] {
                    source.patches[offset] = value
                }
            }
            if try Self.isReadable(source) { readable += 1 } else { refused += 1 }
        }
        #expect(readable > 100)
        #expect(refused > 100)
    }

    @Test("files that end early are read or refused", arguments: Sample.allCases)
    func truncated(sample: Sample) throws {
        let whole = try sample.bytes()
        var random = Pseudorandom(seed: 0x5EED)
        var lengths = Array(0..<min(2048, whole.count))
        for _ in 0..<1000 { lengths.append(Int.random(in: 0..<whole.count, using: &random)) }
        var refused = 0
        for length in lengths {
            var source = Damaged(whole)
            source.size = Int64(length)
            if try !Self.isReadable(source) { refused += 1 }
        }
        #expect(refused > 2000)
    }

    /// Asks everything there is to ask; false if the file is refused, and an error if it is refused by no code of ours.
    private static func isReadable(_ source: Damaged) throws -> Bool {
        do {
            let file = try ElfFile(source, named: "app")
            let go = GoBuildInfo(in: file, reading: source)
            _ = Linkage(of: file).description
            _ = SectionTable(of: file, in: source)?.first(named: ".text")
            _ = ArmAttributes(of: file, in: source)
            for need in file.dynamic?.versionNeeds.prefix(2) ?? [] {
                for version in need.versions.prefix(1) {
                    _ = file.symbols(needing: version.name, of: need.library, in: source)
                }
            }
            _ = try Architecture(of: file, in: source, go: go)
            return true
        } catch {
            let codes: [Diagnostic.Code] = [.elfNotELF, .elfTruncated, .elfMalformed, .elfUnsupportedMachine]
            guard codes.contains(error.code), error.reason?.isEmpty == false else { throw error }
            return false
        }
    }

    /// The headers, and everything that they point at.
    private static func regions(_ bytes: [UInt8]) throws -> [Range<Int>] {
        let source = ElfBytes(bytes)
        let file = try ElfFile(source, named: "app")
        var regions = [0..<64, 64..<64 + 56 * file.segments.count]
        for segment in file.segments where segment.kind == .interpreter || segment.kind == .dynamic {
            regions.append(Int(segment.offset)..<Int(segment.offset + segment.fileSize))
        }
        let sections = SectionTable(of: file, in: source)
        for name in [
            ".dynstr", ".dynsym", ".gnu.version", ".gnu.version_r", ".gnu.version_d", ".go.buildinfo", ".shstrtab",
            ".ARM.attributes",
        ] {
            guard let section = sections?.first(named: name), section.size > 0 else { continue }
            regions.append(Int(section.offset)..<Int(section.offset + section.size))
        }
        let table = file.header.sectionHeaders
        if table.count > 0 {
            regions.append(Int(table.offset)..<Int(table.offset) + Int(table.count) * Int(table.entrySize))
        }
        return regions
    }
}

/// The programs that are damaged.
enum Sample: CaseIterable {
    case bare, staticPIE, dynamic, library, go, goARM

    func bytes() throws -> [UInt8] {
        switch self {
        case .bare: try Fixtures.source(of: .staticFixed).all()
        case .staticPIE: try Fixtures.source(of: .staticPIE).all()
        case .dynamic: try FileBytes("/bin/true").all()
        case .library: try Fixtures.source(of: .library).all()
        case .go: try Fixtures.source(of: .init()).all()
        case .goARM: try Fixtures.source(of: .init(architecture: "arm", environment: ["GOARM": "6"])).all()
        }
    }
}

/// A file with some bytes changed, or cut off by a smaller size, without a copy of it.
private struct Damaged: ElfSource {
    var size: Int64
    var patches: [Int: UInt8] = [:]
    private let whole: [UInt8]

    init(_ whole: [UInt8]) {
        self.whole = whole
        size = Int64(whole.count)
    }

    func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        guard offset >= 0, count >= 0, Int64(count) <= size - offset else {
            throw Diagnostic(.elfTruncated, "out of the file")
        }
        let range = Int(offset)..<Int(offset) + count
        var bytes = Array(whole[range])
        for (place, value) in patches where range.contains(place) { bytes[place - range.lowerBound] = value }
        return bytes
    }
}

import Archive
import ByteIO
import Diagnostics

/// The list for one release that debsecan downloads: lines of text, compressed by zlib.
///
/// debsecan(1). Three sections, each ended by an empty line: names of vulnerabilities; packages with the number of a name;
/// binary packages of sources, which are not needed here.
struct DebsecanList: Sendable {
    private static let textLimit = 256 << 20
    private static let mostLines = 4_000_000

    private let bySource: [String: [Advisory]]

    /// - Throws: `advisories.malformed` with the line.
    init(_ bytes: [UInt8], named name: String) throws(Diagnostic) {
        var text = bytes
        if bytes.first == 0x78 {
            guard let expanded = ZlibStream.expanded(bytes, limit: Self.textLimit) else {
                throw AdvisoryFile.malformed(name, "it does not decompress to at most \(Self.textLimit) bytes")
            }
            text = expanded
        }
        let lines = text.split(
            separator: UInt8(ascii: "\n"),
            maxSplits: Self.mostLines,
            omittingEmptySubsequences: false
        )
        func malformed(_ index: Int, _ reason: String) -> Diagnostic {
            AdvisoryFile.malformed(name, "line \(index + 1): \(reason)")
        }
        guard lines.count <= Self.mostLines else {
            throw malformed(Self.mostLines, "there are more lines than any list has")
        }
        guard lines.first?.elementsEqual("VERSION 1".utf8) == true else {
            throw malformed(0, "it is not `VERSION 1`, the one version of the list that is known")
        }
        var names = [String]()
        var index = 1
        while index < lines.count, !lines[index].isEmpty {
            let fields = Self.fields(lines[index], 3)
            guard fields.count == 3 else { throw malformed(index, "it is not a name with flags and a description") }
            names.append(fields[0])
            index += 1
        }
        index += 1
        var bySource: [String: [Advisory]] = [:]
        while index < lines.count, !lines[index].isEmpty {
            let fields = Self.fields(lines[index], 5)
            guard fields.count == 5, let number = Int(fields[1]), names.indices.contains(number),
                fields[2].utf8.count == 4
            else { throw malformed(index, "it is not a package with a number of a name, flags and versions") }
            let flags = Array(fields[2].utf8)
            let isBinary = flags[0] == UInt8(ascii: "B")
            let fixed = fields[3].isEmpty ? nil : fields[3]
            let others = fields[4].split(separator: " ").map(String.init)
            bySource[fields[0], default: []].append(
                Advisory(
                    names[number],
                    flags[3] == UInt8(ascii: "F") ? .released(others.last ?? fixed) : .unreleased(fixed),
                    before: fixed,
                    package: isBinary ? fields[0] : nil,
                    unaffected: others
                )
            )
            index += 1
        }
        self.bySource = bySource
    }

    /// Lines are by source package, but for those with the flag of a binary one.
    func advisories(for names: Set<String>) -> [String: [Advisory]] { bySource.filter { names.contains($0.key) } }

    private static func fields(_ line: ArraySlice<UInt8>, _ count: Int) -> [String] {
        line.split(separator: UInt8(ascii: ","), maxSplits: count - 1, omittingEmptySubsequences: false).map {
            String(validating: $0, as: UTF8.self) ?? String(printing: $0)
        }
    }
}

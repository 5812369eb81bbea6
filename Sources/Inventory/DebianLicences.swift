import ByteIO
import Debian
import Diagnostics
import Findings

/// The licences of Debian's packages, where their copyright files are for machines.
///
/// Debian, "Machine-readable debian/copyright file", version 1.0.
enum DebianLicences {
    /// Real ones have 500 kB at most.
    private static let limit: Int64 = 2 << 20
    private static let mostParagraphs = 5000

    /// What the files of `package` are under, all of them together; `nil` if its copyright file is not for machines, or names
    /// a licence that SPDX does not list under the same terms.
    ///
    /// - Throws: what keeps the image from being read.
    static func licence(of package: String, in root: some ImageRoot) throws(Diagnostic) -> Component.Licence? {
        guard let bytes = try root.content(of: "/usr/share/doc/\(package)/copyright", limit: limit) else { return nil }
        return expression(bytes).flatMap(LicenceExpression.init).map { .expression($0.text) }
    }

    /// The licences of all stanzas about files, in words of SPDX, sorted; `nil` as above.
    static func expression(_ bytes: [UInt8]) -> String? {
        var reader = ControlReader(MemorySource(bytes), keeping: ["Format", "Files", "License"])
        var found = Set<String>()
        var count = 0
        do throws(Diagnostic) {
            while let paragraph = try reader.next() {
                count += 1
                guard count <= mostParagraphs else { return nil }
                if count == 1 {
                    guard let format = paragraph["Format"], format.contains("copyright-format/1.0") else { return nil }
                    continue
                }
                // A stanza of a licence alone has its text, for stanzas that name it.
                guard paragraph["Files"] != nil else { continue }
                guard let text = paragraph["License"], let line = text.split(separator: "\n").first,
                    let mapped = mapped(line)
                else { return nil }
                found.insert(mapped)
            }
        } catch {
            return nil
        }
        guard !found.isEmpty else { return nil }
        let parts = found.sorted()
        return parts.count == 1
            ? parts[0] : parts.map { $0.contains(" OR ") ? "(\($0))" : $0 }.joined(separator: " AND ")
    }

    /// `GPL-2+ or Expat`: short names, with `and` before `or` unless a comma parts them; those with commas and exceptions are
    /// not mapped.
    private static func mapped(_ line: Substring) -> String? {
        guard !line.contains(",") else { return nil }
        var words = [String]()
        for (index, word) in line.split(separator: " ").enumerated() {
            if index % 2 == 0 {
                guard let name = names[word.lowercased()] else { return nil }
                words.append(name)
            } else {
                guard ["and", "or"].contains(word.lowercased()) else { return nil }
                words.append(word.uppercased())
            }
        }
        return words.count % 2 == 1 ? words.joined(separator: " ") : nil
    }

    /// Short names whose terms SPDX lists exactly. `MIT`, `BSD` and `Artistic` alone stand for several texts, and
    /// `public-domain` for none.
    private static let names: [String: String] = [
        "agpl-3": "AGPL-3.0-only", "agpl-3+": "AGPL-3.0-or-later", "apache-2.0": "Apache-2.0",
        "artistic-2.0": "Artistic-2.0", "bsd-2-clause": "BSD-2-Clause", "bsd-3-clause": "BSD-3-Clause",
        "bsd-4-clause": "BSD-4-Clause", "bsl-1.0": "BSL-1.0", "cc0-1.0": "CC0-1.0", "cc-by-3.0": "CC-BY-3.0",
        "cc-by-4.0": "CC-BY-4.0", "cc-by-sa-3.0": "CC-BY-SA-3.0", "cc-by-sa-4.0": "CC-BY-SA-4.0",
        "cddl-1.0": "CDDL-1.0",
        "expat": "MIT", "gpl-1": "GPL-1.0-only", "gpl-1+": "GPL-1.0-or-later", "gpl-2": "GPL-2.0-only",
        "gpl-2+": "GPL-2.0-or-later", "gpl-3": "GPL-3.0-only", "gpl-3+": "GPL-3.0-or-later", "isc": "ISC",
        "lgpl-2": "LGPL-2.0-only", "lgpl-2+": "LGPL-2.0-or-later", "lgpl-2.1": "LGPL-2.1-only",
        "lgpl-2.1+": "LGPL-2.1-or-later", "lgpl-3": "LGPL-3.0-only", "lgpl-3+": "LGPL-3.0-or-later",
        "mpl-1.1": "MPL-1.1", "mpl-2.0": "MPL-2.0", "ofl-1.1": "OFL-1.1", "zlib": "Zlib",
    ]
}

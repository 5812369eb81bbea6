extension Component.Licence {
    /// What a package says of its licence: an expression if it is one of licences that SPDX lists, else its own words.
    ///
    /// - Returns: `nil` for text that says nothing.
    package init?(saying text: String) {
        // Nearly all packages name one licence, and thirty thousand may.
        if let id = LicenceExpression.id(of: text) {
            self = .expression(id)
            return
        }
        let words = text.split { $0 == " " || $0.isNewline || $0 == "\t" }.joined(separator: " ")
        guard !words.isEmpty, words.utf8.count <= 1000, !Self.meaningless.contains(words.uppercased()) else {
            return nil
        }
        self = LicenceExpression(words).map { .expression($0.text) } ?? .named(words)
    }

    private static let meaningless: Set<String> = ["UNKNOWN", "NONE", "NOASSERTION", "UNLICENSED", "UNDEFINED", "NULL"]
}

/// An expression of SPDX 2.3, annex D, with licences of its list.
struct LicenceExpression {
    /// As written, with operators in upper case and one space between words.
    private(set) var text = ""

    init?(_ source: String) {
        var words = source.replacing("(", with: " ( ").replacing(")", with: " ) ").split(separator: " ")[...]
        guard words.count <= 200, expression(&words, 0), words.isEmpty else { return nil }
        text = text.replacing("( ", with: "(").replacing(" )", with: ")")
    }

    /// The licence of SPDX's list that `text` is, in its own letters; `nil` if it is something else.
    static func id(of text: String) -> String? { text.utf8.count <= 40 ? ids[text.lowercased()] : nil }

    /// Licences and operators by turns.
    private mutating func expression(_ words: inout ArraySlice<Substring>, _ depth: Int) -> Bool {
        guard depth < 20 else { return false }
        while true {
            guard operand(&words, depth) else { return false }
            guard let word = words.first, ["AND", "OR"].contains(word.uppercased()) else { return true }
            append(word.uppercased())
            words.removeFirst()
        }
    }

    private mutating func operand(_ words: inout ArraySlice<Substring>, _ depth: Int) -> Bool {
        guard let word = words.popFirst() else { return false }
        if word == "(" {
            append("(")
            guard expression(&words, depth + 1), words.popFirst() == ")" else { return false }
            append(")")
            return true
        }
        let isNewer = word.hasSuffix("+")
        guard let id = Self.ids[(isNewer ? word.dropLast() : word).lowercased()] else { return false }
        append(isNewer ? "\(id)+" : id)
        guard words.first?.uppercased() == "WITH" else { return true }
        words.removeFirst()
        guard let exception = words.popFirst().flatMap({ Self.exceptions[$0.lowercased()] }) else { return false }
        append("WITH \(exception)")
        return true
    }

    private mutating func append(_ word: String) { text += text.isEmpty ? word : " \(word)" }

    private static func table(_ names: String) -> [String: String] {
        Dictionary(names.split(separator: " ").map { ($0.lowercased(), String($0)) }) { first, _ in first }
    }

    /// Those of SPDX's list that packages have. Another one is kept as the package's own words.
    private static let ids = table(
        """
        0BSD AFL-2.1 AFL-3.0 AGPL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0 \
        Artistic-1.0-Perl Artistic-2.0 BlueOak-1.0.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause \
        BSD-3-Clause-Clear BSD-4-Clause BSL-1.0 bzip2-1.0.6 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 \
        CDDL-1.0 CDDL-1.1 CNRI-Python CPL-1.0 curl EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 FTL GFDL-1.3 GPL-1.0-only \
        GPL-1.0-or-later GPL-2.0 GPL-2.0-only GPL-2.0-or-later GPL-3.0 GPL-3.0-only GPL-3.0-or-later HPND ICU IJG \
        ImageMagick Info-ZIP ISC JSON LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1 LGPL-2.1-only LGPL-2.1-or-later \
        LGPL-3.0 LGPL-3.0-only LGPL-3.0-or-later Libpng libtiff LPL-1.02 MIT MIT-0 MIT-CMU MPL-1.0 MPL-1.1 MPL-2.0 \
        MPL-2.0-no-copyleft-exception MS-PL MS-RL MulanPSL-2.0 NCSA OFL-1.1 OLDAP-2.8 OpenSSL PHP-3.01 PostgreSQL \
        PSF-2.0 Python-2.0 Python-2.0.1 Ruby SSPL-1.0 Sleepycat TCL Unicode-3.0 Unicode-DFS-2016 Unlicense UPL-1.0 \
        Vim W3C WTFPL X11 Zlib ZPL-2.0 ZPL-2.1
        """
    )

    private static let exceptions = table(
        """
        Autoconf-exception-3.0 Bison-exception-2.2 Classpath-exception-2.0 GCC-exception-2.0 GCC-exception-3.1 \
        LLVM-exception OpenJDK-assembly-exception-1.0 Qt-GPL-exception-1.0 Universal-FOSS-exception-1.0
        """
    )
}

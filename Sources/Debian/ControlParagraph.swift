import ByteIO
package import Diagnostics

/// The fields of one paragraph of a control file, of those that were asked for.
///
/// deb822(5).
package struct ControlParagraph: Hashable, Sendable {
    struct Field: Hashable, Sendable {
        /// As it is written in the file or, where only some were asked for, as it was asked for.
        let name: String
        /// Without the spaces around it. The lines after the first keep the space or tab they begin with.
        let value: [UInt8]
    }

    var fields: [Field] = []
    /// Where the paragraph begins in its file, counted from 1.
    package internal(set) var line = 1

    /// The value of the field `name`, compared without regard to case; nil if there is none. What is not UTF-8 is shown as
    /// `\xNN`.
    package subscript(name: String) -> String? {
        bytes(of: name).map { String(validating: $0, as: UTF8.self) ?? String(printing: $0) }
    }

    /// The same as it stands in the file.
    package func bytes(of name: String) -> [UInt8]? {
        fields.first { $0.name.utf8.equalsIgnoringCase(name.utf8) }?.value
    }

    /// The words of the field `name`, on all its lines.
    package func words(of name: String) -> [String] {
        (self[name] ?? "").utf8.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A }.map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The one paragraph of a file such as a package's `control`.
    ///
    /// - Throws: `control.malformed`, also if there is none, or more than one.
    package init(parsing bytes: [UInt8], at subject: Diagnostic.Subject) throws(Diagnostic) {
        var reader = ControlReader(MemorySource(bytes), at: subject)
        guard let paragraph = try reader.next() else {
            throw Diagnostic(.controlMalformed, "a control file is damaged", at: subject, because: "it is empty")
        }
        guard try reader.next() == nil else {
            throw Diagnostic(
                .controlMalformed,
                "a control file is damaged",
                at: subject,
                because: "it has more than one paragraph"
            )
        }
        self = paragraph
    }

    init() {}
}

extension Collection<UInt8> {
    /// ASCII letters only: field names have no others.
    func equalsIgnoringCase(_ other: some Collection<UInt8>) -> Bool {
        count == other.count && zip(self, other).allSatisfy { $0.lowercasedASCII == $1.lowercasedASCII }
    }
}

extension UInt8 {
    var lowercasedASCII: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}

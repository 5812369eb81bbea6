import ByteIO
package import Diagnostics

/// The requested fields of one paragraph of a control file.
///
/// deb822(5).
package struct ControlParagraph: Hashable, Sendable {
    struct Field: Hashable, Sendable {
        /// The name as it is in the file or, if only some fields were requested, as it was requested.
        let name: String
        /// The value without surrounding spaces. Continuation lines keep the space or tab that they begin with.
        let value: [UInt8]
    }

    var fields: [Field] = []
    /// The line at which the paragraph begins in its file, counted from 1.
    package internal(set) var line = 1

    /// The value of the field `name`, compared without regard to case; `nil` if absent. Bytes that are not UTF-8 are shown as
    /// `\xNN`.
    package subscript(name: String) -> String? {
        bytes(of: name).map { String(validating: $0, as: UTF8.self) ?? String(printing: $0) }
    }

    /// The value's bytes as they are in the file.
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
    /// - Throws: `control.malformed`, also for no paragraph and for several.
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

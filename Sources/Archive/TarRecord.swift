package import Diagnostics

/// One entry of a tar archive as it was read.
package struct TarRecord: TarEntryRecord, Hashable {
    package typealias Kind = TarEntry.Kind

    package let entry: TarEntry
    /// The name as stored, which may begin with `./` or `/` and end in a slash.
    package let rawPath: [UInt8]
    /// Empty if not stored.
    package let userName: [UInt8]
    /// Empty if not stored.
    package let groupName: [UInt8]
    /// All pax records that apply to this entry, those of global headers among them.
    package let pax: PaxRecords
    /// Offset of the entry's own header block in the archive, in bytes.
    package let offset: Int64
}

extension Diagnostic.Code {
    package static let tarMalformed = Self("tar.malformed", .verification)
    package static let tarUnsupported = Self("tar.unsupported", .verification)
    package static let tarPathEscapes = Self("tar.path-escapes", .verification)
}

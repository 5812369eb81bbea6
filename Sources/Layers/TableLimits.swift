package import Diagnostics

/// How large a table of an image's files may become: its maker could be a stranger, and all of it is held in memory.
package struct TableLimits: Hashable, Sendable {
    /// Number of entries of all layers together, with the directories that they imply.
    package var entries = 1_000_000
    /// Size of the paths, symlink targets, and contents and facts that are kept, of all layers together, in bytes.
    package var metadata = 64 << 20

    package init() {}

    package static let entriesVariable = "CORACLE_MAX_ENTRIES"
    package static let metadataVariable = "CORACLE_MAX_METADATA"

    /// The limits that the environment sets: `CORACLE_MAX_ENTRIES`, a number, and `CORACLE_MAX_METADATA`, in MiB.
    ///
    /// - Throws: `limits.malformed` for a value that is not a positive number, or too large.
    package init(environment: [String: String]) throws(Diagnostic) {
        // Entries are counted in 32 bits.
        if let entries = try Self.number(Self.entriesVariable, atMost: 1 << 30, in: environment) {
            self.entries = entries
        }
        if let size = try Self.number(Self.metadataVariable, atMost: 4095, in: environment) { metadata = size << 20 }
    }

    private static func number(
        _ name: String,
        atMost largest: Int,
        in environment: [String: String]
    ) throws(Diagnostic) -> Int? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let number = Int(text), (1...largest).contains(number) else {
            throw Diagnostic(
                .limitsMalformed,
                "`\(name)` is `\(text.prefix(40))`",
                at: .option(name),
                because: "it has to be a number from 1 to \(largest)",
                hint: "leave it unset for the usual limit"
            )
        }
        return number
    }
}

/// What is left of the limits while the layers of one image are read.
package struct TableBudget: Sendable {
    private let limits: TableLimits
    package private(set) var entries = 0
    /// In bytes.
    package private(set) var metadata = 0

    package init(_ limits: TableLimits = TableLimits()) { self.limits = limits }

    /// Takes room for so many entries and bytes.
    ///
    /// - Throws: `layer.too-many-entries`, `layer.too-much-metadata`.
    package mutating func take(
        entries newEntries: Int,
        metadata newBytes: Int,
        of subject: Diagnostic.Subject?
    ) throws(Diagnostic) {
        entries += newEntries
        metadata += newBytes
        guard entries <= limits.entries else {
            throw Diagnostic(
                .layerTooManyEntries,
                "an image has too many entries",
                at: subject,
                because: "its layers have more than \(limits.entries) together",
                hint: "if you trust the image, set `\(TableLimits.entriesVariable)` to a larger number"
            )
        }
        guard metadata <= limits.metadata else {
            throw Diagnostic(
                .layerTooMuchMetadata,
                "an image has too much metadata",
                at: subject,
                because:
                    "the paths, symlinks and needs of its files have more than \(limits.metadata >> 20) MiB together",
                hint: "if you trust the image, set `\(TableLimits.metadataVariable)` to a larger number of MiB"
            )
        }
    }
}

extension Diagnostic.Code {
    package static let layerTooManyEntries = Self("layer.too-many-entries", .verification)
    package static let layerTooMuchMetadata = Self("layer.too-much-metadata", .verification)
    static let limitsMalformed = Self("limits.malformed", .usage)
}

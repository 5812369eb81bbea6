package import ByteIO
package import Diagnostics

/// Files that an option names, read or written as a whole.
package enum InputFile {
    /// The content of a file or of a pipe.
    ///
    /// - Throws: `file.unreadable`.
    package static func read(_ path: String, limit: Int) throws(Diagnostic) -> [UInt8] {
        do throws(SystemError) {
            return try OpenFile.content(of: FilePath(path), limit: limit)
        } catch {
            throw Diagnostic(
                .fileUnreadable,
                "cannot read `\(path)`",
                at: .file(path: path),
                because: error.description(readingAtMost: limit)
            )
        }
    }
}

/// A file that appears whole, in place of one that may be there.
package enum OutputFile {
    /// - Throws: `io.failed`.
    package static func write(_ bytes: [UInt8], to path: FilePath) throws(Diagnostic) {
        try [bytes].write(to: path)
    }
}

extension Diagnostic.Code {
    static let fileUnreadable = Self("file.unreadable", .input)
}

package import ByteIO
package import Diagnostics

/// A binary package of Debian: an ar archive of two compressed archives.
///
/// deb(5).
package struct DebianPackage {
    private let control: SealedDraft
    private let data: SealedDraft
    private let modified: Int64

    /// - Parameters:
    ///   - control: the files that dpkg reads, packed.
    ///   - data: the files that it installs, packed.
    package init(control: SealedDraft, data: SealedDraft, modified: Int64) {
        (self.control, self.data, self.modified) = (control, data, modified)
    }

    /// Writes the package, which appears whole.
    package func write(to path: FilePath) throws(Diagnostic) {
        var draft = try BlobDraft(in: path.directory)
        try draft.write(Array("!<arch>\n".utf8))
        let version = Array("2.0\n".utf8)
        try draft.write(header("debian-binary", Int64(version.count)) + version)
        for (name, part) in [("control.tar.gz", control), ("data.tar.gz", data)] {
            try draft.write(header(name, part.size))
            try part.copy(to: &draft)
            if part.size % 2 == 1 { try draft.write([UInt8(ascii: "\n")]) }
        }
        try draft.seal().replace(path)
    }

    /// The 60 bytes before a member, ar(5).
    private func header(_ name: String, _ size: Int64) -> [UInt8] {
        let fields = [(name, 16), (String(modified), 12), ("0", 6), ("0", 6), ("100644", 8), (String(size), 10)]
        return fields.flatMap { text, width in
            Array(text.utf8) + [UInt8](repeating: UInt8(ascii: " "), count: width - text.utf8.count)
        } + Array("`\n".utf8)
    }
}

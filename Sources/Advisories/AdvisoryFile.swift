package import ByteIO
package import Diagnostics
package import OCI

/// A user's copy of what Debian knows of vulnerabilities: the security tracker's JSON, or the list that debsecan downloads
/// for one release.
package struct AdvisoryFile: Sendable {
    /// The tracker's file has some tens of megabytes.
    private static let limit = 512 << 20

    enum Content: Sendable {
        case tracker([UInt8])
        case debsecan(DebsecanList)
    }

    let content: Content
    /// As the user named it.
    package let name: String
    /// When it was written, as the file system says: neither format has a date of its own.
    package let date: Timestamp

    /// Reads the file at `path`.
    ///
    /// - Throws: `advisories.malformed`, `io.failed`.
    package init(readingFrom path: FilePath) throws(Diagnostic) {
        let bytes: [UInt8]
        do throws(SystemError) {
            let stamp = try FileStatus(at: path, following: true).stamp
            date = Timestamp(secondsSince1970: stamp.modifiedSeconds)
            bytes = try OpenFile.content(of: path, limit: Self.limit)
        } catch {
            throw error.diagnostic("read the advisories", path.display)
        }
        name = path.display
        content = try Self.content(bytes, named: name)
    }

    /// - Throws: `advisories.malformed`.
    package init(_ bytes: [UInt8], named name: String, date: Timestamp) throws(Diagnostic) {
        self.name = name
        self.date = date
        content = try Self.content(bytes, named: name)
    }

    private static func content(_ bytes: [UInt8], named name: String) throws(Diagnostic) -> Content {
        switch bytes.first {
        case UInt8(ascii: "{"): return .tracker(bytes)
        // What a zlib stream begins with, and the list's own first letter where it was decompressed.
        case 0x78, UInt8(ascii: "V"): return .debsecan(try DebsecanList(bytes, named: name))
        default:
            throw malformed(
                name,
                bytes.starts(with: [0x1F, 0x8B])
                    ? "it is compressed by gzip" : "it begins neither like JSON nor like debsecan's list",
                hint: bytes.starts(with: [0x1F, 0x8B])
                    ? "decompress it first, with `gzip -d`"
                    : "it is the file `data/json` of Debian's security tracker, or one of debsecan's for a release"
            )
        }
    }

    static func malformed(_ name: String, _ reason: String, hint: String? = nil) -> Diagnostic {
        Diagnostic(
            .advisoriesMalformed,
            "`\(name)` is not a file of Debian's advisories",
            at: .file(path: name),
            because: reason,
            hint: hint
        )
    }

    /// The advisories for source packages called `names` in the release `codename`, by name; `nil` if the file does not
    /// have that release.
    ///
    /// - Throws: `json.malformed`, `advisories.malformed`.
    func advisories(for names: Set<String>, in codename: String) throws(Diagnostic) -> [String: [Advisory]]? {
        switch content {
        case .tracker(let bytes): try TrackerFile(bytes, named: name, for: names).advisories(in: codename)
        case .debsecan(let list): list.advisories(for: names)
        }
    }
}

extension Diagnostic.Code {
    static let advisoriesMalformed = Self("advisories.malformed", .input)
}

import Archive
package import ByteIO
package import Diagnostics

/// The compression of a tar inside a package, from the ending of the member's name.
///
/// deb(5).
enum DebCompression: String, CaseIterable {
    case none = ""
    case gzip = ".gz"
    case xz = ".xz"
    case zstd = ".zst"

    /// The compression of the member `name`, which is `stem` and an ending; `nil` for another member.
    init?(of name: String, stem: String) {
        guard name.hasPrefix(stem) else { return nil }
        self.init(rawValue: String(name.dropFirst(stem.count)))
    }

    /// The uncompressed bytes of `member`, at most `limit`.
    func open(_ member: DebArchive, limit: Int64, at subject: Diagnostic.Subject) throws(Diagnostic) -> AnySource {
        switch self {
        case .none: AnySource(LimitedSource(source: AnySource(member), limit: limit, subject: subject))
        case .gzip: AnySource(try GzipReader(AnySource(member), limit: limit, at: subject))
        case .xz: AnySource(try XzReader(AnySource(member), limit: limit, at: subject))
        case .zstd: AnySource(try ZstdReader(AnySource(member), limit: limit, at: subject))
        }
    }
}

/// The archive of a package, shared by the readers of its members.
final class DebArchive {
    private var reader: ArReader<AnySource>

    init(_ source: AnySource, at subject: Diagnostic.Subject) { reader = ArReader(source, at: subject) }

    func next() throws(Diagnostic) -> ArMember? { try reader.next() }
    func readContent(limit: Int) throws(Diagnostic) -> [UInt8] { try reader.readContent(limit: limit) }
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int { try reader.read(into: buffer) }
}

/// A source of any type. It costs one more call for each buffer.
package struct AnySource: ByteSource {
    private let pull: (UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int

    package init<Source: ByteSource & ~Copyable>(_ source: consuming Source) {
        let box = SourceBox(source)
        pull = { (buffer) throws(Diagnostic) in try box.source.read(into: buffer) }
    }

    /// The current member's content.
    init(_ archive: DebArchive) {
        pull = { (buffer) throws(Diagnostic) in try archive.read(into: buffer) }
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        try pull(buffer)
    }
}

private final class SourceBox<Source: ByteSource & ~Copyable> {
    var source: Source

    init(_ source: consuming Source) { self.source = source }
}

/// Limits an uncompressed member, too.
private struct LimitedSource: ByteSource {
    var source: AnySource
    let limit: Int64
    let subject: Diagnostic.Subject
    private var count: Int64 = 0

    init(source: AnySource, limit: Int64, subject: Diagnostic.Subject) {
        self.source = source
        self.limit = limit
        self.subject = subject
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        let read = try source.read(into: buffer)
        count += Int64(read)
        guard count <= limit else {
            throw Diagnostic(
                .debTooLarge,
                "the package is too large",
                at: subject,
                because: "it holds more than \(limit) bytes"
            )
        }
        return read
    }
}

extension Diagnostic.Code {
    package static let debTooLarge = Self("deb.too-large", .verification)
}

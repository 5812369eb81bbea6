import Archive
import ByteIO
package import Diagnostics
package import OCI

/// A verified `Packages` file, still compressed.
package struct PackagesFile: Sendable {
    package enum Compression: String, Hashable, Sendable, CaseIterable {
        case xz = ".xz"
        case gzip = ".gz"
    }

    /// Largest compressed file, in bytes. Real ones have at most ten million.
    package static let sizeLimit: Int64 = 64 << 20
    private static let textLimit: Int64 = 512 << 20

    package let bytes: [UInt8]
    package let compression: Compression
    package let suite: String
    package let mirrors: [String]
    /// The path of the file, for messages.
    package let path: String

    package init(bytes: [UInt8], compression: Compression, suite: String, mirrors: [String], path: String) {
        self.bytes = bytes
        self.compression = compression
        self.suite = suite
        self.mirrors = mirrors
        self.path = path
    }

    private var subject: Diagnostic.Subject { .file(path: "\(suite)/\(path)") }

    private func opened(limit: Int64) throws(Diagnostic) -> AnySource {
        let source = MemorySource(bytes)
        return switch compression {
        case .xz: AnySource(try XzReader(source, limit: limit, at: subject))
        case .gzip: AnySource(try GzipReader(source, limit: limit, at: subject))
        }
    }

    /// The whole text.
    ///
    /// - Throws: what decompressing throws, also for a text of more than `limit` bytes.
    func text(limit: Int) throws(Diagnostic) -> [UInt8] {
        var source = try opened(limit: Int64(limit))
        var text = [UInt8]()
        text.reserveCapacity(min(limit, bytes.count * 8))
        try withBuffer(of: 1 << 20) { (buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) in
            while true {
                let count = try source.read(into: buffer)
                if count == 0 { return }
                text.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
        }
        return text
    }

    /// Calls `body` with each package; only with those in `names` if it is given.
    func forEach(
        named names: Set<String>?,
        _ body: (IndexedPackage) throws(Diagnostic) -> Void
    ) throws(Diagnostic) {
        let subject = subject
        var reader = ControlReader(try opened(limit: Self.textLimit), keeping: IndexedPackage.fields, at: subject)
        while let paragraph = try reader.next(named: names) {
            if let names {
                guard let name = paragraph["Package"], names.contains(name) else { continue }
            }
            try body(IndexedPackage(paragraph, suite: suite, mirrors: mirrors, at: subject))
        }
    }
}

/// One version of a package, and the places to fetch it from.
package struct IndexedPackage: Hashable, Sendable {
    /// A place to fetch it from: the path is below each of the mirrors.
    package struct Origin: Hashable, Sendable {
        package let suite: String
        package let mirrors: [String]
        /// The path, such as `pool/main/g/glibc/libc6_2.36-9_amd64.deb`.
        package let path: String

        package init(suite: String, mirrors: [String], path: String) {
            self.suite = suite
            self.mirrors = mirrors
            self.path = path
        }
    }

    static let fields = ["Package", "Version", "Architecture", "Filename", "Size", "SHA256"]

    package let name: String
    package let version: DebianVersion
    /// Debian's name of the architecture; `all` for all of them.
    package let architecture: String
    /// Size of the file, in bytes, at most 16 GiB.
    package let size: Int64
    package let digest: Digest
    /// The places, in the order in which the suites were added.
    package internal(set) var origins: [Origin]

    // Data packages of games have over 1 GiB; a sum of many sizes must not overflow.
    private static let largest: Int64 = 16 << 30

    /// Makes a package that does not come from an index but, for example, from a lock.
    package init(
        name: String,
        version: DebianVersion,
        architecture: String,
        size: Int64,
        digest: Digest,
        origins: [Origin]
    ) {
        self.name = name
        self.version = version
        self.architecture = architecture
        self.size = size
        self.digest = digest
        self.origins = origins
    }

    init(
        _ paragraph: ControlParagraph,
        suite: String,
        mirrors: [String],
        at subject: Diagnostic.Subject
    ) throws(Diagnostic) {
        func malformed(_ reason: String) -> Diagnostic {
            Diagnostic(
                .packagesMalformed,
                "a list of packages is damaged",
                at: subject,
                because: "\(reason), in the paragraph on line \(paragraph.line)"
            )
        }
        func value(_ name: String) throws(Diagnostic) -> String {
            guard let value = paragraph[name], !value.isEmpty else { throw malformed("`\(name)` is missing") }
            return value
        }
        name = try value("Package")
        guard name.isPackageName else { throw malformed("`\(name.prefix(80))` is not a package name") }
        version = try DebianVersion(parsing: value("Version"))
        architecture = try value("Architecture")
        let path = try value("Filename")
        guard path.isPlainPath else { throw malformed("the file name `\(path.prefix(200))` leads elsewhere") }
        guard let size = Int64(try value("Size")), (0...Self.largest).contains(size) else {
            throw malformed("`Size` is not the size of a package")
        }
        guard let digest = try? Digest(parsing: "sha256:" + value("SHA256")) else {
            throw malformed("`SHA256` is not a digest")
        }
        self.size = size
        self.digest = digest
        origins = [Origin(suite: suite, mirrors: mirrors, path: path)]
    }

    package static func == (left: IndexedPackage, right: IndexedPackage) -> Bool {
        left.name == right.name && left.version.description == right.version.description
            && left.architecture == right.architecture && left.size == right.size && left.digest == right.digest
            && left.origins == right.origins
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(digest)
    }
}

extension String {
    /// Whether it is a relative path of printable ASCII without `.`, `..` or empty components.
    fileprivate var isPlainPath: Bool {
        utf8.count <= 1024 && utf8.allSatisfy { (0x21...0x7E).contains($0) }
            && utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { component in
                !component.isEmpty && !component.elementsEqual(".".utf8) && !component.elementsEqual("..".utf8)
            }
    }
}

extension Diagnostic.Code {
    package static let packagesMalformed = Self("packages.malformed", .verification)
}

import Archive
import ByteIO
package import Diagnostics
package import OCI

/// A package as an index lists it.
package struct ApkPackage: Hashable, Sendable {
    package let name: String
    package let version: ApkVersion
    /// Size of the file, in bytes.
    package let size: Int64
    package let checksum: ApkChecksum
    package let dependencies: [ApkDependency]
    package let provisions: [ApkProvision]
    /// The repository, such as `v3.24/main`.
    package let repository: String
    /// The architecture's directory in the repository: `x86_64`.
    package let architecture: String

    /// The path below a mirror.
    package var path: String { "\(repository)/\(architecture)/\(name)-\(version).apk" }

    package static func == (left: ApkPackage, right: ApkPackage) -> Bool {
        left.path == right.path && left.checksum == right.checksum && left.size == right.size
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(path) }
}

/// The verified index of one repository for one architecture: `APKINDEX.tar.gz`.
///
/// apk-v2(5) § Index.
package struct ApkIndexFile: Sendable {
    package static let fileName = "APKINDEX.tar.gz"
    /// Largest compressed file, in bytes. The largest repositories have some ten million.
    package static let sizeLimit = 64 << 20
    private static let textLimit: Int64 = 512 << 20
    private static let lineLimit = 1 << 20
    private static let descriptionLimit = 4096

    /// The repository, such as `v3.24/main`.
    package let repository: String
    package let architecture: String
    /// What the repository says of its state, such as `v3.24.1-12-g4d933a1fa3`; empty if absent.
    package let description: String
    /// When the newest of its packages was built. An index has no date of its own.
    package let date: Timestamp
    /// The packages whose names were asked for, and all that provide something.
    package let packages: [ApkPackage]

    /// Verifies the bytes of an index, and reads those of its packages that `isWanted` names.
    ///
    /// - Parameters:
    ///   - keys: those that may sign it.
    ///   - name: the address, for messages.
    /// - Throws: `apk.signature-…`, `apk.malformed`, `apk.unsupported`; what the readers of gzip and tar throw.
    package init(
        parsing bytes: [UInt8],
        verifiedBy keys: [ApkKey],
        of repository: String,
        for architecture: String,
        keeping isWanted: (String) -> Bool = { _ in true },
        named name: String
    ) throws(Diagnostic) {
        let subject = Diagnostic.Subject.file(path: name)
        guard bytes.count <= Self.sizeLimit else {
            throw .apkMalformed("it has \(bytes.count) bytes, over \(Self.sizeLimit)", at: subject)
        }
        try ApkReader.checkFormat(Array(bytes.prefix(4)), at: subject)
        try self.init(
            reading: Self.signed(bytes, by: keys, at: subject),
            of: repository,
            for: architecture,
            keeping: isWanted,
            named: name
        )
    }

    /// Reads what was verified.
    init(
        reading signed: ArraySlice<UInt8>,
        of repository: String,
        for architecture: String,
        keeping isWanted: (String) -> Bool = { _ in true },
        named name: String
    ) throws(Diagnostic) {
        let subject = Diagnostic.Subject.file(path: name)
        var draft = Draft(repository: repository, architecture: architecture, subject: subject)
        var tar = TarReader(
            try GzipReader(MemorySource(Array(signed)), limit: Self.textLimit, at: subject),
            at: subject
        )
        var description: String?
        var hasIndex = false
        while let record = try tar.next() {
            switch (record.kind, String(printing: record.path)) {
            case (.regular, "DESCRIPTION"):
                let text = try tar.readContent(limit: Self.descriptionLimit)
                description = String(printing: text.prefix { $0 > 0x20 })
            case (.regular, "APKINDEX"):
                guard !hasIndex else { throw .apkMalformed("it has two lists of packages", at: subject) }
                hasIndex = true
                try Self.read(&tar, into: &draft, isWanted)
            default: continue
            }
        }
        try tar.drain()
        guard hasIndex else { throw .apkMalformed("it has no `APKINDEX`", at: subject) }
        self.repository = repository
        self.architecture = architecture
        self.description = description ?? ""
        date = Timestamp(secondsSince1970: draft.newest)
        packages = draft.packages
    }

    /// The bytes after the signatures, which were verified.
    private static func signed(
        _ bytes: [UInt8],
        by keys: [ApkKey],
        at subject: Diagnostic.Subject
    ) throws(Diagnostic) -> ArraySlice<UInt8> {
        var members = GzipMemberReader(MemorySource(bytes), at: subject)
        // An index without signatures begins with its large member, which is not read as one of signatures.
        let first: GzipMemberReader<MemorySource>.Member?
        do throws(Diagnostic) {
            first = try members.next(limit: ApkSignature.memberLimit)
        } catch {
            guard error.code == .gzipTooLarge else { throw error }
            first = nil
        }
        let signatures = try first.flatMap { (first) throws(Diagnostic) in
            try ApkSignature.all(in: first.content, at: subject)
        }
        let signed = bytes[(signatures == nil ? 0 : first?.compressed.count ?? 0)...]
        try ApkSignature.verify(signatures ?? [], of: signed, by: keys, at: subject)
        return signed
    }

    private static func read<Source: ByteSource & ~Copyable>(
        _ tar: inout TarReader<Source>,
        into draft: inout Draft,
        _ isWanted: (String) -> Bool
    ) throws(Diagnostic) {
        var line = [UInt8]()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try tar.read(into: buffer)
            if count == 0 { break }
            var rest = UnsafeRawBufferPointer(rebasing: buffer[..<count])[...]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                line += rest[..<end]
                try draft.take(line[...], isWanted)
                line.removeAll(keepingCapacity: true)
                rest = rest[(end + 1)...]
            }
            line += rest
            guard line.count <= lineLimit else {
                throw .apkMalformed("a line has more than \(lineLimit) bytes", at: draft.subject)
            }
        }
        try draft.take(line[...], isWanted)
        try draft.take([], isWanted)
    }

    /// The packages that were read so far.
    private struct Draft {
        private static let most = 500_000

        let repository: String
        let architecture: String
        let subject: Diagnostic.Subject
        var packages: [ApkPackage] = []
        var newest: Int64 = 0
        private var fields: [UInt8: String] = [:]
        private var count = 0

        init(repository: String, architecture: String, subject: Diagnostic.Subject) {
            self.repository = repository
            self.architecture = architecture
            self.subject = subject
        }

        /// Takes a line; an empty one ends a package.
        mutating func take(_ line: ArraySlice<UInt8>, _ isWanted: (String) -> Bool) throws(Diagnostic) {
            guard !line.isEmpty else { return try finish(isWanted) }
            let mark = line.startIndex + 1
            guard line.count >= 2, line[mark] == UInt8(ascii: ":") else {
                throw .apkMalformed("`\(String(printing: line.prefix(80)))` is not a line of an index", at: subject)
            }
            switch line[line.startIndex] {
            case UInt8(ascii: "C"), UInt8(ascii: "P"), UInt8(ascii: "V"), UInt8(ascii: "S"), UInt8(ascii: "D"),
                UInt8(ascii: "p"), UInt8(ascii: "t"):
                fields[line[line.startIndex]] = String(decoding: line[(mark + 1)...], as: UTF8.self)
            default: break
            }
        }

        private mutating func finish(_ isWanted: (String) -> Bool) throws(Diagnostic) {
            guard !fields.isEmpty else { return }
            defer { fields.removeAll(keepingCapacity: true) }
            count += 1
            guard count <= Self.most else {
                throw .apkMalformed("it lists more than \(Self.most) packages", at: subject)
            }
            func field(_ letter: Unicode.Scalar) -> String? { fields[UInt8(ascii: letter)] }
            guard let name = field("P"), name.isApkName else {
                throw .apkMalformed("its package \(count) has no name, or one that is not a name", at: subject)
            }
            if let time = field("t").flatMap({ Int64($0) }), time > newest, time <= Self.latest { newest = time }
            guard isWanted(name) else { return }
            guard let size = field("S").flatMap({ Int64($0) }), size > 0,
                let checksum = field("C").flatMap({ ApkChecksum($0) })
            else { throw .apkMalformed("it has no size and SHA-1 of `\(name)`", at: subject) }
            packages.append(
                ApkPackage(
                    name: name,
                    version: try ApkVersion(parsing: field("V") ?? ""),
                    size: size,
                    checksum: checksum,
                    dependencies: (field("D") ?? "").split(separator: " ").compactMap { ApkDependency($0) },
                    provisions: (field("p") ?? "").split(separator: " ").map { ApkProvision($0) },
                    repository: repository,
                    architecture: architecture
                )
            )
        }

        /// The year 9999: later times are not times.
        private static let latest: Int64 = 253_402_300_799
    }
}

extension String {
    /// Whether it is the name of a package, which is part of a path: letters, digits and `._+-`, and no dot in front.
    package var isApkName: Bool {
        guard (1...128).contains(utf8.count), let first = utf8.first else { return false }
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
        }
        return (isAlphanumeric(first) || first == UInt8(ascii: "_"))
            && utf8.allSatisfy { isAlphanumeric($0) || "._+-".utf8.contains($0) }
    }
}

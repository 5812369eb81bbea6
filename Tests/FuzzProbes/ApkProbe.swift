import Archive
import ByteIO
import Diagnostics
import Layers

@testable import Apk
@testable import Debian

/// A gzip stream, read by its members, as an apk package and as the list of packages of an index; and lines of both as versions and
/// dependencies.
enum ApkProbe {
    static func read(_ bytes: [UInt8]) {
        listMembers(bytes)
        _ = try? readPackage(bytes)
        readIndex(bytes)
        readWords(bytes)
    }

    private static func listMembers(_ bytes: [UInt8]) {
        var members = GzipMemberReader(ChoppedSource(bytes, most: 61))
        var count = 0
        while let member = try? members.next(limit: 1 << 16) {
            require(!member.compressed.isEmpty, "a member of a gzip stream has no bytes")
            count += member.compressed.count
        }
        require(count <= bytes.count, "members of a gzip stream overlap")
    }

    private static func readPackage(_ bytes: [UInt8]) throws(Diagnostic) {
        var reader = try ApkReader(MemorySource(bytes), limit: 1 << 20, named: "probe")
        var table = reader.table
        while let record = try reader.next() {
            guard let path = try table.path(of: record) else { continue }
            switch record.kind {
            case .regular: try table.add(record, at: path, .bytes(try reader.readContent(limit: 4096)))
            case .directory: try table.add(record, at: path, .directory)
            case .symlink(let target): try table.add(record, at: path, .symlink(target: target))
            default: throw table.refusal(of: record)
            }
        }
        _ = try table.finished()
    }

    /// No key signed it: its packages are read as if one had.
    private static func readIndex(_ bytes: [UInt8]) {
        _ = try? ApkIndexFile(parsing: bytes, verifiedBy: [], of: "main", for: "x86_64", named: "probe")
        _ = try? ApkIndexFile(reading: bytes[...], of: "main", for: "x86_64", named: "probe")
    }

    private static func readWords(_ bytes: [UInt8]) {
        var last: ApkVersion?
        for word in String(decoding: bytes.prefix(4096), as: UTF8.self).split(whereSeparator: { " \n".contains($0) }) {
            if let version = try? ApkVersion(parsing: String(word)) {
                require(version.begins(with: version), "a version does not begin with itself")
                if let last { require(!(version < last && last < version), "two versions are each older") }
                last = version
            }
            if let dependency = ApkDependency(word) { _ = dependency.allows(last) }
            _ = ApkProvision(word)
        }
    }
}

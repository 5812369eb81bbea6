import Archive
import ByteIO
import Diagnostics
import Layers

@testable import Debian

/// An ar archive, read as one and as a Debian package.
enum DebProbe {
    static func read(_ bytes: [UInt8]) {
        listMembers(bytes)
        _ = try? readPackage(bytes)
    }

    private static func listMembers(_ bytes: [UInt8]) {
        var reader = ArReader(ChoppedSource(bytes, most: 61))
        var end: Int64 = 0
        while let member = try? reader.next() {
            require(member.offset >= end, "members of an ar archive overlap")
            end = member.offset + 60 + member.size
            _ = try? reader.readContent(limit: 64)
        }
    }

    private static func readPackage(_ bytes: [UInt8]) throws(Diagnostic) {
        var reader = try DebReader(MemorySource(bytes), limit: 1 << 20, named: "probe")
        var table = DebTable(name: reader.control.name)
        while let record = try reader.next() {
            guard let path = try table.path(of: record) else { continue }
            switch record.kind {
            case .regular: try table.add(record, at: path, .bytes(try reader.readContent(limit: 4096)))
            case .directory: try table.add(record, at: path, .directory)
            case .symlink(let target): try table.add(record, at: path, .symlink(target: target))
            default: _ = table.refusal(of: record)
            }
        }
        _ = try table.finished()
    }
}

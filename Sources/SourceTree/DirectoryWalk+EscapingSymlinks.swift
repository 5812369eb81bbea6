import ByteIO
import Diagnostics

extension DirectoryWalk {
    /// Whether a relative target climbs above the directory that is walked.
    static func escapes(_ target: [UInt8], from name: [UInt8]) -> Bool {
        guard target.first != UInt8(ascii: "/") else { return false }
        var depth = name.count { $0 == UInt8(ascii: "/") }
        for component in target.split(separator: UInt8(ascii: "/")) {
            switch Array(component) {
            case Array(".".utf8): continue
            case Array("..".utf8): depth -= 1
            default: depth += 1
            }
            if depth < 0 { return true }
        }
        return false
    }
}

extension Diagnostic {
    static func escapingSymlink(_ path: FilePath, to target: [UInt8]) -> Diagnostic {
        Diagnostic(
            .treeEscapingSymlink,
            "a symlink leads out of the directory",
            at: .file(path: path.display),
            because: "its target is `\(String(printing: target))`; it would point to something else in the image",
            hint: "point it to something inside, or keep it as it is with `--allow-escaping-symlinks`"
        )
    }
}

extension Diagnostic.Code {
    static let treeEscapingSymlink = Self("tree.escaping-symlink", .input)
}

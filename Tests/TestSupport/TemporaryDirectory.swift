import Glibc

/// A new directory, deleted with its last reference.
package final class TemporaryDirectory: Sendable {
    package let path: String

    /// - Parameter folder: the directory above it.
    package init(in folder: String = Environment.temporaryFolder) throws {
        var template = Array("\(folder)/coracle-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SupportError("mkdtemp: \(String(cString: strerror(errno)))") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        // What a test made read-only or unpacked is deleted, too; without rights to do so, there is nothing left to try.
        _ = try? Command.shell(#"chmod -R u+rwX "$1" 2>/dev/null; rm -rf "$1""#, [path]).run()
    }

    /// The path of `name` in the directory.
    package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a directory and those above it; returns its path.
    @discardableResult
    package func directory(_ name: String) throws -> String {
        var current = path
        for component in name.split(separator: "/") {
            current += "/\(component)"
            guard mkdir(current, 0o755) == 0 || errno == EEXIST else {
                throw SupportError("mkdir \(current): \(String(cString: strerror(errno)))")
            }
        }
        return current
    }

    /// Writes a file, with the directories above it; returns its path.
    @discardableResult
    package func file(_ name: String, _ bytes: [UInt8], mode: UInt32 = 0o644) throws -> String {
        if let slash = name.lastIndex(of: "/") { try directory(String(name[..<slash])) }
        try writeFile(self(name), bytes, mode: mode)
        return self(name)
    }

    /// Writes a file that holds `text`, with the directories above it; returns its path.
    @discardableResult
    package func file(_ name: String, _ text: String, mode: UInt32 = 0o644) throws -> String {
        try file(name, Array(text.utf8), mode: mode)
    }
}

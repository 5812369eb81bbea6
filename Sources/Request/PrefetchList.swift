package import ByteIO
package import Diagnostics
import Glibc
package import Layers

/// The paths in an image that a container reads first: a file with one a line, and comments that begin with `#`.
package struct PrefetchList: Hashable, Sendable {
    private static let sizeLimit = 4 << 20

    /// In the order of the file, each once.
    package let paths: [EntryPath]

    /// - Throws: `prefetch.unreadable`, `prefetch.malformed` with the line.
    package init(readingFrom path: FilePath) throws(Diagnostic) {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try OpenFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY).readAll(limit: Self.sizeLimit)
        } catch {
            throw Diagnostic(
                .prefetchUnreadable,
                "`\(path.display)` cannot be read",
                at: .file(path: path.display),
                because: error.description(readingAtMost: Self.sizeLimit),
                hint: error.hint
            )
        }
        try self.init(parsing: bytes, named: path.display)
    }

    /// - Parameter name: what is being read, for messages.
    package init(parsing bytes: [UInt8], named name: String) throws(Diagnostic) {
        var (paths, seen) = ([EntryPath](), Set<EntryPath>())
        for (index, line) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            guard !line.isEmpty, line.first != UInt8(ascii: "#") else { continue }
            do throws(Diagnostic) {
                let path = try EntryPath(absolute: String(decoding: line, as: UTF8.self))
                if seen.insert(path).inserted { paths.append(path) }
            } catch {
                throw Diagnostic(
                    .prefetchMalformed,
                    "line \(index + 1) of `\(name)` is not a path in an image",
                    at: .file(path: name),
                    because: error.reason,
                    hint: "write one absolute path a line, such as `/app/server`"
                )
            }
        }
        self.paths = paths
    }
}

extension Diagnostic.Code {
    static let prefetchUnreadable = Self("prefetch.unreadable", .input)
    static let prefetchMalformed = Self("prefetch.malformed", .input)
}

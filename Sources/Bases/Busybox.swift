import ByteIO
import Debian
package import Diagnostics
import Layers

/// A shell and its tools in one program, for `debug`.
enum Busybox {
    static let directory = "busybox"
    /// Largest program, in bytes.
    private static let sizeLimit = 32 << 20

    /// The program and a link for each of its tools.
    ///
    /// - Parameter entries: the entries of Debian's package.
    /// - Throws: `base.busybox-unusable`.
    static func entries(from entries: [LayerEntry], of package: String) throws(Diagnostic) -> [LayerEntry] {
        let programs = ["bin/busybox", "usr/bin/busybox"].map { EntryPath(unchecked: Array($0.utf8)) }
        guard var program = entries.first(where: { programs.contains($0.path) }) else {
            throw unusable("`\(package)` has no program `busybox`")
        }
        let bytes: [UInt8]
        switch program.content {
        case .bytes(let content): bytes = content
        case .file(let path, _): bytes = try read(path)
        case .directory, .symlink, .hardlink: throw unusable("`\(program.path)` in `\(package)` is not a file")
        }
        let tools = tools(in: bytes)
        guard tools.contains("sh") else { throw unusable("no shell was found in the program of `\(package)`") }
        let top = EntryPath(unchecked: Array(directory.utf8))
        program.path = top.appending("busybox".utf8)
        return [LayerEntry(top, .directory, mode: FileModes.directory), program]
            + tools.filter { $0 != "busybox" }.map { tool in
                LayerEntry(top.appending(tool.utf8), .symlink(target: Array("busybox".utf8)), mode: FileModes.symlink)
            }
    }

    /// The names of all tools, from the table that the program looks them up in: one after the other, each with a NUL, the
    /// first `[`, and an empty one at the end. Any byte may be before it.
    static func tools(in program: [UInt8]) -> [String] {
        let first = Array("[\0[[\0".utf8)
        guard let start = program.firstPosition(of: first) else { return [] }
        var tools = [String]()
        var name = [UInt8]()
        for byte in program[start...] {
            if byte == 0 {
                if name.isEmpty { return tools }
                tools.append(String(decoding: name, as: UTF8.self))
                name = []
            } else {
                guard byte.isToolCharacter, name.count < 64, tools.count < 1000 else { return tools }
                name.append(byte)
            }
        }
        return tools
    }

    private static func read(_ path: FilePath) throws(Diagnostic) -> [UInt8] {
        var source = try FileSource(path)
        var bytes = [UInt8]()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try source.read(into: buffer)
            if count == 0 { return bytes }
            guard bytes.count + count <= sizeLimit else { throw unusable("the program has over \(sizeLimit) bytes") }
            bytes += buffer[..<count]
        }
    }

    private static func unusable(_ reason: String) -> Diagnostic {
        Diagnostic(.baseBusyboxUnusable, "the tools of a `debug` base cannot be put together", because: reason)
    }
}

extension [UInt8] {
    fileprivate func firstPosition(of pattern: [UInt8]) -> Int? {
        guard let first = pattern.first, count >= pattern.count else { return nil }
        return withUnsafeBufferPointer { bytes in
            for start in 0...(bytes.count - pattern.count) where bytes[start] == first {
                if bytes[start..<start + pattern.count].elementsEqual(pattern) { return start }
            }
            return nil
        }
    }
}

extension UInt8 {
    fileprivate var isToolCharacter: Bool {
        (0x61...0x7A).contains(self) || (0x41...0x5A).contains(self) || (0x30...0x39).contains(self)
            || [UInt8(ascii: "["), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(self)
    }
}

extension Diagnostic.Code {
    package static let baseBusyboxUnusable = Self("base.busybox-unusable", .verification)
}

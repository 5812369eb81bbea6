import Glibc

/// All bytes of a file.
package func readFile(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SupportError("open \(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var bytes = [UInt8]()
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw SupportError("read \(path): \(String(cString: strerror(errno)))") }
        if count == 0 { return bytes }
        bytes += buffer[..<count]
    }
}

/// Creates or replaces a file. `mode` is exact: the umask does not take part.
package func writeFile(_ path: String, _ bytes: [UInt8], mode: UInt32 = 0o644) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SupportError("open \(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    try writeAll(bytes, to: descriptor)
    fchmod(descriptor, mode)
}

/// Creates or replaces a file that holds `text` in UTF-8.
package func writeFile(_ path: String, _ text: String, mode: UInt32 = 0o644) throws {
    try writeFile(path, Array(text.utf8), mode: mode)
}

/// Whether something, were it a dangling link, has this path.
package func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
}

/// The names in a directory, sorted by bytes, without `.` and `..`.
package func names(in directory: String) throws -> [String] {
    guard let stream = opendir(directory) else {
        throw SupportError("opendir \(directory): \(String(cString: strerror(errno)))")
    }
    defer { closedir(stream) }
    var names = [String]()
    while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

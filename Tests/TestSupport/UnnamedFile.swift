import Glibc

/// A file without a name, closed and gone with its last reference.
final class UnnamedFile: Sendable {
    let descriptor: Int32

    init() throws {
        var template = Array("\(Environment.temporaryFolder)/coracle-tests-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw SupportError("mkstemp: \(String(cString: strerror(errno)))") }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
    }

    convenience init(holding bytes: [UInt8]) throws {
        try self.init()
        try writeAll(bytes, to: descriptor)
        lseek(descriptor, 0, SEEK_SET)
    }

    deinit { close(descriptor) }

    /// Everything written so far, at most 64 MiB.
    func contents() throws -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size <= 64 << 20 else {
            throw SupportError("a child process wrote more than 64 MiB")
        }
        let size = Int(status.st_size)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, size, 0))
        }
    }
}

func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw SupportError("write: \(String(cString: strerror(errno)))") }
        rest = rest.dropFirst(count)
    }
}

import Glibc

/// An empty directory of one test, gone with everything in it when it goes out of scope.
struct TemporaryDirectory: ~Copyable {
    struct Failure: Error { let action: String }

    let path: String

    init() throws {
        var template = Array("/tmp/coracle-rootfs-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(action: "mkdtemp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit { _ = try? Tool.run(["rm", "-r", "-f", path]) }

    /// Writes `bytes` to a new file, and returns its path.
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = "\(path)/\(name)"
        guard let stream = fopen(file, "wx") else { throw Failure(action: "fopen \(file)") }
        let written = fwrite(bytes, 1, bytes.count, stream)
        guard fclose(stream) == 0, written == bytes.count else { throw Failure(action: "fwrite \(file)") }
        return file
    }
}

/// The bytes of a file.
func contents(of path: String) throws -> [UInt8] {
    guard let stream = fopen(path, "r") else { throw TemporaryDirectory.Failure(action: "fopen \(path)") }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, stream), count > 0 { bytes += buffer[..<count] }
    return bytes
}

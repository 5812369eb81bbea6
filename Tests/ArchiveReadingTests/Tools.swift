import ByteIO
import Diagnostics
import Glibc
import Testing

/// A directory for one test, removed with all that is in it.
struct Scratch: ~Copyable {
    let path: String

    init() throws {
        var template = Array("/tmp/archive-reading-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        path = try #require(made)
    }

    deinit { _ = Glibc.system("chmod -R u+rwx '\(path)'; rm -rf '\(path)'") }

    /// What `command`, a shell's, prints when run here, and its exit status.
    func run(_ command: String) throws -> (output: [UInt8], status: Int32) {
        let pipe = try #require(popen("cd '\(path)' && LC_ALL=C.UTF-8 && export LC_ALL; \(command)", "r"))
        var output = [UInt8]()
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&buffer, 1, buffer.count, pipe)
            if count == 0 { break }
            output += buffer[..<count]
        }
        return (output, pclose(pipe))
    }

    /// What `command` makes of `input`.
    func filter(_ input: [UInt8], through command: String) throws -> [UInt8] {
        try write(input, to: "input")
        let (output, status) = try run("\(command) < input")
        try #require(status == 0)
        return output
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        let file = try #require(fopen("\(path)/\(name)", "w"))
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
        fclose(file)
    }

    func read(_ name: String) throws -> [UInt8] { try run("cat \(name)").output }
}

/// Whether a program is installed here.
func isInstalled(_ program: String) -> Bool { Glibc.system("command -v \(program) >/dev/null 2>&1") == 0 }

/// Bytes in memory that come in small pieces, as from a network, and are counted.
struct PieceSource: ByteSource {
    private let bytes: [UInt8]
    private let piece: Int
    private(set) var position = 0
    private(set) var hasEnded = false

    init(_ bytes: [UInt8], piece: Int = .max) {
        self.bytes = bytes
        self.piece = piece
    }

    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(Diagnostic) -> Int {
        let count = min(buffer.count, bytes.count - position, piece)
        buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        hasEnded = count == 0
        return count
    }
}

/// Numbers that look random and are the same in every run.
struct Xorshift: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

extension ByteSource where Self: ~Copyable {
    /// Everything, read `size` bytes at a time.
    mutating func readToEnd(by size: Int = 10000) throws(Diagnostic) -> [UInt8] {
        var all = [UInt8]()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
        defer { buffer.deallocate() }
        while true {
            let count = try read(into: buffer)
            if count == 0 { return all }
            all += buffer[..<count]
        }
    }
}

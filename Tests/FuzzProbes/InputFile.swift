import CLinux
import Glibc

/// A file in memory that holds one input, for readers that open a path.
final class InputFile: Sendable {
    private let descriptor: Int32

    init(holding bytes: [UInt8]) {
        descriptor = coracle_memory_file()
        require(descriptor >= 0, "there is no file in memory")
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        require(written == bytes.count, "the file in memory is not whole")
    }

    deinit { close(descriptor) }

    var path: String { "/proc/self/fd/\(descriptor)" }
}

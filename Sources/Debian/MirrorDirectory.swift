import ByteIO
import Glibc
import HTTP
import Synchronization

/// A mirror that is a directory of this machine, such as `base fetch --into` makes. No connection is opened for it, and its
/// files are verified like those of any other mirror.
enum MirrorDirectory {
    static func isOne(_ mirror: String) -> Bool { mirror.hasPrefix("/") }

    /// The file, as a server would answer with it.
    static func response(_ path: String) throws(MirrorRefusal) -> HTTPResponse {
        do throws(SystemError) {
            let file = try OpenFile(FilePath(path), O_RDONLY | O_NONBLOCK)
            guard try file.status().kind == .regular else { throw SystemError(number: ENOENT) }
            return HTTPResponse(status: 200, headers: HTTPHeaders(), body: FileBody(file))
        } catch {
            throw error.number == ENOENT || error.number == ENOTDIR
                ? MirrorRefusal(.absent, "it has no such file") : MirrorRefusal(.unreachable, "the file cannot be read")
        }
    }

    private final class FileBody: HTTPResponseBody {
        private static let chunkSize = 1 << 18

        private let file: OpenFile
        private let position = Mutex<Int64>(0)

        init(_ file: consuming OpenFile) { self.file = file }

        func next() async throws(HTTPFailure) -> HTTPChunk? {
            do throws(SystemError) {
                let bytes = try file.bytes(at: position.withLock { $0 }, count: Self.chunkSize)
                position.withLock { $0 += Int64(bytes.count) }
                return bytes.isEmpty ? nil : HTTPChunk(bytes)
            } catch {
                throw HTTPFailure(.reset, "it cannot be read: \(error.description)")
            }
        }
    }
}

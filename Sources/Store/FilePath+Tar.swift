import ByteIO
import Diagnostics
import Glibc

extension FilePath {
    /// Whether the file has the magic of a tar, as every program of the last decades writes it (POSIX.1-2017, pax § ustar).
    func isTar() throws(Diagnostic) -> Bool {
        do throws(SystemError) {
            return try OpenFile(self, O_RDONLY | O_NONBLOCK).bytes(at: 257, count: 5) == Array("ustar".utf8)
        } catch {
            throw error.diagnostic("read the file", display)
        }
    }
}

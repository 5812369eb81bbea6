package import ByteIO
internal import Glibc

/// A socket in the file system, behind which a server of this machine listens.
package struct UnixSocket: Hashable, Sendable {
    package let path: FilePath

    /// Takes any path; `check` says whether a server is there.
    package init(_ path: FilePath) { self.path = path }

    /// The address that AsyncHTTPClient has for it: the socket's path is in the host's place.
    func address(_ target: String) -> String {
        var host = ""
        for byte in path.bytes {
            if isAlphanumeric(byte) {
                host.append(Character(Unicode.Scalar(byte)))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                host += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return "http+unix://\(host)\(target)"
    }

    /// Why no connection can be made; `nil` if a server accepts one. `ENAMETOOLONG` stands for a path that no socket has.
    package func check() -> SystemError? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let size = MemoryLayout.size(ofValue: address.sun_path)
        guard path.bytes.count < size else { return SystemError(number: ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.bytes) }
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { return .last }
        defer { close(descriptor) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result != 0 else { return nil }
        // A server with a long queue is there.
        return errno == EAGAIN ? nil : .last
    }
}

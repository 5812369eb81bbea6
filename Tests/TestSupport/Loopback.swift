import Glibc

/// Sockets on 127.0.0.1.
package enum Loopback {
    static let both = Int32(SHUT_RDWR)
    static let writing = Int32(SHUT_WR)

    /// A port that nothing listens on now.
    package static func freePort() throws -> Int {
        let listener = try listen()
        close(listener.descriptor)
        return listener.port
    }

    /// Whether something accepts connections at `port`.
    package static func isListening(_ port: Int) -> Bool {
        guard let descriptor = try? connect(to: port) else { return false }
        close(descriptor)
        return true
    }

    /// A listening socket with a port that the kernel chose.
    static func listen() throws -> (descriptor: Int32, port: Int) {
        let descriptor = try socket()
        var address = address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) != 0 || Glibc.listen(descriptor, 64) != 0
                    || getsockname(descriptor, address, &length) != 0
            }
        }
        guard !failed else {
            close(descriptor)
            throw SupportError("cannot listen on 127.0.0.1: \(String(cString: strerror(errno)))")
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// A listening socket in the file system.
    static func listen(at path: String) throws -> Int32 {
        let descriptor = prepared(Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw SupportError("no socket can be called `\(path)`: the name is too long")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let failed = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, socklen_t(MemoryLayout<sockaddr_un>.size)) != 0
                    || Glibc.listen(descriptor, 64) != 0
            }
        }
        guard !failed else {
            close(descriptor)
            throw SupportError("cannot listen at \(path): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    /// The next connection; `nil` when the listening socket has ended.
    static func accept(_ listener: Int32) -> Int32? {
        while true {
            let descriptor = Glibc.accept(listener, nil, nil)
            if descriptor < 0, errno == EINTR || errno == ECONNABORTED { continue }
            guard descriptor >= 0 else { return nil }
            return prepared(descriptor)
        }
    }

    static func connect(to port: Int) throws -> Int32 {
        let descriptor = try socket()
        var address = address(port: port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
        }
        guard result == 0 else {
            close(descriptor)
            throw SupportError("cannot connect to port \(port): \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    /// Sends all bytes; false if the other side is gone.
    static func send(_ bytes: some Sequence<UInt8>, to descriptor: Int32) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            // A closed connection must not end the test process by a signal.
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// At most 64 KiB; empty at the end or after a failure.
    static func receive(from descriptor: Int32) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            var result: Int
            repeat { result = recv(descriptor, buffer.baseAddress, buffer.count, 0) } while result < 0 && errno == EINTR
            count = max(0, result)
        }
    }

    private static func socket() throws -> Int32 {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw SupportError("socket: \(String(cString: strerror(errno)))") }
        return prepared(descriptor)
    }

    private static func prepared(_ descriptor: Int32) -> Int32 {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        return descriptor
    }

    private static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}

import Glibc

/// One connection of a `ScriptedServer`, used by its thread alone.
final class ScriptedConnection {
    private static let headLimit = 1 << 20
    private static let bodyLimit = 64 << 20

    private let descriptor: Int32
    private let number: Int
    private let state: ScriptedState

    /// What was received and not yet used.
    private var received = [UInt8]()[...]

    /// How the rest of the current request's body is framed.
    private var body = Body.none

    private enum Body {
        case none
        case length(Int)

        /// Inside a chunk of which so many bytes are left; 0 is before the next one's size.
        case chunk(Int)
    }

    init(_ descriptor: Int32, number: Int, state: ScriptedState) {
        self.descriptor = descriptor
        self.number = number
        self.state = state
    }

    /// Answers one request after the other until the connection ends.
    func serve(
        bodyLimit: (ReceivedRequest) -> Int,
        _ answer: (ReceivedRequest) -> ScriptedAnswer
    ) {
        while var request = readHead() {
            let limit = min(bodyLimit(request), Self.bodyLimit)
            if limit > 0, request["Expect"]?.lowercased() == "100-continue" {
                guard send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) else { return }
            }
            guard read(into: &request.body, upTo: limit) else { return }
            state.record(request)
            for step in answer(request).steps {
                guard perform(step, isHead: request.method == "HEAD") else { return }
            }
            var dropped = [UInt8]()
            while isInBody {
                guard read(into: &dropped, upTo: 1 << 16) else { return }
                dropped.removeAll()
            }
            if request["Connection"]?.lowercased() == "close" { return }
        }
    }

    // MARK: Reading

    /// The next request without its body; `nil` at the end of the connection or after what is not a request.
    private func readHead() -> ReceivedRequest? {
        var lines = [String]()
        var size = 0
        while let line = readLine() {
            size += line.utf8.count
            // A TLS client's first byte: it waits for an answer, not for the end of a head that never comes.
            guard size < Self.headLimit, lines.count > 0 || line.first?.isLetter ?? true else { break }
            if !line.isEmpty {
                lines.append(line)
            } else if !lines.isEmpty {
                guard let request = request(lines) else { break }
                return request
            }
        }
        if size > 0 { _ = send(ScriptedAnswer.head(400, [("Connection", "close")], length: 0)) }
        return nil
    }

    private func request(_ lines: [String]) -> ReceivedRequest? {
        let words = lines[0].split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        var request = ReceivedRequest(method: words[0], target: words[1], headers: [], connection: number)
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            let value = parts[1].drop { $0 == " " }
            request.headers.append((name: String(parts[0]), value: String(value)))
        }
        if request["Transfer-Encoding"] != nil {
            body = .chunk(0)
        } else if let length = request["Content-Length"].flatMap({ Int($0) }) {
            body = .length(length)
        } else {
            body = .none
        }
        return request
    }

    /// Whether there is more of the request's body to come.
    private var isInBody: Bool {
        switch body {
        case .none, .length(0): false
        default: true
        }
    }

    /// Appends at most `limit` bytes of the body; false if the connection ended before.
    private func read(into bytes: inout [UInt8], upTo limit: Int) -> Bool {
        while bytes.count < limit, isInBody {
            switch body {
            case .none: return true
            case .length(let rest):
                guard let piece = take(min(rest, limit - bytes.count)) else { return false }
                bytes += piece
                body = .length(rest - piece.count)
            case .chunk(0):
                guard let line = readLine(), let size = Int(line.prefix { $0 != ";" }, radix: 16), size >= 0 else {
                    return false
                }
                body = .chunk(size)
                if size == 0 {
                    while let line = readLine(), !line.isEmpty {}
                    body = .none
                }
            case .chunk(let rest):
                guard let piece = take(min(rest, limit - bytes.count)) else { return false }
                bytes += piece
                body = .chunk(rest - piece.count)
                if rest == piece.count, readLine() == nil { return false }
            }
        }
        return true
    }

    /// At least one byte and at most `count`; `nil` at the end of the connection.
    private func take(_ count: Int) -> ArraySlice<UInt8>? {
        if received.isEmpty, !receive() { return nil }
        let piece = received.prefix(count)
        received = received.dropFirst(piece.count)
        return piece
    }

    /// A line without its CR LF; `nil` at the end of the connection, or where no text can be.
    private func readLine() -> String? {
        var searched = 0
        while true {
            let unread = received.dropFirst(searched)
            if let end = unread.firstIndex(of: 10) {
                var line = received[..<end]
                received = received[(end + 1)...]
                if line.last == 13 { line = line.dropLast() }
                return String(decoding: line, as: UTF8.self)
            }
            searched = received.count
            if received.first == 0x16 { return "\u{16}" }
            guard searched < Self.headLimit, receive() else { return nil }
        }
    }

    private func receive() -> Bool {
        let piece = Loopback.receive(from: descriptor)
        received = received.isEmpty ? piece[...] : received + piece
        return !piece.isEmpty
    }

    // MARK: Answering

    /// Does one step; false if the connection has ended with it.
    private func perform(_ step: ScriptedAnswer.Step, isHead: Bool) -> Bool {
        switch step {
        case .bytes(let bytes): return send(bytes)
        case .body(let bytes): return isHead || send(bytes)
        case .pause(let duration): return wait(duration)
        case .drip(let bytes, let interval):
            for byte in bytes { guard send([byte]), wait(interval) else { return false } }
            return true
        case .reset:
            // A socket closed with this option is reset, whether or not something was unread; `leave` closes it.
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
            return false
        case .close:
            // Closing a socket with unread bytes would send an RST instead.
            shutdown(descriptor, Loopback.writing)
            while !Loopback.receive(from: descriptor).isEmpty {}
            return false
        case .halfClose: return shutdown(descriptor, Loopback.writing) == 0
        case .tunnel(let port):
            relay(to: port)
            return false
        }
    }

    private func send(_ bytes: [UInt8]) -> Bool { Loopback.send(bytes, to: descriptor) }

    /// Waits; false if the server was stopped meanwhile.
    private func wait(_ duration: Duration) -> Bool {
        let deadline = ContinuousClock.now + duration
        while !state.isStopped {
            let rest = deadline - ContinuousClock.now
            guard rest > .zero else { return true }
            let microseconds = rest.components.seconds * 1_000_000 + rest.components.attoseconds / 1_000_000_000_000
            usleep(UInt32(min(max(1, microseconds), 10_000)))
        }
        return false
    }

    private func relay(to port: Int) {
        guard let other = try? Loopback.connect(to: port) else { return }
        guard state.enter(other) else {
            close(other)
            return
        }
        defer { state.leave(other) }
        guard Loopback.send(received, to: other) else { return }
        var open = [descriptor: other, other: descriptor]
        while !open.isEmpty {
            var polled = open.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&polled, nfds_t(polled.count), -1) >= 0 || errno == EINTR else { return }
            for entry in polled where entry.revents != 0 {
                guard let target = open[entry.fd] else { continue }
                let piece = Loopback.receive(from: entry.fd)
                if piece.isEmpty || !Loopback.send(piece, to: target) {
                    shutdown(target, Loopback.writing)
                    open[entry.fd] = nil
                }
            }
        }
    }
}

import Glibc
import Synchronization

/// An HTTP/1.1 server on this machine whose every answer a closure writes, byte for byte and fault for fault, and which
/// keeps what it was asked.
///
/// Each connection has a thread, so that an answer may take its time. Bodies may have a length or be chunked; a client
/// that waits for `100 Continue` gets it.
package final class ScriptedServer: Sendable {
    package let port: Int
    private let state = ScriptedState()

    /// Listens on a free port of 127.0.0.1.
    ///
    /// - Parameters:
    ///   - bodyLimit: How many bytes of a request's body to read before the answer, from the head alone. 0 is an
    ///     answer before the body; what is left is read and dropped after the answer.
    ///   - socket: Where to listen instead, in the file system.
    package init(
        socket: String? = nil,
        bodyLimit: @escaping @Sendable (ReceivedRequest) -> Int = { _ in .max },
        _ answer: @escaping @Sendable (ReceivedRequest) -> ScriptedAnswer
    ) throws {
        let listener = try socket.map { (descriptor: try Loopback.listen(at: $0), port: 0) } ?? Loopback.listen()
        port = listener.port
        let state = state
        _ = state.enter(listener.descriptor)
        try startThread {
            var number = 0
            while let descriptor = Loopback.accept(listener.descriptor) {
                guard state.enter(descriptor) else {
                    close(descriptor)
                    break
                }
                let connection = number
                number += 1
                do {
                    try startThread {
                        ScriptedConnection(descriptor, number: connection, state: state)
                            .serve(bodyLimit: bodyLimit, answer)
                        state.leave(descriptor)
                    }
                } catch {
                    state.leave(descriptor)
                }
            }
            state.leave(listener.descriptor)
        }
    }

    deinit { stop() }

    /// The host and port that clients name.
    package var address: String { "127.0.0.1:\(port)" }

    /// The requests so far, in the order in which they were complete.
    package var requests: [ReceivedRequest] { state.requests }

    /// How many connections were accepted.
    package var connectionCount: Int { (state.requests.map(\.connection).max() ?? -1) + 1 }

    /// Ends all connections and accepts no more. What a client is still waiting for ends at once.
    package func stop() { state.stop() }
}

/// What the threads of a server share.
final class ScriptedState: Sendable {
    private struct Contents {
        var requests = [ReceivedRequest]()
        var descriptors = Set<Int32>()
        var isStopped = false
    }

    private let contents = Mutex(Contents())

    var requests: [ReceivedRequest] { contents.withLock(\.requests) }
    var isStopped: Bool { contents.withLock(\.isStopped) }

    func record(_ request: ReceivedRequest) { contents.withLock { $0.requests.append(request) } }

    /// Takes note of an open socket; false after the end.
    func enter(_ descriptor: Int32) -> Bool {
        contents.withLock { contents in
            guard !contents.isStopped else { return false }
            contents.descriptors.insert(descriptor)
            return true
        }
    }

    /// Closes a socket, which `stop` then leaves alone: its number may be another file's by then.
    func leave(_ descriptor: Int32) {
        contents.withLock { contents in
            contents.descriptors.remove(descriptor)
            _ = close(descriptor)
        }
    }

    func stop() {
        contents.withLock { contents in
            contents.isStopped = true
            for descriptor in contents.descriptors { shutdown(descriptor, Loopback.both) }
        }
    }
}

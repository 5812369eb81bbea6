import Glibc
import Synchronization
import TestSupport
import Testing

/// Kills a process when its registry has done a number of requests for it.
final class Executioner: Sendable {
    private struct State {
        var process: Int32?
        var done = 0
        var limit = Int.max
        var signal = SIGKILL
    }

    private let state = Mutex(State())

    /// Number of requests since the last command was begun.
    var done: Int { state.withLock { $0.done } }

    /// Runs a command that gets a signal when so many requests are done, or ends before.
    func run(_ command: Command, killedBehind limit: Int, by signal: Int32 = SIGKILL) throws -> Outcome {
        state.withLock { $0 = State(limit: limit, signal: signal) }
        let running = try command.start()
        state.withLock { $0.process = running.process }
        return try running.wait()
    }

    /// Called with each request that was done, before it is answered: the one behind which the process ends is not.
    func count() {
        let signal: Int32? = state.withLock { state in
            state.done += 1
            return state.done == state.limit ? state.signal : nil
        }
        guard let signal else { return }
        for _ in 0..<5000 {
            guard let process = state.withLock({ $0.process }) else {
                usleep(1000)
                continue
            }
            kill(process, signal)
            // It may have something to put away first.
            for _ in 0..<5000 where kill(process, 0) == 0 { usleep(1000) }
            return
        }
    }
}

extension FaultyRegistry {
    /// Everything that a manifest in the repository names is there, and so is what a tag is about.
    func expectWhole(_ repository: String, _ comment: String) throws {
        let names = manifests(in: repository)
        let present = Set(names + blobs(in: repository))
        for name in names {
            let text = String(decoding: try #require(manifest(name, in: repository)), as: UTF8.self)
            for match in text.matches(of: #/"digest":"(sha256:[0-9a-f]{64})"/#) {
                #expect(present.contains(String(match.1)), "\(comment): `\(name)` names \(match.1)")
            }
            guard let tag = name.firstMatch(of: #/^sha256-([0-9a-f]{64})/#) else { continue }
            #expect(names.contains("sha256:\(tag.1)"), "\(comment): `\(name)` is about nothing")
        }
    }
}

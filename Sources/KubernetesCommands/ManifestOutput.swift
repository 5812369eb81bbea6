import Kubernetes
import Synchronization
import Terminal

/// Where manifests go, one behind another: to standard output, or into memory.
final class ManifestOutput: Sendable {
    private struct State {
        var last: UInt8?
        var bytes: [UInt8] = []
    }

    private let isKept: Bool
    private let state = Mutex(State())

    /// - Parameter isKept: whether they are kept in memory.
    init(isKept: Bool) { self.isKept = isKept }

    /// All that was kept.
    var bytes: [UInt8] { state.withLock { $0.bytes } }

    func write(_ manifest: [UInt8]) throws {
        try state.withLock { state in
            var manifest = manifest
            // Within a stream, a byte order mark is text.
            if state.last != nil, manifest.starts(with: [0xEF, 0xBB, 0xBF]) { manifest.removeFirst(3) }
            let separator = Manifest.separator(after: state.last, manifest)
            state.last = manifest.last ?? state.last
            if isKept {
                state.bytes += separator + manifest
            } else {
                try Console.output(bytes: separator + manifest)
            }
        }
    }
}

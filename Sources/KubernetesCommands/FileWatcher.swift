import ByteIO
import Diagnostics
import Glibc
import Synchronization

/// Waits until files change, by inotify(7).
final class FileWatcher: Sendable {
    private struct State {
        /// By the number of the watch, the names in its directory that count; `nil` if all do.
        var names: [Int32: Set<String>?] = [:]
        var directories: [FilePath: Int32] = [:]
    }

    /// More directories cost the kernel memory, and its own limit is often 8,192.
    private static let directoryLimit = 4096
    private static let depthLimit = 32
    /// Directories with what tools make of source, or have loaded: they change while a program is built.
    private static let ignored: Set<String> = ["node_modules", "target", "__pycache__", "build", "dist"]
    /// IN_MODIFY is left out: a file is looked at when its writer has closed it.
    private static let mask = UInt32(
        IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE | IN_DELETE
    )
    /// What is saved together is built together: so long nothing has to change, in milliseconds.
    private static let quietTime: Int32 = 250

    private let descriptor: Int32
    private let state = Mutex(State())

    /// - Throws: `io.failed`.
    init() throws(Diagnostic) {
        // IN_CLOEXEC and IN_NONBLOCK have these values.
        descriptor = inotify_init1(O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemError.last.diagnostic("wait for changes of files", ".") }
    }

    deinit { close(descriptor) }

    /// Also waits for these: a file, or a directory with all below it.
    func add(_ paths: [FilePath]) {
        state.withLock { state in
            for path in paths {
                guard let real = path.resolved, let status = try? FileStatus(at: real) else {
                    // It may come to be there.
                    add(path.directory, name: path.name, &state)
                    continue
                }
                if status.kind == .directory {
                    addTree(real, &state, depth: 0)
                } else {
                    add(real.directory, name: real.name, &state)
                }
            }
        }
    }

    private func add(_ directory: FilePath, name: String?, _ state: inout State) {
        guard state.directories.count < Self.directoryLimit else { return }
        let number =
            state.directories[directory] ?? directory.withCString { inotify_add_watch(descriptor, $0, Self.mask) }
        guard number >= 0 else { return }
        state.directories[directory] = number
        guard let name else { return state.names[number] = .some(nil) }
        if let known = state.names[number] {
            if let known { state.names[number] = .some(known.union([name])) }
        } else {
            state.names[number] = .some([name])
        }
    }

    private func addTree(_ directory: FilePath, _ state: inout State, depth: Int) {
        add(directory, name: nil, &state)
        guard depth < Self.depthLimit, state.directories.count < Self.directoryLimit else { return }
        for name in (try? directoryEntries(of: directory)) ?? [] {
            let path = directory.appending(name: name)
            guard Self.counts(path.name), (try? FileStatus(at: path))?.kind == .directory else { continue }
            addTree(path, &state, depth: depth + 1)
        }
    }

    /// Whether a change of what is called so can change an image: editors and version control have hidden files.
    private static func counts(_ name: String) -> Bool {
        !name.hasPrefix(".") && !name.hasSuffix("~") && !ignored.contains(name) && name != "4913"
    }

    /// Waits for a change, and until nothing changes for a moment.
    func wait() async {
        await onOwnThread { [self] in
            var isChanged = false
            while true {
                var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                let ready = poll(&waited, 1, isChanged ? Self.quietTime : -1)
                if ready == 0 { return }
                if ready < 0, errno != EINTR { return }
                if read() { isChanged = true }
            }
        }
    }

    /// Takes what has happened; returns whether that counts.
    private func read() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var counts = false
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return counts }
            buffer[..<count].withUnsafeBytes { bytes in
                var offset = 0
                // struct inotify_event: watch, mask, cookie and length of 4 bytes each, and a name with NULs behind it.
                while offset + 16 <= bytes.count {
                    let number = bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)
                    let length = Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                    let end = min(bytes.count, offset + 16 + length)
                    let name = String(decoding: bytes[offset + 16..<end].prefix { $0 != 0 }, as: UTF8.self)
                    if state.withLock({ Self.isWanted(name, $0.names[number]) }) { counts = true }
                    offset = end
                }
            }
        }
    }

    private static func isWanted(_ name: String, _ names: Set<String>??) -> Bool {
        switch names {
        // The queue was too long for the kernel: anything may have changed.
        case .none: name.isEmpty
        case .some(nil): counts(name)
        case .some(let names?): names.contains(name)
        }
    }
}

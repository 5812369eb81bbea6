import Glibc

/// A copy of a file or a directory that holds the same, and was made in another order and at another time.
package enum TreeCopy {
    /// Two names of one file stay two names of one file. Sockets, pipes and devices are left out.
    ///
    /// - Parameter isLeftOut: is asked with each path below `source`, as it is on this machine.
    package static func make(
        of source: FilePath,
        at target: FilePath,
        leavingOut isLeftOut: (FilePath) -> Bool = { _ in false }
    ) throws(SystemError) {
        var copied: [FileStamp: FilePath] = [:]
        // What the user names may be a symlink; what it stands for is what is built.
        try copy(source, target, try FileStatus(at: source, following: true), &copied, isLeftOut)
    }

    private static func copy(
        _ source: FilePath,
        _ target: FilePath,
        _ status: FileStatus,
        _ copied: inout [FileStamp: FilePath],
        _ isLeftOut: (FilePath) -> Bool
    ) throws(SystemError) {
        switch status.kind {
        case .directory:
            try call { target.withCString { mkdir($0, 0o700) } }
            // A file system may list names in the order in which they were made, or the other way round.
            let names = try OpenFile(source, O_RDONLY | O_DIRECTORY).directoryEntries()
            for name in names.sorted(by: { $1.lexicographicallyPrecedes($0) }) {
                let child = source.appending(name: name)
                if isLeftOut(child) { continue }
                try copy(child, target.appending(name: name), try FileStatus(at: child), &copied, isLeftOut)
            }
            try call { target.withCString { chmod($0, mode_t(status.permissions)) } }
        case .symlink:
            var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX) + 1)
            let count = source.withCString { path in
                buffer.withUnsafeMutableBytes { bytes in
                    bytes.baseAddress.map { readlink(path, $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
                }
            }
            guard count >= 0 else { throw .last }
            let destination = FilePath(bytes: buffer[..<count])
            try call { destination.withCString { text in target.withCString { symlink(text, $0) } } }
        case .regular:
            if status.linkCount > 1, let first = copied[status.stamp] {
                try call { first.withCString { old in target.withCString { link(old, $0) } } }
                return
            }
            copied[status.stamp] = target
            try copyContent(of: source, to: target, mode: mode_t(status.permissions))
        case .socket, .fifo, .characterDevice, .blockDevice, .unknown: break
        }
    }

    private static func copyContent(of source: FilePath, to target: FilePath, mode: mode_t) throws(SystemError) {
        let file = try OpenFile(source, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        let descriptor = target.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw .last }
        defer { close(descriptor) }
        var offset: Int64 = 0
        while case let part = try file.bytes(at: offset, count: 1 << 20), !part.isEmpty {
            var done = 0
            while done < part.count {
                let count = part.withUnsafeBytes { bytes in
                    pwrite(descriptor, bytes.baseAddress.map { $0 + done }, part.count - done, off_t(offset))
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw .last }
                done += count
                offset += Int64(count)
            }
        }
        try call { fchmod(descriptor, mode) }
    }

    private static func call(_ body: () -> Int32) throws(SystemError) {
        guard body() == 0 else { throw .last }
    }
}

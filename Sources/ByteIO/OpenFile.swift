import CLinux
import Glibc

/// An open file descriptor, closed when it goes out of scope.
package struct OpenFile: ~Copyable {
    package let descriptor: Int32

    /// Takes ownership of `descriptor`.
    package init(owning descriptor: Int32) { self.descriptor = descriptor }

    /// Opens `path`, which may be of any length. `O_CLOEXEC` is always added.
    package init(_ path: FilePath, _ flags: Int32, mode: UInt32 = 0o644) throws(SystemError) {
        let opened = path.withCString { name in open(name, flags | O_CLOEXEC, mode) }
        if opened >= 0 {
            descriptor = opened
        } else if errno == EINTR {
            self = try OpenFile(path, flags, mode: mode)
        } else if errno == ENAMETOOLONG {
            self = try OpenFile(long: path, flags, mode: mode)
        } else {
            throw .last
        }
    }

    /// Opens a path that is longer than the kernel accepts (`PATH_MAX`), part by part.
    private init(long path: FilePath, _ flags: Int32, mode: UInt32) throws(SystemError) {
        let bytes = path.bytes
        let stretch = 2048
        guard
            bytes.count > stretch,
            let slash = bytes[..<stretch].lastIndex(of: UInt8(ascii: "/")),
            slash > 0
        else { throw SystemError(number: ENAMETOOLONG) }
        var directory = try OpenFile(FilePath(bytes: bytes[..<slash]), O_RDONLY | O_DIRECTORY)
        var rest = bytes[(slash + 1)...]
        while rest.count > stretch {
            guard let slash = rest.prefix(stretch).lastIndex(of: UInt8(ascii: "/")) else {
                throw SystemError(number: ENAMETOOLONG)
            }
            directory = try OpenFile(in: directory, bytes: rest[..<slash], O_RDONLY | O_DIRECTORY)
            rest = rest[(slash + 1)...]
        }
        self = try OpenFile(in: directory, bytes: rest, flags, mode: mode)
    }

    /// Opens `name` inside the directory `parent`. `O_CLOEXEC` is always added.
    package init(
        in parent: borrowing OpenFile,
        bytes name: some Collection<UInt8>,
        _ flags: Int32,
        mode: UInt32 = 0o644
    ) throws(SystemError) {
        let directory = parent.descriptor
        let text = name.map { CChar(bitPattern: $0) } + [0]
        descriptor = try retrying { openat(directory, text, flags | O_CLOEXEC, mode) }
    }

    /// Opens `name` inside the directory `parent`. `O_CLOEXEC` is always added.
    package init(
        in parent: borrowing OpenFile,
        _ name: String,
        _ flags: Int32,
        mode: UInt32 = 0o644
    ) throws(SystemError) {
        let directory = parent.descriptor
        descriptor = try retrying { openat(directory, name, flags | O_CLOEXEC, mode) }
    }

    deinit { close(descriptor) }

    /// The current status of the file.
    package func status() throws(SystemError) -> FileStatus {
        var status = stat()
        _ = try retrying { fstat(descriptor, &status) }
        return FileStatus(status)
    }

    /// Reads into `buffer` from `offset` until it is full or the file ends; returns the number of bytes.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = try retrying {
                pread(
                    descriptor,
                    buffer.baseAddress.map { $0 + done },
                    buffer.count - done,
                    off_t(offset) + off_t(done)
                )
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// The `count` bytes from `offset` on; fewer if the file ends before.
    package func bytes(at offset: Int64, count: Int) throws(SystemError) -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized throws(SystemError) in
            initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
        }
    }

    /// Writes all of `bytes` at the current position.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var done = 0
        while done < bytes.count {
            done += try retrying { Glibc.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done) }
        }
    }

    package func write(_ bytes: [UInt8]) throws(SystemError) {
        try bytes.withUnsafeBufferPointer { bytes throws(SystemError) in try write(UnsafeRawBufferPointer(bytes)) }
    }

    /// Copies the `count` bytes at `offset` of `source` to the current position; returns how many were there.
    ///
    /// Neither file can change the other afterwards. Where the file system can, both share the bytes on disk until one of
    /// them is written to.
    package func copy(_ source: borrowing OpenFile, at offset: Int64, count: Int64) throws(SystemError) -> Int64 {
        // A clone replaces all that the file has.
        if offset == 0, count > 0, try status().size == 0, coracle_clone_file(source.descriptor, descriptor) == 0 {
            let copied = try status().size
            if copied == count, lseek(descriptor, 0, SEEK_END) >= 0 { return copied }
            // The source is longer or shorter than expected: only the bytes asked for are copied.
            _ = try retrying { ftruncate(descriptor, 0) }
        }
        var done: Int64 = 0
        while done < count {
            let wanted = Int(min(count - done, 1 << 30))
            let copied = coracle_copy_range(source.descriptor, off_t(offset + done), descriptor, wanted)
            if copied == 0 { break }
            if copied < 0 {
                if errno == EINTR { continue }
                // Some kinds of files, and files of different file systems, are only read and written.
                guard [EXDEV, EINVAL, EOPNOTSUPP, ENOSYS, EPERM].contains(errno) else { throw .last }
                return done + (try transfer(source, at: offset + done, count: count - done))
            }
            done += Int64(copied)
        }
        return done
    }

    private func transfer(
        _ source: borrowing OpenFile,
        at offset: Int64,
        count: Int64
    ) throws(SystemError) -> Int64 {
        var done: Int64 = 0
        while done < count {
            let bytes = try source.bytes(at: offset + done, count: Int(min(count - done, 1 << 18)))
            if bytes.isEmpty { break }
            try write(bytes)
            done += Int64(bytes.count)
        }
        return done
    }

    /// Makes the file's content, or a directory's entries, survive a power loss.
    package func synchronize() throws(SystemError) {
        _ = try retrying { fsync(descriptor) }
    }

    /// Makes everything on its file system survive a power loss: cheaper than one by one for many files.
    package func synchronizeFileSystem() throws(SystemError) {
        _ = try retrying { coracle_synchronize_file_system(descriptor) }
    }

    /// Reads the whole file. One larger than `limit` bytes is refused before it is read.
    package func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        let status = try status()
        // A pipe or a device has no size, and would be mistaken for an empty file.
        guard status.kind == .regular else {
            throw SystemError(number: status.kind == .directory ? EISDIR : EINVAL)
        }
        let size = status.size
        guard size <= Int64(limit) else { throw SystemError(number: EFBIG) }
        return try bytes(at: 0, count: Int(size))
    }

    /// The content of a small file, or of a pipe that something writes to: `/dev/stdin`, or a shell's `<(…)`.
    ///
    /// - Throws: `EFBIG` for more than `limit` bytes; `EINVAL` for a device, and for a pipe without a writer;
    ///   `ETIMEDOUT` for a pipe that nothing comes through for a minute.
    package static func content(of path: FilePath, limit: Int) throws(SystemError) -> [UInt8] {
        // Without O_NONBLOCK, a pipe would wait for a writer that may never come.
        let file = try OpenFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY)
        guard try file.status().kind == .fifo else { return try file.readAll(limit: limit) }
        var content = [UInt8]()
        while let part = try file.nextPart(atMost: 1 << 16) {
            content += part
            guard content.count <= limit else { throw SystemError(number: EFBIG) }
        }
        guard !content.isEmpty else { throw SystemError(number: EINVAL) }
        return content
    }

    /// What comes next through this pipe; `nil` at its end.
    private func nextPart(atMost count: Int) throws(SystemError) -> [UInt8]? {
        while true {
            var part = [UInt8](repeating: 0, count: count)
            // A pipe that nothing ever wrote to is at its end; waiting for it would take for ever.
            let received = Glibc.read(descriptor, &part, count)
            if received >= 0 { return received == 0 ? nil : Array(part.prefix(received)) }
            guard errno == EAGAIN || errno == EINTR else { throw .last }
            var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard try retrying({ Int(poll(&waited, 1, 60_000)) }) > 0 else { throw SystemError(number: ETIMEDOUT) }
        }
    }

    /// The names in this directory, in the kernel's order, without `.` and `..`. It can be read once.
    package func directoryEntries() throws(SystemError) -> [[UInt8]] {
        // `readdir` needs a stream of its own: four more system calls for every directory.
        var names = [[UInt8]]()
        let capacity = 32 << 10
        try withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { buffer throws(SystemError) in
            while true {
                let count = coracle_directory_entries(descriptor, buffer.baseAddress, buffer.count)
                if count == 0 { return }
                guard count > 0 else { throw .last }
                var offset = 0
                while offset < count {
                    let record = UnsafeRawBufferPointer(rebasing: buffer[offset..<count])
                    // struct linux_dirent64: inode and offset of 8 bytes each, the record's length in 2, a type, the name.
                    offset += Int(record.loadUnaligned(fromByteOffset: 16, as: UInt16.self))
                    let name = record[19...].prefix { $0 != 0 }
                    if !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) { names.append(Array(name)) }
                }
            }
        }
        return names
    }

    /// The status of `name` in this directory or below it. A symlink there is not followed.
    package func status(of name: ArraySlice<UInt8>) throws(SystemError) -> FileStatus {
        var status = stat()
        try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: name.count + 1) { text throws(SystemError) in
            _ = text.initialize(fromContentsOf: name)
            text.initializeElement(at: name.count, to: 0)
            guard let start = UnsafeRawPointer(text.baseAddress)?.assumingMemoryBound(to: CChar.self) else { return }
            _ = try retrying { fstatat(descriptor, start, &status, AT_SYMLINK_NOFOLLOW) }
        }
        return FileStatus(status)
    }

    /// Whether the times of a directory of this file system change when an entry is added, removed or renamed.
    ///
    /// Linux's own file systems do so. Those over an object store or another machine may show times of their own.
    package var keepsDirectoryTimes: Bool { Self.withDirectoryTimes.contains(coracle_file_system_type(descriptor)) }

    /// ext2 to ext4, XFS, Btrfs, tmpfs, overlayfs, F2FS and bcachefs. statfs(2).
    private static let withDirectoryTimes: Set<Int> = [
        0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630, 0xF2F5_2010, 0xCA45_1A4E,
    ]

    /// The target of the symlink `name` in this directory.
    package func symlinkTarget(of name: ArraySlice<UInt8>) throws(SystemError) -> [UInt8] {
        let text = name.map { CChar(bitPattern: $0) } + [0]
        // A target is at most PATH_MAX long, with its NUL.
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = try retrying { readlinkat(descriptor, text, &target, target.count) }
        return target[..<count].map { UInt8(bitPattern: $0) }
    }
}

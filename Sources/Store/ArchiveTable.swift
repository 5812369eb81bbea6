import Archive
import ByteIO
package import Diagnostics
import Glibc

/// Where each file of an archived image stands in the tar, so that blobs are read without unpacking it.
struct ArchiveTable: Sendable {
    let path: FilePath
    /// The tar of a compressed archive, in a file without a name.
    private let expanded: SealedDraft?
    private var places: [String: (start: Int64, size: Int64)] = [:]
    /// Where symlinks and hard links lead, as they are written: what follows them checks that.
    private var links: [String: String] = [:]
    /// The names of several entries. As in unpacking, the last counts.
    private var ambiguous: Set<String> = []

    // An archive of blobs has few entries; one made to be large is refused before it fills the memory.
    private static let mostEntries = 100_000
    private static let mostNames = 16 << 20
    private static let mostLinks = 40

    /// Reads the headers of the tar at `path`; contents are skipped. A tar that is compressed with gzip or zstd is
    /// decompressed into a file in `directory` first.
    init(reading path: FilePath, temporary directory: FilePath) throws(Diagnostic) {
        self.path = path
        expanded = try path.isTar() ? nil : Self.expanded(path, in: directory)
        let file = try Self.open(path, expanded)
        var names = 0
        var reader = TarReader(try SeekableSource(file, path), at: .file(path: path.display))
        while let record = try reader.next() {
            let name = String(printing: record.path)
            names += name.utf8.count
            switch record.kind {
            case .regular: insert(name, (reader.contentOffset, record.size), nil)
            case .hardlink(let target): insert(name, nil, String(printing: target))
            case .symlink(let target):
                let directory = name.utf8.lastIndex(of: UInt8(ascii: "/")).map { "\(name[..<$0])/" } ?? ""
                // An absolute target keeps its slash, by which it is known later.
                let target = String(printing: target)
                insert(name, nil, target.hasPrefix("/") ? target : directory + target)
            default: continue
            }
            guard places.count + links.count <= Self.mostEntries, names <= Self.mostNames else {
                throw Diagnostic(
                    .layoutMalformed,
                    "`\(path.display)` has too many entries",
                    at: .file(path: path.display)
                )
            }
        }
    }

    private static func open(_ path: FilePath, _ expanded: SealedDraft?) throws(Diagnostic) -> OpenFile {
        if let expanded { return try expanded.duplicate() }
        do throws(SystemError) {
            return try OpenFile(path, O_RDONLY)
        } catch {
            throw error.diagnostic("read the archive", path.display)
        }
    }

    /// What comes of the compressed file at `path`.
    ///
    /// - Throws: `layout.malformed` if it is not one, or not one of a tar.
    private static func expanded(_ path: FilePath, in directory: FilePath) throws(Diagnostic) -> SealedDraft {
        func malformed(_ reason: String) -> Diagnostic {
            Diagnostic(
                .layoutMalformed,
                "`\(path.display)` is not an image",
                at: .file(path: path.display),
                because: reason,
                hint: "name an image layout or an archive of one"
            )
        }
        let source = try SeekableSource(try open(path, nil), path)
        let magic: [UInt8]
        do throws(SystemError) {
            magic = try OpenFile(path, O_RDONLY).bytes(at: 0, count: 4)
        } catch {
            throw error.diagnostic("read the archive", path.display)
        }
        let subject = Diagnostic.Subject.file(path: path.display)
        let draft: SealedDraft
        switch LayerEncoding(magic: magic) {
        case .gzip?:
            draft = try fill(try GzipReader(source, limit: LayerLimits.largestTar, at: subject), directory, malformed)
        case .zstd?:
            draft = try fill(try ZstdReader(source, limit: LayerLimits.largestTar, at: subject), directory, malformed)
        case .plain?, nil: throw malformed("it is a file, and not a tar, plain or compressed with gzip or zstd")
        }
        return draft
    }

    private static func fill<Source: ByteSource & ~Copyable>(
        _ source: consuming Source,
        _ directory: FilePath,
        _ malformed: (String) -> Diagnostic
    ) throws(Diagnostic) -> SealedDraft {
        var source = source
        var draft = try BlobDraft(in: directory)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        var isFirst = true
        while true {
            var count = 0
            // The first block has the magic of a tar in it: nothing is written of other files.
            while count < 512 {
                let read = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
                if read == 0 { break }
                count += read
            }
            if count == 0 { return draft.seal() }
            if isFirst, count < 262 || !buffer[257..<262].elementsEqual("ustar".utf8) {
                throw malformed("what is compressed in it is not a tar")
            }
            isFirst = false
            try draft.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    private mutating func insert(_ name: String, _ place: (Int64, Int64)?, _ link: String?) {
        if places[name] != nil || links[name] != nil { ambiguous.insert(name) }
        places[name] = place
        links[name] = link
    }

    /// Whether there is a plain file `name`.
    func isFile(_ name: String) -> Bool { places[name] != nil }

    /// Whether there is a plain file or a link `name`.
    func contains(_ name: String) -> Bool { places[name] != nil || links[name] != nil }

    /// Whether several entries have the name.
    func isAmbiguous(_ name: String) -> Bool { ambiguous.contains(name) }

    // MARK: Archives whose entries refer to each other by name

    /// The plain file that `name`, which the archive itself says, leads to through its links.
    ///
    /// - Throws: `archive.malformed` if it is absent, for links in a circle and for names that lead out of the archive.
    func resolve(_ name: String) throws(Diagnostic) -> String {
        var current = try normalised(name, from: name)
        for _ in 0..<Self.mostLinks {
            if places[current] != nil { return current }
            guard let target = links[current] else {
                throw malformed("it has no `\(current)`" + (current == name ? "" : ", which `\(name)` leads to"))
            }
            current = try normalised(target, from: name)
        }
        throw malformed("the links of `\(name)` lead in a circle")
    }

    /// The plain file `name`, which is there.
    func extent(of name: String) throws(Diagnostic) -> FileExtent {
        guard let place = places[name] else { throw malformed("it has no `\(name)`") }
        return FileExtent(path: path, try Self.open(path, expanded), start: place.start, size: place.size)
    }

    /// All bytes of a small one.
    func read(_ name: String, limit: Int) throws(Diagnostic) -> [UInt8] {
        let extent = try extent(of: name)
        guard extent.size <= Int64(limit) else {
            throw malformed("`\(name)` has \(extent.size) bytes; at most \(limit) are read")
        }
        return try extent.readAll()
    }

    /// `name` without empty components, `.` and `..`; symlinks on the way to a file are not followed.
    private func normalised(_ name: String, from origin: String) throws(Diagnostic) -> String {
        var components = [Substring]()
        var isInside = !name.hasPrefix("/")
        for component in name.split(separator: "/") where component != "." {
            if component != ".." {
                components.append(component)
            } else if components.popLast() == nil {
                isInside = false
            }
        }
        guard isInside else { throw malformed("`\(origin)` leads out of it") }
        return components.joined(separator: "/")
    }

    func malformed(_ reason: String) -> Diagnostic {
        Diagnostic(
            .archiveMalformed,
            "`\(path.display)` is not an image that can be read",
            at: .file(path: path.display),
            because: reason,
            hint: "save the image again"
        )
    }
}

extension Diagnostic.Code {
    package static let archiveMalformed = Self("archive.malformed", .verification)
}

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

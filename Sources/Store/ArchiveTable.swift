import Archive
import ByteIO
package import Diagnostics
import Glibc

/// Where each file of an archived image stands in the tar, so that blobs are read without unpacking it.
struct ArchiveTable: Sendable {
    let path: FilePath
    private var places: [String: (start: Int64, size: Int64)] = [:]
    /// Where symlinks and hard links lead, as they are written: what follows them checks that.
    private var links: [String: String] = [:]
    /// The names of several entries. As in unpacking, the last counts.
    private var ambiguous: Set<String> = []

    // An archive of blobs has few entries; one made to be large is refused before it fills the memory.
    private static let mostEntries = 100_000
    private static let mostLinks = 40

    /// Reads the headers of the tar at `path`; contents are skipped.
    init(reading path: FilePath) throws(Diagnostic) {
        self.path = path
        let file: OpenFile
        do throws(SystemError) {
            file = try OpenFile(path, O_RDONLY)
        } catch {
            throw error.diagnostic("read the archive", path.display)
        }
        guard try path.isTar() else {
            throw Diagnostic(
                .layoutMalformed,
                "`\(path.display)` is not an image",
                at: .file(path: path.display),
                because: "it is a file, and not a tar",
                hint: "name an image layout or an archive of one; unpack what is compressed"
            )
        }
        var reader = TarReader(try SeekableSource(file, path), at: .file(path: path.display))
        while let record = try reader.next() {
            let name = String(printing: record.path)
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
            guard places.count + links.count <= Self.mostEntries else {
                throw Diagnostic(
                    .layoutMalformed,
                    "`\(path.display)` has too many entries",
                    at: .file(path: path.display)
                )
            }
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
        do throws(SystemError) {
            return FileExtent(path: path, try OpenFile(path, O_RDONLY), start: place.start, size: place.size)
        } catch {
            throw error.diagnostic("read the archive", path.display)
        }
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

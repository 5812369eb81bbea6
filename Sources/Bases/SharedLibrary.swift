import ByteIO
import Diagnostics
import ELF
import Glibc
import Layers

/// The name that a library has for the loader (`DT_SONAME`).
enum SharedLibrary {
    /// The names of all libraries for `architecture` (Debian's name) among `entries` that are in directories of the loader, by
    /// paths without a leading slash; an empty name for a library without one.
    ///
    /// - Throws: `io.failed`.
    static func names(of entries: [LayerEntry], for architecture: String) throws(Diagnostic) -> [String: String] {
        let directories = Set(
            LibraryCache.directories(for: architecture).map { EntryPath(unchecked: Array($0.utf8.dropFirst())) }
        )
        guard !directories.isEmpty else { return [:] }
        var names: [String: String] = [:]
        var known: [EntryPath: String] = [:]
        for entry in entries {
            guard let directory = entry.path.parent, directories.contains(directory),
                LibraryCache.isLibrary(String(printing: entry.path.name))
            else { continue }
            switch entry.content {
            case .hardlink(let first): known[entry.path] = known[first]
            case .bytes(let bytes):
                known[entry.path] = try name(in: LibraryBytes(bytes: bytes), entry.path, architecture)
            case .file(let path, _):
                known[entry.path] = try name(in: LibraryFile(path), entry.path, architecture)
            case .directory, .symlink: continue
            }
            names[String(printing: entry.path.bytes)] = known[entry.path]
        }
        return names
    }

    /// The libraries that the files need (`DT_NEEDED`), each with the path of the first that does. Files that are damaged need none:
    /// nothing loads them.
    ///
    /// - Throws: `io.failed`.
    static func needs(of entries: [LayerEntry]) throws(Diagnostic) -> [String: String] {
        var needs: [String: String] = [:]
        for entry in entries {
            let facts: FileFacts?
            do throws(Diagnostic) {
                switch entry.content {
                case .bytes(let bytes): facts = try FileFacts(LibraryBytes(bytes: bytes), named: entry.path.description)
                case .file(let path, _): facts = try FileFacts(LibraryFile(path), named: entry.path.description)
                case .directory, .symlink, .hardlink: continue
                }
            } catch {
                if error.code == .io { throw error }
                continue
            }
            guard case .elf(let elf)? = facts else { continue }
            for library in elf.needed where needs[library] == nil {
                needs[library] = String(printing: entry.path.bytes)
            }
        }
        return needs
    }

    /// `nil` for a file that is not a library of that machine. That is not an error.
    private static func name(
        in source: borrowing some ElfSource & ~Copyable,
        _ path: EntryPath,
        _ architecture: String
    ) throws(Diagnostic) -> String? {
        do throws(Diagnostic) {
            let elf = try ElfFile(source, named: path.description)
            guard elf.header.type == .sharedObject,
                let abi = LibraryCache.ABI(elf.header), abi == LibraryCache.ABI(architecture: architecture)
            else { return nil }
            return elf.dynamic?.soname ?? ""
        } catch {
            // All else is about the file's bytes.
            if error.code == .io { throw error }
            return nil
        }
    }
}

struct LibraryBytes: ElfSource {
    let bytes: [UInt8]

    var size: Int64 { Int64(bytes.count) }

    func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        guard let start = Int(exactly: offset), start >= 0, count >= 0, start <= bytes.count - count else {
            throw Diagnostic(.elfTruncated, "a library is cut short", because: "there are no bytes at \(offset)")
        }
        return Array(bytes[start..<(start + count)])
    }
}

struct LibraryFile: ElfSource, ~Copyable {
    let size: Int64
    private let file: OpenFile
    private let path: FilePath

    init(_ path: FilePath) throws(Diagnostic) {
        do throws(SystemError) {
            let file = try OpenFile(path, O_RDONLY | O_NONBLOCK)
            size = try file.status().size
            self.file = file
        } catch {
            throw error.diagnostic("read a library", path.display)
        }
        self.path = path
    }

    func bytes(at offset: Int64, count: Int) throws(Diagnostic) -> [UInt8] {
        do throws(SystemError) {
            return try file.bytes(at: offset, count: count)
        } catch {
            throw error.diagnostic("read a library", path.display)
        }
    }
}

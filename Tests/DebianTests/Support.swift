import ByteIO
import Debian
import Diagnostics
import Layers
import TestSupport
import Testing

extension String {
    var trimmingNewlines: String {
        var text = self[...]
        while text.last == "\n" { text = text.dropLast() }
        return String(text)
    }
}

/// One member of an ar archive as it is stored, with its padding.
func arMember(_ name: String, _ content: [UInt8]) -> [UInt8] {
    func field(_ text: String, _ width: Int) -> [UInt8] {
        Array(text.utf8) + [UInt8](repeating: 0x20, count: width - text.utf8.count)
    }
    let header = field(name, 16) + field("0", 12) + field("0", 6) + field("0", 6) + field("100644", 8)
    return header + field(String(content.count), 10) + Array("`\n".utf8) + content
        + (content.count % 2 == 1 ? [0x0A] : [])
}

/// A package of these members.
func arArchive(_ members: [(String, [UInt8])]) -> [UInt8] {
    Array("!<arch>\n".utf8) + members.flatMap { arMember($0.0, $0.1) }
}

/// The tar that Python writes with `script`, in which `add(name, kind, content, **fields)` adds an entry.
func tar(_ script: String) throws -> [UInt8] {
    let folder = try TemporaryDirectory()
    let prelude = """
        import io, sys, tarfile
        t = tarfile.open(sys.argv[1], "w", format=tarfile.GNU_FORMAT)
        def add(name, kind=tarfile.REGTYPE, content=b"", **fields):
            i = tarfile.TarInfo(name)
            i.type, i.size, i.mode = kind, len(content), 0o755 if kind == tarfile.DIRTYPE else 0o644
            for k, v in fields.items(): setattr(i, k, v)
            t.addfile(i, io.BytesIO(content))

        """
    try Tool.python(prelude + script + "\nt.close()\n", [folder("x.tar")])
    return try readFile(folder("x.tar"))
}

extension Result {
    var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}

/// What a package is read as.
struct ReadPackage {
    let control: DebControl
    let entries: [LayerEntry]
    let stripped: [EntryPath]
    /// The size of files, wherever they are stored.
    let contents: [String: [UInt8]]

    /// - Parameter folder: where large files go.
    static func read(_ bytes: [UInt8], limit: Int64 = DebReader.defaultLimit) -> Result<ReadPackage, Diagnostic> {
        guard let folder = try? TemporaryDirectory() else {
            preconditionFailure("a test needs a temporary directory")
        }
        do throws(Diagnostic) {
            let spill = try SpillDirectory(in: FilePath(folder.path))
            var reader = try DebReader(MemorySource(bytes), limit: limit, named: "x.deb")
            let result = try reader.entries(spillingTo: spill)
            var contents = [String: [UInt8]]()
            for entry in result.entries {
                switch entry.content {
                case .bytes(let bytes): contents[entry.path.description] = bytes
                case .file(let path, _): contents[entry.path.description] = try? readFile(path.display)
                case .directory, .symlink, .hardlink: break
                }
            }
            return .success(
                ReadPackage(
                    control: reader.control,
                    entries: result.entries,
                    stripped: result.stripped,
                    contents: contents
                )
            )
        } catch {
            return .failure(error)
        }
    }
}

import Archive
package import ByteIO
import Check
package import Diagnostics
import Glibc
package import Layers
package import OCI
import Store

extension ImageFiles {
    /// What is wanted of the image.
    package struct Wish: Hashable, Sendable {
        /// An absolute path in the image, in whose last component `*` and `?` match any name.
        package let source: String
        /// An absolute path in the other image.
        package let destination: String
        /// Permission bits for every file; `nil` for those that the files have.
        package let mode: UInt16?
        /// `nil` for the owners that the files have.
        package let owner: UserID?

        package init(source: String, destination: String, mode: UInt16?, owner: UserID?) {
            (self.source, self.destination) = (source, destination)
            (self.mode, self.owner) = (mode, owner)
        }
    }

    /// What all files that are taken have in common.
    package struct Rules: Sendable {
        /// In bytes; a larger file is refused.
        package let largestFile: Int64
        /// Whole seconds since 1970.
        package let modified: Int64
        package let keepsCapabilities: Bool

        package init(largestFile: Int64, modified: Int64, keepsCapabilities: Bool) {
            (self.largestFile, self.modified) = (largestFile, modified)
            self.keepsCapabilities = keepsCapabilities
        }
    }

    /// What was taken.
    package struct Taken: Sendable {
        /// Sorted by path.
        package var entries: [LayerEntry] = []
        /// Devices and pipes, which stay behind.
        package var leftBehind: [EntryPath] = []
        /// Files that lose their capabilities.
        package var weakened: [EntryPath] = []
    }

    /// Size of all files together, in bytes.
    private static let largestTotal: Int64 = 64 << 30

    /// A file's content: its layer, and the place of its record there.
    private struct Place: Hashable {
        let layer: Int
        let record: Int64
    }

    /// Unpacks what is wanted into a new directory below `directory`.
    ///
    /// A layer is read only if it has the content of a file that is wanted. All of it is verified again.
    ///
    /// - Throws: `add.not-in-image`; `tree.too-large`; what reading a layer throws; `io.failed`.
    package func take(
        _ wishes: [Wish],
        _ rules: Rules,
        into directory: FilePath
    ) async throws(Diagnostic) -> Taken {
        var taken = Taken()
        var (entries, places) = ([(entry: LayerEntry, place: Place?)](), [Place: EntryPath]())
        var total: Int64 = 0
        for wish in wishes {
            for match in try matches(wish.source, to: wish.destination) {
                // The first name here of each file, by the name that stands for it.
                var firsts: [EntryPath: EntryPath] = [:]
                for (path, file) in files(below: match.path) {
                    let suffix = path.bytes.dropFirst(match.path.bytes.count).drop { $0 == UInt8(ascii: "/") }
                    let destination = suffix.isEmpty ? match.destination : match.destination.appending(suffix)
                    // The root is there.
                    if destination.isRoot { continue }
                    var place: Place?
                    let content: LayerEntry.Content
                    switch file.entry.kind {
                    case .directory: content = .directory
                    case .symlink(let target): content = .symlink(target: target)
                    case .characterDevice, .blockDevice, .fifo:
                        taken.leftBehind.append(path)
                        continue
                    case .regular, .hardlink:
                        var holder = path
                        if case .hardlink(let target) = file.entry.kind { holder = EntryPath(unchecked: target) }
                        if let first = firsts.updateValue(firsts[holder] ?? destination, forKey: holder) {
                            content = .hardlink(to: first)
                        } else {
                            content = .bytes([])
                            guard file.contentSize <= rules.largestFile else {
                                throw tooLarge(path, ByteCount(rules.largestFile))
                            }
                            total += file.contentSize
                            guard total <= Self.largestTotal else { throw tooLarge(path, ByteCount(Self.largestTotal)) }
                            if file.contentSize > 0 {
                                place = Place(layer: file.contentLayer, record: file.locator)
                                places[Place(layer: file.contentLayer, record: file.locator)] = path
                            }
                        }
                    }
                    let entry = LayerEntry(
                        destination,
                        content,
                        mode: wish.mode(of: file.entry, isAlone: path == match.path),
                        uid: wish.owner?.uid ?? file.entry.uid,
                        gid: wish.owner?.gid ?? file.entry.gid,
                        modified: rules.modified
                    )
                    entries.append((entry, place))
                }
            }
        }
        let unpacked = try await unpack(places, into: directory)
        var lost = Set<EntryPath>()
        taken.entries = entries.map { entry, place in
            guard let place, let file = unpacked[place] else { return entry }
            var entry = entry
            entry.content = .file(file.path, file.stamp)
            if rules.keepsCapabilities {
                entry.capability = file.capability
            } else if !file.capability.isEmpty, let path = places[place], lost.insert(path).inserted {
                taken.weakened.append(path)
            }
            return entry
        }
        taken.entries.sort { $0.path < $1.path }
        return taken
    }

    /// The file at `path`, or the directory with all that is in it, in order.
    private func files(below path: EntryPath) -> [(path: EntryPath, file: RootFilesystem.File)] {
        guard isDirectory(path) else { return files[path].map { [(path, $0)] } ?? [] }
        return files.sorted.filter { path.contains($0.path) }
    }

    private func tooLarge(_ path: EntryPath, _ limit: ByteCount) -> Diagnostic {
        Diagnostic(
            .addTooLarge,
            "`\(path)` of `\(name)` is too large",
            at: .image(name),
            because: "more than \(limit) are not taken",
            hint: "name the files that the program needs, or raise `--max-file-size`"
        )
    }

    /// What does not come along.
    package func notes(on taken: Taken) -> [Diagnostic] {
        func text(_ paths: [EntryPath]) -> String? {
            paths.first.map { "`\($0)`\(paths.count > 1 ? ", and \(paths.count - 1) more," : "") of `\(name)`" }
        }
        var notes = [Diagnostic]()
        if let files = text(taken.leftBehind) {
            notes.append(
                Diagnostic(
                    .addLeftBehind,
                    "\(files) stays behind",
                    at: .image(name),
                    because: "devices and named pipes are made by the engine that runs an image"
                )
            )
        }
        if let files = text(taken.weakened) {
            notes.append(
                Diagnostic(
                    .addCapabilities,
                    "\(files) loses its file capabilities",
                    at: .image(name),
                    because: "an image keeps them only if it is asked to",
                    hint: "keep them with `--xattrs security.capability`"
                )
            )
        }
        return notes
    }

    // MARK: Unpacking

    private func unpack(
        _ places: [Place: EntryPath],
        into directory: FilePath
    ) async throws(Diagnostic) -> [Place: FileVisitor.File] {
        var unpacked: [Place: FileVisitor.File] = [:]
        for layer in Set(places.keys.map(\.layer)).sorted() {
            let records = Set(places.keys.filter { $0.layer == layer }.map(\.record))
            var visitor = FileVisitor(records: records, directory: directory)
            let scan = try LayerScan(layers[layer], in: try await provider.blob(layers[layer]), &visitor)
            for (record, file) in visitor.files { unpacked[Place(layer: layer, record: record)] = file }
            guard visitor.files.count == records.count else {
                let reason = "layer \(layer + 1), with \(scan.diffID), has other files than it had a moment ago"
                throw .baseDisagrees(name, reason)
            }
        }
        return unpacked
    }
}

extension ImageFiles.Wish {
    /// The mode of a file in the other image. One that stands for a whole directory gives programs and directories an `x` where they
    /// have an `r`.
    fileprivate func mode(of entry: TarEntry, isAlone: Bool) -> UInt16 {
        guard let mode else { return entry.mode }
        return switch entry.kind {
        case .directory: FileModes.directory(stated: mode)
        case .symlink: FileModes.symlink
        case _ where isAlone: mode
        default: FileModes.file(isExecutable: entry.mode & 0o111 != 0, stated: mode)
        }
    }
}

/// Writes the contents of some of a layer's files, each into a file of its own.
private struct FileVisitor: LayerVisitor {
    struct File {
        let path: FilePath
        let stamp: FileStamp
        let capability: [UInt8]
    }

    let records: Set<Int64>
    let directory: FilePath
    /// By the places of their records.
    private(set) var files: [Int64: File] = [:]
    private var place: Int64 = 0

    init(records: Set<Int64>, directory: FilePath) {
        self.records = records
        self.directory = directory
    }

    mutating func visit<Content: ByteSource & ~Copyable>(
        _ record: TarRecord,
        _ content: inout Content
    ) throws(Diagnostic) {
        defer { place += 1 }
        guard records.contains(place) else { return }
        var draft = try BlobDraft(in: directory)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try content.read(into: buffer)
            if count == 0 { break }
            try draft.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        let path = TemporaryPaths.name(in: directory, for: "file\(place)")
        let sealed = draft.seal()
        guard try sealed.link(at: path) else {
            throw SystemError(number: EEXIST).diagnostic("create a file", path.display)
        }
        let stamp: FileStamp
        do throws(SystemError) {
            stamp = try FileStatus(at: path).stamp
        } catch {
            throw error.diagnostic("look at a file", path.display)
        }
        files[place] = File(
            path: path,
            stamp: stamp,
            capability: record.pax["SCHILY.xattr.security.capability"] ?? []
        )
    }
}

extension Diagnostic.Code {
    static let addTooLarge = Self("add.too-large", .input)
    static let addLeftBehind = Self("add.left-behind", .input)
    static let addCapabilities = Self("add.capabilities", .input)
}

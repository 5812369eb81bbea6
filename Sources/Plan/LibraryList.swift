import Applications
import ByteIO
import Diagnostics
import ELF
import Layers
import OCI
import Stack

/// The loader's list of libraries, with those that are in the layers above the base.
enum LibraryList {
    /// Where the loader looks without its list.
    private static func isKnownToLoader(_ library: LibraryCache.Library) -> Bool {
        !library.path.hasPrefix("/usr/local/")
    }

    /// `stack` with the loader's list of libraries on it, to which those are added that `--add` or the application put
    /// where ldconfig would have found them: nothing runs it in an image, and without the list no library in
    /// `/usr/local/lib` is found.
    static func added(to stack: LayerStack, for platform: Platform) -> Checked<LayerStack> {
        var remarks = Remarks()
        guard stack.base != nil, let loader = LibraryCache.loader(for: platform.architecture), stack.find(loader) != nil
        else { return Checked(stack) }
        let brought = libraries(for: platform.architecture, in: stack)
        let list = stack.find(LibraryCache.path)
        guard !brought.isEmpty, list != nil || !brought.allSatisfy(isKnownToLoader) else { return Checked(stack) }
        var present = [LibraryCache.Library]()
        if let list {
            guard list.kind == .file, let bytes = stack.base?.content(of: list.path),
                let cache = LibraryCache(parsing: bytes), cache.isWhole
            else {
                remarks.notes.append(
                    Diagnostic(
                        .planLibraryUnlisted,
                        "the loader may not find `\(brought[0].path)`",
                        because: "the base's `\(LibraryCache.path)` has a form that coracle cannot extend",
                        hint: "say where libraries are: `--env LD_LIBRARY_PATH=/usr/local/lib`"
                    )
                )
                return Checked(stack, remarks)
            }
            present = cache.libraries
        }
        let cache = LibraryCache(
            brought.filter { !isKnownToLoader($0) } + present + brought.filter(isKnownToLoader)
        )
        var result = stack
        result.add(
            [LayerEntry(EntryPath(normalizing: LibraryCache.path), .bytes(cache.encoded), mode: FileModes.plain)],
            as: .libraries,
            createdBy: LayerStep.libraries,
            &remarks.problems
        )
        return Checked(result, remarks)
    }

    /// The libraries in the layers above the base, by their names.
    private static func libraries(for architecture: String, in stack: LayerStack) -> [LibraryCache.Library] {
        guard let abi = LibraryCache.ABI(architecture: architecture) else { return [] }
        let entries = stack.blueprints.flatMap { blueprint in
            blueprint.entries.filter { $0.path.name.first == UInt8(ascii: "l") && !$0.isDirectory }
        }
        var libraries = [LibraryCache.Library]()
        for directory in LibraryCache.directories(for: architecture) {
            let place = EntryPath(normalizing: directory)
            // A link that has the library's name goes before the file it leads to.
            var names: [String: String] = [:]
            for entry in entries where entry.path.parent == place {
                let name = String(decoding: entry.path.name, as: UTF8.self)
                guard LibraryCache.isLibrary(name), let file = stack.resolve(entry.path)?.hostFile,
                    let elf = try? ElfFile(HostFile(file), named: file.display),
                    elf.header.type == .sharedObject, LibraryCache.ABI(elf.header) == abi
                else { continue }
                let soname = elf.dynamic?.soname ?? name
                if soname == name || names[soname] == nil { names[soname] = name }
                if case .symlink = entry.content, name.hasSuffix(".so") { names[name] = name }
            }
            for (soname, name) in names.sorted(by: { $0.key < $1.key }) {
                libraries.append(LibraryCache.Library(name: soname, path: "\(directory)/\(name)", abi: abi))
            }
        }
        return libraries
    }
}

extension Diagnostic.Code {
    static let planLibraryUnlisted = Self("plan.library-unlisted", .input)
}

import Diagnostics
import ELF
import Layers
import OCI

/// Looks for libraries where the loader of a program would, in the root filesystem of an image.
///
/// ld.so(8), § DESCRIPTION. musl, ldso/dynlink.c: RPATH and RUNPATH are one, and of every loading file in turn.
final class LibrarySearch<Root: ImageRoot> {
    /// A file that was loaded: at which path, and on whose behalf.
    struct Loaded {
        let entry: RootEntry
        /// As it was found, symlinks not followed: `$ORIGIN` is its directory.
        let path: EntryPath
        let elf: ElfFacts
        /// The number of the file that needed it; `nil` for the first.
        let parent: Int?
    }

    private static var largestList: Int { 1 << 20 }

    private let root: Root
    /// From the image's environment: `LD_LIBRARY_PATH`.
    private let environmentPath: [String]
    private let isMusl: Bool
    /// The paths in the loader's list, by name; `nil` until it is read.
    private var listed: [String: [String]]?
    /// The ELF files found so far, by path: a thousand files need the same libraries.
    private var known: [EntryPath: (RootEntry, ElfFacts)?] = [:]

    init(_ image: GatedImage<Root>) {
        root = image.root
        environmentPath = image.execution.value(of: "LD_LIBRARY_PATH").map { Self.list($0[...]) } ?? []
        let musl = LoaderNames.muslLoaders.contains { image.root.resolve($0) != nil }
        isMusl = musl && image.root.resolve("/lib/libc.so.6") == nil
    }

    /// The library that file `number` of `loaded` gets for `name`; `nil` if the loader finds none.
    func find(_ name: String, for number: Int, in loaded: [Loaded]) throws(Diagnostic) -> (
        EntryPath, RootEntry, ElfFacts
    )? {
        let file = loaded[number]
        // musl's loader is the C library, whatever name it goes by.
        if usesMusl(loaded), isMuslLibrary(name) {
            for candidate in ["/lib/\(name)", LoaderNames(architecture: file.elf.architecture).muslLoader] {
                if let found = try library(candidate, like: file.elf) { return found }
            }
        }
        if name.contains("/") {
            for path in expand(name, file) { if let found = try library(path, like: file.elf) { return found } }
            return nil
        }
        for directory in directories(for: number, loaded) {
            if let found = try library("\(directory)/\(name)", like: file.elf) { return found }
        }
        guard !file.elf.avoidsUsualDirectories else { return nil }
        if !usesMusl(loaded), let paths = try listed(for: file.elf)[name] {
            for path in paths { if let found = try library(path, like: file.elf) { return found } }
        }
        for directory in try usualDirectories(file.elf, isMusl: usesMusl(loaded)) {
            if let found = try library("\(directory)/\(name)", like: file.elf) { return found }
        }
        return nil
    }

    // MARK: Where

    /// Those that the files themselves and the environment name, in order.
    private func directories(for number: Int, _ loaded: [Loaded]) -> [String] {
        let file = loaded[number]
        var rpaths = [String]()
        if file.elf.runpath == nil || usesMusl(loaded) {
            var next: Int? = number
            while let current = next {
                let object = loaded[current]
                // glibc ignores the RPATH of a file that has a RUNPATH.
                if object.elf.runpath == nil { rpaths += paths(object.elf.rpath, object) }
                if usesMusl(loaded) { rpaths += paths(object.elf.runpath, object) }
                next = object.parent
            }
        }
        if usesMusl(loaded) { return environmentPath + rpaths }
        return rpaths + environmentPath + paths(file.elf.runpath, file)
    }

    private func paths(_ text: String?, _ file: Loaded) -> [String] {
        guard let text else { return [] }
        return Self.list(text[...]).flatMap { expand($0, file) }
    }

    private static func list(_ text: Substring) -> [String] {
        text.split(separator: ":").map(String.init)
    }

    /// The text with the loader's own words replaced; more than one where a word means different things on different
    /// systems. None where its start is not known: what is relative depends on where the program is started.
    private func expand(_ text: String, _ file: Loaded) -> [String] {
        let directory = (file.path.parent ?? .root).description
        let origin = directory == "/" ? "" : directory
        let names = LoaderNames(architecture: file.elf.architecture)
        var texts = [text]
        for (word, values) in [
            ("ORIGIN", [origin]), ("LIB", ["lib/\(names.triplet)", "lib64", "lib"]),
            ("PLATFORM", [names.musl]),
        ] {
            texts = texts.flatMap { text -> [String] in
                let braced = "${\(word)}"
                guard text.contains("$\(word)") || text.contains(braced) else { return [text] }
                return values.map { value in
                    Self.replacing(braced, by: value, in: Self.replacing("$\(word)", by: value, in: text))
                }
            }
        }
        return texts.filter { $0.hasPrefix("/") }
    }

    private static func replacing(_ word: String, by value: String, in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let range = rest.firstRange(of: word) {
            result += rest[..<range.lowerBound] + value
            rest = rest[range.upperBound...]
        }
        return result + rest
    }

    private func usualDirectories(_ elf: ElfFacts, isMusl: Bool) throws(Diagnostic) -> [String] {
        if isMusl {
            let file = root.resolve("/etc/ld-musl-\(LoaderNames(architecture: elf.architecture).musl).path")
            if let file, let bytes = try root.bytes(of: file, at: 0, count: 64 << 10) {
                return String(printing: bytes).split { $0 == ":" || $0 == "\n" }.map(String.init)
            }
            return ["/lib", "/usr/local/lib", "/usr/lib"]
        }
        let triplet = LoaderNames(architecture: elf.architecture).triplet
        let multiarch = ["/lib/\(triplet)", "/usr/lib/\(triplet)"]
        // Debian's loader looks into no lib64, and others' into nothing else.
        let isMultiarch = multiarch.contains { root.resolve($0) != nil }
        let wide = elf.format.elfClass == .bits64 && !isMultiarch ? ["/lib64", "/usr/lib64"] : []
        return multiarch + wide + ["/lib", "/usr/lib"]
    }

    /// Libraries that the list has for some processors only are ignored: the image has to run on the others, too.
    private func listed(for elf: ElfFacts) throws(Diagnostic) -> [String: [String]] {
        if let listed { return listed }
        var found: [String: [String]] = [:]
        if let file = root.resolve(EntryPath(normalizing: LibraryCache.path)),
            let bytes = try root.bytes(of: file, at: 0, count: Self.largestList),
            let cache = LibraryCache(parsing: bytes, byteOrder: elf.format.byteOrder)
        {
            for library in cache.libraries { found[library.name, default: []].append(library.path) }
        }
        listed = found
        return found
    }

    // MARK: What

    /// The ELF file that `path` leads to, if it is for the processor of `elf`: the loader passes over others.
    private func library(_ path: String, like elf: ElfFacts) throws(Diagnostic) -> (EntryPath, RootEntry, ElfFacts)? {
        let path = EntryPath(normalizing: path)
        guard let (entry, found) = try file(path) else { return nil }
        guard found.machine == elf.machine, found.format == elf.format else { return nil }
        return (path, entry, found)
    }

    /// The ELF file that `path` leads to, and what it says.
    func file(_ path: EntryPath) throws(Diagnostic) -> (RootEntry, ElfFacts)? {
        if let answer = known[path] { return answer }
        var answer: (RootEntry, ElfFacts)?
        if let entry = root.resolve(path), entry.kind == .file, case .elf(let elf)? = try root.facts(of: entry) {
            answer = (entry, elf)
        }
        known[path] = .some(answer)
        return answer
    }

    private func usesMusl(_ loaded: [Loaded]) -> Bool {
        guard let interpreter = loaded.first?.elf.interpreter else { return isMusl }
        return Libc(loader: interpreter) == .musl
    }

    private func isMuslLibrary(_ name: String) -> Bool {
        if name.hasPrefix("libc.musl-") || name.hasPrefix("ld-musl-") { return true }
        let own = ["c", "pthread", "rt", "m", "dl", "util", "xnet"]
        return own.contains { name == "lib\($0).so" || name.hasPrefix("lib\($0).so.1") }
    }
}

import Diagnostics
import ELF
import Findings
import Layers
import OCI

/// Looks for libraries where the loader of a program would, in the root filesystem of an image.
///
/// glibc, elf/dl-load.c; ld.so(8), § DESCRIPTION. musl, ldso/dynlink.c: RPATH and RUNPATH are one, and of every loading file in
/// turn.
final class LibrarySearch<Root: ImageRoot> {
    /// A file that was loaded: at which path, and on whose behalf.
    struct Loaded {
        let entry: RootEntry
        /// As the loader spells it, neither `..` nor symlinks followed: `$ORIGIN` is what is before its last slash.
        let path: String
        let elf: ElfFacts
        /// The number of the file that needed it; `nil` for the first.
        let parent: Int?
    }

    /// What the loader gets for the name of a library.
    enum Answer {
        case found(path: String, RootEntry, ElfFacts)
        /// The loader takes this file, fails, and looks no further.
        case refused(MisfitLibrary)
        /// None of the places has it. These have its name, and the loader passed over them.
        case missing([MisfitLibrary])
    }

    /// What is at one of the places.
    private enum Candidate {
        case fits(RootEntry, ElfFacts)
        /// It would fit if the image's user might read it: the loader passes over it.
        case unreadable(RootEntry, ElfFacts)
        case passedOver(LibraryFlaw)
        case refused(LibraryFlaw)
    }

    private static var largestList: Int { 1 << 20 }

    private let root: Root
    private let user: ContainerUser?
    /// Where relative paths begin, without a slash at the end.
    private let startDirectory: String
    /// `LD_LIBRARY_PATH`; glibc takes `;` for a separator there, too.
    private let environmentPath: String
    /// `LD_PRELOAD`: names and paths.
    let preloads: [String]
    /// Whether the image has musl, and no glibc.
    let isMusl: Bool
    /// The paths in the loader's list, by name; `nil` until it is read.
    private var listed: [String: [String]]?
    /// What was found so far, by path as it is spelt: a thousand files need the same libraries.
    private var known: [String: Candidate?] = [:]

    /// - Parameter libraryPath: what stands in the place of `LD_LIBRARY_PATH`; `nil` for what the image's environment says.
    init(_ image: GatedImage<Root>, libraryPath: String? = nil) throws(Diagnostic) {
        root = image.root
        user = ContainerUser(image.execution.user ?? "", in: try UserDatabase(of: image.root))
        let start = image.execution.startDirectory
        startDirectory = start == "/" ? "" : start
        environmentPath = libraryPath ?? image.execution.value(of: "LD_LIBRARY_PATH") ?? ""
        let preload = image.execution.value(of: "LD_PRELOAD") ?? ""
        preloads = preload.split { $0 == " " || $0 == ":" }.map(String.init)
        let musl = LoaderNames.muslLoaders.contains { image.root.resolve($0) != nil }
        isMusl = musl && image.root.resolve("/lib/libc.so.6") == nil
    }

    /// The library that file `number` of `loaded` gets for `name`.
    ///
    /// - Parameter host: the program that loads the first of them while it runs, if that is not a program itself.
    func find(_ name: String, for number: Int, in loaded: [Loaded], host: Loaded? = nil) throws(Diagnostic) -> Answer {
        let file = loaded[number]
        let isMusl = usesMusl(loaded, host)
        // musl's loader is the C library, whatever name it goes by.
        if isMusl, isMuslLibrary(name) {
            for path in ["/lib/\(name)", LoaderNames(architecture: file.elf.architecture).muslLoader] {
                if case .fits(let entry, let elf)? = try candidate(path, for: file.elf, isMusl: true) {
                    return .found(path: path, entry, elf)
                }
            }
        }
        let paths = try paths(of: name, for: number, in: loaded, host, isMusl: isMusl)
        var passedOver = [MisfitLibrary]()
        var unreadable: Answer?
        for path in paths {
            switch try candidate(path, for: file.elf, isMusl: isMusl) {
            case .fits(let entry, let elf)?: return .found(path: path, entry, elf)
            case .refused(let flaw)?: return .refused(MisfitLibrary(path: path, flaw: flaw))
            case .unreadable(let entry, let elf)?: unreadable = unreadable ?? .found(path: path, entry, elf)
            case .passedOver(let flaw)?: passedOver.append(MisfitLibrary(path: path, flaw: flaw))
            case nil: continue
            }
        }
        // It is the library that is meant, and `user.unreadable` reports it.
        if let unreadable { return unreadable }
        // Symlinks that lead nowhere are as good as absent to the loader, and worth naming to a person.
        for path in paths {
            guard case .symlink(let target)? = root.file(at: EntryPath(normalizing: path))?.kind,
                !passedOver.contains(where: { $0.path == path })
            else { continue }
            passedOver.append(MisfitLibrary(path: path, flaw: .dangling(target: String(printing: target))))
        }
        return .missing(passedOver)
    }

    // MARK: Where

    /// All paths at which the loader looks, in order.
    private func paths(
        of name: String,
        for number: Int,
        in loaded: [Loaded],
        _ host: Loaded?,
        isMusl: Bool
    ) throws(Diagnostic) -> [String] {
        let file = loaded[number]
        if name.contains("/") { return [absolute(isMusl ? name : expand(name, file))] }
        var directories = directories(for: number, loaded, host, isMusl: isMusl)
        var paths = [String]()
        func add() {
            paths += directories.map { $0.hasSuffix("/") ? "\($0)\(name)" : "\($0)/\(name)" }
            directories = []
        }
        add()
        guard isMusl || !file.elf.avoidsUsualDirectories else { return paths }
        if !isMusl { paths += try listed(for: file.elf)[name] ?? [] }
        directories = try usualDirectories(file.elf, isMusl: isMusl)
        add()
        return paths
    }

    /// Those that the files themselves and the environment name, in order.
    private func directories(
        for number: Int,
        _ loaded: [Loaded],
        _ host: Loaded?,
        isMusl: Bool
    ) -> [String] {
        let file = loaded[number]
        var chain = [Loaded]()
        var next: Int? = number
        while let current = next {
            chain.append(loaded[current])
            next = loaded[current].parent
        }
        if isMusl {
            let environment = environmentPath.split { $0 == ":" || $0 == "\n" }.map { absolute(String($0)) }
            return environment + chain.flatMap { muslDirectories($0.elf.runpath ?? $0.elf.rpath, $0) }
        }
        var rpaths = [String]()
        if file.elf.runpath == nil {
            // What a program loads while it runs looks where the program does, too.
            for object in chain + [host].compactMap(\.self) where object.elf.runpath == nil {
                rpaths += self.directories(object.elf.rpath, object, separators: ":")
            }
        }
        let program = host ?? loaded[0]
        return rpaths + self.directories(environmentPath, program, separators: ":;")
            + self.directories(file.elf.runpath, file, separators: ":")
    }

    /// An empty element is the directory in which the program starts; an empty list has none.
    private func directories(_ text: String?, _ file: Loaded, separators: String) -> [String] {
        guard let text, !text.isEmpty else { return [] }
        let elements = text.split(omittingEmptySubsequences: false) { separators.contains($0) }
        return elements.map { absolute(expand(String($0), file)) }
    }

    /// musl ignores a list with any other word than `$ORIGIN` in it, and empty elements.
    private func muslDirectories(_ text: String?, _ file: Loaded) -> [String] {
        guard let text else { return [] }
        let replaced = Self.replacing(["ORIGIN": origin(of: file)], in: text)
        guard !replaced.contains("$") else { return [] }
        return replaced.split { $0 == ":" || $0 == "\n" }.map { absolute(String($0)) }
    }

    private func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : "\(startDirectory)/\(path)"
    }

    private func origin(of file: Loaded) -> String {
        guard let slash = file.path.lastIndex(of: "/") else { return "" }
        return String(file.path[..<slash])
    }

    /// `text` with glibc's own words replaced.
    private func expand(_ text: String, _ file: Loaded) -> String {
        guard text.contains("$") else { return text }
        let names = LoaderNames(architecture: file.elf.architecture)
        let words = ["ORIGIN": origin(of: file), "LIB": libraryWord(file.elf), "PLATFORM": names.musl]
        return Self.replacing(words, in: text)
    }

    /// What `$LIB` stands for is compiled into the loader: Debian's has the name of the processor in it, others say `lib64`.
    private func libraryWord(_ elf: ElfFacts) -> String {
        let names = LoaderNames(architecture: elf.architecture)
        let loader = names.glibcLoader.flatMap { root.resolve($0)?.path.parent?.description } ?? ""
        if loader.hasSuffix("/\(names.triplet)") || isMultiarch(elf) { return "lib/\(names.triplet)" }
        return elf.format.elfClass == .bits64 && loader.hasSuffix("/lib64") ? "lib64" : "lib"
    }

    private func isMultiarch(_ elf: ElfFacts) -> Bool {
        let triplet = LoaderNames(architecture: elf.architecture).triplet
        return ["/lib/\(triplet)", "/usr/lib/\(triplet)"].contains { root.resolve($0) != nil }
    }

    private static func replacing(_ words: [String: String], in text: String) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            // No word begins another.
            let word = words.first { rest.hasPrefix($0.key) || rest.hasPrefix("{\($0.key)}") }
            guard let word else {
                result += "$"
                continue
            }
            result += word.value
            rest = rest.dropFirst(rest.first == "{" ? word.key.count + 2 : word.key.count)
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
        // Debian's loader looks into no lib64, and others' into nothing else.
        if isMultiarch(elf) { return ["/lib/\(triplet)", "/usr/lib/\(triplet)", "/lib", "/usr/lib"] }
        return (elf.format.elfClass == .bits64 ? ["/lib64", "/usr/lib64"] : []) + ["/lib", "/usr/lib"]
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

    /// What is at `path`, seen by the loader of `elf`; `nil` if nothing is there.
    private func candidate(_ path: String, for elf: ElfFacts, isMusl: Bool) throws(Diagnostic) -> Candidate? {
        let found: Candidate?
        if let answer = known[path] {
            found = answer
        } else {
            found = try candidate(path)
            known[path] = .some(found)
        }
        guard case .fits(let entry, let facts)? = found else { return found }
        // glibc passes over other processors' files. For musl the first file of the name is the library.
        if facts.machine != elf.machine || facts.format.elfClass != elf.format.elfClass {
            let machine = LibraryFlaw.otherMachine(facts.architecture.map { "linux/\($0)" } ?? "\(facts.machine)")
            return isMusl ? .refused(machine) : .passedOver(machine)
        }
        if facts.format.byteOrder != elf.format.byteOrder {
            return .refused(.damaged("its numbers have their bytes in the other order"))
        }
        if let system = facts.otherSystem { return .refused(.otherMachine(system)) }
        guard facts.isLoadable else { return .refused(.notALibrary(facts.linkage.description)) }
        if let user, !user.may(.read, entry) { return .unreadable(entry, facts) }
        return found
    }

    private func candidate(_ path: String) throws(Diagnostic) -> Candidate? {
        guard let entry = root.resolve(path) else { return nil }
        if entry.kind == .directory { return .refused(.directory) }
        guard entry.kind == .file else { return .refused(.notELF(isPointer: false)) }
        switch try root.facts(of: entry) {
        case .elf(let elf)?: return .fits(entry, elf)
        case .damaged(let reason)?: return .refused(.damaged(reason))
        case .script?: return .refused(.notELF(isPointer: false))
        case nil:
            if entry.size == 0 { return .refused(.empty) }
            let start = try root.bytes(of: entry, at: 0, count: 40) ?? []
            return .refused(.notELF(isPointer: start.starts(with: "version https://git-lfs".utf8)))
        }
    }

    /// What a file of the image would be to the loader of `elf`, if it looked there.
    enum Place {
        case fits
        case misfit(MisfitLibrary)
        case nothing
    }

    /// What is at `path`, which the loader does not look at.
    func place(_ path: EntryPath, for elf: ElfFacts) throws(Diagnostic) -> Place {
        let text = path.description
        switch try candidate(text, for: elf, isMusl: false) {
        case .fits?, .unreadable?: return .fits
        case .passedOver(let flaw)?, .refused(let flaw)?: return .misfit(MisfitLibrary(path: text, flaw: flaw))
        case nil:
            guard case .symlink(let target)? = root.file(at: path)?.kind else { return .nothing }
            return .misfit(MisfitLibrary(path: text, flaw: .dangling(target: String(printing: target))))
        }
    }

    /// The loader of a program, as the kernel finds it.
    func loader(_ path: String) throws(Diagnostic) -> (entry: RootEntry, elf: ElfFacts)? {
        guard let entry = root.resolve(absolute(path)), case .elf(let elf)? = try root.facts(of: entry) else {
            return nil
        }
        return (entry, elf)
    }

    /// Whether the loader of the first of `loaded`, or of its host, is musl's.
    func usesMusl(_ loaded: [Loaded], _ host: Loaded? = nil) -> Bool {
        guard let interpreter = loaded.first?.elf.interpreter ?? host?.elf.interpreter else { return isMusl }
        return Libc(loader: interpreter) == .musl
    }

    private func isMuslLibrary(_ name: String) -> Bool {
        if name.hasPrefix("libc.musl-") || name.hasPrefix("ld-musl-") { return true }
        let own = ["c", "pthread", "rt", "m", "dl", "util", "xnet"]
        return own.contains { name.hasPrefix("lib\($0).") }
    }
}

import Diagnostics
import ELF
import Findings
import Layers
import OCI

/// What runs one after the other when the image is started: scripts, each read by the next, and at the end a program.
///
/// fs/exec.c, exec_binprm; fs/binfmt_script.c.
struct StartChain<Root: ImageRoot> {
    struct Script {
        let entry: RootEntry
        let shebang: Shebang
    }

    /// So many scripts may be read by scripts: at the next, Linux says `too many levels of symbolic links`.
    static var mostScripts: Int { 5 }

    /// What the image starts and its interpreters, as far as they are scripts.
    private(set) var scripts: [Script] = []
    /// The ELF file at the end; `nil` if the chain does not lead to one.
    private(set) var program: RootEntry?
    private(set) var elf: ElfFacts?
    /// The loader, if it is what the image starts, with the program as its argument.
    private(set) var loader: RootEntry?
    /// What the loader is given in the place of `LD_LIBRARY_PATH`.
    private(set) var libraryPath: String?
    /// The words that stand behind the program's name.
    private(set) var arguments: [String] = []
    /// The name that the image has for what it starts.
    let word: String?

    init(_ image: GatedImage<Root>) throws(Diagnostic) {
        let search = ProgramSearch(image)
        word = search.firstWord
        arguments = Array(image.execution.words.dropFirst())
        var next = search.entrypoint
        while let entry = next {
            switch try image.root.facts(of: entry) {
            case .script(let shebang)?:
                guard scripts.count < Self.mostScripts, !scripts.contains(where: { $0.entry.path == entry.path }) else {
                    return
                }
                scripts.append(Script(entry: entry, shebang: shebang))
                next = search.interpreter(of: shebang)
            case .elf(let facts)?:
                program = entry
                elf = facts
                if scripts.isEmpty { try followLoader(search, image.root) }
                return
            case .damaged?, nil: return
            }
        }
    }

    /// glibc's and musl's loaders are programs, too: they load the program that their arguments name.
    private mutating func followLoader(_ search: ProgramSearch<Root>, _ root: Root) throws(Diagnostic) {
        guard let entry = program, let facts = elf, facts.interpreter == nil,
            Libc(loader: facts.soname ?? entry.path.description) != nil || Libc(loader: entry.path.description) != nil
        else { return }
        var rest = arguments[...]
        var libraryPath: String?
        while let word = rest.first, word.hasPrefix("--") {
            rest.removeFirst()
            let takesValue = [
                "--library-path", "--preload", "--argv0", "--inhibit-rpath", "--audit", "--glibc-hwcaps-prepend",
                "--glibc-hwcaps-mask",
            ]
            if let equals = word.firstIndex(of: "="), word.hasPrefix("--library-path=") {
                libraryPath = String(word[word.index(after: equals)...])
            } else if takesValue.contains(word), let value = rest.popFirst(), word == "--library-path" {
                libraryPath = value
            }
        }
        guard let name = rest.first, name.contains("/"), let started = search.find(name),
            case .elf(let elf)? = try root.facts(of: started)
        else { return }
        (loader, program, self.elf, self.libraryPath) = (entry, started, elf, libraryPath)
        arguments = Array(rest.dropFirst())
    }

    /// The program with all the libraries that come along; `nil` if the chain leads to no program.
    func closure(_ image: GatedImage<Root>) throws(Diagnostic) -> LoadedLibraries<Root>? {
        guard let program, let elf else { return nil }
        return try LoadedLibraries(of: program, elf, LibrarySearch(image, libraryPath: libraryPath), startedBy: loader)
    }

    // MARK: What the program is

    /// The names that the program goes by: in the image's own words, and by its file.
    private var names: [String] {
        let words = [scripts.last?.shebang.program ?? word ?? "", program?.path.description ?? ""]
        return words.compactMap { $0.split(separator: "/").last.map(String.init) }
    }

    /// Whether the program reads commands, and may start anything.
    var isShell: Bool {
        let shells = ["sh", "bash", "dash", "ash", "zsh", "ksh", "busybox", "tini", "dumb-init", "env", "s6-svscan"]
        return names.contains { shells.contains($0) }
    }

    var isPython: Bool { names.contains { $0 == "python" || $0.hasPrefix("python3") || $0.hasPrefix("python2") } }

    var isNode: Bool { names.contains { $0 == "node" || $0 == "nodejs" } }
}

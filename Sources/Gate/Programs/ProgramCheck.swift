import Diagnostics
import ELF
import Findings
import Hygiene
import Layers
import OCI
import Python

/// Whether every ELF file that the image starts or carries can run in it.
///
/// What the image starts and what is loaded with it has to; what it only carries need not.
struct ProgramCheck<Root: ImageRoot> {
    private struct MisfitKey: Hashable {
        let misfit: ExtensionMisfit
        let severity: Rule.Severity
    }

    private typealias Module = (entry: RootEntry, elf: ElfFacts, reach: Reach)

    private let image: GatedImage<Root>
    private let chain: StartChain<Root>
    /// What the image starts, with its libraries.
    private let closure: LoadedLibraries<Root>?
    private let search: LibrarySearch<Root>
    private let machine: MachineCheck<Root>
    private let runtime: PythonRuntime?
    private let system: String
    private var libraries: LibraryCheck<Root>
    private var findings: [Finding] = []
    /// Addons of Node.js, by what twins have in common.
    private var addons: [String: [Module]] = [:]
    /// Modules for another machine that are imported.
    private var foreign: [String: [Module]] = [:]
    /// Modules that Python cannot import, by the reason and by how bad it is.
    private var misfits: [MisfitKey: [(entry: RootEntry, reach: Reach)]] = [:]
    /// What Python imports: known once it was asked for.
    private var imports: PythonImports<Root>?

    init(_ image: GatedImage<Root>, _ chain: StartChain<Root>, _ closure: LoadedLibraries<Root>?) throws(Diagnostic) {
        self.image = image
        self.chain = chain
        self.closure = closure
        search = try LibrarySearch(image)
        machine = MachineCheck(image)
        libraries = LibraryCheck(image, search)
        runtime = PythonRuntime(chain, in: image.root)
        system = PythonRuntime.system(image.platform, isMusl: search.isMusl)
    }

    static func findings(
        in image: GatedImage<Root>,
        _ chain: StartChain<Root>,
        _ closure: LoadedLibraries<Root>?
    ) throws(Diagnostic) -> [Finding] {
        var check = try ProgramCheck(image, chain, closure)
        return try check.all()
    }

    private mutating func all() throws(Diagnostic) -> [Finding] {
        let started = Set(closure?.loaded.map(\.entry.path) ?? [])
        for entry in image.root.entries where entry.kind == .file {
            let isProgram = entry.path == chain.program?.path
            guard isProgram || entry.origin != .base || !started.contains(entry.path) else { continue }
            guard let facts = try image.root.facts(of: entry) else { continue }
            switch facts {
            case .elf(let elf) where isProgram || entry.origin != .base:
                try check(entry, elf, isStarted: started.contains(entry.path))
                if entry.origin != .base { findings += try ProtectionCheck.findings(in: entry, elf, of: image.root) }
            case .elf(let elf) where machine.runs(elf): findings += try libraries.findingsInBase(entry, elf)
            case .damaged(let reason) where entry.origin != .base: findings.append(damaged(entry, reason))
            case .elf, .damaged, .script: continue
            }
        }
        try checkAddons()
        for files in foreign.values { findings.append(machine.finding(in: files)) }
        findings += MountedPlaces.findings(in: closure?.loaded.map(\.entry) ?? [])
        findings += try removedModules()
        let extensions = ExtensionCheck(image, runtime, system: system)
        for (key, modules) in misfits { findings.append(extensions.finding(key.misfit, in: modules)) }
        return findings + libraries.findings()
    }

    private mutating func check(_ entry: RootEntry, _ elf: ElfFacts, isStarted: Bool) throws(Diagnostic) {
        switch elf.linkage {
        case .relocatable, .core, .debugInformation, .other: return
        case .packed(let packer): findings += foreignProgram(entry, elf) + [packed(entry, packer)]
        case .staticExecutable, .staticPIE:
            findings += foreignProgram(entry, elf)
            findings += try StaticCheck(image).findings(in: entry, elf)
        case .dynamic, .sharedLibrary:
            if entry.path == chain.program?.path {
                try checkStarted(entry, elf)
            } else if entry.path.name.hasSuffix(".node") {
                addons[AddonTwins.identity(of: entry.path), default: []].append((entry, elf, addonReach))
            } else if elf.interpreter != nil, elf.soname == nil {
                try checkProgram(entry, elf)
            } else if !isStarted {
                try checkLibrary(entry, elf)
            }
        }
    }

    private func foreignProgram(_ entry: RootEntry, _ elf: ElfFacts) -> [Finding] {
        machine.runs(elf) ? [] : [machine.finding(in: entry, elf, .carried)]
    }

    // MARK: What starts

    /// Whether any program may come to be started: a shell reads what starts, or it is not known.
    private var startsAnything: Bool { chain.program == nil || chain.isShell }

    private mutating func checkStarted(_ entry: RootEntry, _ elf: ElfFacts) throws(Diagnostic) {
        guard machine.runs(elf) else {
            findings.append(machine.finding(in: entry, elf, .started))
            return
        }
        // Without its loader nothing else is looked for.
        let loader = chain.loader == nil ? try LoaderCheck(image).findings(in: entry, elf, .error) : []
        guard loader.isEmpty, let closure else {
            findings += loader
            return
        }
        try libraries.add(closure, .started)
        if let (libc, own) = try closure.mismatchedLibc(in: image.root) { findings.append(mixed(entry, libc, own)) }
    }

    /// A program beside the one that starts. A shell may start it.
    private mutating func checkProgram(_ entry: RootEntry, _ elf: ElfFacts) throws(Diagnostic) {
        guard machine.runs(elf) else {
            findings += foreignProgram(entry, elf)
            return
        }
        let reach: Reach = startsAnything ? .started : .carried
        let loader = try LoaderCheck(image).findings(in: entry, elf, reach.severity)
        guard loader.isEmpty else {
            findings += loader
            return
        }
        try libraries.add(LoadedLibraries(of: entry, elf, search), reach)
    }

    // MARK: What may be loaded

    /// The program that loads libraries while it runs; `nil` if it is not known, as a shell may start any.
    private var host: LoadedLibraries<Root>? { startsAnything ? nil : closure }

    private mutating func checkLibrary(_ entry: RootEntry, _ elf: ElfFacts) throws(Diagnostic) {
        guard machine.runs(elf) else {
            let reach = try reach(of: entry)
            if reach == .carried {
                findings.append(machine.finding(in: entry, elf, .carried))
            } else {
                foreign[machine.system(of: elf), default: []].append((entry, elf, reach))
            }
            return
        }
        let extensions = ExtensionCheck(image, runtime, system: system)
        let closure = try LoadedLibraries(of: entry, elf, search, in: host)
        let misfit = try extensions.misfit(of: entry)
        let wantsStack = refusesStack(of: elf)
        guard misfit != nil || wantsStack || !closure.missing.isEmpty || !closure.unversioned.isEmpty else { return }
        let reach = try reach(of: entry)
        // What Python does not find it does not load.
        if let misfit {
            misfits[MisfitKey(misfit: misfit, severity: reach.severity), default: []].append((entry, reach))
        } else {
            try libraries.add(closure, reach)
        }
        if wantsStack, reach != .carried { findings.append(executableStack(entry, reach)) }
    }

    /// Whether Python imports the file for certain.
    private mutating func reach(of entry: RootEntry) throws(Diagnostic) -> Reach {
        guard let runtime, chain.isPython, entry.path.name.hasSuffix(".so") else { return .carried }
        if imports == nil { imports = try PythonImports(image, chain, runtime, system: system) }
        return imports?.importers[entry.path].map { .imported(by: $0.isRoot ? nil : $0) } ?? .carried
    }

    /// glibc 2.41 and newer do not make the stack executable for a library that is loaded while the program runs.
    private func refusesStack(of elf: ElfFacts) -> Bool {
        guard elf.weaknesses.contains(.executableStack), elf.architecture == "amd64",
            let libc = closure?.loaded.first(where: { $0.elf.soname == "libc.so.6" }),
            let newest = SymbolVersion.newest(like: "GLIBC_2.0", among: libc.elf.versionDefinitions)
        else { return false }
        return !SymbolVersion.isOlder(newest, than: "GLIBC_2.41")
    }

    // MARK: Addons

    private var addonReach: Reach { chain.isNode || startsAnything ? .imported(by: nil) : .carried }

    /// One of the addons that stand in for each other has to fit.
    private mutating func checkAddons() throws(Diagnostic) {
        for (_, twins) in addons.sorted(by: { $0.key < $1.key }) {
            var broken = [(module: Module, closure: LoadedLibraries<Root>)]()
            var foreign = [Module]()
            var fitting: EntryPath?
            for twin in twins {
                guard machine.runs(twin.elf) else {
                    foreign.append(twin)
                    continue
                }
                let closure = try LoadedLibraries(of: twin.entry, twin.elf, search, in: host)
                if libraries.isWhole(closure), try nodeVersion(of: twin) == nil { fitting = fitting ?? twin.entry.path }
                broken.append((twin, closure))
            }
            for (twin, closure) in broken {
                let wanted = try nodeVersion(of: twin)
                if let fitting, wanted != nil || !libraries.isWhole(closure) {
                    findings.append(standIn(twin.entry, closure, fitting))
                } else {
                    try libraries.add(closure, twin.reach)
                    if let wanted { findings.append(otherNode(twin, wanted)) }
                    if refusesStack(of: twin.elf), twin.reach != .carried {
                        findings.append(executableStack(twin.entry, twin.reach))
                    }
                }
            }
            let isAlone = broken.isEmpty && addonReach != .carried
            for (number, twin) in foreign.enumerated() {
                findings.append(
                    machine.finding(in: twin.entry, twin.elf, isAlone && number == 0 ? twin.reach : .carried)
                )
            }
        }
    }

    /// The number of Node's interface that the image has: Debian's library has it in its name.
    private var ownNodeVersion: Int? {
        closure?.loaded.lazy.compactMap { file in
            file.elf.soname.flatMap { $0.hasPrefix("libnode.so.") ? Int($0.dropFirst("libnode.so.".count)) : nil }
        }.first
    }

    /// The number of the interface that an addon is for, if it is for one that the image does not have.
    ///
    /// Node.js, src/node.h, NODE_MODULE_INITIALIZER_BASE: addons of the stable interface register by another name.
    private func nodeVersion(of addon: Module) throws(Diagnostic) -> Int? {
        guard let own = ownNodeVersion else { return nil }
        let source = EntrySource(root: image.root, entry: addon.entry)
        guard let file = try? ElfFile(source, named: addon.entry.path.description) else { return nil }
        let mark = "node_register_module_v"
        let versions = file.definedSymbols(in: source).compactMap { name in
            name.hasPrefix(mark) ? Int(name.dropFirst(mark.count)) : nil
        }
        return versions.isEmpty || versions.contains(own) ? nil : versions.first
    }

    private func otherNode(_ addon: Module, _ wanted: Int) -> Finding {
        Finding(
            .nodeVersion,
            "`\(addon.entry.path)` is for another version of Node.js than the image has",
            in: addon.entry.path,
            as: addon.reach.severity,
            because: "it was compiled for NODE_MODULE_VERSION \(wanted), and the image's has \(ownNodeVersion ?? 0)",
            hint:
                "install the packages with the image's version of Node.js, or choose a base with the version that they were "
                + "installed with"
        )
    }

    /// What Python no longer has, or Debian has in packages of their own, and what starts imports at once.
    private func removedModules() throws(Diagnostic) -> [Finding] {
        guard chain.isPython, let runtime else { return [] }
        let imports = try PythonImports(image, chain, runtime, system: system, atMost: 100)
        return imports.absent.sorted { $0.key < $1.key }.compactMap { module, importer in
            guard let gone = RemovedModule(module) else { return notInstalled(module, importer, runtime) }
            guard gone.isAbsent(fromMinor: runtime.minor) else { return nil }
            return Finding(
                .pythonModule,
                "`\(importer)` imports `\(module)`, which the image's Python \(runtime.version) does not have",
                in: importer.isRoot ? nil : importer,
                because: "\(gone.reason): the import ends in `ModuleNotFoundError: No module named '\(module)'`",
                hint: gone.hint
            )
        }
    }

    /// A module of a package that was not installed, as far as no directory of packages has it.
    private func notInstalled(_ module: String, _ importer: EntryPath, _ runtime: PythonRuntime) -> Finding? {
        guard !StandardModules.has(module), image.root[importer]?.origin.isOfUser ?? importer.isRoot else { return nil }
        let isSomewhere = image.root.entries.contains { entry in
            let directory = entry.path.parent?.name ?? []
            guard directory.elementsEqual("site-packages".utf8) || directory.elementsEqual("dist-packages".utf8) else {
                return false
            }
            return entry.path.name.prefix { $0 != UInt8(ascii: ".") }.elementsEqual(module.utf8)
        }
        guard !isSomewhere else { return nil }
        return Finding(
            .pythonModule,
            "\(importer.isRoot ? "what starts" : "`\(importer)`") imports `\(module)`, which is not in the image",
            in: importer.isRoot ? nil : importer,
            because:
                "no directory in which Python looks has it: the import ends in `ModuleNotFoundError: No module named '\(module)'`",
            hint:
                "install its package into the application, as by `pip install --target site-packages --python-version "
                + "\(runtime.version) --only-binary :all: …`, unless the program finds it by a way of its own"
        )
    }

    private func standIn(_ entry: RootEntry, _ closure: LoadedLibraries<Root>, _ twin: EntryPath) -> Finding {
        let missing = closure.missing.map { "`\($0.library)`" }.joined(separator: ", ")
        return Finding(
            .junkForeignBinary,
            "`\(entry.path)` cannot be loaded in this image, and need not: `\(twin)` stands in for it",
            in: entry.path,
            because: missing.isEmpty ? "it needs newer libraries" : "it needs \(missing)",
            hint: "leave it out with a line in `.coracleignore`"
        )
    }

    // MARK: Findings

    private func executableStack(_ entry: RootEntry, _ reach: Reach) -> Finding {
        Finding(
            .executableStack,
            "`\(entry.path)` wants an executable stack, which the image's glibc refuses to what is loaded at run time",
            in: entry.path,
            because: "the loader says `cannot enable executable stack as shared object requires`"
                + (reach.words.map { "; \($0)" } ?? ""),
            hint:
                "link it with `-Wl,-z,noexecstack`, clear its mark with `patchelf --clear-execstack`, or choose "
                + (image.advice?.works.map { "`\($0)`, where nothing is missing" }
                    ?? "a base with an older glibc, such as one of `debian12`")
        )
    }

    private func mixed(_ program: RootEntry, _ libc: LoadedLibraries<Root>.Loaded, _ own: RootEntry) -> Finding {
        Finding(
            .libcMismatch,
            "`\(program.path)` loads a C library of another release than its loader",
            in: program.path,
            because:
                "the loader finds `\(libc.path)`, and beside the loader is `\(own.path)`, which has other symbol versions: "
                + "the two belong together",
            hint: "leave out `\(libc.entry.path)`, or start the program by the loader that belongs to it"
        )
    }

    private func packed(_ entry: RootEntry, _ packer: Packer) -> Finding {
        Finding(
            .packed,
            "`\(entry.path)` is packed with \(packer.rawValue): what it needs cannot be seen",
            in: entry.path,
            because: "only the unpacker's own headers can be read",
            hint: "ship it unpacked: layers are compressed anyway"
        )
    }

    private func damaged(_ entry: RootEntry, _ reason: String) -> Finding {
        Finding(
            .damaged,
            "`\(entry.path)` begins like an ELF file, and cannot be loaded",
            in: entry.path,
            because: reason,
            hint: "build it or copy it again, or leave it out with a line in `.coracleignore`"
        )
    }
}

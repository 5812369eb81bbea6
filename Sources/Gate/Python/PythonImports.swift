import Diagnostics
import ELF
import Findings
import Layers
import OCI
import Python

/// Which extension modules Python imports for certain when the image is started: what the program that starts imports, and what
/// that imports, as far as nothing in the sources catches a failure.
///
/// Imports inside of functions, and those that a condition guards, may never happen.
struct PythonImports<Root: ImageRoot> {
    private static var largestSource: Int { 2 << 20 }

    private let image: GatedImage<Root>
    private let runtime: PythonRuntime
    private let system: String
    /// The number of sources that are read.
    private let mostFiles: Int
    /// The names of modules in a directory: sources, extension modules and directories.
    private let names: [EntryPath: Set<String>]
    private var places: [EntryPath] = []
    private var seen: Set<EntryPath> = []
    private var queue: [EntryPath] = []
    /// The extension modules, and who imports them.
    private(set) var importers: [EntryPath: EntryPath] = [:]
    /// The modules that are in no directory of the search path, by their first names, and who imports them.
    private(set) var absent: [String: EntryPath] = [:]

    init(
        _ image: GatedImage<Root>,
        _ chain: StartChain<Root>,
        _ runtime: PythonRuntime,
        system: String,
        atMost mostFiles: Int = 4000
    ) throws(Diagnostic) {
        self.mostFiles = mostFiles
        self.image = image
        self.runtime = runtime
        self.system = system
        names = Self.names(in: image.root)
        let seeds = seeds(chain)
        places = searchPath(chain, seeds.directory)
        for file in seeds.files { visit(file, from: file) }
        for code in seeds.code {
            for statement in ImportStatement.certain(in: code, isMain: true) { execute(statement, in: .root) }
        }
        for module in seeds.modules {
            _ = follow(module.split(separator: ".").map(String.init), in: places, from: .root)
        }
        try read()
    }

    private static func names(in root: Root) -> [EntryPath: Set<String>] {
        var names: [EntryPath: Set<String>] = [:]
        for entry in root.entries {
            let name = entry.path.name
            let isModule = name.hasSuffix(".py") || name.hasSuffix(".so")
            guard isModule || entry.kind == .directory, let parent = entry.path.parent else { continue }
            names[parent, default: []].insert(String(decoding: name, as: UTF8.self))
        }
        return names
    }

    // MARK: What starts

    private struct Seeds {
        var files: [EntryPath] = []
        var modules: [String] = []
        /// What stands behind `-c`.
        var code: [String] = []
        /// Where Python looks first.
        var directory: EntryPath
    }

    private func seeds(_ chain: StartChain<Root>) -> Seeds {
        let start = EntryPath(normalizing: image.execution.startDirectory)
        var seeds = Seeds(directory: start)
        var words = chain.arguments[...]
        if let script = chain.scripts.first?.entry {
            seeds.files = [script.path]
            seeds.directory = script.path.parent ?? .root
        } else {
            words = words.drop { word in word.hasPrefix("-") && word != "-m" && word != "-c" && !word.hasPrefix("-m") }
            guard let first = words.popFirst() else { return seeds }
            if first == "-m", let module = words.popFirst() {
                seeds.modules = [module, "\(module).__main__"]
            } else if first == "-c" {
                seeds.code = words.first.map { [$0] } ?? []
                words = []
            } else {
                let path = first.hasPrefix("/") ? first : "\(start)/\(first)"
                guard let entry = image.root.resolve(path) else { return seeds }
                let isDirectory = entry.kind == .directory
                seeds.directory = isDirectory ? entry.path : entry.path.parent ?? .root
                seeds.files = [isDirectory ? entry.path.appending("__main__.py".utf8) : entry.path]
            }
        }
        // `gunicorn shop.wsgi:application` and the like name the module that they import.
        seeds.modules += words.compactMap { word in
            let module = word.prefix { $0 != ":" }
            let isModule = module.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
            return isModule && module.first?.isNumber == false ? String(module) : nil
        }
        return seeds
    }

    private func searchPath(_ chain: StartChain<Root>, _ directory: EntryPath) -> [EntryPath] {
        var places = [directory, EntryPath(normalizing: image.execution.startDirectory)]
        let variable = image.execution.value(of: "PYTHONPATH") ?? ""
        places += variable.split(separator: ":").map { EntryPath(normalizing: String($0)) }
        let library = "python\(runtime.version)"
        let programs = [chain.scripts.last?.shebang.program ?? chain.word ?? "", chain.program?.path.description ?? ""]
        for program in programs.map({ EntryPath(normalizing: $0) }) {
            guard let prefix = program.parent?.parent else { continue }
            let lib = prefix.appending("lib".utf8)
            for name in [library, "\(library)/lib-dynload", "\(library)/site-packages"] {
                places.append(lib.appending(name.utf8))
            }
        }
        places += ["/usr/local/lib/\(library)/dist-packages", "/usr/lib/python3/dist-packages"].map {
            EntryPath(normalizing: $0)
        }
        return places
    }

    // MARK: Modules

    private mutating func visit(_ file: EntryPath, from importer: EntryPath) {
        guard seen.count < mostFiles, seen.insert(file).inserted else { return }
        queue.append(file)
    }

    private mutating func read() throws(Diagnostic) {
        let main = queue.first
        var number = 0
        while number < queue.count {
            let path = queue[number]
            number += 1
            guard let entry = image.root.resolve(path), entry.kind == .file,
                let bytes = try image.root.bytes(of: entry, at: 0, count: Self.largestSource),
                // An archive of modules, whose own places are not looked through.
                !bytes.contains(0)
            else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            for statement in ImportStatement.certain(in: text, isMain: path == main) { execute(statement, in: path) }
        }
    }

    private mutating func execute(_ statement: ImportStatement, in file: EntryPath) {
        var directories = places
        if statement.level > 0 {
            var directory = file.parent ?? .root
            for _ in 1..<statement.level { directory = directory.parent ?? .root }
            directories = [directory]
        }
        if statement.level == 0, let first = statement.module.first, absent[first] == nil,
            !directories.contains(where: { has(first, in: $0) }), !isShimmed(first)
        {
            absent[first] = file
        }
        guard let package = follow(statement.module, in: directories, from: file) else { return }
        for name in statement.names { _ = follow([name], in: [package], from: file) }
    }

    /// Visits the module and the packages above it; returns the directory of its parts, if it is a package.
    private mutating func follow(_ parts: [String], in directories: [EntryPath], from importer: EntryPath) -> EntryPath?
    {
        var directories = directories
        guard !parts.isEmpty else { return directories.first }
        var package: EntryPath?
        for part in parts {
            guard let place = directories.first(where: { has(part, in: $0) }) else { return nil }
            package = enter(part, in: place, from: importer)
            guard let package else { return nil }
            directories = [package]
        }
        return package
    }

    /// setuptools puts a `distutils` of its own in the place of Python's.
    private func isShimmed(_ module: String) -> Bool {
        module == "distutils" && places.contains { has("_distutils_hack", in: $0) || has("setuptools", in: $0) }
    }

    private func has(_ module: String, in directory: EntryPath) -> Bool {
        guard let names = names[directory] else { return false }
        if names.contains(module) || names.contains("\(module).py") { return true }
        return names.contains { $0.hasPrefix("\(module).") && ExtensionTag($0)?.module == module }
    }

    /// Imports one module of a directory as Python finds it: a package, an extension module, a source.
    private mutating func enter(_ module: String, in directory: EntryPath, from importer: EntryPath) -> EntryPath? {
        let names = names[directory] ?? []
        let folder = directory.appending(module.utf8)
        if self.names[folder]?.contains("__init__.py") == true {
            visit(folder.appending("__init__.py".utf8), from: importer)
            return folder
        }
        let candidates = names.filter { $0.hasPrefix("\(module).") }.sorted()
        let extensions = candidates.compactMap { name in
            ExtensionTag(name).flatMap { $0.module == module ? (name: name, tag: $0) : nil }
        }
        let fitting = extensions.filter { runtime.finds($0.tag, on: system) }.sorted { left, right in
            Self.order(left.tag) < Self.order(right.tag)
        }
        if let first = fitting.first {
            note(directory.appending(first.name.utf8), from: importer)
        } else if candidates.contains("\(module).py") {
            visit(directory.appending("\(module).py".utf8), from: importer)
        } else {
            // None fits, and Python will say so.
            for misfit in extensions { note(directory.appending(misfit.name.utf8), from: importer) }
        }
        return names.contains(module) ? folder : nil
    }

    private static func order(_ tag: ExtensionTag) -> Int {
        switch tag.kind {
        case .version: 0
        case .stable: 1
        case .any: 2
        }
    }

    private mutating func note(_ module: EntryPath, from importer: EntryPath) {
        if importers[module] == nil { importers[module] = importer }
    }
}

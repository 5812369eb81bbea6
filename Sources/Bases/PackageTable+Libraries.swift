package import Diagnostics
import ELF

extension PackageTable {
    private static let mostLinks = 40

    /// The loader's list (`ld.so.cache`) of the libraries in the packages; `nil` without libraries.
    ///
    /// - Parameter architecture: Debian's name.
    func libraryCache(for architecture: String) -> LibraryCache? {
        guard let abi = LibraryCache.ABI(architecture: architecture), !libraries.isEmpty else { return nil }
        let directories = LibraryCache.directories(for: architecture)
        var names: [String: [String]] = [:]
        for path in paths {
            guard let slash = path.lastIndex(of: "/") else { continue }
            let (directory, name) = ("/\(path[..<slash])", String(path[path.index(after: slash)...]))
            if LibraryCache.isLibrary(name), directories.contains(directory) {
                names[directory, default: []].append(name)
            }
        }
        var found = [LibraryCache.Library]()
        for directory in directories {
            for name in (names[directory] ?? []).sorted() {
                let path = "\(directory)/\(name)"
                guard let file = follow(path), let soname = libraries[file] else { continue }
                // A file whose name ends in its full version is found through the link with its name for the loader. A
                // link without any version is for compilers, and is found under its own name.
                let isForCompilers = name.hasSuffix(".so") && symlink(String(path.dropFirst())) != nil
                guard soname.isEmpty || soname == name || isForCompilers else { continue }
                found.append(LibraryCache.Library(name: name, path: path, abi: abi))
            }
        }
        return found.isEmpty ? nil : LibraryCache(found)
    }

    /// The path that `path` leads to, without a leading slash; `nil` if there are too many links.
    func follow(_ path: String) -> String? {
        var pending = Array(path.split(separator: "/").reversed())
        var done = [Substring]()
        var links = 0
        while let part = pending.popLast() {
            if part == "." { continue }
            if part == ".." {
                _ = done.popLast()
                continue
            }
            guard let target = symlink((done + [part]).joined(separator: "/")) else {
                done.append(part)
                continue
            }
            links += 1
            guard links <= Self.mostLinks else { return nil }
            if target.hasPrefix("/") { done = [] }
            pending += target.split(separator: "/").reversed()
        }
        return done.joined(separator: "/")
    }

    /// Number of libraries that a message names.
    private static let mostNamed = 5

    /// Checks that each library that a file needs is there under that name, in any directory: some packages have their own.
    ///
    /// - Throws: `base.incomplete`.
    func requireLibraries(of definition: BaseDefinition) throws(Diagnostic) {
        let names = Set(
            paths.map { path in path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...] }
        )
        let missing = missingLibraries { names.contains($0[...]) || definition.lacking.contains($0) }
        guard let first = missing.first else { return }
        let list = missing.prefix(Self.mostNamed).map { "`/\($0.file)` needs `\($0.library)`" }
        let more = missing.count > Self.mostNamed ? " and \(missing.count - Self.mostNamed) more" : ""
        throw Diagnostic(
            .baseIncomplete,
            missing.count == 1
                ? "`\(definition.fullName)` lacks a library"
                : "`\(definition.fullName)` lacks \(missing.count) libraries",
            at: .file(path: definition.origin),
            because: list.joined(separator: ", ") + more,
            hint: definition.excluded.isEmpty
                ? "add the package that has `\(first.library)`; or list it in `lacks` if its file is not used"
                : "take its package out of `without`; or list `\(first.library)` in `lacks` if its file is not used"
        )
    }
}

extension Diagnostic.Code {
    package static let baseIncomplete = Self("base.incomplete", .verification)
}

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
}

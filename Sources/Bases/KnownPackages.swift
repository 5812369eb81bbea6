package import ByteIO
import Debian
package import Diagnostics
import ELF
import Layers
import OCI
package import Store

/// What the loader finds in bases, without anything being fetched: the packages of the catalogue are known from a table in coracle
/// itself, and others from the cache, if they are there.
///
/// A package is known by its name alone: within a release of Debian its libraries keep their names and versions of symbols.
package struct KnownPackages: Sendable {
    private let architecture: String
    private let suites: [DebianSuite: PackageFiles]
    private let cache: BlobCache?
    private let drafts: FilePath

    /// - Parameters:
    ///   - architecture: Debian's name.
    ///   - cache: what packages are read from that are not in the table.
    ///   - drafts: the directory for large files of these, for a moment.
    package init(for architecture: String, cache: BlobCache?, drafts: FilePath) {
        self.architecture = architecture
        self.cache = cache
        self.drafts = drafts
        var suites: [DebianSuite: PackageFiles] = [:]
        for suite in DebianSuite.known {
            guard let bytes = BaseShelf.embeddedFile(PackageFiles.fileName, of: suite) else { continue }
            suites[suite] = try? PackageFiles(compressed: bytes, for: architecture)
        }
        self.suites = suites
    }

    /// What the loader finds in the base; `nil` if one of its packages is not known.
    ///
    /// - Throws: what reading a package of the cache throws.
    package func files(of entry: BaseCatalogue.Entry) throws(Diagnostic) -> [LoadableFile]? {
        let definition = entry.definition
        var names = definition.packages
        if !definition.followed.isEmpty {
            guard let members = entry.section.lock?.dependencies(of: definition, for: architecture) else { return nil }
            names += members.map(\.name)
        }
        if entry.variant.isDebug, !names.contains(BaseLock.debugPackage) { names.append(BaseLock.debugPackage) }
        var files = [LoadableFile]()
        for name in names {
            let recipe = PackageRecipe(of: name, entry.variant, in: definition)
            if recipe.form == .copyright { continue }
            if let known = suites[definition.suite]?[name] {
                files +=
                    recipe.form == .busybox
                    ? tools(known, definition.suite) : known.filter { recipe.keeps($0.path, isDirectory: false) }
            } else if let read = try cached(name, recipe, entry) {
                files += read
            } else {
                return nil
            }
        }
        for file in definition.files {
            guard case .symlink(let target) = file.content else { continue }
            let text = target.replacing("{architecture}", with: architecture)
            files.append(LoadableFile(file.path, .symlink(target: Array(text.utf8))))
        }
        return files
    }

    /// busybox where `debug` has it, with a link for each of its tools.
    private func tools(_ package: [LoadableFile], _ suite: DebianSuite) -> [LoadableFile] {
        let top = EntryPath(unchecked: Array(Busybox.directory.utf8))
        let program = package.first { $0.path.name.elementsEqual("busybox".utf8) }
        let links = (suites[suite]?.tools ?? []).filter { $0 != "busybox" }.map { tool in
            LoadableFile(top.appending(tool.utf8), .symlink(target: Array("busybox".utf8)))
        }
        return links + [LoadableFile(top.appending("busybox".utf8), .file, program?.facts)]
    }

    /// The files of a package that is in the cache; `nil` if it is not.
    private func cached(
        _ name: String,
        _ recipe: PackageRecipe,
        _ entry: BaseCatalogue.Entry
    ) throws(Diagnostic) -> [LoadableFile]? {
        guard let package = entry.section.lock?.packages[architecture]?.first(where: { $0.name == name }),
            let blob = try cache?.blob(package.descriptor)
        else { return nil }
        let contents = try PackageContents(package, in: blob, recipe, drafts: drafts)
        var files = [LoadableFile]()
        for entry in contents.blueprint.entries {
            switch entry.content {
            case .directory: continue
            case .symlink(let target): files.append(LoadableFile(entry.path, .symlink(target: target)))
            case .hardlink(let first): files.append(LoadableFile(entry.path, .hardlink(to: first)))
            case .bytes(let bytes):
                let facts = try FileFacts(LibraryBytes(bytes: bytes), named: entry.path.description)
                if let facts { files.append(LoadableFile(entry.path, .file, facts)) }
            case .file(let path, _):
                let facts = try FileFacts(LibraryFile(path), named: entry.path.description)
                if let facts { files.append(LoadableFile(entry.path, .file, facts)) }
            }
        }
        return files
    }
}

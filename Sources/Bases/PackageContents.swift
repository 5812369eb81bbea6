import Apk
import ByteIO
import Debian
package import Diagnostics
import Layers
import OCI
import Store

/// A package that was read for its layer.
struct PackageContents: Sendable {
    let blueprint: LayerBlueprint
    let files: [PackageLayer.File]
    let scripts: [String]
    let stripped: [String]
    let libraries: [String: String]
    let installed: InstalledPackage?
    let needs: [String: String]
    /// The directory of large files until the layer is written.
    private let spill: SpillDirectory

    private static let statusDirectory = EntryPath(unchecked: Array("var/lib/dpkg/status.d".utf8))

    /// - Throws: what `DebReader` and `ApkReader` throw; `base.package-other` if it is not the package in the lock.
    init(
        _ package: BaseLock.Package,
        in blob: LocalBlob,
        _ recipe: PackageRecipe,
        drafts: FilePath
    ) throws(Diagnostic) {
        switch recipe.format {
        case .deb: try self.init(deb: package, in: blob, recipe, drafts: drafts)
        case .apk: try self.init(apk: package, in: blob, recipe, drafts: drafts)
        }
    }

    private init(
        apk package: BaseLock.Package,
        in blob: LocalBlob,
        _ recipe: PackageRecipe,
        drafts: FilePath
    ) throws(Diagnostic) {
        spill = try SpillDirectory(in: drafts)
        var reader = try ApkReader(try blob.open(), named: package.path)
        let control = reader.control
        try Self.require(control.name, control.version, control.architecture, for: package)
        let read = try reader.entries(spillingTo: spill)
        var entries = Self.kept(of: read.entries, recipe)
        entries += Self.directories(above: entries)
        blueprint = try LayerBlueprint(.base, createdBy: "\(package.name) \(package.version)", entries: entries)
        files = try Self.files(blueprint.entries)
        let architecture = ["x86_64": "amd64", "aarch64": "arm64"][control.architecture]
        // Packages for any architecture have no libraries.
        libraries = try SharedLibrary.names(of: blueprint.entries, for: architecture ?? "")
        scripts = control.scripts
        let paths = Set(entries.map(\.path))
        stripped = read.stripped.filter { paths.contains($0) }.map(\.description)
        needs = try SharedLibrary.needs(of: blueprint.entries)
        installed = try InstalledPackage(control, reader.checksum, size: package.size, blueprint.entries)
    }

    /// - Throws: `base.package-other`, unless a package is what its lock says.
    private static func require(
        _ name: String,
        _ version: String,
        _ architecture: String,
        for package: BaseLock.Package
    ) throws(Diagnostic) {
        guard name != package.name || version != package.version || architecture != package.architecture else { return }
        throw Diagnostic(
            .basePackageOther,
            "`\(package.path)` is not the package it is locked as",
            because: "it is `\(name.excerpt)` \(version.excerpt) for \(architecture.excerpt)",
            hint: "renew the lock: `coracle base lock`"
        )
    }

    private init(
        deb package: BaseLock.Package,
        in blob: LocalBlob,
        _ recipe: PackageRecipe,
        drafts: FilePath
    ) throws(Diagnostic) {
        spill = try SpillDirectory(in: drafts)
        var reader = try DebReader(try blob.open(), named: package.path)
        let control = reader.control
        try Self.require(control.name, control.version, control.architecture, for: package)
        let read = try reader.entries(spillingTo: spill)
        var entries = Self.kept(of: read.entries, recipe)
        if recipe.form == .busybox { entries += try Busybox.entries(from: read.entries, of: package.name) }
        let isWhole = recipe.form == .usual && entries.count == read.entries.count
        entries += Self.status(of: control, with: isWhole ? nil : entries)
        entries += Self.directories(above: entries)
        blueprint = try LayerBlueprint(.base, createdBy: "\(package.name) \(package.version)", entries: entries)
        files = try Self.files(blueprint.entries)
        libraries = try SharedLibrary.names(of: blueprint.entries, for: control.architecture)
        needs = try SharedLibrary.needs(of: blueprint.entries)
        scripts = control.scripts
        let paths = Set(entries.map(\.path))
        stripped = read.stripped.filter { paths.contains($0) }.map(\.description)
        installed = nil
    }

    /// The entries that the recipe keeps. If the name of a file that holds its content is dropped, another name takes it.
    private static func kept(of entries: [LayerEntry], _ recipe: PackageRecipe) -> [LayerEntry] {
        var kept = [LayerEntry]()
        var orphans: [EntryPath: LayerEntry.Content] = [:]
        var heirs: [EntryPath: EntryPath] = [:]
        for entry in LayerBlueprint.sorted(entries) {
            guard recipe.keeps(entry.path, isDirectory: entry.content == .directory) else {
                orphans[entry.path] = entry.content
                continue
            }
            var entry = entry
            if case .hardlink(let target) = entry.content, let content = orphans[target] {
                if let heir = heirs[target] {
                    entry.content = .hardlink(to: heir)
                } else {
                    heirs[target] = entry.path
                    entry.content = content
                }
            }
            kept.append(entry)
        }
        return kept
    }

    /// The files that scanners read: the package's `control`, and the MD5 sums of those of its files that are `kept`; `nil` for
    /// all.
    private static func status(of control: DebControl, with kept: [LayerEntry]?) -> [LayerEntry] {
        func file(_ name: String, _ bytes: [UInt8]) -> LayerEntry {
            LayerEntry(statusDirectory.appending(name.utf8), .bytes(bytes), mode: FileModes.plain)
        }
        let text = control.control
        let status = file(control.name, text.last == 0x0A ? text : text + [0x0A])
        guard let sums = control.md5sums else { return [status] }
        guard let kept else { return [status, file("\(control.name).md5sums", sums)] }
        let paths = Set(kept.map(\.path))
        // 32 digits, two spaces, the path.
        let lines = sums.split(separator: 0x0A).filter { line in
            paths.contains(EntryPath(unchecked: Array(line.dropFirst(34))))
        }
        return [status, file("\(control.name).md5sums", lines.flatMap { Array($0) + [0x0A] })]
    }

    /// The parent directories that the package does not have itself.
    static func directories(above entries: [LayerEntry]) -> [LayerEntry] {
        var known = Set(entries.map(\.path))
        var missing = [LayerEntry]()
        for entry in entries {
            var path = entry.path
            while let parent = path.parent, !parent.isRoot, known.insert(parent).inserted {
                missing.append(LayerEntry(parent, .directory, mode: FileModes.directory))
                path = parent
            }
        }
        return missing
    }

    private static func files(_ entries: [LayerEntry]) throws(Diagnostic) -> [PackageLayer.File] {
        var digests: [EntryPath: String] = [:]
        var files = [PackageLayer.File]()
        for entry in entries {
            let kind: PackageLayer.Kind
            switch entry.content {
            case .directory: kind = .directory
            case .symlink(let target): kind = .symlink(String(printing: target))
            case .hardlink(let target): kind = .file(digests[target] ?? "")
            case .bytes(let bytes):
                let digest = Digest(sha256Of: bytes).hex
                digests[entry.path] = digest
                kind = .file(digest)
            case .file(let path, _):
                let digest = try digest(of: path).hex
                digests[entry.path] = digest
                kind = .file(digest)
            }
            files.append(PackageLayer.File(path: String(printing: entry.path.bytes), kind: kind))
        }
        return files
    }

    private static func digest(of path: FilePath) throws(Diagnostic) -> Digest {
        var source = try FileSource(path)
        var hasher = SHA256Hasher()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try source.read(into: buffer)
            if count == 0 { return hasher.finalize() }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}

extension Diagnostic.Code {
    package static let basePackageOther = Self("base.package-other", .verification)
}

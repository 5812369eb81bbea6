import Archive
import Check
package import Diagnostics
package import Images
import Layers
package import OCI
package import Store

/// The root filesystem of an image for one platform, from which files are taken for another image.
package struct ImageFiles: Sendable {
    package let platform: Platform
    /// As the user named it.
    package let name: String
    let files: RootFilesystem
    let layers: [Descriptor]
    let provider: any ImageProvider

    /// Reads the tables of the image's layers; the locator of a file is the place of its content's record in its layer.
    ///
    /// - Throws: `base.…` and `layer.…` for an image that cannot be read; what the provider throws.
    package init(
        _ candidate: BaseManifests.Candidate,
        of provider: any ImageProvider,
        _ access: ImageAccess
    ) async throws(Diagnostic) {
        let tables = try LayerTables(provider, access)
        let (image, layers, found) = try await tables.read(candidate)
        var files = RootFilesystem(tables.limits)
        for table in found {
            try files.beginLayer(.blob(table.diffID.description))
            var place: Int64 = 0
            for record in table.records {
                try files.apply(record.entry, locator: place)
                place += 1
            }
        }
        files.settle()
        self.files = files
        self.layers = layers
        self.provider = provider
        platform = image.platform
        name = provider.name
    }

    /// The image for each of `platforms`, or why there is none.
    ///
    /// - Throws: what keeps all of them from being read.
    package static func read(
        for platforms: [Platform],
        of provider: any ImageProvider,
        _ access: ImageAccess
    ) async throws(Diagnostic) -> [Platform: Result<ImageFiles, Diagnostic>] {
        let manifests = try await BaseManifests(provider)
        var known: [Digest: ImageFiles] = [:]
        var found: [Platform: Result<ImageFiles, Diagnostic>] = [:]
        for platform in platforms where found[platform] == nil {
            do throws(Diagnostic) {
                let candidate = try manifests.candidate(for: platform)
                let files: ImageFiles
                if let read = known[candidate.manifest.digest] {
                    files = read
                } else {
                    files = try await ImageFiles(candidate, of: provider, access)
                }
                known[candidate.manifest.digest] = files
                found[platform] = .success(files)
            } catch {
                var problem = error
                if problem.code == .basePlatformMissing {
                    problem.hint = "take the files from another image, or build for a platform that it has"
                }
                found[platform] = .failure(problem)
            }
        }
        return found
    }
}

// MARK: - Finding

extension ImageFiles {
    /// A file of the image, and where it goes.
    struct Match {
        /// Where it is, without symlinks on the way.
        let path: EntryPath
        let destination: EntryPath
    }

    /// What `source` means: a path, or a pattern in its last component.
    ///
    /// Symlinks are followed within the image. What matches a pattern goes into the destination under its own name, and so does a
    /// file whose destination ends with a slash.
    ///
    /// - Throws: `add.not-in-image`; `entry.path-malformed` for the destination.
    func matches(_ source: String, to destination: String) throws(Diagnostic) -> [Match] {
        let place = try EntryPath(absolute: destination)
        let way = walk(Array(source.utf8))
        if case .found(let path) = way {
            let keepsName = destination.hasSuffix("/") && !isDirectory(path)
            // Under the name that was asked for, wherever a symlink leads.
            let name = EntryPath(normalizing: source).name
            return [Match(path: path, destination: keepsName ? place.appending(name) : place)]
        }
        guard let slash = source.lastIndex(of: "/"), source[slash...].contains(where: { "*?".contains($0) }) else {
            throw absent(source, way)
        }
        let pattern = NamePattern(String(source[source.index(after: slash)...]))
        let above = walk(Array(source[..<slash].utf8))
        guard case .found(let directory) = above, isDirectory(directory) else { throw absent(source, above) }
        let found = children(of: directory).filter { name in
            let text = String(printing: name)
            return pattern.matches(text) && (source[slash...].hasPrefix("/.") || !text.hasPrefix("."))
        }
        guard !found.isEmpty else { throw absent(source, way) }
        return try found.map { name throws(Diagnostic) in
            // A directory's content goes where the others go.
            guard case .found(let path) = walk(directory.appending(name).bytes) else {
                throw absent(directory.appending(name).description, walk(directory.appending(name).bytes))
            }
            return Match(path: path, destination: isDirectory(path) ? place : place.appending(name))
        }
    }

    func isDirectory(_ path: EntryPath) -> Bool { path.isRoot || files[path]?.entry.kind == .directory }

    private func walk(_ path: [UInt8]) -> PathWalk {
        PathWalk(path) { path in
            switch files[path]?.entry.kind {
            case nil: nil
            case .directory?: .directory
            case .symlink(let target)?: .symlink(target: target)
            case .regular?, .hardlink?, .characterDevice?, .blockDevice?, .fifo?: .file
            }
        }
    }

    /// The names in a directory, in order.
    private func children(of directory: EntryPath) -> [[UInt8]] {
        files.sorted.lazy.filter { directory.isParent(of: $0.path) }.map { Array($0.path.name) }
    }

    /// Nothing is at `source`: with what is nearest to it.
    private func absent(_ source: String, _ way: PathWalk) -> Diagnostic {
        var reason = "there is nothing at that path"
        var hint: String?
        switch way {
        case .found(let path): reason = "`\(path)` is not a directory"
        case .blocked(let path): reason = "`\(path)` is not a directory"
        case .loop(let path): reason = "`\(path)` is one of too many symlinks, or of a loop"
        case .denied(let path): reason = "`\(path)` cannot be entered"
        case .missing(let path, let link):
            if let link { reason = "`\(link)` is a symlink, and there is nothing at `\(path)`" }
            hint = nearest(to: path)
        }
        return Diagnostic(
            .addNotInImage,
            "`\(source)` is not in `\(name)` for \(platform)",
            at: .image(name),
            because: reason,
            hint: hint ?? "`coracle files IMAGE` lists what is in an image"
        )
    }

    /// Number of paths that a message names.
    private static let mostNames = 3

    private func nearest(to path: EntryPath) -> String? {
        var same = [EntryPath]()
        var parent = path.parent ?? .root
        while !parent.isRoot, files[parent] == nil { parent = parent.parent ?? .root }
        var siblings = [String]()
        for (other, _) in files.sorted where !other.isRoot {
            if other.name.elementsEqual(path.name), same.count < Self.mostNames { same.append(other) }
            if parent.isParent(of: other) { siblings.append(String(printing: other.name)) }
        }
        if !same.isEmpty { return "it has " + same.map { "`\($0)`" }.joined(separator: ", ") }
        // The first component that is not there.
        let depth = parent.isRoot ? 0 : parent.bytes.count + 1
        let wanted = path.bytes[depth...].prefix { $0 != UInt8(ascii: "/") }
        let closest = Spelling.closest(to: String(printing: wanted), among: siblings)
        if let closest { return "did you mean `\(parent.appending(Array(closest.utf8)))`?" }
        guard !siblings.isEmpty, siblings.count <= 8 else { return nil }
        return "`\(parent)` has " + siblings.map { "`\($0)`" }.joined(separator: ", ")
    }
}

extension Diagnostic.Code {
    static let addNotInImage = Self("add.not-in-image", .notFound)
}

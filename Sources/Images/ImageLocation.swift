package import ByteIO
package import Diagnostics
package import OCI

/// Where an image is, as a user writes it: a reference, or `oci:DIR[:REF]`, `oci-archive:FILE[:REF]`,
/// `docker-archive:FILE[:REF]`.
package enum ImageLocation: Hashable, Sendable {
    /// In a registry.
    case registry(Reference)
    /// In an image layout; `nil` for the only image there.
    case layout(FilePath, name: String?)
    /// In a tar file of an image layout.
    case archive(FilePath, name: String?)
    /// In a tar file as `docker save` writes it.
    case dockerArchive(FilePath, name: String?)
    /// In no place: a base that is assembled from packages, by its name in the catalogue.
    case catalogue(String)

    /// - Throws: `reference.malformed`, `location.malformed`.
    package init(parsing text: String) throws(Diagnostic) { try self.init(parsing: text, on: .thisMachine) }

    /// Parses what names something to read: also the plain path of a layout or an archive that is there.
    ///
    /// - Throws: `reference.malformed`, `location.malformed`.
    package init(source text: String) throws(Diagnostic) { try self.init(source: text, on: .thisMachine) }

    /// Parses what is on this machine, whatever else it could mean: a path, with `oci:` and the like before it or without.
    ///
    /// - Throws: `location.malformed`.
    package init(path text: String) throws(Diagnostic) { try self.init(path: text, on: .thisMachine) }

    /// - Parameter files: decides between what could be read in two ways.
    package init(parsing text: String, on files: KnownFiles) throws(Diagnostic) {
        try Self.refuseStandardStream(text)
        for (prefix, make) in Self.transports where text.hasPrefix(prefix) {
            let (path, name) = try Self.split(text, after: prefix, files)
            self = make(path, name)
            return
        }
        if Self.isPath(text) {
            self = Self.file(FilePath(text), files)
            return
        }
        guard !Self.engineStores.contains(where: { text.hasPrefix($0) }) else {
            throw Diagnostic(
                .locationMalformed,
                "`\(text)` is a place that coracle cannot reach",
                because: "it is neither a registry, nor a layout or an archive",
                hint: "use a file: `docker-archive:FILE`, as of `docker save`, `oci-archive:FILE` or `oci:DIR`"
            )
        }
        self = .registry(try Self.reference(parsing: text))
    }

    /// Parses what can only be in a registry, with `docker://` before it or without.
    ///
    /// - Throws: `reference.malformed`.
    package static func reference(parsing text: String) throws(Diagnostic) -> Reference {
        try Reference(parsing: text.hasPrefix("docker://") ? String(text.dropFirst("docker://".count)) : text)
    }

    package init(source text: String, on files: KnownFiles) throws(Diagnostic) {
        // `ubuntu` may well be a directory of something else; only what holds an image is taken for one.
        if !text.isEmpty, files.kind(FilePath(text)) != nil {
            self = Self.file(FilePath(text), files)
        } else {
            try self.init(parsing: text, on: files)
        }
    }

    package init(path text: String, on files: KnownFiles) throws(Diagnostic) {
        guard !text.isEmpty else {
            let hint = "name a directory, or a file that ends in `.tar`"
            throw Diagnostic(.locationMalformed, "an empty path names no image", hint: hint)
        }
        try Self.refuseStandardStream(text)
        if Self.transports.contains(where: { text.hasPrefix($0.0) }) {
            try self.init(parsing: text, on: files)
        } else {
            self = Self.file(FilePath(text), files)
        }
    }

    /// - Throws: `location.malformed` for `-`, by which other programs mean a standard stream.
    private static func refuseStandardStream(_ text: String) throws(Diagnostic) {
        guard text == "-" else { return }
        throw Diagnostic(
            .locationMalformed,
            "`-` names no image",
            because: "an image is not read from standard input",
            hint:
                "write it into a file that ends in `.tar` first, such as `docker save NAME -o image.tar`, and name that"
        )
    }

    private static let transports: [(String, @Sendable (FilePath, String?) -> ImageLocation)] = [
        ("oci:", { .layout($0, name: $1) }),
        ("oci-archive:", { .archive($0, name: $1) }),
        ("docker-archive:", { .dockerArchive($0, name: $1) }),
    ]

    /// Places of skopeo's, which would else be names and tags of Docker Hub.
    private static let engineStores = ["docker-daemon:", "containers-storage:", "dir:"]

    private static func file(_ path: FilePath, _ files: KnownFiles) -> ImageLocation {
        switch files.kind(path) {
        case .layout: .layout(path, name: nil)
        case .archive: .archive(path, name: nil)
        case nil: path.display.hasSuffix(".tar") ? .archive(path, name: nil) : .layout(path, name: nil)
        }
    }

    /// Whether no one can mean a reference: none begins like this, and `server.oci` is what `build` writes.
    private static func isPath(_ text: String) -> Bool {
        if text.hasPrefix("/") || text.hasPrefix("./") || text.hasPrefix("../") { return true }
        return !text.utf8.contains(UInt8(ascii: "/")) && !text.utf8.contains(UInt8(ascii: ":"))
            && (text.hasSuffix(".tar") || text.hasSuffix(".oci"))
    }

    /// Parts `PATH[:NAME]`. A path that is there may have colons; else the first colon ends it whose rest can be a name.
    private static func split(
        _ text: String,
        after prefix: String,
        _ files: KnownFiles
    ) throws(Diagnostic) -> (FilePath, String?) {
        let rest = text.dropFirst(prefix.count)
        func malformed(_ reason: String) -> Diagnostic {
            Diagnostic(
                .locationMalformed,
                "`\(text)` does not say where an image is",
                because: reason,
                hint: "write it like `\(prefix)PATH` or `\(prefix)PATH:1.0`"
            )
        }
        guard let first = rest.first, first != ":" else { throw malformed("it names no path") }
        if files.exists(FilePath(String(rest))) { return (FilePath(String(rest)), nil) }
        let colons = rest.indices.filter { rest[$0] == ":" }
        guard !colons.isEmpty else { return (FilePath(String(rest)), nil) }
        let candidates = colons.compactMap { colon -> (FilePath, String)? in
            let name = String(rest[rest.index(after: colon)...])
            return isName(name) ? (FilePath(String(rest[..<colon])), name) : nil
        }
        guard let chosen = candidates.last(where: { files.exists($0.0) }) ?? candidates.first else {
            let name = rest[colons[0]...].dropFirst()
            throw malformed(name.isEmpty ? "its name is empty" : "`\(name)` is neither tag nor reference")
        }
        return chosen
    }

    /// A tag alone, or a reference.
    private static func isName(_ text: String) -> Bool {
        (try? Reference(parsing: text)) != nil || (try? Reference(parsing: "a:\(text)")) != nil
    }
}

extension ImageLocation {
    /// The image called `name` there, where several may be in one place and none is named yet.
    package func called(_ name: String?) -> ImageLocation {
        switch self {
        case .layout(let path, nil): .layout(path, name: name)
        case .archive(let path, nil): .archive(path, name: name)
        case .dockerArchive(let path, nil): .dockerArchive(path, name: name)
        case .registry, .layout, .archive, .dockerArchive, .catalogue: self
        }
    }
}

extension ImageLocation: CustomStringConvertible {
    /// As it can be written.
    package var description: String {
        func with(_ prefix: String, _ path: FilePath, _ name: String?) -> String {
            prefix + path.display + (name.map { ":\($0)" } ?? "")
        }
        return switch self {
        case .registry(let reference): reference.text
        case .catalogue(let name): name
        case .layout(let path, let name): with("oci:", path, name)
        case .archive(let path, let name): with("oci-archive:", path, name)
        case .dockerArchive(let path, let name): with("docker-archive:", path, name)
        }
    }
}

extension Diagnostic.Code {
    static let locationMalformed = Self("location.malformed", .usage)
}

/// What a location's reader asks about files, so that its rules can be tried without any.
package struct KnownFiles: Sendable {
    enum Kind { case layout, archive }

    /// Whether there is anything of that name.
    let exists: @Sendable (FilePath) -> Bool
    /// Which kind of image seems to be there; `nil` if there is none.
    let kind: @Sendable (FilePath) -> Kind?

    static let thisMachine = KnownFiles(
        exists: { (try? FileStatus(at: $0, following: true)) != nil },
        kind: { path in
            switch (try? FileStatus(at: path, following: true))?.kind {
            case .regular: .archive
            case .directory where (try? FileStatus(at: path.appending("oci-layout"))) != nil: .layout
            default: nil
            }
        }
    )
}

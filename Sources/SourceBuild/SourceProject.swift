package import ByteIO
import Images
import OCI
package import Request

/// Source that a program, or an application of an interpreter, is made of.
package struct SourceProject: Sendable {
    package let ecosystem: Ecosystem
    /// What the user named.
    package let typed: FilePath
    /// Where the toolchain runs, without symlinks.
    private(set) var directory: FilePath
    /// The directory as the user would type it.
    let shown: FilePath
    /// The package of Go, if the user named one instead of a directory.
    let package: String?
    /// What the image stands on, if the user names it.
    let base: ImageLocation?
    /// The base of the catalogue that the directory, as it is, would be put on.
    let catalogueBase: String?
    /// What in the directory is not source: the cache, the image itself.
    let passedOver: [FilePath]

    /// What is at the only path of `request`; `nil` if that is not source, or does not have to be built.
    ///
    /// A manifest that is named is built. A directory is, if it has a manifest, or is one of a Go module's packages, and
    /// is not an application as it is.
    package static func find(_ request: BuildRequest) -> SourceProject? {
        guard request.buildsSource, request.origin == nil, request.paths.count == 1 else { return nil }
        let typed = request.paths[0]
        guard let real = typed.resolved, let status = try? FileStatus(at: real) else {
            return importPath(typed, request)
        }
        if status.kind == .regular {
            return Ecosystem(manifest: typed.name).map {
                SourceProject($0, typed, real.directory, shown: typed.directory, request)
            }
        }
        guard status.kind == .directory else { return nil }
        let isGo = isInModule(real) && !GoSource.files(in: real).isEmpty
        return request.ecosystem(at: typed, isInModule: isGo).map {
            SourceProject($0, typed, real, shown: typed, request)
        }
    }

    private init(
        _ ecosystem: Ecosystem,
        _ typed: FilePath,
        _ directory: FilePath,
        shown: FilePath,
        package: String? = nil,
        _ request: BuildRequest
    ) {
        self.ecosystem = ecosystem
        self.typed = typed
        self.directory = directory
        self.shown = shown
        self.package = package
        base = request.base
        catalogueBase = ecosystem.kind.flatMap { request.catalogueBase(of: directory, $0) }
        var places = request.passedOver
        switch request.output {
        case .layout(let path)?, .archive(let path)?: places.append(path)
        case .stream?, nil: break
        }
        passedOver = places.compactMap(\.resolved)
    }

    /// Names a place that the toolchain writes to in one build at a time, whichever image it is for; `nil` if it can run
    /// several times at once.
    package var workplace: String? {
        switch ecosystem {
        case .cargo, .swift: "\(ecosystem.rawValue) \(directory.display)"
        // Maven 3 does not lock its repository on this machine.
        case .maven: ecosystem.rawValue
        case .go, .gradle, .python, .node: nil
        }
    }

    /// The same project in a copy of `root`, which has its directory.
    func moved(from root: FilePath, to copy: FilePath) -> SourceProject {
        var project = self
        let rest = directory.bytes.dropFirst(root.bytes.count).drop { $0 == UInt8(ascii: "/") }
        project.directory = rest.isEmpty ? copy : copy.appending(name: Array(rest))
        return project
    }

    /// An import path of the module that the user is in, and not of a file; others are marked as ko marks them. Whether
    /// there is such a package is for Go to say.
    private static func importPath(_ typed: FilePath, _ request: BuildRequest) -> SourceProject? {
        var text = typed.display
        let isMarked = text.hasPrefix("ko://")
        if isMarked { text = String(text.dropFirst(5)) }
        let isPath = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-._~/".utf8.contains(byte)
        }
        guard isPath, !text.isEmpty, !text.hasPrefix("/"), !text.hasPrefix("."), !text.hasPrefix("-"),
            let here = FilePath(".").resolved,
            isMarked || module(at: here).map({ "\(text)/".hasPrefix("\($0)/") }) ?? false
        else { return nil }
        return SourceProject(.go, typed, here, shown: ".", package: text, request)
    }

    static func isFile(_ path: FilePath) -> Bool {
        (try? FileStatus(at: path, following: true))?.kind == .regular
    }

    /// The name of the module that `directory` is in; `nil` if it is in none.
    private static func module(at directory: FilePath) -> String? {
        var place = directory
        while !isFile(place.appending("go.mod")) {
            guard place != "/" else { return nil }
            place = place.directory
        }
        let bytes = try? OpenFile.content(of: place.appending("go.mod"), limit: 1 << 20)
        return bytes.flatMap { GoSource.module(of: $0) }
    }

    /// Whether there is a `go.mod` or a `go.work` in `directory`, or above it.
    private static func isInModule(_ directory: FilePath) -> Bool {
        var place = directory
        while true {
            if Ecosystem.go.isIn(place) { return true }
            guard place != "/" else { return false }
            place = place.directory
        }
    }
}

package import ByteIO
import Plan
package import Request

/// Source of Go that a program is made of.
package struct SourceProject: Sendable {
    package let ecosystem = Ecosystem.go
    /// What the user named.
    package let typed: FilePath
    /// Where Go runs, without symlinks.
    let directory: FilePath
    /// The directory as the user would type it.
    let shown: FilePath
    /// The package, if the user named one instead of a directory.
    let package: String?

    /// What is at the only path of `request`; `nil` if that is not source, or does not have to be built.
    ///
    /// A manifest that is named is built. A directory is, if it has a manifest, or is one of a Go module's packages, and
    /// is not an application as it is.
    package static func find(_ request: BuildRequest) -> SourceProject? {
        guard request.buildsSource, request.origin == nil, request.paths.count == 1 else { return nil }
        let typed = request.paths[0]
        guard let real = typed.resolved, let status = try? FileStatus(at: real) else { return importPath(typed) }
        if status.kind == .regular {
            return Ecosystem.go.manifests.contains(typed.name) ? SourceProject(typed, real.directory, shown: typed.directory) : nil
        }
        // What is to be started is in the directory, or on a base.
        guard status.kind == .directory, request.configuration.entrypoint == nil, isSource(real),
            !request.isFinished(typed)
        else { return nil }
        return SourceProject(typed, real, shown: typed)
    }

    private init(
        _ typed: FilePath,
        _ directory: FilePath,
        shown: FilePath,
        package: String? = nil
    ) {
        self.typed = typed
        self.directory = directory
        self.shown = shown
        self.package = package
    }

    /// An import path of the module that the user is in, and not of a file; others are marked as ko marks them. Whether
    /// there is such a package is for Go to say.
    private static func importPath(_ typed: FilePath) -> SourceProject? {
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
        return SourceProject(typed, here, shown: ".", package: text)
    }

    static func isFile(_ path: FilePath) -> Bool {
        (try? FileStatus(at: path, following: true))?.kind == .regular
    }

    private static func isSource(_ directory: FilePath) -> Bool {
        if Ecosystem.go.isIn(directory) { return true }
        return isInModule(directory) && !GoSource.files(in: directory).isEmpty
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

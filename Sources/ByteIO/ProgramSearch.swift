import Glibc

extension FilePath {
    /// The program called `name` in the absolute directories of `search`, which has colons between them; `nil` if there is
    /// none.
    package static func ofProgram(_ name: String, in search: String) -> FilePath? {
        for directory in search.split(separator: ":") where directory.hasPrefix("/") {
            let path = FilePath(String(directory)).appending(name)
            guard let status = try? FileStatus(at: path, following: true), status.kind == .regular else { continue }
            if path.withCString({ access($0, X_OK) }) == 0 { return path }
        }
        return nil
    }
}

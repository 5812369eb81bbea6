/// A path of an image or of a build context as text, without `.`, `..` and empty components.
enum ImagePath {
    /// `path` as it is seen in `directory`, absolute.
    static func absolute(_ path: String, in directory: String) -> String {
        "/" + components(path.hasPrefix("/") ? path : directory + "/" + path).joined(separator: "/")
    }

    /// A path of the build context: `.` for the context itself, `cmd/app` for what is in it.
    static func relative(_ path: String) -> String {
        let parts = components(path)
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    /// `path` in `directory`, both of the build context.
    static func joined(_ directory: String, _ path: String) -> String {
        relative(directory == "." ? path : directory + "/" + path)
    }

    /// What follows `prefix` in `path`, without a slash before it; `nil` if `path` is not below it and not the same.
    static func rest(of path: String, below prefix: String) -> String? {
        if path == prefix { return "" }
        guard path.utf8.count > prefix.utf8.count, path.hasPrefix(prefix) else { return nil }
        if prefix == "/" { return String(path.dropFirst()) }
        let rest = path.utf8.dropFirst(prefix.utf8.count)
        return rest.first == UInt8(ascii: "/") ? String(rest.dropFirst()) : nil
    }

    static func name(_ path: String) -> String { components(path).last ?? "" }

    static func directory(_ path: String) -> String {
        "/" + components(path).dropLast().joined(separator: "/")
    }

    private static func components(_ path: String) -> [String] {
        var parts = [String]()
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
        }
        return parts
    }
}

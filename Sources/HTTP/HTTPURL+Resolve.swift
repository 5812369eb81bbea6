package import Diagnostics

extension HTTPURL {
    /// The address that `location` means when it is found at this one (RFC 3986 § 5.2), without its fragment.
    ///
    /// - Throws: `url.malformed`.
    package func resolving(_ location: String) throws(Diagnostic) -> HTTPURL {
        let reference = location.prefix { $0 != "#" }
        if let scheme = Self.scheme(of: reference) {
            guard ["http", "https"].contains(scheme.lowercased()) else {
                throw Self.malformed(location, "it does not begin with `https://`")
            }
            return try HTTPURL(parsing: String(reference)).withoutDotSegments()
        }
        if reference.hasPrefix("//") {
            return try HTTPURL(parsing: "\(origin.scheme.rawValue):\(reference)").withoutDotSegments()
        }
        if reference.isEmpty { return self }
        if reference.hasPrefix("?") { return try HTTPURL(parsing: "\(origin)\(path)\(reference)") }
        let absolute = reference.hasPrefix("/") ? String(reference) : directory + reference
        return try HTTPURL(parsing: "\(origin)\(absolute)").withoutDotSegments()
    }

    /// The path up to its last slash, with it.
    private var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "/" }
        return String(path[...slash])
    }

    /// The text before a colon that comes before any slash (RFC 3986 § 3.1).
    private static func scheme(of reference: Substring) -> Substring? {
        let word = reference.prefix { !":/?".utf8.contains($0.asciiValue ?? 0) }
        return reference[word.endIndex...].hasPrefix(":") ? word : nil
    }

    /// RFC 3986 § 5.2.4.
    private func withoutDotSegments() -> HTTPURL {
        var kept = [Substring]()
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (number, segment) in segments.enumerated() {
            let isLast = number == segments.count - 1
            switch segment {
            case ".":
                if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        var url = self
        url.target = "/" + kept.joined(separator: "/") + target[path.endIndex...]
        return url
    }
}

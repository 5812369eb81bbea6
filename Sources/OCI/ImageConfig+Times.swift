extension ImageConfig {
    /// The times that no engine can read, as they refuse the whole config then (config.md: RFC 3339); at most a few.
    package var unreadableTimes: [String] {
        let times = [created] + history.map(\.created)
        return Array(times.compactMap(\.self).lazy.filter { !Self.isReadable($0) }.prefix(3))
    }

    /// The same without them.
    package var withReadableTimes: ImageConfig {
        var config = self
        if let created, !Self.isReadable(created) { config.created = nil }
        for index in history.indices {
            guard let created = history[index].created, !Self.isReadable(created) else { continue }
            config.history[index].created = nil
        }
        return config
    }

    /// Go's zero time is in the year 1, and year 0 is read, too.
    private static func isReadable(_ text: String) -> Bool {
        Timestamp.isRFC3339(text) || text.hasPrefix("0000-") && Timestamp.isRFC3339("0004-" + text.dropFirst(5))
    }
}

/// How an engine finds out whether a container still works. Docker and podman run it; Kubernetes has probes instead.
///
/// Docker's image format, `config` § Healthcheck; the Dockerfile reference, § HEALTHCHECK.
package struct Healthcheck: Hashable, Encodable, Sendable {
    /// `CMD` and words, `CMD-SHELL` and a line, or `NONE`.
    package var test: [String]
    /// In nanoseconds, by the member's name.
    package var times: [String: Int64] = [:]
    /// How many times in a row it fails before the container counts as unhealthy; `nil` for the engine's own number.
    package var retries: Int64?

    /// Settings as Dockerfiles call them, and the members of the configuration that they are.
    package static let members = [
        "interval": "Interval", "timeout": "Timeout", "start-period": "StartPeriod", "start-interval": "StartInterval",
    ]

    /// With the engine's own times.
    package init(test: [String]) { self.test = test }

    /// What a configuration says; `nil` if this is not a health check.
    package init?(_ json: JSON) {
        guard let words = json["Test"]?.arrayValue?.compactMap(\.stringValue), let first = words.first,
            ["CMD", "CMD-SHELL", "NONE"].contains(first)
        else { return nil }
        test = words
        for member in Self.members.values { times[member] = json[member]?.intValue }
        retries = json["Retries"]?.intValue
    }

    /// The member `Healthcheck` of a configuration.
    package var json: JSON {
        var object = JSONObject()
        object["Test"] = .strings(test)
        for (member, time) in times.sorted(by: { $0.key < $1.key }) { object[member] = .int(time) }
        object["Retries"] = retries.map { .int($0) }
        return .object(object)
    }
}

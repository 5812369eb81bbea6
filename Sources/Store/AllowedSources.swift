/// Where content may be taken from.
package enum AllowedSources: Hashable, Sendable {
    case everywhere
    /// Only what this machine has: `--offline`.
    case cacheOnly
}

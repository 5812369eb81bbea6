import ByteIO

/// Where programs look for what they do not bring.
package enum KnownPlaces {
    /// Certificate authorities in one file.
    package static let bundles = AuthorityBundles.paths
    /// Certificate authorities, one a file.
    static let certificateDirectories = ["/etc/ssl/certs", "/etc/pki/tls/certs"]
    static let zones = ["/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"]
    package static let shell = "/bin/sh"
}

package import Diagnostics
package import Layers

/// Data of Debian's that is in coracle itself, and which of its packages it is from: `Bases/PROVENANCE.md`.
package struct EmbeddedData: Sendable {
    /// A file that only this package has, as it is in an image.
    package let path: EntryPath
    package let content: [UInt8]
    package let package: String
    package let version: String
    /// The release whose package it is, as its name for programs and its number.
    package static let release = "debian-12"

    /// What an image may have of it.
    ///
    /// - Throws: `zoneinfo.malformed`, which no user can cause.
    package static func all() throws(Diagnostic) -> [EmbeddedData] {
        [
            EmbeddedData(
                path: EntryPath(normalizing: Certificates.path),
                content: Certificates.embedded,
                package: "ca-certificates",
                version: "20250419~deb12u2"
            ),
            // The whole data as text, with its version in the first line.
            EmbeddedData(
                path: EntryPath(normalizing: zones),
                content: try content(of: zones, in: Zoneinfo.entries()),
                package: "tzdata",
                version: "2026f-0+deb12u1"
            ),
            EmbeddedData(
                path: EntryPath(normalizing: MediaTypes.path),
                content: try content(of: MediaTypes.path, in: MediaTypes.entries),
                package: "media-types",
                version: "10.0.0"
            ),
        ]
    }

    /// Where they are in an image: what has none of these need not be compared.
    package static let paths = [Certificates.path, zones, MediaTypes.path].map(EntryPath.init(normalizing:))

    private static let zones = "\(Zoneinfo.path)/tzdata.zi"

    private static func content(of path: String, in entries: [LayerEntry]) throws(Diagnostic) -> [UInt8] {
        let place = EntryPath(normalizing: path)
        for entry in entries where entry.path == place {
            if case .bytes(let bytes) = entry.content { return bytes }
        }
        return []
    }
}

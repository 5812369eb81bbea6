import CBases
package import Layers

/// The media types of files, by the endings of their names: `/etc/mime.types`.
///
/// Go's `mime.TypeByExtension` knows some twenty types by itself, and reads the others from files of the system.
package enum MediaTypes {
    /// Where programs look first that are not of a desktop.
    package static let path = "/etc/mime.types"
    /// Go, mime/type_unix.go: a base that has one of these needs no other.
    package static let knownPaths = [
        path, "/usr/share/mime/globs2", "/usr/local/share/mime/globs2", "/etc/apache2/mime.types",
        "/etc/apache/mime.types", "/etc/httpd/conf/mime.types",
    ]

    /// Debian's types, as they are in coracle itself.
    package static var entries: [LayerEntry] {
        var size = 0
        let start = coracle_media_types(&size)
        return [.file(String(path.dropFirst()), Array(UnsafeBufferPointer(start: start, count: size)))]
    }
}

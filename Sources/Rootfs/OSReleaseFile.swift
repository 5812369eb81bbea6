import Layers

/// What the image says it is: `/usr/lib/os-release`, and `/etc/os-release` as a link to it.
///
/// os-release(5). No version: the text may differ between two releases of coracle, and between nothing else.
enum OSReleaseFile {
    static let text = """
        NAME="coracle"
        ID=coracle
        PRETTY_NAME="coracle scratch image"

        """

    static var entries: [LayerEntry] {
        [
            .file("usr/lib/os-release", text),
            .symlink("etc/os-release", to: "../usr/lib/os-release"),
        ]
    }
}

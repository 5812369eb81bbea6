package import ByteIO
import Glibc
import Images
package import Layers
package import OCI

/// What the user brings: the same program for several platforms, or one directory.
package struct Application {
    /// The part of it that one platform's image holds.
    package struct Variant {
        package let platform: Platform
        /// What the platform was read from.
        let evidence: String
        /// Sorted.
        package let entries: [LayerEntry]
        let createdBy: String
        /// The program, or the directory, without symlinks.
        let source: FilePath
        /// An absolute path in the image.
        let entrypoint: String
        /// Nil for a program that does not care.
        let workingDirectory: String?
        /// What was read already, by its place in the image.
        package let programs: [EntryPath: Program]
        /// Nil for a program that starts by itself.
        package var recognized: RecognizedApplication?
        /// What goes into a layer of its own below `entries`: sorted.
        package var dependencies: [LayerEntry] = []
    }

    package let name: String
    package let variants: [Variant]
    /// The base that the catalogue has for it; `nil` if the user names one, or it needs none.
    var chosenBase: ImageLocation?

    /// What an image made from the directory `root` is called: its own name, whatever way it was pointed to.
    package static func name(of root: FilePath) -> String {
        let name = (root.resolved ?? root).name
        return name.isEmpty ? "image" : name
    }
}

extension Program {
    /// What each program is called in its image: the name without the platform, where all have the same one then.
    ///
    /// `server-linux-amd64` and `server-linux-arm64` are both `server`.
    static func commonNames(of programs: [Program]) -> [String] {
        let names = programs.map(\.name)
        guard programs.count > 1 else { return names }
        let stems = Set(names.map(stem))
        guard stems.count == 1, let stem = stems.first else { return names }
        return names.map { _ in stem }
    }

    private static let platformEnds = ["-", "_", "."].flatMap { separator in platformWords.map { separator + $0 } }
    private static let platformWords = [
        "linux", "unknown", "gnu", "musl", "static", "amd64", "x86_64", "x64", "arm64", "aarch64", "armhf", "arm",
        "armv5", "armv6", "armv7", "v5", "v6", "v7", "v8", "386", "i386", "i686", "ppc64le", "s390x", "riscv64",
        "loong64",
    ]

    private static func stem(of name: String) -> String {
        var stem = name[...]
        while let end = platformEnds.first(where: { stem.lowercased().hasSuffix($0) && stem.count > $0.count }) {
            stem = stem.dropLast(end.count)
        }
        return String(stem)
    }
}

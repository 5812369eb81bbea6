import Layers
import OCI

/// Finds programs by name in an image, as a container engine does when it starts one.
package struct ProgramSearch<Root: ImageRoot> {
    private let image: GatedImage<Root>

    package init(_ image: GatedImage<Root>) { self.image = image }

    /// The file that the image starts, through symlinks; `nil` if the image names no program, or has no such file.
    package var entrypoint: RootEntry? { firstWord.flatMap(find) }

    /// The word that names what the image starts.
    package var firstWord: String? { image.execution.program }

    /// The file that `name` starts: the first that may be executed, or the first of all. `nil` if there is no such file.
    package func find(_ name: String) -> RootEntry? {
        let files = image.execution.candidates(for: name).lazy
            .compactMap { image.root.resolve($0) }
            .filter { $0.kind != .directory }
        return files.first { $0.mode & 0o111 != 0 } ?? files.first
    }
}

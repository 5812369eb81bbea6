import Layers
import OCI

/// Finds programs by name in an image, as `execvp` would in a container.
package struct ProgramSearch<Root: ImageRoot> {
    /// What container engines take where the image has no PATH.
    private static var usualPath: String { "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" }

    private let image: GatedImage<Root>

    package init(_ image: GatedImage<Root>) { self.image = image }

    /// What the image starts, through symlinks: the first word of its entry point, else of its command. Nil if there is no
    /// such word, or no such file.
    package var entrypoint: RootEntry? { firstWord.flatMap(find) }

    /// The word that names what the image starts.
    package var firstWord: String? {
        let words = (image.execution.entrypoint ?? []) + (image.execution.cmd ?? [])
        return words.first.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The file that `name` starts; nil for none.
    package func find(_ name: String) -> RootEntry? {
        for candidate in candidates(name) {
            if let entry = image.root.resolve(candidate), entry.kind != .directory { return entry }
        }
        return nil
    }

    private func candidates(_ name: String) -> [String] {
        if name.hasPrefix("/") { return [name] }
        if name.contains("/") { return ["\(image.execution.workingDir ?? "/")/\(name)"] }
        let variable = image.execution.env.first { $0.hasPrefix("PATH=") }?.dropFirst("PATH=".count)
        return (variable.map(String.init) ?? Self.usualPath).split(separator: ":").map { "\($0)/\(name)" }
    }
}

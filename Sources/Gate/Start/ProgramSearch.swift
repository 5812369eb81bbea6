import ELF
package import Findings
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

    /// The file that Linux starts for a first line's interpreter, which it does not look for in any PATH.
    func file(ofInterpreter name: String) -> RootEntry? { find(name.contains("/") ? name : "./\(name)") }

    /// The file that reads a script in the end: behind `env`, what that finds.
    func interpreter(of shebang: Shebang) -> RootEntry? {
        guard let interpreter = file(ofInterpreter: shebang.interpreter) else { return nil }
        return shebang.program == shebang.interpreter ? interpreter : find(shebang.program)
    }

    /// A program of this name in the image's `PATH`, as it is found there; `nil` if there is none.
    package func path(of name: String) -> String? {
        let base = name.split(separator: "/").last.map(String.init) ?? name
        return image.execution.candidates(for: base).first { path in
            image.root.resolve(path).map { $0.kind == .file && $0.mode & 0o111 != 0 } ?? false
        }
    }
}

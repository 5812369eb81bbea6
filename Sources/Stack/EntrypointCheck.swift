package import Applications
import ByteIO
package import Diagnostics
import ELF
import Glibc
package import Layers
package import OCI

/// Whether the entry point is in the image, may be executed, and is a program or a script.
package struct EntrypointCheck {
    private let stack: LayerStack
    private let execution: ImageConfig.Execution

    /// - Parameter execution: describes the container.
    package init(stack: LayerStack, execution: ImageConfig.Execution) {
        self.stack = stack
        self.execution = execution
    }

    /// - Throws: `plan.entrypoint-missing`, `plan.entrypoint-mode`, `program.not-elf`, `elf.…`.
    package func check(_ entrypoint: String, known programs: [EntryPath: Program]) throws(Diagnostic) {
        let entry = try find(entrypoint)
        guard entry.mode & 0o111 != 0 else {
            throw Diagnostic(
                .planEntrypointMode,
                "`\(entrypoint)` may not be executed",
                at: .option("--entrypoint"),
                because: "its mode is \(String(entry.mode, radix: 8))",
                hint: "make it executable (`chmod +x`), or add it with a mode: `--add SRC:\(entry.path):0755`"
            )
        }
        guard let file = entry.hostFile else { return }
        if let program = programs[entry.path] {
            try program.checkRunnable()
            return
        }
        do throws(Diagnostic) {
            try Program(at: file).checkRunnable()
        } catch {
            // A script's interpreter is for the gate to find.
            guard error.code == .programNotELF, try Self.isScript(file) else { throw error }
        }
    }

    private func find(_ entrypoint: String) throws(Diagnostic) -> StackEntry {
        let files = execution.candidates(for: entrypoint).lazy.compactMap { stack.find($0) }.filter { !$0.isDirectory }
        if let file = files.first(where: { $0.mode & 0o111 != 0 }) ?? files.first { return file }
        throw Diagnostic(
            .planEntrypointMissing,
            "`\(entrypoint)` is not in the image",
            at: .option("--entrypoint"),
            because: entrypoint.contains("/")
                ? "no layer has a file there" : "no directory of the image's PATH has a file of that name",
            hint: entrypoint.contains(" ")
                ? #"give every word by itself, as in `--entrypoint '["/app/server", "-v"]'`"#
                : (entrypoint.contains("/") ? "" : "choose a base that has it, or ")
                    + "give its absolute path in the image, such as `\(place(of: entrypoint)?.description ?? "/app/server")`"
        )
    }

    /// Where an executable file of this name is in the layers; `nil` if none is.
    private func place(of name: String) -> EntryPath? {
        guard !name.contains("/") else { return nil }
        for layer in stack.blueprints {
            let entry = layer.entries.first { entry in
                entry.mode & 0o111 != 0 && !entry.isDirectory && entry.path.name.elementsEqual(name.utf8)
            }
            if let entry { return entry.path }
        }
        return nil
    }

    private static func isScript(_ file: FilePath) throws(Diagnostic) -> Bool {
        do throws(SystemError) {
            let opened = try OpenFile(file, O_RDONLY | O_NONBLOCK)
            let start = try opened.bytes(at: 0, count: FileKind.windowSize)
            guard case .script = FileKind(start) else { return false }
            return true
        } catch {
            throw error.diagnostic("read the entry point", file.display)
        }
    }
}

extension Diagnostic.Code {
    static let planEntrypointMissing = Self("plan.entrypoint-missing", .input)
    static let planEntrypointMode = Self("plan.entrypoint-mode", .input)
}

import ByteIO
import Diagnostics
import ELF
import Glibc
import Layers

/// Whether a container could start: the entry point is in the image, may be executed, and finds its loader or
/// interpreter there.
struct EntrypointCheck {
    let stack: LayerStack
    let workingDirectory: String
    /// The image's PATH: directories with colons between them.
    let searchPath: String

    /// - Throws: `plan.entrypoint-missing`, `plan.entrypoint-mode`, `plan.interpreter-missing`, `elf.dynamic`, `elf.…`.
    func check(_ entrypoint: String, known programs: [EntryPath: Program]) throws(Diagnostic) {
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
            try program.checkRunnable(in: stack)
            return
        }
        do throws(Diagnostic) {
            try Program(at: file).checkRunnable(in: stack)
        } catch {
            guard error.code == .programNotELF, let shebang = try Self.shebang(of: entry) else { throw error }
            try check(shebang, of: entry, error)
        }
    }

    private func find(_ entrypoint: String) throws(Diagnostic) -> StackEntry {
        let candidates: [EntryPath]
        if entrypoint.hasPrefix("/") {
            candidates = [EntryPath(normalizing: entrypoint)]
        } else if entrypoint.contains("/") {
            candidates = [EntryPath(normalizing: "\(workingDirectory)/\(entrypoint)")]
        } else {
            candidates = searchPath.split(separator: ":").map { EntryPath(normalizing: "\($0)/\(entrypoint)") }
        }
        for candidate in candidates {
            if let entry = stack.resolve(candidate), !entry.isDirectory { return entry }
        }
        throw Diagnostic(
            .planEntrypointMissing,
            "`\(entrypoint)` is not in the image",
            at: .option("--entrypoint"),
            because: entrypoint.contains("/")
                ? "no layer has a file there" : "no directory of the image's PATH has a file of that name",
            hint: entrypoint.contains(" ")
                ? #"give every word by itself, as in `--entrypoint '["/app/server", "-v"]'`"#
                : "give its absolute path in the image, such as `/app/server`"
        )
    }

    private static func shebang(of entry: StackEntry) throws(Diagnostic) -> Shebang? {
        guard let file = entry.hostFile else { return nil }
        do throws(SystemError) {
            let opened = try OpenFile(file, O_RDONLY | O_NONBLOCK)
            let start = try opened.bytes(at: 0, count: FileKind.windowSize)
            guard case .script(let shebang) = FileKind(start) else { return nil }
            return shebang
        } catch {
            throw error.diagnostic("read the entry point", file.display)
        }
    }

    private func check(_ shebang: Shebang, of entry: StackEntry, _ error: Diagnostic) throws(Diagnostic) {
        guard !shebang.endsInCarriageReturn else { throw error }
        if stack.resolve(EntryPath(normalizing: shebang.interpreter)) != nil { return }
        throw Diagnostic(
            .planInterpreterMissing,
            "`\(entry.path)` is a script, and the image has no `\(shebang.interpreter)`",
            at: .file(path: entry.hostFile?.display ?? entry.path.description),
            because: stack.base == nil
                ? "its first line asks for it, and an image made from `scratch` has only what is put into it"
                : "its first line asks for it, and the base has none",
            hint: stack.base == nil
                ? "start a static program instead, or add the interpreter with `--add`"
                : "choose a base that has it, or start a static program instead"
        )
    }
}

extension EntryPath {
    /// The place that an absolute path means, whatever dots and slashes it has.
    init(normalizing text: String) {
        var components = [Substring.UTF8View]()
        for component in text.utf8.split(separator: UInt8(ascii: "/")) {
            if component.elementsEqual("..".utf8) {
                _ = components.popLast()
            } else if !component.elementsEqual(".".utf8) {
                components.append(component)
            }
        }
        self.init(unchecked: Array(components.joined(separator: "/".utf8)))
    }
}

extension Diagnostic.Code {
    static let planEntrypointMissing = Self("plan.entrypoint-missing", .input)
    static let planEntrypointMode = Self("plan.entrypoint-mode", .input)
    static let planInterpreterMissing = Self("plan.interpreter-missing", .input)
}

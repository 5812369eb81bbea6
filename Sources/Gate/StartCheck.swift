import Diagnostics
import ELF
import Layers
import OCI

/// Whether what the image starts may be executed, and finds its loader or its interpreter.
struct StartCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>

    init(_ image: GatedImage<Root>) { self.image = image }

    func findings() throws(Diagnostic) -> [Finding] {
        let search = ProgramSearch(image)
        guard let start = search.entrypoint else {
            return search.firstWord.map { [programMissing($0)] } ?? []
        }
        var findings = [Finding]()
        if start.mode & 0o111 == 0 { findings.append(notExecutable(start)) }
        if case .script(let shebang)? = try image.root.facts(of: start) {
            findings += ScriptCheck(image).findings(in: start, shebang)
        }
        return findings
    }

    private func programMissing(_ word: String) -> Finding {
        Finding(
            .programMissing,
            "the image starts `\(word)`, which it does not have",
            because: word.contains("/")
                ? "no layer has a file there" : "no directory of the image's PATH has a file of that name",
            hint: "name another program with `--entrypoint`, or add it with `--add`"
        )
    }

    private func notExecutable(_ start: RootEntry) -> Finding {
        Finding(
            .notExecutable,
            "`\(start.path)` may not be executed, and the image starts it",
            in: start.path,
            because: "its mode is \(String(start.mode, radix: 8))",
            hint: "make it executable (`chmod +x`), or add it with a mode: `--add SRC:\(start.path):0755`"
        )
    }
}

extension Rule {
    static let programMissing = Rule("run.program-missing", .error, "what the image starts is not in it")
    static let notExecutable = Rule("run.not-executable", .error, "what the image starts may not be executed")
}

import Diagnostics
import ELF
import Findings
import Layers
import OCI

/// Whether what the image starts may be executed, and finds its loader or its interpreter.
struct StartCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>
    private let chain: StartChain<Root>

    init(_ image: GatedImage<Root>, _ chain: StartChain<Root>) {
        self.image = image
        self.chain = chain
    }

    func findings() throws(Diagnostic) -> [Finding] {
        let search = ProgramSearch(image)
        guard let start = search.entrypoint else {
            return search.firstWord.map { [programMissing($0)] } ?? []
        }
        var findings = [deafServer(start)].compactMap(\.self)
        if start.mode & 0o111 == 0 { findings.append(notExecutable(start)) }
        findings += ArgumentCheck(image).findings()
        findings += MountedPlaces.findings(in: [start] + [chain.program, chain.loader].compactMap(\.self))
        switch try image.root.facts(of: start) {
        case .script?: findings += try ScriptCheck(image, chain).findings()
        case .damaged(let reason)?: findings.append(notAProgram(start, because: reason))
        case nil: findings.append(notAProgram(start, because: "it begins like neither an ELF file nor a script"))
        case .elf(let elf)?:
            switch elf.linkage {
            case .staticExecutable, .staticPIE, .dynamic, .packed: break
            // The C library itself is a program, too.
            case .sharedLibrary: break
            case .relocatable, .core, .debugInformation, .other:
                findings.append(notAProgram(start, because: "it is \(elf.linkage)"))
            }
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

    private func notAProgram(_ start: RootEntry, because reason: String) -> Finding {
        Finding(
            .notAProgram,
            "`\(start.path)` is not a program for Linux, and the image starts it",
            in: start.path,
            because: "\(reason): the kernel says `exec format error`",
            hint: "begin a script with `#!` and its interpreter, or name another program with `--entrypoint`"
        )
    }

    /// Tools of busybox that run until a signal ends them, and handle none.
    private static var deafTools: [String] { ["httpd", "nc", "sleep", "tail"] }

    private func deafServer(_ start: RootEntry) -> Finding? {
        guard image.execution.stopSignal?.isEmpty ?? true, start.path.name.elementsEqual("busybox".utf8) else {
            return nil
        }
        let word = chain.word?.split(separator: "/").last.map(String.init) ?? ""
        let tool = word == "busybox" ? chain.arguments.first ?? "" : word
        guard Self.deafTools.contains(tool) else { return nil }
        return Finding(
            .stopSignal,
            "busybox's `\(tool)` does not end on SIGTERM as a container's first process",
            in: start.path,
            because:
                "Linux gives the first process only signals that it handles, and it handles none: engines wait, then kill it",
            hint: "say so, and it ends at once: `--stop-signal SIGKILL`"
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

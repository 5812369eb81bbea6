import Diagnostics
import ELF
import Findings
import Layers

/// Whether the first lines of the scripts that the image starts name programs that it has.
struct ScriptCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>
    private let chain: StartChain<Root>

    init(_ image: GatedImage<Root>, _ chain: StartChain<Root>) {
        self.image = image
        self.chain = chain
    }

    func findings() throws(Diagnostic) -> [Finding] {
        for script in chain.scripts {
            let findings = try findings(in: script.entry, script.shebang)
            if !findings.isEmpty { return findings }
        }
        return []
    }

    private func findings(in script: RootEntry, _ shebang: Shebang) throws(Diagnostic) -> [Finding] {
        guard !shebang.endsInCarriageReturn else { return [carriageReturn(script, shebang)] }
        guard !shebang.isTooLong else { return [tooLong(script)] }
        let search = ProgramSearch(image)
        guard let interpreter = search.file(ofInterpreter: shebang.interpreter) else {
            return [interpreterMissing(script, shebang, shebang.interpreter, because: "its first line asks for it")]
        }
        guard interpreter.mode & 0o111 != 0 else {
            return [
                unusable(script, interpreter, "may not be executed: its mode is \(String(interpreter.mode, radix: 8))")
            ]
        }
        let program = shebang.program
        guard program != shebang.interpreter else { return try self.findings(about: interpreter, of: script) }
        guard let found = search.find(program) else {
            return [
                interpreterMissing(
                    script,
                    shebang,
                    program,
                    because:
                        "its first line asks `\(shebang.interpreter)` for it, and no directory of the image's PATH has it"
                )
            ]
        }
        return try findings(about: found, of: script)
    }

    /// The interpreter has to be a program, or a script that is not read by itself.
    private func findings(about interpreter: RootEntry, of script: RootEntry) throws(Diagnostic) -> [Finding] {
        switch try image.root.facts(of: interpreter) {
        case .elf(let elf)?:
            switch elf.linkage {
            case .staticExecutable, .staticPIE, .dynamic, .packed, .sharedLibrary: return []
            case .relocatable, .core, .debugInformation, .other:
                return [unusable(script, interpreter, "is not a program: it is \(elf.linkage)")]
            }
        case .script?:
            let isLast = chain.scripts.last?.entry.path == script.path
            // The chain ends at a script only where the next would be one that it has been through, or one too many.
            guard isLast else { return [] }
            return [
                Finding(
                    .interpreterLoop,
                    "`\(script.path)` is read by a script that needs an interpreter itself, without end",
                    in: script.path,
                    because:
                        "its interpreter is `\(interpreter.path)`: the kernel says `too many levels of symbolic links`",
                    hint: "name a program, such as `/bin/sh`, in the script's first line"
                )
            ]
        case .damaged(let reason)?: return [unusable(script, interpreter, "is damaged: \(reason)")]
        case nil: return [unusable(script, interpreter, "is neither an ELF file nor a script")]
        }
    }

    private func unusable(_ script: RootEntry, _ interpreter: RootEntry, _ flaw: String) -> Finding {
        Finding(
            .interpreterMissing,
            "`\(script.path)` is a script, and its interpreter `\(interpreter.path)` \(flaw)",
            in: script.path,
            because: "its first line asks for it",
            hint: "bring an interpreter that runs, or start a program instead"
        )
    }

    private func interpreterMissing(
        _ script: RootEntry,
        _ shebang: Shebang,
        _ program: String,
        because reason: String
    ) -> Finding {
        let place = image.base.map { "the base `\($0)` has none" } ?? "the image has only what was put into it"
        return Finding(
            .interpreterMissing,
            "`\(script.path)` is a script, and the image has no `\(program)`",
            in: script.path,
            because: "\(reason), and \(place): the kernel says `no such file or directory`",
            hint: hint(script, shebang, program)
        )
    }

    /// The program is often there, elsewhere: then the entry point that works is printed.
    private func hint(_ script: RootEntry, _ shebang: Shebang, _ missing: String) -> String {
        if let path = ProgramSearch(image).path(of: shebang.program) {
            let words = [path] + shebang.programArguments + ["\(script.path)"]
            let list = words.map { "\"\($0)\"" }.joined(separator: ", ")
            return "the image has `\(path)`; start it yourself: `--entrypoint '[\(list)]'`"
        }
        if let works = image.advice?.works { return "choose `--base \(works)`, where nothing is missing" }
        let name = missing.split(separator: "/").last.map(String.init) ?? missing
        let start = image.base == nil ? "stand on" : "choose"
        switch name {
        case _ where name.hasPrefix("python"): return "\(start) `--base debian13/python3`, which has Python"
        case "node", "nodejs": return "\(start) `--base debian13/nodejs`, which has Node.js"
        case "java": return "\(start) `--base debian13/java-headless`, which has Java"
        case "sh", "ash":
            return "start the program without the script, or \(start) `--base debian13/base:debug` and "
                + "`--entrypoint '[\"/busybox/sh\", \"\(script.path)\"]'`"
        default:
            return image.base == nil
                ? "start a static program instead, or stand on a base that has it, with `--base`"
                : "choose a base that has it, or start a static program instead"
        }
    }

    private func carriageReturn(_ script: RootEntry, _ shebang: Shebang) -> Finding {
        Finding(
            .carriageReturn,
            "the first line of `\(script.path)` ends in a carriage return",
            in: script.path,
            because: "Linux looks for a program whose name ends in it: `\(shebang.interpreter)\\r`",
            hint: "save the script with LF line ends: `sed -i 's/\\r$//' FILE`, or `* text eol=lf` in `.gitattributes`"
        )
    }

    private func tooLong(_ script: RootEntry) -> Finding {
        Finding(
            .shebangTooLong,
            "the first line of `\(script.path)` is too long",
            in: script.path,
            because: "Linux reads 256 bytes of it, and the interpreter's name does not end in them",
            hint: "name a program with a shorter path"
        )
    }
}

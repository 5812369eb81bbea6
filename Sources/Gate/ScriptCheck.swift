import Diagnostics
import ELF
import Layers

/// Whether the first line of a script names a program that the image has.
struct ScriptCheck<Root: ImageRoot> {
    private let image: GatedImage<Root>

    init(_ image: GatedImage<Root>) { self.image = image }

    func findings(in script: RootEntry, _ shebang: Shebang) -> [Finding] {
        guard !shebang.endsInCarriageReturn else { return [carriageReturn(script, shebang)] }
        guard !shebang.isTooLong else { return [tooLong(script)] }
        let search = ProgramSearch(image)
        guard search.find(shebang.interpreter) != nil else {
            return [interpreterMissing(script, shebang.interpreter, because: "its first line asks for it")]
        }
        let program = shebang.program
        guard program != shebang.interpreter, search.find(program) == nil else { return [] }
        return [
            interpreterMissing(
                script,
                program,
                because:
                    "its first line asks `\(shebang.interpreter)` for it, and no directory of the image's PATH has it"
            )
        ]
    }

    private func interpreterMissing(_ script: RootEntry, _ program: String, because reason: String) -> Finding {
        let place = image.base.map { "the base `\($0)` has none" } ?? "the image has only what was put into it"
        return Finding(
            .interpreterMissing,
            "`\(script.path)` is a script, and the image has no `\(program)`",
            in: script.path,
            because: "\(reason), and \(place): the kernel says `no such file or directory`",
            hint: image.base == nil
                ? "start a static program instead, or stand on a base that has it, with `--base`"
                : "choose a base that has it, or start a static program instead"
        )
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
            because: "Linux reads 256 bytes of it",
            hint: "name a program with a shorter path"
        )
    }
}

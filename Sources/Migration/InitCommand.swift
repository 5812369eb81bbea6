package import ArgumentParser
import ByteIO
import Diagnostics
import SharedOptions
import Terminal

/// `coracle init`.
package struct InitCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a coracle.yaml, also from a Dockerfile.",
        usage: "coracle init [--from <file>] [<options>]",
        discussion: HelpExamples(
            "coracle init",
            "coracle init --from Dockerfile",
            "coracle init --from .ko.yaml -o -",
            note: """
                Reasons are written as comments, with the lines that they are about. What
                has no translation is listed at the end of the file, and on standard error.
                Without --from, .ko.yaml, a Dockerfile or a Procfile is translated if there
                is one; else the project's own files decide. Nothing is built, nothing run.
                """
        ).text
    )

    @Option(
        help: ArgumentHelp(
            "Translate this file: a Dockerfile, .ko.yaml, Procfile or package.json.",
            valueName: "file"
        )
    )
    var from: String?

    @Option(
        help: ArgumentHelp("The stage of the Dockerfile that becomes the image. Default: the last", valueName: "stage")
    )
    var target: String?

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Write this file; - is standard output. Default: coracle.yaml", valueName: "file")
    )
    var output: String?

    @Option(help: ArgumentHelp("The project's name. Default: the name of this directory", valueName: "name"))
    var name: String?

    @Flag(help: "Replace a file that is there.")
    var force = false

    package init() {}

    package func run() throws {
        let files = ProjectFiles(in: ".")
        let project = ProjectTranslation(files, project: name ?? FilePath(".").resolved?.name ?? "app")
        let output = output ?? "coracle.yaml"
        try refuseReplacing(output)
        let file = from ?? project.source
        guard target == nil || file != nil else {
            throw Diagnostic(
                .usageConflict,
                "`--target` names a stage, and there is no Dockerfile",
                at: .option("--target"),
                hint: "name one: `--from Dockerfile`"
            )
        }
        let draft =
            try file.map { file throws(DiagnosticList) in try project.draft(from: file, stage: target) }
            ?? project.draft()
        try Console.output(bytes: Array(draft.text.utf8), to: output)
        if output != "-" {
            let images = draft.images.count == 1 ? "1 image" : "\(draft.images.count) images"
            let source = file.map { ", from \($0.escapedForTerminal)" } ?? ""
            Console.log("wrote \(output.escapedForTerminal): \(images)\(source)")
        }
        Console.note(
            draft.open.map { remark in
                let line = remark.line.map { "line \($0): " } ?? ""
                return Diagnostic(
                    .initNotTranslated,
                    "not translated: \(line)\(remark.text)",
                    at: file.map { .file(path: $0) }
                )
            }
        )
    }

    private func refuseReplacing(_ output: String) throws(Diagnostic) {
        guard output != "-", !force, let status = try? FileStatus(at: FilePath(output), following: true) else { return }
        // A device takes what is written, and stays.
        guard status.kind == .regular || status.kind == .directory else { return }
        throw Diagnostic(
            .initExists,
            "`\(output)` is there already",
            at: .file(path: output),
            hint: "`--force` replaces it; `-o -` prints what would be written"
        )
    }
}

extension Diagnostic.Code {
    static let initExists = Self("init.exists", .usage)
    static let initNotTranslated = Self("init.not-translated", .input)
}

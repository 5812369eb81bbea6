import ArgumentParser
import Diagnostics
import Glibc

@main
struct Main {
    /// Not asynchronous itself: the main thread of such a program takes the signals that are meant for another, and
    /// ends by unwinding its stack, which a static program without unwind tables cannot do.
    static func main() {
        Console.prepare()
        Interrupts.prepare()
        // Detached, as a task of its own would wait for the main thread.
        let command = Task.detached { Interrupts.end(await run()) }
        Interrupts.cancelling { command.cancel() }
        while true { pause() }
    }

    /// Runs the command; returns what the process exits with.
    private static func run() async -> Int32 {
        do {
            try checkArguments()
            try checkCommand()
            var command = try CoracleCommand.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch _ where Interrupts.isEnding {
            return 0
        } catch let problems as DiagnosticList {
            Console.report(problems.items)
            return problems.items[0].code.category.rawValue
        } catch let problem as Diagnostic {
            Console.report([problem])
            return problem.code.category.rawValue
        } catch let error as Console.OutputFailure {
            return error.exitCode
        } catch {
            return reportUsage(error)
        }
    }

    /// Arguments are read as text: one that is none would name another file.
    private static func checkArguments() throws(Diagnostic) {
        for index in 0..<Int(CommandLine.argc) {
            guard let argument = CommandLine.unsafeArgv[index] else { return }
            let bytes = UnsafeBufferPointer(start: argument, count: strlen(argument)).map { UInt8(bitPattern: $0) }
            guard String(validating: bytes, as: UTF8.self) == nil else { continue }
            throw Diagnostic(
                .usageMalformed,
                "an argument is not UTF-8: `\(String(printing: bytes))`",
                because: "arguments are read as text; names in a directory may have any bytes",
                hint: "name the directory that it is in, or a symlink to it"
            )
        }
    }

    /// A mistyped command would be an unexpected argument of no command.
    private static func checkCommand() throws(Diagnostic) {
        guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-") else { return }
        let names = CoracleCommand.configuration.subcommands.compactMap { $0.configuration.commandName }
        guard !names.contains(word), word != "help" else { return }
        let near = names.filter { Spelling.distance(word, $0) <= 2 }.min {
            Spelling.distance(word, $0) < Spelling.distance(word, $1)
        }
        throw Diagnostic(
            .usageMalformed,
            "there is no command `\(word)`",
            hint: near.map { "did you mean `\($0)`?" } ?? "`coracle --help` lists the commands"
        )
    }

    /// Prints help or the usage error; returns the exit code.
    private static func reportUsage(_ error: any Error) -> Int32 {
        let message = CoracleCommand.fullMessage(for: error)
        guard CoracleCommand.exitCode(for: error) != .success else {
            do throws(Console.OutputFailure) {
                try Console.output(message)
                return 0
            } catch {
                return error.exitCode
            }
        }
        if let code = error as? ExitCode { return code.rawValue }
        Console.log(message)
        return Diagnostic.Category.usage.rawValue
    }
}

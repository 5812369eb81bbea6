import ArgumentParser
import Diagnostics
import Glibc
import Mistakes
import Terminal

@main
struct Main {
    /// Not asynchronous itself: the main thread of such a program takes the signals that are meant for another, and
    /// ends by unwinding its stack, which a static program without unwind tables cannot do.
    static func main() {
        Console.prepare()
        if let problem = StartConditions.problem() {
            Console.report([problem])
            _exit(problem.code.category.rawValue)
        }
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
            if let problem = mistake.command { throw problem }
            var command: any ParsableCommand
            do { command = try CoracleCommand.parseAsRoot() } catch { return answer(error) }
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
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            // Groups of commands have no work of their own: their help is an error that they throw.
            return answer(error)
        }
    }

    /// What may be wrong with the command line.
    private static var mistake: Mistake {
        Mistake(of: CoracleCommand.self, Array(CommandLine.arguments.dropFirst()))
    }

    /// Arguments are read as text: bytes that are not would name another file.
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

    /// Prints the help that was asked for, or what is wrong with the command line; returns the exit code.
    private static func answer(_ error: any Error) -> Int32 {
        guard CoracleCommand.exitCode(for: error) == .success else {
            let message = CoracleCommand.message(for: error)
            Console.report([mistake.diagnosed(message: message)])
            return Diagnostic.Category.usage.rawValue
        }
        // ArgumentParser calls a group of commands "BUILD SUBCOMMANDS".
        let help = CoracleCommand.fullMessage(for: error).replacing(" SUBCOMMANDS:\n", with: ":\n")
        do throws(Console.OutputFailure) {
            try Console.output(help)
            return 0
        } catch {
            return error.exitCode
        }
    }
}

package import Diagnostics
import Glibc
import ByteIO
package import Store
import Terminal

/// An archive that goes to standard output as it is read.
package enum StandardOutputStream {
    private struct Sink: ByteSink {
        mutating func write(_ bytes: UnsafeRawBufferPointer) throws(Diagnostic) {
            do throws(Console.OutputFailure) {
                try Console.output(bytes: Array(bytes))
            } catch {
                throw SystemError(number: error.number).diagnostic("write the archive", "standard output")
            }
        }
    }

    /// - Throws: `usage.malformed` if standard output is a terminal.
    package static func check(option: String = "--output") throws(Diagnostic) {
        guard isatty(STDOUT_FILENO) != 0 else { return }
        throw Diagnostic(
            .usageMalformed,
            "`\(option == "--output" ? "--output -" : "-")` writes an archive to a terminal",
            at: .option(option),
            hint: "redirect it, as in `coracle build … -o - | podman load`"
        )
    }

    /// Writes the whole archive.
    package static func write(_ stream: ArchiveStream) throws(Diagnostic) {
        var sink = Sink()
        try stream.write(to: &sink)
    }
}

import ByteIO
import Diagnostics
import Kubernetes
import Terminal

extension ManifestOptions {
    /// Runs `body` once, or, with `--watch`, again after every change of a file; what is wrong with one round is reported.
    ///
    /// - Parameter body: adds to what it gets the files that it has to do with; gets `nil` if it is run once.
    func rounds(_ body: (FileWatcher?) async throws -> Void) async throws {
        guard watch else { return try await body(nil) }
        guard !filename.contains("-") else {
            throw Diagnostic(
                .usageConflict,
                "`--watch` and `-f -` contradict each other",
                at: .option("--watch"),
                because: "standard input does not come again",
                hint: "name the files: `-f DIR`"
            )
        }
        let watcher = try FileWatcher()
        while true {
            watcher.add(filename.map { FilePath($0) })
            do {
                try await body(watcher)
            } catch let problems as DiagnosticList {
                Console.report(problems.items)
            } catch let problem as Diagnostic {
                Console.report([problem])
            }
            Console.log("waiting for changes; Ctrl-C ends it")
            await watcher.wait()
        }
    }
}

import ByteIO
import Diagnostics
import Synchronization
import Terminal

/// Kubernetes' own program, found on `PATH`, which knows the cluster and who the user is.
struct Kubectl {
    /// With `--wait`, and a cluster that pulls large images, it takes minutes.
    private static let timeLimit = Duration.seconds(3600)
    /// Most bytes that it may say.
    private static let outputLimit = 64 << 20

    private let path: FilePath
    /// `apply` or `create`.
    let verb: String

    /// - Throws: `kubernetes.no-kubectl`.
    init(_ verb: String) throws(Diagnostic) {
        let found = FilePath.ofProgram("kubectl", in: ProcessEnvironment["PATH"] ?? "")
        guard let found else {
            throw Diagnostic(
                .kubectlMissing,
                "`kubectl` is not on `PATH`",
                because: "it speaks to the cluster, and coracle does not",
                hint: "install it, or write the manifests into a file: `coracle resolve -f FILE >resolved.yaml`"
            )
        }
        (path, self.verb) = (found, verb)
    }

    /// Hands `manifests` to it. What it says is ours to say, as it comes.
    ///
    /// - Parameter arguments: further ones of its own.
    /// - Throws: `kubernetes.kubectl-failed`.
    func run(_ manifests: [UInt8], _ arguments: [String]) async throws {
        let process = ChildProcess(
            path,
            ["kubectl", verb, "-f", "-"] + arguments,
            environment: ProcessEnvironment.current,
            input: manifests,
            outputs: [1, 2],
            outputLimit: Self.outputLimit,
            timeLimit: Self.timeLimit
        )
        let said = Mutex((lines: 0, failure: Console.OutputFailure?.none))
        let ending = await process.run { descriptor, bytes in
            let text = Array(bytes)
            if descriptor == 2 {
                let lines = String(decoding: text, as: UTF8.self)
                return Console.log(lines.hasSuffix("\n") ? String(lines.dropLast()) : lines)
            }
            said.withLock { said in
                said.lines += text.count { $0 == 0x0A }
                do throws(Console.OutputFailure) {
                    if said.failure == nil { try Console.output(bytes: text) }
                } catch {
                    said.failure = error
                }
            }
        }
        let (lines, failure) = said.withLock { ($0.lines, $0.failure) }
        if let reason = ending.reason(process) {
            throw Diagnostic(
                .kubectlFailed,
                "`kubectl \(verb)` failed",
                because: reason + (lines == 0 ? ", and it named no object that it took" : ""),
                hint: (lines == 0 ? "" : "the objects that it took are above; ")
                    + "the images are pushed, so that the same command does not build them again"
            )
        }
        if let failure { throw failure }
    }
}

extension Diagnostic.Code {
    static let kubectlMissing = Self("kubernetes.no-kubectl", .notFound)
    static let kubectlFailed = Self("kubernetes.kubectl-failed", .network)
}

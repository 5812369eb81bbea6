import Applications
import ArgumentParser
package import Diagnostics
package import Engines
package import OCI
import Request
import SharedOptions
import Terminal

/// Which engine an image is loaded into.
package struct EngineOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The engine: docker, podman, containerd, k3s, kind or minikube. Default: what is there",
            valueName: "engine"
        )
    )
    var to: String?

    @Option(
        help: ArgumentHelp(
            "containerd's namespace. Default: CONTAINERD_NAMESPACE, or default",
            valueName: "name"
        )
    )
    var namespace: String?

    package init() {}

    /// `nil` for what is there.
    ///
    /// - Throws: `usage.malformed`.
    func wanted() throws(Diagnostic) -> Engine? { try Self.engine(to, "--to") }

    func found() async throws(Diagnostic) -> FoundEngine {
        let wanted = try wanted()
        if let namespace {
            let isName = namespace.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "-_.".utf8.contains(byte)
            }
            guard isName, !namespace.hasPrefix("-"), !namespace.isEmpty else {
                let reason = "it is not a name of containerd's"
                throw .optionMalformed(.usageMalformed, "--namespace", namespace, because: reason, example: "k8s.io")
            }
            guard wanted == nil || wanted == .containerd else {
                throw Diagnostic(
                    .usageConflict,
                    "`--namespace` is for containerd",
                    at: .option("--namespace"),
                    because: "k3s and kind use k8s.io, and other engines have no namespaces",
                    hint: "leave it out, or write `--to containerd`"
                )
            }
        }
        return try await EngineSearch(ProcessEnvironment.current)
            .find(namespace == nil ? wanted : .containerd, namespace: namespace)
    }

    /// The engine that `text` names.
    ///
    /// - Throws: `usage.malformed`.
    package static func engine(_ text: String?, _ option: String) throws(Diagnostic) -> Engine? {
        guard let text else { return nil }
        guard let engine = Engine(rawValue: text) else {
            let reason = "it is not \(Engine.list)"
            throw .optionMalformed(.usageMalformed, option, text, because: reason, example: "podman")
        }
        return engine
    }

    /// A load with this process's environment.
    package static func load(
        into found: FoundEngine,
        _ platform: Platform?,
        note: @escaping @Sendable (Diagnostic) -> Void
    ) -> EngineLoad {
        EngineLoad(
            into: found,
            platform: platform,
            machine: .ofThisMachine,
            environment: ProcessEnvironment.current,
            userAgent: "coracle/\(coracleVersion)",
            note: note
        )
    }
}

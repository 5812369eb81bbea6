import ByteIO
import HTTP

/// A program that keeps images of its own and runs containers of them.
package enum Engine: String, CaseIterable, Sendable {
    case docker, podman, containerd, k3s, kind, minikube

    /// Whether kubelets start containers there.
    package var isKubernetes: Bool { self != .docker && self != .podman }

    /// The names of all, for messages.
    package static var list: String {
        allCases.dropLast().map(\.rawValue).joined(separator: ", ") + " or \(Engine.minikube.rawValue)"
    }
}

/// An engine that is there, and how images are handed over to it.
package struct FoundEngine: Sendable {
    /// How images are handed over.
    enum Way: Sendable {
        /// Docker's API, which podman has as well.
        case api(DockerAddress)
        /// A program that reads an archive from its standard input.
        case program(EngineProgram)
        /// Nodes of a cluster, in each of which a program reads an archive from its standard input.
        case nodes([(name: String, program: EngineProgram)])
        /// A directory whose archives are imported.
        case folder(FilePath)
    }

    package let engine: Engine
    let way: Way
    /// In one clause, where it is and why it was chosen: `its socket /var/run/docker.sock is there`.
    package let reason: String
    /// containerd's namespace; `nil` for an engine without any.
    package let namespace: String?

    init(_ engine: Engine, _ way: Way, because reason: String, namespace: String? = nil) {
        self.engine = engine
        self.way = way
        self.reason = reason
        self.namespace = namespace
    }

    /// Whether names with digests, and no list of Docker's, are what it wants.
    package var isContainerd: Bool { [.containerd, .k3s, .kind].contains(engine) }
}

/// Where Docker's API listens.
enum DockerAddress: Hashable, Sendable {
    case socket(UnixSocket)
    case network(HTTPURL)

    var display: String {
        switch self {
        case .socket(let socket): socket.path.display
        case .network(let url): url.origin.description
        }
    }
}

import Findings
package import OCI

/// What a Kubernetes pod says about one of its containers, as far as it asks something of the image.
///
/// Values of the pod and of the container are merged as the kubelet does: the container's own are stronger.
package struct PodContainer: Hashable, Sendable {
    /// When the kubelet asks the registry.
    package enum PullPolicy: String, Hashable, Sendable {
        case always = "Always"
        case ifNotPresent = "IfNotPresent"
        case never = "Never"
    }

    /// Who the process is, and what it may do: `securityContext` of the container over that of the pod.
    package struct Security: Hashable, Sendable {
        package var runAsNonRoot: Bool?
        package var runAsUser: Int64?
        package var runAsGroup: Int64?
        package var readOnlyRootFilesystem: Bool?
        package var allowPrivilegeEscalation: Bool?
        package var privileged: Bool?
        package var addedCapabilities: [String] = []
        package var droppedCapabilities: [String] = []
        /// The pod's only.
        package var fsGroup: Int64?
        package var supplementalGroups: [Int64] = []
        package var sysctls: [String: String] = [:]

        package init() {}
    }

    /// An element of `ports`.
    package struct Port: Hashable, Sendable {
        package var name: String?
        package var number: Int64
        /// `TCP`, `UDP` or `SCTP`.
        package var `protocol`: String

        package init(_ number: Int64, named name: String? = nil, protocol: String = "TCP") {
            (self.number, self.name, self.protocol) = (number, name, `protocol`)
        }
    }

    /// A probe, or a hook of the container's life.
    package struct Probe: Hashable, Sendable {
        package enum Action: Hashable, Sendable {
            /// The words of a program that runs in the container.
            case exec([String])
            /// The number or the name of a port: `httpGet`, `tcpSocket` or `grpc`.
            case port(String, by: String)
        }

        /// As the pod calls it: `livenessProbe`, `lifecycle.preStop`.
        package var name: String
        package var action: Action

        package init(_ name: String, _ action: Action) { (self.name, self.action) = (name, action) }
    }

    /// An element of `volumeMounts`.
    package struct Mount: Hashable, Sendable {
        package var path: String
        /// Also where the volume can be read only, as a `configMap` and a `secret`.
        package var isReadOnly: Bool
        /// The kind of the volume, such as `emptyDir`; `nil` if it is not known.
        package var kind: String?
        /// Whether only a file or a directory of the volume is mounted.
        package var isPart: Bool

        package init(_ path: String, isReadOnly: Bool = false, kind: String? = nil, isPart: Bool = false) {
            (self.path, self.isReadOnly, self.kind, self.isPart) = (path, isReadOnly, kind, isPart)
        }
    }

    package var name: String
    /// As it is written; `nil` if the pod does not say it.
    package var image: String?
    package var pullPolicy: PullPolicy?
    /// In the place of the image's entry point.
    package var command: [String]?
    /// In the place of the image's command.
    package var arguments: [String]?
    package var workingDirectory: String?
    /// Those with a value that stands in the pod.
    package var environment: [(name: String, value: String)] {
        get { variables.map { ($0.name, $0.value) } }
        set { variables = newValue.map { Variable(name: $0.name, value: $0.value) } }
    }
    package var security = Security()
    package var usesHostNetwork = false
    package var ports: [Port] = []
    package var probes: [Probe] = []
    package var mounts: [Mount] = []
    /// Where the image stands in a file, counted from 1; `nil` if it is not known.
    package var line: Int?

    private struct Variable: Hashable, Sendable {
        let name: String
        let value: String
    }

    private var variables: [Variable] = []

    package init(name: String, image: String? = nil) { (self.name, self.image) = (name, image) }
}

extension PodContainer {
    /// How the pod starts an image that `execution` describes.
    ///
    /// Kubernetes, "Define a Command and Arguments for a Container": a command of the pod leaves the image's arguments out, too.
    package func execution(over execution: ImageConfig.Execution) -> ImageConfig.Execution {
        var started = execution
        if let command, !command.isEmpty {
            (started.entrypoint, started.cmd) = (command, arguments)
        } else if let arguments, !arguments.isEmpty {
            started.cmd = arguments
        }
        if let workingDirectory, !workingDirectory.isEmpty { started.workingDir = workingDirectory }
        for (name, value) in environment {
            started.env.removeAll { $0.hasPrefix("\(name)=") }
            started.env.append("\(name)=\(value)")
        }
        return started
    }

    /// Whether it starts something else than the image's own program, with other words or elsewhere.
    var startsOther: Bool { command?.isEmpty == false || arguments?.isEmpty == false || workingDirectory != nil }

    /// Whether the words can be known: Kubernetes replaces `$(NAME)` when it starts the container.
    static func isKnown(_ words: [String]) -> Bool { words.first.map { !$0.contains("$(") } ?? false }
}

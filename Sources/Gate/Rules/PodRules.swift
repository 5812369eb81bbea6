package import Findings

// Rules about a Kubernetes pod and the image that it runs: what the pod asks and the image cannot meet.
extension Rule {
    package static let podNonRoot = Rule("pod.non-root", .error, "the pod refuses root, and the image runs as root")
    package static let podUser = Rule("pod.user", .error, "the pod's user cannot run the image")
    package static let podStart = Rule("pod.start", .error, "what the pod starts does not start in the image")
    package static let podProbe = Rule("pod.probe", .error, "a probe's program does not start in the image")
    package static let podProbePort = Rule("pod.probe-port", .warning, "a probe asks a port that is not named")
    package static let podHidden = Rule("pod.hidden", .warning, "a volume hides what the pod starts")
    package static let podReadOnly = Rule(
        "pod.read-only",
        .warning,
        "the pod's root filesystem is read-only where the program writes"
    )
    package static let podLowPort = Rule("pod.low-port", .warning, "the pod's user may not listen on a port below 1024")
    package static let podPort = Rule("pod.port", .note, "the pod names a port that the image does not expose")
    package static let podPull = Rule("pod.pull", .note, "the pod pulls the image at every start")

    /// Whether a pod asks of an image what it has.
    package static let pod = [
        podNonRoot, podUser, podStart, podProbe, podProbePort, podHidden, podReadOnly, podLowPort, podPort, podPull,
    ]
}

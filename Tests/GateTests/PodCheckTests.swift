import Diagnostics
import Findings
import Gate
import Layers
import Needs
import OCI
import Pods
import Testing

@Suite("What a pod asks that the image cannot meet") struct PodCheckTests {
    private static let passwd = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n"

    /// A static program for x86-64: an ELF header and one segment.
    private static let program: [UInt8] = {
        var bytes = Array("\u{7F}ELF".utf8) + [2, 1, 1] + [UInt8](repeating: 0, count: 9)
        func put<Number: FixedWidthInteger>(_ numbers: Number...) {
            for number in numbers { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
        }
        put(UInt16(2), 62)
        put(UInt32(1))
        put(UInt64(0x10078), 64, 0)
        put(UInt32(0))
        put(UInt16(64), 56, 1, 64, 0, 0)
        put(UInt32(1), 5)
        put(UInt64(0), 0x10000, 0x10000, 128, 128, 0x1000)
        put(UInt64(0))
        return bytes
    }()

    /// An image with a script for a program, its interpreter, and nothing else that starts.
    private static let files = [
        file("/etc/passwd", passwd, origin: .runtime), file("/etc/group", "app:x:1000:\n", origin: .runtime),
        file("/bin/run", "#!/bin/run", 0o755, origin: .base), file("/app/server", "#!/app/reader\n", 0o755),
        MemoryRoot.File(path: "/app/reader", mode: 0o755, content: program),
        file("/app/own", "#!/app/reader\n", 0o711, uid: 65532),
        file("/app/text", "hello", 0o644), file("/app/key", "x", 0o640, uid: 65532, gid: 65532),
        directory("/app/cache", 0o755, uid: 65532),
    ]

    /// The codes and severities of what is found.
    private static func findings(
        _ pod: (inout PodContainer) -> Void,
        _ image: (inout ImageConfig.Execution) -> Void = { _ in }
    ) throws -> [Finding] {
        var execution = ImageConfig.Execution(
            user: "65532:65532",
            exposedPorts: ["8080/tcp"],
            entrypoint: ["/app/server"],
            cmd: ["serve"],
            volumes: ["/data"]
        )
        image(&execution)
        var container = PodContainer(name: "web", image: "ghcr.io/me/server:1.0")
        pod(&container)
        let gated = GatedImage(
            root: MemoryRoot(files),
            platform: try Platform(parsing: "linux/amd64"),
            execution: execution,
            base: nil
        )
        return try PodCheck(gated, container).findings()
    }

    struct Case: CustomTestStringConvertible {
        let what: String
        var pod: @Sendable (inout PodContainer) -> Void = { _ in }
        var image: @Sendable (inout ImageConfig.Execution) -> Void = { _ in }
        let expected: [String]
        var testDescription: String { what }
    }

    static let cases = [
        Case(what: "nothing asked", expected: []),
        // Who it is.
        Case(what: "a number is not root", pod: { $0.security.runAsNonRoot = true }, expected: []),
        Case(
            what: "root",
            pod: { $0.security.runAsNonRoot = true },
            image: { $0.user = "0:0" },
            expected: ["error pod.non-root"]
        ),
        Case(
            what: "no user",
            pod: { $0.security.runAsNonRoot = true },
            image: { $0.user = nil },
            expected: ["error pod.non-root"]
        ),
        Case(
            what: "a name",
            pod: { $0.security.runAsNonRoot = true },
            image: { $0.user = "app:1000" },
            expected: ["error pod.non-root"]
        ),
        Case(
            what: "a name, and the pod's own number",
            pod: { ($0.security.runAsNonRoot, $0.security.runAsUser) = (true, 65532) },
            image: { $0.user = "app" },
            expected: []
        ),
        Case(
            what: "the pod's own root",
            pod: { ($0.security.runAsNonRoot, $0.security.runAsUser) = (true, 0) },
            expected: ["error pod.non-root"]
        ),
        Case(what: "root is not asked about", image: { $0.user = nil }, expected: []),
        Case(
            what: "another user, who may not read the application",
            pod: { $0.security.runAsUser = 1000 },
            expected: ["error pod.user /app/key"]
        ),
        Case(
            what: "another user in the right group",
            pod: { ($0.security.runAsUser, $0.security.runAsGroup) = (1000, 65532) },
            expected: []
        ),
        Case(
            what: "another user with a group of the pod",
            pod: { ($0.security.runAsUser, $0.security.fsGroup) = (1000, 65532) },
            expected: []
        ),
        Case(
            what: "another user, and a program of one user only",
            pod: { ($0.security.runAsUser, $0.command) = (1000, ["/app/own"]) },
            expected: ["error pod.user /app/key", "error pod.user /app/own"]
        ),
        // What it starts.
        Case(what: "other words", pod: { $0.arguments = ["other"] }, expected: []),
        Case(what: "another program", pod: { $0.command = ["/bin/run"] }, expected: ["error pod.start"]),
        Case(what: "a program that is missing", pod: { $0.command = ["/app/none"] }, expected: ["error pod.start"]),
        Case(what: "a shell that is missing", pod: { $0.command = ["sh", "-c", "x"] }, expected: ["error pod.start"]),
        Case(
            what: "a file that is not a program",
            pod: { $0.command = ["/app/text"] },
            expected: ["error pod.start /app/text", "error pod.start /app/text"]
        ),
        Case(what: "words that only the cluster knows", pod: { $0.command = ["$(PROGRAM)"] }, expected: []),
        Case(
            what: "a program of a volume",
            pod: { ($0.command, $0.mounts) = (["/tools/sh"], [PodContainer.Mount("/tools", kind: "configMap")]) },
            expected: []
        ),
        Case(
            what: "a working directory in which the program is missing",
            pod: { ($0.command, $0.workingDirectory) = (["./server"], "/srv") },
            expected: ["error pod.start"]
        ),
        Case(
            what: "a volume that hides the program",
            pod: { $0.mounts = [PodContainer.Mount("/app", kind: "persistentVolumeClaim")] },
            expected: ["warning pod.hidden /app/server"]
        ),
        Case(
            what: "an empty volume that hides the program",
            pod: { $0.mounts = [PodContainer.Mount("/app/", kind: "emptyDir")] },
            expected: ["error pod.hidden /app/server"]
        ),
        Case(
            what: "a file that is mounted beside the program",
            pod: { $0.mounts = [PodContainer.Mount("/app/x", isPart: true)] },
            expected: []
        ),
        // Probes.
        Case(
            what: "a probe of the program",
            pod: { $0.probes = [PodContainer.Probe("livenessProbe", .exec(["/app/server", "ping"]))] },
            expected: []
        ),
        Case(
            what: "a probe in a shell",
            pod: { $0.probes = [PodContainer.Probe("readinessProbe", .exec(["/bin/sh", "-c", "true"]))] },
            expected: ["error pod.probe"]
        ),
        Case(
            what: "a hook that its user may not start",
            pod: { $0.probes = [PodContainer.Probe("lifecycle.preStop", .exec(["/app/own"]))] },
            image: { $0.user = "1000:65532" },
            expected: ["error pod.probe /app/own"]
        ),
        Case(
            what: "a port by number",
            pod: { $0.probes = [PodContainer.Probe("startupProbe", .port("8080", by: "tcpSocket"))] },
            expected: []
        ),
        Case(
            what: "another port by number",
            pod: { $0.probes = [PodContainer.Probe("startupProbe", .port("9090", by: "grpc"))] },
            expected: ["note pod.probe-port"]
        ),
        Case(
            what: "a port by name",
            pod: {
                $0.ports = [PodContainer.Port(8080, named: "http")]
                $0.probes = [
                    PodContainer.Probe("livenessProbe", .port("http", by: "httpGet")),
                    PodContainer.Probe("readinessProbe", .port("web", by: "httpGet")),
                ]
            },
            expected: ["warning pod.probe-port"]
        ),
        // Ports.
        Case(
            what: "ports that the image does not expose",
            pod: {
                $0.ports = [PodContainer.Port(9090), PodContainer.Port(8080, protocol: "UDP"), PodContainer.Port(8080)]
            },
            expected: ["note pod.port", "note pod.port"]
        ),
        Case(
            what: "an image that exposes nothing",
            pod: { $0.ports = [PodContainer.Port(9090)] },
            image: { $0.exposedPorts = [] },
            expected: []
        ),
        Case(
            what: "a low port",
            pod: { $0.ports = [PodContainer.Port(80)] },
            image: { $0.exposedPorts = ["80/tcp"] },
            expected: ["warning pod.low-port"]
        ),
        Case(
            what: "a low port that the image exposes",
            image: { $0.exposedPorts = ["80"] },
            expected: ["warning pod.low-port"]
        ),
        Case(
            what: "a low port, and the sysctl",
            pod: { $0.security.sysctls = ["net.ipv4.ip_unprivileged_port_start": "80"] },
            image: { $0.exposedPorts = ["80", "53/udp"] },
            expected: ["warning pod.low-port"]
        ),
        Case(
            what: "a low port, and the capability",
            pod: { $0.security.addedCapabilities = ["NET_BIND_SERVICE"] },
            image: { $0.exposedPorts = ["80"] },
            expected: []
        ),
        Case(
            what: "a low port, and a capability without effect",
            pod: {
                ($0.security.addedCapabilities, $0.security.allowPrivilegeEscalation) = (["NET_BIND_SERVICE"], false)
            },
            image: { $0.exposedPorts = ["80"] },
            expected: ["warning pod.low-port"]
        ),
        Case(what: "root and a low port", image: { ($0.user, $0.exposedPorts) = ("0", ["80"]) }, expected: []),
        Case(
            what: "root without capabilities, and a low port",
            pod: { $0.security.droppedCapabilities = ["ALL"] },
            image: { ($0.user, $0.exposedPorts) = ("0", ["80"]) },
            expected: ["warning pod.low-port"]
        ),
        // Where it writes.
        Case(
            what: "a root that is read-only",
            pod: { $0.security.readOnlyRootFilesystem = true },
            expected: ["warning pod.read-only /app/cache", "warning pod.read-only /data"]
        ),
        Case(
            what: "a root that is read-only, with volumes",
            pod: {
                $0.security.readOnlyRootFilesystem = true
                $0.mounts = [
                    PodContainer.Mount("/app/cache", kind: "emptyDir"), PodContainer.Mount("/"),
                    PodContainer.Mount("/data", isReadOnly: true, kind: "configMap"),
                ]
            },
            expected: ["warning pod.hidden /app/server", "warning pod.read-only /data"]
        ),
        // Where it comes from.
        Case(what: "latest", pod: { $0.image = "server:latest" }, expected: ["note pod.pull"]),
        Case(what: "no tag", pod: { $0.image = "localhost:5000/server" }, expected: ["note pod.pull"]),
        Case(
            what: "latest, and a policy",
            pod: { ($0.image, $0.pullPolicy) = ("server", .ifNotPresent) },
            expected: []
        ),
        Case(what: "a digest", pod: { $0.image = "server@sha256:\(String(repeating: "0", count: 64))" }, expected: []),
    ]

    @Test("a pod's wish that the image meets passes in silence, and another is a finding", arguments: cases)
    func check(_ one: Case) throws {
        let findings = try Self.findings(one.pod, one.image)
        let found = findings.map { "\($0.severity) \($0.rule.code)" + ($0.path.map { " \($0)" } ?? "") }
        // A path is compared where the case names one.
        #expect(found.count == one.expected.count, "\(findings)")
        for (found, expected) in zip(found, one.expected) { #expect(found.hasPrefix(expected), "\(findings)") }
        for finding in findings {
            #expect(finding.summary.contains("`web`") && finding.reason != nil && finding.hint != nil, "\(finding)")
        }
    }

    @Test("a message has the kubelet's words, the words of the pod and the paths")
    func words() throws {
        let probe = try #require(
            try Self.findings {
                $0.probes = [PodContainer.Probe("livenessProbe", .exec(["/bin/sh", "-c", "curl localhost"]))]
            }.first
        )
        #expect(
            probe.summary
                == "container `web`: its `livenessProbe` starts `/bin/sh -c curl localhost`, which does not start in the image"
        )
        #expect(probe.reason == "no layer has a file there")
        let name = try #require(
            try Self.findings({ $0.security.runAsNonRoot = true }) { $0.user = "app" }.first
        )
        #expect(name.reason == "the kubelet says: image has non-numeric user (app), cannot verify user is non-root")
        #expect(name.hint?.contains("set `runAsUser: 1000` in the pod") == true)
    }

    // MARK: YAML

    private static let yaml = """
        apiVersion: v1
        kind: ConfigMap
        data: {containers: none}
        ---
        # A comment.
        apiVersion: apps/v1
        kind: Deployment
        spec:
          template:
            spec:
              hostNetwork: yes
              securityContext:
                runAsNonRoot: true
                runAsUser: 1000
                fsGroup: 2000
                supplementalGroups: [3000]
                sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: "0"}]
              initContainers:
                - {name: first, image: &image ghcr.io/me/server:1.0, command: [/app/migrate]}
              containers:
                - name: web
                  image: *image
                  imagePullPolicy: Always
                  args: ["a", "-v"]
                  workingDir: /srv
                  env:
                    - {name: HOME, value: /tmp}
                    - {name: SECRET, valueFrom: {secretKeyRef: {name: x, key: y}}}
                  ports:
                    - containerPort: 8080
                      name: http
                    - {containerPort: 53, protocol: UDP}
                  securityContext:
                    runAsUser: 2
                    readOnlyRootFilesystem: true
                    capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}
                  livenessProbe:
                    httpGet: {port: http, path: /}
                  readinessProbe:
                    exec:
                      command: [cat, /tmp/ready]
                  lifecycle:
                    preStop: {exec: {command: ["/bin/sh", "-c", "sleep 5"]}}
                  volumeMounts:
                    - {name: empty, mountPath: /tmp}
                    - {name: settings, mountPath: /etc/app.conf, subPath: app.conf}
                    - {name: disk, mountPath: /data, readOnly: true}
              volumes:
                - {name: settings, configMap: {name: settings}}
                - name: empty
                  emptyDir: {}
                - name: disk
                  persistentVolumeClaim: {claimName: disk}
        ---
        apiVersion: batch/v1
        kind: CronJob
        spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: job, image: other}]}}}}}

        """

    @Test("containers are read wherever a pod stands, and the container's words are stronger than the pod's")
    func read() throws {
        let containers = try PodContainer.all(in: Array(Self.yaml.utf8), named: "pods.yaml")
        #expect(containers.map(\.name) == ["first", "web", "job"])
        #expect(containers.map(\.image) == ["ghcr.io/me/server:1.0", "ghcr.io/me/server:1.0", "other"])
        var web = PodContainer(name: "web", image: "ghcr.io/me/server:1.0")
        web.line = containers[1].line
        web.pullPolicy = .always
        web.arguments = ["a", "-v"]
        web.workingDirectory = "/srv"
        web.environment = [("HOME", "/tmp")]
        web.usesHostNetwork = true
        web.ports = [PodContainer.Port(8080, named: "http"), PodContainer.Port(53, protocol: "UDP")]
        web.security.runAsNonRoot = true
        web.security.runAsUser = 2
        web.security.readOnlyRootFilesystem = true
        web.security.droppedCapabilities = ["ALL"]
        web.security.addedCapabilities = ["NET_BIND_SERVICE"]
        web.security.fsGroup = 2000
        web.security.supplementalGroups = [3000]
        web.security.sysctls = ["net.ipv4.ip_unprivileged_port_start": "0"]
        web.probes = [
            PodContainer.Probe("livenessProbe", .port("http", by: "httpGet")),
            PodContainer.Probe("readinessProbe", .exec(["cat", "/tmp/ready"])),
            PodContainer.Probe("lifecycle.preStop", .exec(["/bin/sh", "-c", "sleep 5"])),
        ]
        web.mounts = [
            PodContainer.Mount("/tmp", kind: "emptyDir"),
            PodContainer.Mount("/etc/app.conf", isReadOnly: true, kind: "configMap", isPart: true),
            PodContainer.Mount("/data", isReadOnly: true, kind: "persistentVolumeClaim"),
        ]
        #expect(containers[1] == web)
        #expect(containers[0].line == 19)
        #expect(containers[0].command == ["/app/migrate"])
        #expect(containers[0].security.runAsUser == 1000)
    }

    @Test(
        "what is not a pod has no containers, and what is not YAML has a place",
        arguments: [
            ("", 0), ("containers: none\n", 0), ("containers: {a: b}\n", 0), ("- containers: [{name: a}]\n", 1),
            ("{\"spec\": {\"containers\": [{\"image\": \"x\"}, [], 1, null]}}", 3),
            ("kind: List\nitems: [{spec: {containers: [{name: a}, {name: b}]}}]\n", 2), ("a: [", nil), ("\u{0}", nil),
        ] as [(String, Int?)]
    )
    func odd(text: String, count: Int?) throws {
        guard let count else {
            let error = #expect(throws: Diagnostic.self) {
                try PodContainer.all(in: Array(text.utf8), named: "pods.yaml")
            }
            #expect(error?.code.rawValue == "yaml.malformed")
            return
        }
        #expect(try PodContainer.all(in: Array(text.utf8), named: "pods.yaml").count == count)
    }

    @Test("a file with more containers than anyone has is refused")
    func many() throws {
        let list = String(repeating: "  - {name: a}\n", count: PodContainer.countLimit + 1)
        let error = #expect(throws: Diagnostic.self) {
            try PodContainer.all(in: Array("containers:\n\(list)".utf8), named: "pods.yaml")
        }
        #expect(error?.code.rawValue == "pods.too-many")
    }
}

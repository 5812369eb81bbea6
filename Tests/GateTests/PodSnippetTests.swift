import Diagnostics
import Findings
import Gate
import OCI
import Pods
import TestSupport
import Testing

@Suite("What a pod has to say") struct PodSnippetTests {
    private static func execution(
        _ user: String = "1000:50",
        _ change: (inout ImageConfig.Execution) -> Void = { _ in }
    ) -> ImageConfig.Execution {
        var execution = ImageConfig.Execution()
        execution.user = user
        change(&execution)
        return execution
    }

    private static let root = MemoryRoot([
        directory("/app/cache", 0o755, uid: 1000), directory("/app/full", 0o755, uid: 1000),
        file("/app/full/x"), directory("/app/roots"), directory("/srv", 0o777, origin: .base),
        directory("/home/app", 0o755, uid: 1000),
    ])

    private static let image = PodImage.pushed("ghcr.io/me/My_Server:1.0@sha256:abc")

    @Test("Python's YAML reads the snippet as the value that `--json` has")
    func snippet() throws {
        let execution = Self.execution {
            $0.volumes = ["/var/lib/no", "/tmp", "/var lib/no", "/Ünïcode \"quoted\"\n", "/a:b", "/", "no"]
            $0.exposedPorts = ["8080/tcp", "53/udp", "8080", "443", "many/tcp", "70000/tcp", "53/quic"]
            $0.healthcheck = try? JSON(
                parsing: Array(
                    #"{"Test":["CMD","/app/server","no","it's"],"Interval":15000000000,"StartPeriod":500000000,"Retries":4}"#
                        .utf8
                ),
                named: "check"
            )
        }
        let snippet = try PodSnippet(Self.root, execution)
        let read = try Self.json(snippet.lines(Self.image))
        #expect(
            read == """
                {"containers": [{"image": "ghcr.io/me/My_Server:1.0@sha256:abc", "livenessProbe": {"exec": {"command": \
                ["/app/server", "no", "it's"]}, "failureThreshold": 4, "initialDelaySeconds": 1, "periodSeconds": 15, \
                "timeoutSeconds": 30}, "name": "my-server", "ports": [{"containerPort": 53, "name": "udp-53", "protocol": \
                "UDP"}, {"containerPort": 443, "name": "tcp-443", "protocol": "TCP"}, {"containerPort": 8080, "name": \
                "tcp-8080", "protocol": "TCP"}], "securityContext": \
                {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": true, \
                "runAsGroup": 50, "runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}, \
                "volumeMounts": [{"mountPath": "/tmp", "name": "tmp"}, {"mountPath": "/var/lib/no", "name": "var-lib-no"}, \
                {"mountPath": "/var lib/no", "name": "var-lib-no-2"}, \
                {"mountPath": "/\\u00dcn\\u00efcode \\"quoted\\"\\n", "name": "n-code-quoted"}, \
                {"mountPath": "/app/cache", "name": "app-cache"}]}], "securityContext": {"fsGroup": 50, "sysctls": \
                [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "53"}]}, "volumes": [{"emptyDir": {}, "name": \
                "tmp"}, {"emptyDir": {}, "name": "var-lib-no"}, {"emptyDir": {}, "name": "var-lib-no-2"}, \
                {"emptyDir": {}, "name": "n-code-quoted"}, {"emptyDir": {}, "name": "app-cache"}]}
                """
        )
        let value = String(decoding: snippet.json(Self.image).encoded(), as: UTF8.self)
        let script = "import json, sys; print(json.dumps(json.loads(sys.argv[1]), sort_keys=True), end='')"
        #expect(try Tool.python(script, [value]) == read)
        #expect(
            Self.comments(snippet.lines(Self.image)).suffix(7) == [
                #""/" has files of the image: an empty volume would hide them."#,
                #""/a:b" cannot be mounted: Kubernetes refuses a colon in a path."#,
                #""no" cannot be mounted: it is not a directory below the root."#,
                #"The image exposes "many/tcp", which Kubernetes does not take for a port."#,
                #"The image exposes "70000/tcp", which Kubernetes does not take for a port."#,
                #"The image exposes "53/quic", which Kubernetes does not take for a port."#,
                "resources: requests and limits are yours to choose.",
            ]
        )
        let kept = try JSON(parsing: snippet.kept.encoded(), named: "kept")
        #expect(try PodSnippet(kept: JSONReader(kept, named: "kept")) == snippet)
    }

    @Test(
        "the image line is a reference whatever is known of the image, and a comment says what is missing",
        arguments: [
            (["ghcr.io/me/server:1.0"], true, true, "ghcr.io/me/server:1.0@sha256:", nil),
            (["ghcr.io/me/server:1.0"], true, false, "ghcr.io/me/server:1.0@sha256:", "Not pushed yet"),
            (["ghcr.io/me/server:1.0"], false, true, "ghcr.io/me/server:1.0", "Not built yet"),
            ([], true, false, "registry.example.com/server-oci:TAG", "The image has no name"),
            ([], false, false, "registry.example.com/server-oci:TAG", "The image has no name"),
        ] as [([String], Bool, Bool, String, String?)]
    )
    func named(names: [String], isBuilt: Bool, isPushed: Bool, reference: String, comment: String?) throws {
        let digest = isBuilt ? Digest(sha256Of: []) : nil
        let image = PodImage(names, digest, isPushed: isPushed, application: "Server.oci")
        let lines = try PodSnippet(Self.root, Self.execution()).lines(image)
        let line = try #require(lines.first { $0.hasPrefix("    image: ") })
        #expect(line.hasPrefix("    image: \(reference)"))
        #expect(line.contains("@sha256:") == (isBuilt && !names.isEmpty))
        #expect(
            Self.comments(lines).map { String($0.prefix(comment?.count ?? 0)) }.contains(comment ?? "x")
                == (comment != nil)
        )
    }

    @Test("no volume hides files of the image")
    func covered() throws {
        let root = MemoryRoot([file("/app/server"), directory("/data"), file("/tmp/x")])
        let execution = Self.execution { $0.volumes = ["/app", "/data", "/app2", "/tmp"] }
        let lines = try PodSnippet(root, execution).lines(Self.image)
        #expect(lines.filter { $0.contains("mountPath") } == ["/data", "/app2"].map { "        mountPath: \($0)" })
        #expect(
            Self.comments(lines).dropLast()
                == ["/app", "/tmp"].map { "\"\($0)\" has files of the image: an empty volume would hide them." }
        )
        let bare = try PodSnippet(root, Self.execution()).lines(Self.image)
        #expect(!bare.contains { $0.contains("volume") && !$0.contains("#") || $0.contains("fsGroup") })
    }

    @Test("a user that is root is root in the snippet, with the word that a policy refuses it")
    func root() throws {
        let lines = try PodSnippet(MemoryRoot([]), ImageConfig.Execution()).lines(Self.image)
        #expect(lines.contains("      runAsNonRoot: false"))
        #expect(lines.contains("      runAsUser: 0"))
        #expect(Self.comments(lines).contains { $0.hasPrefix("Root: ") })
    }

    @Test(
        "a port below 1024 is opened by the sysctl, and no other needs one",
        arguments: [
            (["80/tcp", "443/tcp"], "80"), (["1023/udp"], "1023"), (["1024/tcp"], nil), ([], nil),
        ] as [([String], String?)]
    )
    func sysctl(ports: [String], start: String?) throws {
        let snippet = try PodSnippet(Self.root, Self.execution { $0.exposedPorts = ports })
        let lines = snippet.lines(Self.image)
        #expect(lines.contains("    - name: net.ipv4.ip_unprivileged_port_start") == (start != nil))
        if let start { #expect(lines.contains("      value: \"\(start)\"")) }
    }

    @Test("a health check for a shell becomes a comment, and one that is switched off nothing")
    func shellCheck() throws {
        for (test, comment) in [(["CMD-SHELL", "curl localhost"], true), (["NONE"], false), (["CMD"], false)] {
            let execution = Self.execution { $0.healthcheck = ["Test": .strings(test)] }
            let lines = try PodSnippet(Self.root, execution).lines(Self.image)
            #expect(!lines.contains { $0.contains("livenessProbe") })
            #expect(Self.comments(lines).contains { $0.contains("a line for a shell") } == comment)
        }
    }

    @Test(
        "whatever an image is made of, Python's YAML reads one document with a container, and names that Kubernetes takes"
    )
    func hostile() throws {
        let texts = [
            "/x\u{2028}evil: true", "/x\u{85}containers:", "/#", "/- a", "/\u{FEFF}", "/null", "/\u{7F}\u{9B}", "/'",
            "/x\\",
            "/" + String(repeating: "a", count: 300), "/{}", "/a\u{2029}b", "/true",
            "/" + String(repeating: "é", count: 99),
        ]
        let execution = Self.execution {
            $0.volumes = texts + (0..<200).map { "/many/\($0)" }
            $0.exposedPorts = (1...300).map { "\($0)" } + texts
            $0.healthcheck = ["Test": .strings(["CMD"] + texts)]
        }
        let lines = try PodSnippet(Self.root, execution).lines(.nameless("\u{2028}no"))
        let script = """
            import re, sys, yaml
            spec, = yaml.safe_load_all(sys.argv[1])
            container, = spec["containers"]
            names = [v["name"] for v in spec["volumes"]]
            assert all(re.fullmatch("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", n) for n in names), names
            assert len(set(names)) == len(names) == 64
            assert sorted(spec) == ["containers", "securityContext", "volumes"], sorted(spec)
            assert container["livenessProbe"]["exec"]["command"][0] == "/x\\u2028evil: true"
            print(len(container["ports"]), container["image"], end="")
            """
        #expect(try Tool.python(script, [lines.joined(separator: "\n")]) == "64 registry.example.com/no:TAG")
    }

    @Test("a user that the image has not is refused")
    func unknown() throws {
        let error = #expect(throws: Diagnostic.self) { try PodSnippet(MemoryRoot([]), Self.execution("somebody")) }
        #expect(error?.code.rawValue == "user.unknown")
    }

    private static func comments(_ lines: [String]) -> [String] {
        lines.filter { $0.hasPrefix("    # ") }.map { String($0.dropFirst(6)) }
    }

    private static func json(_ lines: [String]) throws -> String {
        let script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.argv[1]), sort_keys=True), end='')"
        return try Tool.python(script, [lines.joined(separator: "\n")])
    }
}

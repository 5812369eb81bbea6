import Diagnostics
import Findings
import Gate
import OCI
import TestSupport
import Testing

@Suite("What a pod has to say") struct KubernetesSnippetTests {
    @Test("Python's YAML reads the snippet as what was meant")
    func snippet() throws {
        var execution = ImageConfig.Execution()
        execution.user = "1000:50"
        execution.volumes = ["/var/lib/no", "/tmp", "/var lib/no", "/Ünïcode: \"quoted\"\n"]
        let root = MemoryRoot([
            directory("/app/cache", 0o755, uid: 1000), directory("/app/full", 0o755, uid: 1000),
            file("/app/full/x"), directory("/app/roots"), directory("/srv", 0o777, origin: .base),
        ])
        let lines = try KubernetesSnippet(root, execution).lines(image: "ghcr.io/me/My_Server:1.0@sha256:abc")
        let json = try Self.json(lines)
        #expect(
            json == """
                {"containers": [{"image": "ghcr.io/me/My_Server:1.0@sha256:abc", "name": "my-server", "securityContext": \
                {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": true, \
                "runAsGroup": 50, "runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}, \
                "volumeMounts": [{"mountPath": "/tmp", "name": "tmp"}, {"mountPath": "/var/lib/no", "name": "var-lib-no"}, \
                {"mountPath": "/var lib/no", "name": "var-lib-no-2"}, \
                {"mountPath": "/\\u00dcn\\u00efcode: \\"quoted\\"\\n", "name": "n-code-quoted"}, \
                {"mountPath": "/app/cache", "name": "app-cache"}]}], "volumes": [{"emptyDir": {}, "name": "tmp"}, \
                {"emptyDir": {}, "name": "var-lib-no"}, {"emptyDir": {}, "name": "var-lib-no-2"}, \
                {"emptyDir": {}, "name": "n-code-quoted"}, {"emptyDir": {}, "name": "app-cache"}]}
                """
        )
    }

    @Test("no volume hides files of the image")
    func covered() throws {
        var execution = ImageConfig.Execution()
        execution.user = "1000"
        execution.volumes = ["/app", "/data", "/app2", "/tmp"]
        let root = MemoryRoot([file("/app/server"), directory("/data"), file("/tmp/x")])
        let lines = try KubernetesSnippet(root, execution).lines(image: nil)
        #expect(lines.filter { $0.contains("mountPath") } == ["/data", "/app2"].map { "        mountPath: \"\($0)\"" })
        #expect(
            lines.filter { $0.contains("#") }
                == ["/app", "/tmp"].map {
                    "    # \"\($0)\" has files of the image: an empty volume would hide them."
                }
        )
        execution.volumes = []
        #expect(
            try !KubernetesSnippet(root, execution).lines(image: nil).contains {
                $0.contains("volume") && !$0.contains("#")
            }
        )
    }

    @Test("a message names root as the user")
    func root() throws {
        let lines = try KubernetesSnippet(MemoryRoot([]), ImageConfig.Execution()).lines(image: nil)
        #expect(lines.contains("      runAsNonRoot: false"))
        #expect(lines.contains("      runAsUser: 0"))
        #expect(!lines.contains { $0.contains("image:") })
    }

    @Test("a user that the image has not is refused")
    func unknown() throws {
        var execution = ImageConfig.Execution()
        execution.user = "somebody"
        let error = #expect(throws: Diagnostic.self) { try KubernetesSnippet(MemoryRoot([]), execution) }
        #expect(error?.code.rawValue == "user.unknown")
    }

    private static func json(_ lines: [String]) throws -> String {
        let script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.argv[1]), sort_keys=True), end='')"
        return try Tool.python(script, [lines.joined(separator: "\n")])
    }
}

import Glibc
import TestSupport
import Testing

/// The snippet for a Deployment, and what `check --pod` says of a Deployment that is there.
@Suite("Pods") struct PodCommandTests {
    /// The images whose snippets are pasted, by the options of `build`.
    static let options = [
        [], ["-t", "localhost/hello:1", "--volume", "/data", "--expose", "8080"],
        ["-t", "localhost/hello:1", "--expose", "80", "--expose", "53/udp", "--user", "1000:0"],
        [
            "-t", "localhost/hello", "--volume", "/no", "--volume", "/v l: m", "--healthcheck",
            #"interval=15s CMD ["/app/hello", "true", "no: \"x\""]"#,
        ],
    ]

    /// A Deployment with the snippet where it belongs.
    private static func deployment(_ snippet: String) -> String {
        let spec = snippet.split(separator: "\n").map { "      \($0)\n" }.joined()
        return """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: hello}
            spec:
              selector: {matchLabels: {app: hello}}
              template:
                metadata: {labels: {app: hello}}
                spec:
            \(spec)
            """
    }

    /// kubernetes.io, "Pod Security Standards", version 1.32: what "restricted" demands, with what "baseline" does, of the
    /// fields that a snippet can have; and what the API demands of names, ports and mounts.
    private static let restricted = #"""
        import re, sys, yaml
        spec = yaml.safe_load(sys.argv[1])["spec"]["template"]["spec"]
        problems = []
        def demand(holds, what):
            if not holds: problems.append(what)
        safe = {"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes"}
        types = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
        known = {"securityContext", "containers", "volumes"}
        demand(set(spec) <= known, f"fields {set(spec) - known}")
        pod = spec.get("securityContext", {})
        demand(all(s["name"] in safe and isinstance(s["value"], str) for s in pod.get("sysctls", [])), "sysctls")
        demand(pod.get("runAsUser", 1) != 0, "runAsUser of the pod")
        volumes = spec.get("volumes", [])
        for volume in volumes: demand(set(volume) - {"name"} <= types, "volume types")
        label = re.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
        demand(all(label.fullmatch(v["name"]) for v in volumes), "names of volumes")
        demand(len({v["name"] for v in volumes}) == len(volumes), "volumes twice")
        for container in spec["containers"]:
            security = container["securityContext"]
            demand(not security.get("privileged"), "privileged")
            demand(security.get("allowPrivilegeEscalation") is False, "allowPrivilegeEscalation")
            demand(security.get("runAsNonRoot", pod.get("runAsNonRoot")) is True, "runAsNonRoot")
            demand(security.get("runAsUser", 1) != 0, "runAsUser")
            demand(security.get("seccompProfile", pod.get("seccompProfile", {})).get("type") in ("RuntimeDefault", "Localhost"), "seccomp")
            demand("ALL" in security.get("capabilities", {}).get("drop", []), "capabilities.drop")
            demand(set(security["capabilities"].get("add", [])) <= {"NET_BIND_SERVICE"}, "capabilities.add")
            demand(not any("hostPort" in p for p in container.get("ports", [])), "hostPort")
            demand(label.fullmatch(container["name"]), "name")
            demand(re.fullmatch("[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+(:[A-Za-z0-9._-]+)?(@sha256:[0-9a-f]{64})?", container["image"]), "image")
            names = [p["name"] for p in container.get("ports", [])]
            demand(len(set(names)) == len(names), "ports twice")
            demand(all(re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", n) and len(n) <= 15 and re.search("[a-z]", n) for n in names), "names of ports")
            mounts = [m["mountPath"] for m in container.get("volumeMounts", [])]
            demand(len(set(mounts)) == len(mounts) and not any(":" in m for m in mounts), "mounts")
            demand({m["name"] for m in container.get("volumeMounts", [])} == {v["name"] for v in volumes}, "volumes and mounts")
            probe = container.get("livenessProbe")
            if probe: demand(all(isinstance(w, str) for w in probe["exec"]["command"]) and probe["periodSeconds"] >= 1, "probe")
        print(", ".join(problems), end="")
        """#

    @Test(
        "a Deployment with the snippet passes the policy \"restricted\", and root is what keeps one from it",
        arguments: options
    )
    func restricted(options: [String]) throws {
        let place = try Sample.program()
        let snippet = try Built.coracle(["build", "hello", "--kubernetes"] + options, directory: place.path).output()
        #expect(try Tool.python(Self.restricted, [Self.deployment(snippet)]) == "", "\(snippet)")
        let root = try Built.coracle(
            ["build", "hello", "--kubernetes", "--user", "0", "-o", "root"]
                + options.filter { !["--user", "1000:0"].contains($0) },
            directory: place.path
        ).output()
        #expect(try Tool.python(Self.restricted, [Self.deployment(root)]) == "runAsNonRoot, runAsUser", "\(root)")
    }

    private static let hasKubectl = (try? Tool.path(of: "kubectl")) != nil

    @Test(
        "kubectl takes a Deployment with the snippet, and finds the image in it",
        .enabled(if: hasKubectl, "`kubectl` is not installed"),
        arguments: options.filter { $0.contains("-t") }
    )
    func kubectl(options: [String]) throws {
        let place = try Sample.program()
        let snippet = try Built.coracle(["build", "hello", "--kubernetes"] + options, directory: place.path).output()
        try place.file("k/deployment.yaml", Self.deployment(snippet))
        try place.file(
            "k/kustomization.yaml",
            "resources: [deployment.yaml]\nimages: [{name: localhost/hello, newName: localhost/other}]\n"
        )
        let printed = try Command("kubectl", ["kustomize", place("k")], timeLimit: 60).output()
        #expect(printed.contains("image: localhost/other"), "\(printed)")
        #expect(printed.contains("readOnlyRootFilesystem: true"))
        let set = try Command(
            "kubectl",
            ["set", "image", "--local", "-f", place("k/deployment.yaml"), "*=localhost/third", "-o", "yaml"],
            timeLimit: 60
        ).output()
        #expect(set.contains("image: localhost/third"), "\(set)")
    }

    @Test(
        "YAML and `--json` say the same, and a build that is recalled says it again",
        arguments: [["-t", "localhost/hello:1", "--expose", "80"], ["--volume", "/data"]]
    )
    func recalled(options: [String]) throws {
        let place = try RebuildTests.Place()
        let options = options + ["--kubernetes"]
        let first = try place.build(options)
        // The layout is there the second time, and the build is kept.
        let again = try place.build(options)
        #expect(first.output == again.output)
        #expect(first.output.contains("containers:\n"), "\(first.errors)")
        #expect(try place.cached("derived").contains { $0.contains("/build-5") })
        let script = """
            import json, sys, yaml
            document = json.load(open(sys.argv[1]))
            spec = yaml.safe_load(sys.argv[2])
            print(document["pod"] == spec, yaml.safe_load(document["kubernetes"]) == spec, end="")
            """
        for _ in 0..<2 {
            // Its lists of files are too long for an argument.
            let document = place.directory("document.json")
            try writeFile(document, try place.build(options + ["--json"]).output)
            #expect(try Tool.python(script, [document, first.output]) == "True True")
        }
    }

    @Test("`plan` and `check` have the pod in their documents as in their YAML", arguments: ["plan", "check"])
    func documents(command: String) throws {
        let place = try Sample.program()
        let build = ["hello", "-t", "localhost/hello:1", "--expose", "8080"]
        try Built.coracle(["build"] + build, directory: place.path).output()
        let arguments = [command] + (command == "plan" ? build : ["hello.oci"]) + ["--kubernetes"]
        let yaml = try Built.coracle(arguments, directory: place.path).output()
        let json = try Built.coracle(arguments + ["--json"], directory: place.path).output()
        let script = """
            import json, sys, yaml
            document = json.loads(sys.argv[1])
            pod = document["pod"] if "pod" in document else document["images"][0]["pod"]
            image = pod["containers"][0]["image"]
            print(pod == yaml.safe_load(sys.argv[2]), image.split("@")[0], "@sha256:" in image, end="")
            """
        let isBuilt = command == "check"
        #expect(try Tool.python(script, [json, yaml]) == "True localhost/hello:1 \(isBuilt ? "True" : "False")")
        #expect(yaml.contains(isBuilt ? "# Not pushed yet" : "# Not built yet"))
    }

    @Test("of many images, each has its document", arguments: ["build", "plan"])
    func many(command: String) throws {
        let place = try Sample.program()
        try place.file(
            "images.yaml",
            "images:\n  one: {path: hello, tag: localhost/one, user: 1000}\n  two: {path: hello, tag: localhost/two}\n"
        )
        let arguments = [command, "--file", "images.yaml", "--kubernetes"]
        let script = """
            import sys, yaml
            for pod in yaml.safe_load_all(sys.argv[1]):
                container, = pod["containers"]
                print(container["name"], container["image"].split("@")[0], container["securityContext"]["runAsUser"])
            """
        for _ in 0..<2 {
            let yaml = try Built.coracle(arguments, directory: place.path).output()
            #expect(try Tool.python(script, [yaml]) == "one localhost/one 1000\ntwo localhost/two 65532\n", "\(yaml)")
        }
    }

    // MARK: check --pod

    /// A file of two documents, of which one has a Deployment with `container` in it.
    private static func pods(_ container: String) -> String {
        "kind: Service\n---\nkind: Deployment\nspec:\n  template:\n    spec:\n      containers:\n        - \(container)\n"
    }

    @Test(
        "`check --pod` refuses what cannot run, and lets through what can",
        arguments: [
            ("{name: a, image: localhost/hello:2}", 0, ""),
            (
                "{name: a, image: localhost/hello, command: [/bin/sh]}", 9,
                "error[pod.start]: container `a` starts `/bin/sh`"
            ),
            (
                "{name: a, image: localhost/hello, livenessProbe: {exec: {command: [curl, localhost]}}}", 9,
                "error[pod.probe]: container `a`: its `livenessProbe` starts `curl localhost`"
            ),
            (
                "{name: a, image: localhost/hello, securityContext: {runAsNonRoot: true, runAsUser: 0}}", 9,
                "error[pod.non-root]: container `a` has"
            ),
            (
                "{name: a, image: localhost/hello, securityContext: {readOnlyRootFilesystem: true}}", 0,
                "warning[pod.read-only]: container `a` may not write `/data`"
            ),
            (
                "{name: a, image: localhost/hello, volumeMounts: [{name: v, mountPath: /app}]}", 9,
                "error[pod.hidden]: container `a` mounts a volume at `/app`"
            ),
            ("{name: a, image: localhost/other}", 7, "error[pods.no-container]: no container of `pods.yaml` runs"),
            ("[", 3, "error[yaml.malformed]"),
        ] as [(String, Int32, String)]
    )
    func asked(container: String, code: Int32, words: String) throws {
        let place = try Sample.program()
        try Built.coracle(["build", "hello", "-t", "localhost/hello:1", "--volume", "/data"], directory: place.path)
            .output()
        // An `emptyDir` in flow style has no text of its own.
        let volumes = "      volumes: [{name: v, emptyDir: {}}]\n"
        try place.file("pods.yaml", Self.pods(container) + volumes)
        let outcome = try Built.coracle(["check", "hello.oci", "--pod", "pods.yaml"], directory: place.path).run()
        #expect(outcome.end == .exited(code), "\(outcome.output)\(outcome.errors)")
        #expect((outcome.output + outcome.errors).contains(words), "\(outcome.output)\(outcome.errors)")
        guard code == 9, let rule = words.firstMatch(of: #/\[(.*)\]/#)?.1 else { return }
        let allowed = ["check", "hello.oci", "--pod", "pods.yaml", "--allow", String(rule)]
        #expect(try Built.coracle(allowed, directory: place.path).run().end == .exited(0))
        let json = try Built.coracle(["check", "hello.oci", "--pod", "pods.yaml", "--json"], directory: place.path)
            .run()
        #expect(json.output.contains("\"code\": \"\(rule)\""), "\(json.output)")
    }

    @Test("an image without a name is compared with the only image of the file, and a program not at all")
    func nameless() throws {
        let place = try Sample.program()
        try Built.coracle(["build", "hello"], directory: place.path).output()
        try place.file("pods.yaml", Self.pods("{name: a, image: x/y, command: [/none]}"))
        let check = ["check", "hello.oci", "--pod"]
        #expect(try Built.coracle(check + ["pods.yaml"], directory: place.path).run().end == .exited(9))
        try place.file("two.yaml", Self.pods("{name: a, image: x/y}") + "        - {name: b, image: z}\n")
        let two = try Built.coracle(check + ["two.yaml"], directory: place.path).run()
        #expect(two.end == .exited(7))
        #expect(
            two.errors.contains("the containers run different ones: `docker.io/library/z`, `docker.io/x/y`"),
            "\(two.errors)"
        )
        let program = try Built.coracle(["check", "hello", "--pod", "pods.yaml"], directory: place.path).run()
        #expect(program.end == .exited(2))
        let missing = try Built.coracle(check + ["none.yaml"], directory: place.path).run()
        #expect(missing.end == .exited(3))
        #expect(missing.errors.contains("error[pods.unreadable]"), "\(missing.errors)")
    }

    @Test("coracle's own snippet is a pod that its image meets")
    func own() throws {
        let place = try Sample.program()
        let build = [
            "build", "hello", "-t", "localhost/hello:1", "--volume", "/data", "--expose", "80", "--kubernetes",
        ]
        try place.file("pods.yaml", Self.deployment(try Built.coracle(build, directory: place.path).output()))
        let outcome = try Built.coracle(["check", "hello.oci", "--pod", "pods.yaml"], directory: place.path).output()
        #expect(!outcome.contains("[pod."), "\(outcome)")
    }
}

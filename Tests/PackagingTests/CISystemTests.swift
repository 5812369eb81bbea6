import TestSupport
import Testing

/// The files for CI systems, run by stand-ins for those systems.
@Suite("CI systems", .serialized)
struct CISystemTests {
    private static let folder = "\(Dist.repository)/Examples/ci"
    private static let fixtures = "\(Dist.repository)/Tests/Fixtures/ci"

    private static func place() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try place.file("server", try readFile(FixtureProgram.go("hello").path()), mode: 0o755)
        return place
    }

    private static func environment(_ place: TemporaryDirectory, _ more: [String: String?] = [:]) -> [String: String?] {
        let all: [String: String?] = [
            "PATH": "\(Built.commandFolder):/usr/bin:/bin", "HOME": place.path, "CORACLE_CACHE": place("cache"),
            "DOCKER_CONFIG": nil, "GITHUB_ACTIONS": nil, "GITLAB_CI": nil, "COSIGN_KEY": nil, "COSIGN_PASSWORD": nil,
        ]
        return all.merging(more) { $1 }
    }

    // MARK: GitHub

    private static func action(_ inputs: [String], in place: TemporaryDirectory) throws -> Outcome {
        try Command(
            Tool.python,
            ["\(fixtures)/run_action.py", "\(Dist.repository)/action.yml", try place.directory("runner")] + inputs,
            environment: environment(place),
            directory: place.path,
            timeLimit: 120
        ).run()
    }

    @Test("the action installs, logs in, builds, pushes and signs, and has outputs")
    func action() throws {
        let (place, registry) = (try Self.place(), try RegistryServer(.password))
        // What is published of this very program.
        let publish = """
            mkdir published; cd published
            cp "$1" "coracle-1.0-linux-$(dpkg --print-architecture)"
            sha256sum coracle-* > SHA256SUMS
            """
        try Command.shell(publish, [Built.coracle], directory: place.path).output()
        let published = try #require(try names(in: place("published")).first { $0 != "SHA256SUMS" })
        let sum = try Command("sha256sum", [place("published/\(published)")]).output().prefix(64)
        try Built.coracle(["key", "generate"], environment: ["COSIGN_PASSWORD": "pw"], directory: place.path).output()
        let name = "\(registry.address)/me/server"
        let inputs = [
            "from=\(place("published"))", "sha256=\(sum)", "path=server", "tags=\(name):1\n\(name):2\n",
            "labels=a=$(touch owned)\nb=`touch owned`", "push=true", "options=--env\nX=a b;touch owned",
            "registry=\(registry.address)", "username=\(RegistryServer.user)", "password=\(RegistryServer.password)",
            "sign-key=\(String(decoding: try readFile(place("cosign.key")), as: UTF8.self))", "sign-password=pw",
        ]
        let outcome = try Self.action(inputs, in: place)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let check = """
            import json, sys
            outputs = json.loads(sys.argv[1])
            name, digest = sys.argv[2], outputs["digest"]
            assert outputs["reference"] == f"{name}:1@{digest}", outputs
            assert outputs["references"] == f"{name}:1@{digest}\\n{name}:2@{digest}", outputs
            assert json.loads(outputs["metadata"])["containerimage.digest"] == digest
            assert outputs["imageid"].startswith("sha256:")
            """
        try Tool.python(check, [outcome.output, name])
        let login = ["--insecure-registry", registry.address]
        let verified = try Built.coracle(
            ["verify", "\(name):1", "--key", "cosign.pub"] + login,
            environment: Self.environment(place),
            directory: place.path
        ).run()
        #expect(verified.end == .exited(0), "\(verified.errors)")
        let summary = String(decoding: try readFile(place("runner/summary2")), as: UTF8.self)
        #expect(summary.contains("| \(name):1 | sha256:"), "\(summary)")
        #expect(!(try names(in: place.path)).contains("owned"))
        #expect(!outcome.errors.contains(RegistryServer.password))
    }

    @Test("the action installs nothing with another sum than the one that was asked for")
    func wrongSum() throws {
        let place = try Self.place()
        let sum = String(repeating: "0", count: 64)
        let outcome = try Self.action(["sha256=\(sum)", "path=server"], in: place)
        #expect(outcome.end == .exited(1) && outcome.errors.contains("FAILED"), "\(outcome.errors)")
        #expect(!(try names(in: place.path)).contains("server.oci"))
    }

    // MARK: GitLab

    @Test("GitLab's component builds what its inputs say, and leaves the reports that it names")
    func component() throws {
        let (place, registry) = (try Self.place(), try RegistryServer())
        let script = """
            import re, subprocess, sys, yaml
            header, text = open(sys.argv[1]).read().split("\\n---\\n")
            given = dict(word.split("=", 1) for word in sys.argv[2:])
            inputs = {name: given.get(name, value.get("default")) for name, value in
                      yaml.safe_load(header)["spec"]["inputs"].items()}
            assert set(given) <= set(inputs)
            say = lambda value: str(value).lower() if isinstance(value, bool) else str(value)
            text = re.sub(r"\\$\\[\\[ inputs\\.([a-z-]+) \\]\\]", lambda m: say(inputs[m[1]]), text)
            (job,) = yaml.safe_load(text).values()
            import os
            variables = {name: os.path.expandvars(value) for name, value in job["variables"].items()}
            for line in job["script"]:
                subprocess.run(["sh", "-euc", line], env=dict(os.environ, **variables), check=True)
            for name in job["artifacts"]["reports"].values():
                assert os.path.exists(name), name
            """
        let variables = [
            "GITLAB_CI": "true", "CI_REGISTRY_IMAGE": "\(registry.address)/me/server", "CI_COMMIT_SHORT_SHA": "abc123",
        ]
        let outcome = try Command(
            Tool.python,
            ["-c", script, "\(Self.folder)/gitlab-component/templates/coracle.yml", "path=server"],
            environment: Self.environment(place, variables),
            directory: place.path,
            timeLimit: 120
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let digest = try Built.coracle(["digest", "\(registry.address)/me/server:abc123"]).output()
        let text = String(decoding: try readFile(place("coracle.env")), as: UTF8.self)
        #expect(text.contains("CORACLE_REFERENCE=\(registry.address)/me/server:abc123@\(digest)"), "\(text)")
    }

    // MARK: Others

    @Test("Tekton's task needs no shell, and leaves the results that it declares")
    func tekton() throws {
        let (place, registry) = (try Self.place(), try RegistryServer())
        let script = """
            import json, os, subprocess, sys, yaml
            spec = yaml.safe_load(open(sys.argv[1]))["spec"]
            (step,) = spec["steps"]
            assert "script" not in step
            values = {"$(params.PATH_CONTEXT)": "server", "$(params.IMAGE)": sys.argv[2], "/tekton/results": "results"}
            words = [values.get(word, word) for word in step["command"] + step["args"]]
            os.mkdir("results")
            subprocess.run(words, check=True)
            assert sorted(os.listdir("results")) == sorted(result["name"] for result in spec["results"])
            """
        let name = "\(registry.address)/me/server:1"
        let outcome = try Command(
            Tool.python,
            ["-c", script, "\(Self.folder)/tekton-build.yaml", name],
            environment: Self.environment(place),
            directory: place.path,
            timeLimit: 120
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let digest = try Built.coracle(["digest", name]).output()
        #expect(String(decoding: try readFile(place("results/IMAGE_DIGEST")), as: UTF8.self) + "\n" == digest)
        #expect(String(decoding: try readFile(place("results/IMAGE_URL")), as: UTF8.self) == name)
    }

    @Test("the steps of Buildkite and of Jenkins push, and hand the reference on")
    func steps() throws {
        let (place, registry) = (try Self.place(), try RegistryServer(.password))
        try place.file("bin/buildkite-agent", "#!/bin/sh\nprintf '%s\\n' \"$@\" > agent.txt\n", mode: 0o755)
        let jenkins = """
            import re, sys
            print(re.search(r"sh '''(.*?)'''", open(sys.argv[1]).read(), re.S)[1])
            """
        let buildkite = """
            import sys, yaml
            print(yaml.safe_load(open(sys.argv[1]))["steps"][0]["command"].replace("$$", "$"))
            """
        let variables: [String: String?] = [
            "IMAGE": "\(registry.address)/me/server", "BUILD_NUMBER": "7", "BUILDKITE_COMMIT": "abc",
            "REGISTRY_USR": RegistryServer.user, "REGISTRY_PSW": RegistryServer.password,
            "PATH": "\(Built.commandFolder):\(place("bin")):/usr/bin:/bin",
        ]
        // Jenkins comes first: it logs in.
        for (file, finder) in [("Jenkinsfile", jenkins), ("buildkite.yaml", buildkite)] {
            let outcome = try Command(
                "sh",
                ["-euc", try Tool.python(finder, ["\(Self.folder)/\(file)"])],
                environment: Self.environment(place, variables),
                directory: place.path,
                timeLimit: 120
            ).run()
            #expect(outcome.end == .exited(0), "\(file): \(outcome.errors)")
            let reference = String(decoding: try readFile(place("image.txt")), as: UTF8.self)
            #expect(outcome.output.hasSuffix(reference), "\(file): \(outcome.output)")
        }
        let agent = String(decoding: try readFile(place("agent.txt")), as: UTF8.self)
        #expect(agent.hasPrefix("meta-data\nset\nimage\n\(registry.address)/me/server:abc@sha256:"), "\(agent)")
    }

    @Test("Bazel's rule makes a layout without a network, always the same")
    func bazel() throws {
        let place = try Self.place()
        let rule = [
            "\(Self.fixtures)/bazel_rule.py", "\(Self.folder)/bazel/coracle.bzl", Built.coracle, place("server"),
        ]
        var indexes = [[UInt8]]()
        for folder in ["a", "b"] {
            let layout = try Command(Tool.python, rule + [place(folder), "--env=X=1"], directory: place.path).output()
                .split(separator: "\n")[0]
            try Built.coracle(["validate", String(layout)]).output()
            indexes.append(try readFile("\(layout)/index.json"))
        }
        #expect(indexes[0] == indexes[1])
    }

    // MARK: Builders

    /// What a tool runs, as `Documentation/ci.md` shows it, and what the tool sets.
    static let builders: [(tool: String, before: String, variables: [String: String], arguments: [String])] = [
        ("skaffold", "buildCommand: ", ["IMAGE": "REF", "PUSH_IMAGE": "true", "PLATFORMS": "linux/amd64"], []),
        ("skaffold without platforms", "buildCommand: ", ["IMAGE": "REF", "PUSH_IMAGE": "true", "PLATFORMS": ""], []),
        ("tilt", "custom_build('registry.example/server', '", ["EXPECTED_REF": "REF"], []),
        ("devspace", "command: ", [:], ["-t", "REF"]),
    ]

    @Test("a line of the documentation is all that skaffold, tilt and devspace need", arguments: builders.indices)
    func builder(index: Int) throws {
        let builder = Self.builders[index]
        let (place, registry) = (try Self.place(), try RegistryServer())
        let page = String(decoding: try readFile("\(Dist.repository)/Documentation/ci.md"), as: UTF8.self)
        let line = try #require(page.split(separator: "\n").first { $0.contains(builder.before) }, "\(builder.tool)")
        var command = String(line[(try #require(line.ranges(of: builder.before).first)).upperBound...])
        if builder.tool == "tilt" { command = String(command.prefix { $0 != "'" }) }
        let name = "\(registry.address)/me/server:t-1"
        var variables: [String: String?] = ["BUILD_CONTEXT": place.path]
        for (key, value) in builder.variables { variables[key] = value == "REF" ? name : value }
        let arguments = builder.arguments.map { $0 == "REF" ? name : $0 }
        if !arguments.isEmpty { command += #" "$@""# }
        let outcome = try Command(
            "sh",
            ["-c", command, "sh"] + arguments,
            environment: Self.environment(place, variables),
            directory: place.path,
            timeLimit: 120
        ).run()
        #expect(outcome.end == .exited(0), "\(builder.tool): \(outcome.errors)")
        let digest = try Built.coracle(["digest", name]).output()
        #expect(outcome.output == "\(name)@\(digest)")
        if builder.tool == "tilt" {
            #expect(String(decoding: try readFile(place("ref.txt")), as: UTF8.self) == outcome.output)
        }
    }
}

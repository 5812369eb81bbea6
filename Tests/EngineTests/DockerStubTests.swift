import Glibc
import TestSupport
import Testing

@Suite("Docker's API gets images")
struct DockerStubTests {
    private static let version = #"{"Version":"26.1.5","ApiVersion":"1.45","Os":"linux","Arch":"amd64"}"#

    /// Loads an image into a stub whose answer to the load is `answer`, and returns what came of it.
    private func load(
        _ options: [String] = [],
        index: Bool = false,
        _ answer: @escaping @Sendable (ReceivedRequest) -> ScriptedAnswer
    ) throws -> (outcome: Outcome, requests: [ReceivedRequest], place: TemporaryDirectory) {
        let place = try TemporaryDirectory()
        if index { try Sample.index(in: place) } else { try Sample.image(in: place) }
        let server = try ScriptedServer(socket: place("d.sock")) { request in
            request.path == "/version"
                ? .response(200, [("Content-Type", "application/json")], Self.version) : answer(request)
        }
        defer { server.stop() }
        let outcome = try Built.coracle(
            ["load", index ? "both.oci" : "hello.oci"] + options,
            environment: Sample.alone(place, ["DOCKER_HOST": "unix://\(place("d.sock"))"]),
            directory: place.path
        ).run()
        return (outcome, server.requests, place)
    }

    @Test("as one archive with its type and length, of this engine's platform only")
    func request() throws {
        let (outcome, requests, place) = try load(index: true) { _ in
            .response(
                200,
                [("Content-Type", "application/json")],
                #"{"stream":"Loaded image: example.com/both:1\n"}"# + "\r\n"
            )
        }
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("into docker: its socket is \(place("d.sock")), as DOCKER_HOST names it"))
        let post = try #require(requests.last)
        #expect(post.method == "POST" && post.target == "/images/load?quiet=1")
        #expect(post["Content-Type"] == "application/x-tar")
        #expect(post["Content-Length"] == "\(post.body.count)" && post["Transfer-Encoding"] == nil)
        #expect(post["Host"] == "localhost")
        try place.file("sent.tar", post.body)
        let listed = try Tool.python(
            """
            import json, sys, tarfile
            t = tarfile.open(sys.argv[1])
            (image,) = json.load(t.extractfile("manifest.json"))
            config = json.load(t.extractfile(image["Config"]))
            index = json.load(t.extractfile("index.json"))
            print(config["architecture"], image["RepoTags"], len(index["manifests"]))
            for layer in image["Layers"]: t.getmember(layer)
            """,
            [place("sent.tar")]
        )
        #expect(listed == "amd64 ['example.com/both:1'] 1\n")
    }

    @Test(
        "errors are understood wherever they come",
        arguments: [
            (
                200, "{\"status\":\"x\"}\n{\"errorDetail\":{\"message\":\"invalid tar header\"},\"error\":\"y\"}\n",
                "it says: invalid tar header"
            ),
            (200, "{\"error\":\"no space left on device\"}\n", "it says: no space left on device"),
            (200, "", "it does not say that it has loaded an image"),
            (
                200,
                "{\"errorDetail\":{\"message\":\"content digest sha256:\(String(repeating: "0", count: 64)): not found\"}}\n",
                "remove the image there"
            ),
            (200, "<html>a proxy's page</html>", "it does not say that it has loaded an image: <html>"),
            (
                400, "{\"message\":\"invalid semicolon separator in query\"}",
                "it answered with status 400: invalid semicolon"
            ),
            (500, "not JSON", "it answered with status 500"),
            (200, String(repeating: "x", count: 300_000), "its answer is longer than any that is read"),
        ]
    )
    func errors(status: Int, body: String, expected: String) throws {
        let (outcome, _, _) = try load { _ in .response(status, [], body) }
        #expect(outcome.end == .exited(8), "\(outcome.errors)")
        #expect(
            outcome.errors.contains("error[engine.failed]") && outcome.errors.contains(expected),
            "\(outcome.errors)"
        )
        #expect(outcome.output.isEmpty)
    }

    @Test("an engine that dies while it works is an error, and not a load", arguments: [true, false])
    func dying(behindTheHead: Bool) throws {
        let (outcome, _, _) = try load { _ in
            behindTheHead
                ? .truncated(
                    200,
                    [],
                    Array("{\"stream\":\"Loaded image: example.com/hello:1\\n\"}\n".utf8),
                    after: 8,
                    then: .reset
                )
                : ScriptedAnswer([.reset])
        }
        #expect(outcome.end == .exited(8), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[engine.failed]"), "\(outcome.errors)")
    }

    @Test(
        "a socket without rights, without a server, or nowhere: each says so",
        .enabled(if: geteuid() == 0, "root gives up its rights")
    )
    func sockets() throws {
        let place = try TemporaryDirectory()
        try Sample.image(in: place)
        let server = try ScriptedServer(socket: place("d.sock")) { _ in .response(200, [], "{}") }
        defer { server.stop() }
        func outcome(_ host: String, _ program: [String] = []) throws -> Outcome {
            let words = program + [Built.coracle, "load", "hello.oci", "--to", "docker"]
            var command = Built.coracle(
                [],
                environment: Sample.alone(place, ["DOCKER_HOST": host]),
                directory: place.path
            )
            command.program = words[0]
            command.arguments = Array(words.dropFirst())
            return try command.run()
        }
        let setpriv = [try Tool.path(of: "setpriv"), "--reuid=65534", "--regid=65534", "--clear-groups"]
        chmod(place("d.sock"), 0o600)
        chmod(place.path, 0o755)
        let denied = try outcome("unix://\(place("d.sock"))", setpriv)
        #expect(denied.end == .exited(8), "\(denied.errors)")
        #expect(
            denied.errors.contains("error[engine.denied]") && denied.errors.contains("usermod -aG docker"),
            "\(denied.errors)"
        )
        let absent = try outcome("unix://\(place("none.sock"))")
        #expect(absent.end == .exited(7))
        #expect(absent.errors.contains("these were looked for: `\(place("none.sock"))`"), "\(absent.errors)")
        let ssh = try outcome("ssh://me@example.com")
        #expect(ssh.end == .exited(2))
        #expect(ssh.errors.contains("error[engine.unsupported]"), "\(ssh.errors)")
        let long = try outcome("unix:///" + String(repeating: "x", count: 200))
        #expect(long.end == .exited(8) && long.errors.contains("error[engine.failed]"), "\(long.errors)")
    }

    @Test("podman's socket has docker's API, and both are reached over plain TCP, too")
    func others() throws {
        let place = try TemporaryDirectory()
        try Sample.image(in: place)
        let answer: @Sendable (ReceivedRequest) -> ScriptedAnswer = { request in
            .response(200, [], request.path == "/version" ? Self.version : "{\"stream\":\"Loaded image: x\\n\"}\n")
        }
        let (socket, network) = (try ScriptedServer(socket: place("p.sock"), answer), try ScriptedServer(answer))
        defer {
            socket.stop()
            network.stop()
        }
        func load(_ variables: [String: String]) throws -> Outcome {
            try Built.coracle(
                ["load", "hello.oci"],
                environment: Sample.alone(place, variables),
                directory: place.path
            ).run()
        }
        let podman = try load(["CONTAINER_HOST": "unix://\(place("p.sock"))"])
        #expect(podman.end == .exited(0), "\(podman.errors)")
        #expect(podman.errors.contains("into podman: its socket is "), "\(podman.errors)")
        let docker = try load(["DOCKER_HOST": "tcp://\(network.address)"])
        #expect(docker.end == .exited(0), "\(docker.errors)")
        #expect(docker.errors.contains("into docker: DOCKER_HOST names `tcp://"), "\(docker.errors)")
        #expect([socket, network].allSatisfy { $0.requests.last?.target == "/images/load?quiet=1" })
        let secured = try load(["DOCKER_HOST": "tcp://\(network.address)", "DOCKER_TLS_VERIFY": "1"])
        #expect(secured.end == .exited(2), "\(secured.errors)")
        #expect(secured.errors.contains("coracle copy IMAGE - | docker load"), "\(secured.errors)")
        network.stop()
        let gone = try load(["DOCKER_HOST": "tcp://\(network.address)"])
        #expect(gone.end == .exited(8) && gone.errors.contains("error[engine.failed]"), "\(gone.errors)")
    }

    @Test("minikube gets the archive on standard input")
    func minikube() throws {
        let place = try TemporaryDirectory()
        try Sample.image(in: place)
        try place.file(
            "programs/minikube",
            "#!/bin/sh\nPATH=/usr/bin:/bin\necho \"$@\" >args\nexec cat >got.tar\n",
            mode: 0o755
        )
        let outcome = try Built.coracle(
            ["load", "hello.oci", "--to", "minikube"],
            environment: Sample.alone(place),
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(String(decoding: try readFile(place("args")), as: UTF8.self) == "image load -\n")
        let listed = try Command("tar", ["-tf", place("got.tar")]).output().split(separator: "\n")
        #expect(listed.contains("manifest.json") && listed.contains("index.json"), "\(listed)")
    }

    @Test("docker's own context is followed")
    func context() throws {
        let place = try TemporaryDirectory()
        try Sample.image(in: place)
        let server = try ScriptedServer(socket: place("c.sock")) { request in
            .response(200, [], request.path == "/version" ? "{}" : "{\"stream\":\"Loaded image: x\\n\"}\n")
        }
        defer { server.stop() }
        let folder =
            "docker/contexts/meta/"
            + (try Command.shell("printf colima | sha256sum | cut -c1-64").output().trimming())
        try Command.shell("mkdir -p \(folder)", directory: place.path).output()
        try place.file("docker/config.json", #"{"currentContext":"colima"}"#)
        try place.file("\(folder)/meta.json", #"{"Endpoints":{"docker":{"Host":"unix://\#(place("c.sock"))"}}}"#)
        let outcome = try Built.coracle(
            ["load", "hello.oci"],
            environment: Sample.alone(place, ["DOCKER_CONFIG": place("docker")]),
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("as docker's context `colima` names it"), "\(outcome.errors)")
    }

    @Test("without any engine all that was looked for is said")
    func nothing() throws {
        let place = try TemporaryDirectory()
        try Sample.image(in: place)
        for words in [["load", "hello.oci"], ["build", try FixtureProgram.go("hello").path(), "--load"]] {
            let outcome = try Built.coracle(
                words,
                environment: Sample.alone(place, ["CONTAINERD_ADDRESS": place("none.sock")]),
                directory: place.path
            ).run()
            #expect(outcome.end == .exited(7), "\(outcome.errors)")
            for text in ["/var/run/docker.sock", "the program `podman`", "/run/podman/podman.sock", "none.sock", "k3s"]
            {
                #expect(outcome.errors.contains(text), "\(outcome.errors)")
            }
        }
        #expect(try names(in: place.path) == ["hello.oci"])
    }
}

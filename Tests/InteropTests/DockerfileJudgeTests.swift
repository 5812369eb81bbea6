import TestSupport
import Testing

/// podman's `build` is buildah: what it makes of a Dockerfile is compared with what coracle makes of the translation.
@Suite("A translated Dockerfile makes the image that buildah makes of it")
struct DockerfileJudgeTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let text: String
    }

    private static let rows = [
        Row(
            testDescription: "files, owners and modes",
            text: """
                FROM scratch
                COPY server /bin/server
                COPY tree /
                COPY --chown=1000:1000 --chmod=0600 secret.key /etc/server/key
                ADD --chown=7:8 tree /data
                USER 1000:1000
                ENTRYPOINT ["/bin/server"]
                CMD ["-v", "a b"]
                """
        ),
        Row(
            testDescription: "everything that a configuration has",
            text: """
                FROM scratch
                ARG PORT=7000
                COPY server /server
                ENV MODE=live PORT=$PORT TEXT="a b" RAW='$PORT'
                ENV OLD value with blanks
                LABEL one=1 "two words"="x y"
                EXPOSE $PORT/udp 80
                VOLUME ["/data", "/cache"]
                WORKDIR /data
                WORKDIR sub
                STOPSIGNAL SIGINT
                USER 12:34
                HEALTHCHECK --interval=15s --timeout=1m30s --start-period=500ms --retries=4 CMD ["/server", "ping"]
                ENTRYPOINT ["/server", "--first"]
                CMD ["second"]
                """
        ),
        Row(
            testDescription: "a health check for a shell, and no user",
            text: "FROM scratch\nCOPY server /server\nHEALTHCHECK CMD ping || exit 1\nENTRYPOINT [\"/server\"]\n"
        ),
        Row(
            testDescription: "patterns, and directories as destinations",
            text: """
                FROM scratch
                WORKDIR /srv
                COPY server ./
                COPY conf/*.conf conf/one.txt /etc/app/
                COPY tree/sub sub/
                USER 1:1
                ENTRYPOINT ["/srv/server"]
                """
        ),
        Row(
            testDescription: "a file of an earlier stage, an argument before FROM, another escape",
            text: """
                # escape=`
                ARG BASE=scratch
                FROM ${BASE} AS files
                WORKDIR /in
                COPY . .
                FROM ${BASE}
                COPY --from=files /in/server `
                  /opt/server
                COPY --from=files /in/tree /opt/tree/
                COPY --from=0 --chown=5 /in/conf/one.txt /opt/
                USER 5
                ENTRYPOINT ["/opt/server"]
                """
        ),
        Row(
            testDescription: "files of another image",
            text: """
                FROM scratch
                COPY server /bin/server
                COPY --from=TOOLS /bin/x /usr/bin/
                COPY --from=TOOLS --chown=7:8 --chmod=0644 /opt/tools/three /etc/three
                COPY --from=TOOLS /opt/tools/ /opt/tools/
                USER 1:1
                ENTRYPOINT ["/bin/server"]
                """
        ),
        Row(
            testDescription: "a directory that is not all copied",
            text: "FROM scratch\nCOPY . /app\nUSER 1:1\nWORKDIR /app\nENTRYPOINT [\"/app/server\"]\n"
        ),
    ]

    /// An image in a registry, which is `TOOLS` in a Dockerfile: owners and modes of its own, and a symlink.
    private static func tools(_ registry: RegistryServer, _ place: TemporaryDirectory) throws -> String {
        let image = try HandmadeImage(
            layers: [
                HandmadeImage.Layer("mkdir -p opt/tools/sub; printf 1 >opt/tools/one; printf 2 >opt/tools/sub/two"),
                HandmadeImage.Layer(
                    """
                    mkdir -p opt/tools usr/bin; : >opt/tools/.wh.one; printf x >usr/bin/x; chmod 4755 usr/bin/x; ln -s usr/bin bin
                    printf 3 >opt/tools/three; chmod 604 opt/tools/three
                    """
                ),
            ]
        )
        for (path, bytes) in try image.layout("tools") { try place.file(path, bytes) }
        let name = "\(registry.address)/me/tools:1"
        try Built.coracle(["push", "tools", name], directory: place.path).output()
        return name
    }

    @Test("the same files, modes, owners and configuration", arguments: rows)
    func judged(row: Row) throws {
        let place = try TemporaryDirectory()
        try place.file("project/server", try readFile(FixtureProgram.go("hello").path()), mode: 0o755)
        try place.file("project/secret.key", "k", mode: 0o644)
        try place.file("project/tree/x", "x", mode: 0o644)
        try place.file("project/tree/sub/run", "#!/bin/sh\n", mode: 0o755)
        try place.file("project/conf/a.conf", "a", mode: 0o644)
        try place.file("project/conf/b.conf", "b", mode: 0o644)
        try place.file("project/junk.log", "l", mode: 0o644)
        try place.file("project/conf/one.txt", "1", mode: 0o644)
        try place.file("project/.dockerignore", "*.log\n.dockerignore\nDockerfile\ncoracle.yaml\n", mode: 0o644)
        let registry = row.text.contains("TOOLS") ? try RegistryServer() : nil
        let tools = try registry.map { try Self.tools($0, place) } ?? ""
        let text = row.text.replacing("TOOLS", with: tools) + "\n"
        try place.file("project/Dockerfile", text, mode: 0o644)
        try Command.shell("chmod -R u=rwX,go=rX .", directory: place.path).output()
        let own = ["--root", place("storage"), "--runroot", place("run"), "--storage-driver", "vfs"]
        try Command(
            "podman",
            own + [
                "build", "-q", "--tls-verify=false", "--network", "none", "--format", "docker", "-t", "localhost/x:1",
                place("project"),
            ],
            timeLimit: 120
        ).output()
        try Command(
            "podman",
            own + ["save", "-q", "--format", "docker-archive", "-o", place("judge.tar"), "localhost/x:1"],
            timeLimit: 120
        ).output()
        let written = try Built.coracle(["init", "--from", "Dockerfile", "--name", "x"], directory: place("project"))
            .run()
        #expect(written.end == .exited(0) && !written.errors.contains("note:"), "\(written.errors)")
        let built = try Built.coracle(
            ["build", "--no-vcs-labels", "-o", place("own.tar"), "-t", "localhost/x:1"],
            directory: place("project")
        ).run()
        #expect(built.end == .exited(0), "\(built.errors)")
        let facts = try ["judge.tar", "own.tar"].map { try Tool.python(Self.script, [place($0)]) }
        #expect(facts[0] == facts[1], "\(facts[0])\n\(facts[1])")
        #expect(facts[0].contains("server 755"))
    }

    /// The configuration and the files of an archive. Directories that a builder makes above what is copied have other owners
    /// in each of them.
    private static let script = """
        import hashlib, json, sys, tarfile
        archive = tarfile.open(sys.argv[1])
        def read(name):
            member = archive.getmember(name)
            return archive.extractfile(archive.getmember(member.linkname) if member.islnk() else member)
        manifest = json.load(read("manifest.json"))[0]
        config = json.load(read(manifest["Config"]))
        run = config["config"]
        for key in ["User", "Env", "Entrypoint", "Cmd", "WorkingDir", "StopSignal", "Healthcheck"]:
            value = run.get(key)
            # Both say the same: a user without a group has its own, and there is always a directory.
            if key == "User":
                parts = (value or "0").split(":")
                value = ":".join(parts if len(parts) == 2 else parts * 2)
            if key == "WorkingDir": value = value or "/"
            if key == "Env": value = sorted(v for v in value if not v.startswith("SSL_CERT_FILE="))
            print(key, json.dumps(value or None, sort_keys=True))
        for key in ["ExposedPorts", "Volumes"]: print(key, sorted(run.get(key) or {}))
        labels = {k: v for k, v in (run.get("Labels") or {}).items() if not k.startswith("io.buildah")}
        print("Labels", sorted(labels.items()))
        files = {}
        for layer in manifest["Layers"]:
            inner = tarfile.open(fileobj=read(layer), mode="r:*")
            for member in inner:
                if member.isfile():
                    digest = hashlib.sha256(inner.extractfile(member).read()).hexdigest()[:8]
                    files[member.name.lstrip("./")] = (oct(member.mode & 0o7777)[2:], member.uid, member.gid, digest)
        for name, facts in sorted(files.items()): print(name, *facts)
        """
}

import Glibc
import Synchronization
import TestSupport

/// The bases of this repository, assembled and in containers.
enum RealBases {
    static func locked() throws -> String { try FreshBases.locked() }

    static func coracle(_ arguments: [String], in place: TemporaryDirectory? = nil, timeLimit: Double = 300) -> Command
    {
        Command(
            Built.coracle,
            arguments,
            environment: ["CORACLE_CACHE": FreshBases.cache],
            directory: place?.path,
            timeLimit: timeLimit
        )
    }

    private static let layouts = Mutex<[String: String]>([:])

    /// The layout of `base`, with all its platforms: assembled once in a process.
    static func layout(of base: String) throws -> String {
        try layouts.withLock { layouts in
            if let path = layouts[base] { return path }
            let path = "\(FreshBases.folder)/\(base.map { "/:".contains($0) ? "-" : String($0) }.joined())"
            try Command("rm", ["-rf", path]).output()
            try coracle(["base", "build", base, "-o", path, "--bases", try locked()]).output()
            layouts[base] = path
            return path
        }
    }

    /// All bases that there are.
    static let all =
        ["debian12", "debian13"].flatMap { suite in
            ["static", "musl", "base-nossl", "base", "cc", "python3", "nodejs", "java-headless"].map {
                "\(suite)/\($0)"
            }
        } + large.map { "debian13/\($0)" }

    /// Those with dependencies, which take long to assemble.
    static let large = ["shell", "slim", "ruby", "perl", "php-cli", "dotnet-deps", "postgresql-client"]

    /// Builds `paths` upon `base` into the layout `image` of `place`, and unpacks it as `bundle`.
    static func build(_ paths: [String], on base: String, in place: TemporaryDirectory, _ options: [String] = []) throws
    {
        let bases = ["--bases", try locked()]
        try coracle(
            ["build"] + paths + ["--base", base, "-t", "localhost/app:1", "-o", "image"] + bases + options,
            in: place
        ).output()
        // For one platform: umoci need not choose.
        try Command("umoci", ["unpack", "--image", "\(place("image")):1", place("bundle")]).output()
    }

    /// Unpacks what `image` names, for one architecture.
    static func unpack(_ image: String, for architecture: String = "amd64", in place: TemporaryDirectory) throws {
        try Command(
            "skopeo",
            ["--override-arch", architecture, "copy", "-q", "oci:\(image)", "oci:\(place("single")):1"],
            directory: place.path
        ).output()
        try Command("umoci", ["unpack", "--image", "\(place("single")):1", place("bundle")]).output()
    }

    /// Runs the bundle by runc as a careful host does: its own user, which is 65532, no capabilities, a root that is
    /// read-only; `variables` are taken away. The network is absent, or this machine's.
    ///
    /// - Parameter user: another user, for whom what the image has at its volumes is in place: the root is not read-only then.
    static func run(
        in place: TemporaryDirectory,
        as user: (uid: Int, gid: Int)? = nil,
        arguments: [String] = [],
        without variables: [String] = [],
        isOnNetwork: Bool = false
    ) throws -> Outcome {
        let script = """
            import json, sys
            path, without, network, user = sys.argv[1], sys.argv[2].split(), sys.argv[3], sys.argv[4]
            config = json.load(open(path))
            process = config["process"]
            if user:
                uid, gid = map(int, user.split(":"))
                process["user"] = {"uid": uid, "gid": gid}
                config["mounts"] = [m for m in config["mounts"] if m["destination"].split("/")[1] in ("proc", "dev", "sys")]
            else:
                assert (process["user"]["uid"], process["user"]["gid"]) == (65532, 65532), process["user"]
            process["terminal"] = False
            process["noNewPrivileges"] = True
            process["capabilities"] = {}
            process["args"] += sys.argv[5:]
            process["env"] = [v for v in process["env"] if v.split("=")[0] not in without]
            config["root"]["readonly"] = not user
            if network == "true":
                spaces = config["linux"]["namespaces"]
                config["linux"]["namespaces"] = [s for s in spaces if s["type"] != "network"]
            json.dump(config, open(path, "w"))
            """
        try Tool.python(
            script,
            [
                place("bundle/config.json"), variables.joined(separator: " "), "\(isOnNetwork)",
                user.map { "\($0.uid):\($0.gid)" } ?? "",
            ] + arguments
        )
        // Containers are known to the whole machine by their names.
        let name = place.path.split(separator: "/").last.map(String.init) ?? "coracle"
        return try Command("runc", ["--root", place("runc"), "run", "-b", place("bundle"), name]).run()
    }
}

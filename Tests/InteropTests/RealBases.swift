import Glibc
import Synchronization
import TestSupport

/// The bases of this repository, locked now: mirrors drop what older locks name.
///
/// Packages are kept beside the test bundle, so that later runs are quick.
enum RealBases {
    static let folder = "\(Built.folder)/coracle-bases"
    private static let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    private static let isLocked = Mutex(false)

    /// Locks them, once in a process; returns the directory.
    static func locked() throws -> String {
        try isLocked.withLock { isLocked in
            if isLocked { return }
            try Command.shell(
                #"mkdir -p "$1/cache" && rm -rf "$1/Bases" && mkdir "$1/Bases" && cp -R "$2"/Bases/debian* "$1/Bases""#,
                [folder, repository]
            ).output()
            try coracle(["base", "lock", "--update", "--bases", "\(folder)/Bases"], timeLimit: 500).output()
            isLocked = true
        }
        return "\(folder)/Bases"
    }

    static func coracle(_ arguments: [String], in place: TemporaryDirectory? = nil, timeLimit: Double = 300) -> Command
    {
        Built.coracle(
            arguments,
            environment: ["CORACLE_CACHE": "\(folder)/cache"],
            directory: place?.path,
            timeLimit: timeLimit
        )
    }

    /// Builds `paths` upon `base` into the layout `image` of `place`, and unpacks it as `bundle`.
    static func build(_ paths: [String], on base: String, in place: TemporaryDirectory, _ options: [String] = []) throws
    {
        let bases = ["--bases", try locked()]
        try coracle(
            ["build"] + paths + ["--base", base, "-t", "localhost/app:1", "-o", "image"] + bases + options,
            in: place
        ).output()
        try unpack("image:1", in: place)
    }

    /// Unpacks what `image` names, for one architecture.
    static func unpack(_ image: String, for architecture: String = "amd64", in place: TemporaryDirectory) throws {
        try Command(
            "skopeo",
            ["--override-arch", architecture, "copy", "-q", "oci:\(place(image))", "oci:\(place("single")):1"]
        ).output()
        try Command("umoci", ["unpack", "--image", "\(place("single")):1", place("bundle")]).output()
    }

    /// Runs the bundle by runc as a careful host does: its own user, which is 65532, no capabilities, a root that is
    /// read-only; `variables` are taken away.
    static func run(
        in place: TemporaryDirectory,
        arguments: [String] = [],
        without variables: [String] = []
    ) throws -> Outcome {
        let script = """
            import json, sys
            path, without = sys.argv[1], sys.argv[2].split()
            config = json.load(open(path))
            process = config["process"]
            assert (process["user"]["uid"], process["user"]["gid"]) == (65532, 65532), process["user"]
            process["terminal"] = False
            process["noNewPrivileges"] = True
            process["capabilities"] = {}
            process["args"] += sys.argv[3:]
            process["env"] = [v for v in process["env"] if v.split("=")[0] not in without]
            config["root"]["readonly"] = True
            json.dump(config, open(path, "w"))
            """
        try Tool.python(script, [place("bundle/config.json"), variables.joined(separator: " ")] + arguments)
        // Containers are known to the whole machine by their names.
        let name = place.path.split(separator: "/").last.map(String.init) ?? "coracle"
        return try Command("runc", ["--root", place("runc"), "run", "-b", place("bundle"), name]).run()
    }
}

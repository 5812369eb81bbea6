import Glibc
import TestSupport
import Testing

/// Images to load, made once a run.
enum Sample {
    private static let usual = ["-t", "example.com/hello:1"]

    /// The usual image and the index, made once a run.
    private static let made = Result {
        let folder = try Built.emptied("engine-images")
        let hello = try FixtureProgram.go("hello").path()
        let other = try FixtureProgram("hello", .go(architecture: "arm64")).path()
        try Built.coracle(["build", hello, "-o", "hello.oci"] + usual, directory: folder).output()
        let words = ["build", hello, other, "-o", "both.oci", "-t", "example.com/both:1"]
        try Built.coracle(words, directory: folder).output()
        return folder
    }

    /// An image for x86-64 that prints `hello …` where it runs, in a layout `hello.oci`.
    static func image(
        in place: TemporaryDirectory,
        _ options: [String] = ["-t", "example.com/hello:1"]
    ) throws {
        if options == usual {
            try Command("cp", ["-R", "\(made.get())/hello.oci", place.path]).output()
        } else {
            let program = try FixtureProgram.go("hello").path()
            try Built.coracle(["build", program, "-o", "hello.oci"] + options, directory: place.path).output()
        }
    }

    /// The same for two processors, in a layout `both.oci`.
    static func index(in place: TemporaryDirectory) throws {
        try Command("cp", ["-R", "\(made.get())/both.oci", place.path]).output()
    }

    /// The digest that a line of coracle's ends with.
    static func digest(_ line: String) throws -> String {
        guard let match = line.firstMatch(of: #/sha256:[0-9a-f]{64}/#) else {
            throw SupportError("no digest in `\(line)`")
        }
        return String(match.0)
    }

    /// An environment in which there is no engine but what `changes` bring.
    static func alone(_ place: TemporaryDirectory, _ changes: [String: String?] = [:]) -> [String: String?] {
        let none: [String: String?] = [
            "DOCKER_HOST": nil, "DOCKER_CONTEXT": nil, "DOCKER_CONFIG": place("no-docker"), "CONTAINER_HOST": nil,
            "CONTAINERD_ADDRESS": nil, "CONTAINERD_NAMESPACE": nil, "KIND_CLUSTER_NAME": nil, "K3S_DATA_DIR": nil,
            "KIND_EXPERIMENTAL_PROVIDER": nil, "XDG_RUNTIME_DIR": nil, "DOCKER_TLS_VERIFY": nil,
            "PATH": place("programs"),
        ]
        return none.merging(changes) { $1 }
    }
}

/// A real containerd, with everything of its own in a directory that goes with it.
final class Containerd {
    static let isThere =
        geteuid() == 0 && (try? Tool.path(of: "containerd")) != nil && (try? Tool.path(of: "ctr")) != nil
    static let reason: Comment = "containerd needs root, and Debian's package `containerd`"

    let place: TemporaryDirectory
    private let server: ServerProcess

    var socket: String { place("c.sock") }

    init() throws {
        place = try TemporaryDirectory()
        try place.file(
            "config.toml",
            """
            version = 2
            root = "\(place("root"))"
            state = "\(place("state"))"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
              address = "\(place("c.sock"))"
            """
        )
        server = try ServerProcess("containerd", ["--config", place("config.toml")])
        for _ in 0..<1500 {
            if (try? ctr(["version"]).run().end) == .exited(0) { return }
            usleep(20_000)
        }
        throw SupportError("containerd did not start: \(try server.errors)")
    }

    deinit {
        server.stop()
        // What is mounted keeps the directory.
        _ = try? Command.shell(#"cd "$1" && umount -R state/*/* root/*/* 2>/dev/null"#, [place.path]).run()
    }

    /// Variables with which `coracle`, and `ctr` below it, use this one.
    var environment: [String: String?] {
        // The machine's file systems may not take the usual one.
        ["CONTAINERD_ADDRESS": socket, "CONTAINERD_SNAPSHOTTER": "native", "PATH": Environment.current["PATH"] ?? ""]
    }

    func ctr(_ arguments: [String]) -> Command {
        Command("ctr", ["--address", socket] + arguments, environment: ["CONTAINERD_SNAPSHOTTER": "native"])
    }

    /// The images of a namespace: names and digests.
    func images(in namespace: String) throws -> [String: String] {
        let lines = try ctr(["--namespace", namespace, "images", "ls"]).output().split(separator: "\n").dropFirst()
        return Dictionary(
            lines.map { line in
                let words = line.split(separator: " ").map(String.init)
                return (words[0], words.first { $0.hasPrefix("sha256:") } ?? "")
            }
        ) { first, _ in first }
    }
}

extension String {
    /// Without white space at its ends.
    func trimming() -> String {
        let rest = drop { $0.isWhitespace }
        return String(rest.reversed().drop { $0.isWhitespace }.reversed())
    }
}

import Glibc
import TestSupport
import Testing

@Suite("containerd gets images", .enabled(if: Containerd.isThere, Containerd.reason), .serialized)
struct ContainerdTests {
    @Test("under its name and under its digest, and its program runs")
    func load() throws {
        let containerd = try Containerd()
        try Sample.image(in: containerd.place)
        let environment = Sample.alone(containerd.place, containerd.environment)
        let outcome = try Built.coracle(
            ["load", "hello.oci", "--namespace", "k8s.io"],
            environment: environment,
            directory: containerd.place.path
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let digest = try Sample.digest(outcome.output)
        #expect(outcome.output == "example.com/hello:1@\(digest)\n")
        #expect(
            outcome.errors.contains("loaded example.com/hello:1 into containerd, namespace k8s.io: its socket is "),
            "\(outcome.errors)"
        )
        #expect(outcome.errors.contains(", as CONTAINERD_ADDRESS names it"))
        let names = try containerd.images(in: "k8s.io")
        #expect(names == ["example.com/hello:1": digest, "example.com/hello@\(digest)": digest])
        #expect(try containerd.images(in: "default").isEmpty)
        let said = try containerd.ctr([
            "--namespace", "k8s.io", "run", "--rm", "--snapshotter", "native", "example.com/hello@\(digest)", "one",
        ]).output()
        #expect(said.contains("hello"), "\(said)")
    }

    @Test("only this machine's layers of several platforms, and the index's digest stays")
    func index() throws {
        let containerd = try Containerd()
        try Sample.index(in: containerd.place)
        let environment = Sample.alone(
            containerd.place,
            containerd.environment.merging(["CONTAINERD_NAMESPACE": "other"]) { $1 }
        )
        let output = try Built.coracle(
            ["load", "both.oci", "--json"],
            environment: environment,
            directory: containerd.place.path
        ).output()
        #expect(output.contains(#""namespace": "other""#))
        let whole = try Built.coracle(["digest", "both.oci"], directory: containerd.place.path).output().trimming()
        #expect(try containerd.images(in: "other")["example.com/both:1"] == whole)
        #expect(try containerd.images(in: "other")["example.com/both@\(whole)"] == whole)
        // k3s imports what lies in its folder with all platforms: manifests have to be there, layers need not.
        let script = #"""
            "$1" load both.oci --to containerd -o - | ctr --address "$2" --namespace all images import --all-platforms -
            """#
        try Command.shell(
            script,
            [Built.coracle, containerd.socket],
            environment: ["CONTAINERD_SNAPSHOTTER": "native"],
            directory: containerd.place.path
        ).output()
        #expect(try containerd.images(in: "all")["example.com/both:1"] == whole)
    }

    @Test("a folder as k3s has it gets an archive that containerd imports, in one step and under one name")
    func folder() throws {
        let containerd = try Containerd()
        let place = containerd.place
        try Sample.image(in: place, ["-t", "example.com/hello:1", "-t", "example.com/hello:2"])
        try Command.shell("mkdir -p k3s/agent/images programs", directory: place.path).output()
        let environment = Sample.alone(place, ["K3S_DATA_DIR": place("k3s")])
        for _ in 0..<2 {
            try Built.coracle(
                ["load", "hello.oci:1", "--to", "k3s", "--name", "example.com/a/b:1"].map {
                    $0 == "hello.oci:1" ? "oci:hello.oci:1" : $0
                },
                environment: environment,
                directory: place.path
            ).output()
        }
        #expect(try names(in: place("k3s/agent/images")) == ["example.com_a_b_1.tar"])
        try containerd.ctr(["images", "import", "--all-platforms", place("k3s/agent/images/example.com_a_b_1.tar")])
            .output()
        let found = try containerd.images(in: "default").keys.sorted()
        #expect(found.count == 2 && found[0] == "example.com/a/b:1" && found[1].hasPrefix("example.com/a/b@sha256:"))
    }

    @Test("kind's nodes get it through the program that runs them")
    func kind() throws {
        let containerd = try Containerd()
        let place = containerd.place
        try Sample.image(in: place)
        try Command.shell("mkdir programs", directory: place.path).output()
        // Two nodes and a load balancer; `exec` does here what it would do in the node.
        try place.file(
            "programs/docker",
            """
            #!/bin/sh
            case "$1" in
            ps) case "$3" in label=io.x-k8s.kind.cluster=mine)
                printf 'mine-worker worker\\nmine-control-plane control-plane\\nmine-lb external-load-balancer\\n';; esac;;
            exec) echo "$3" >> '\(place("nodes"))'; shift 4
                PATH='\(Environment.current["PATH"] ?? "")' exec ctr --address '\(containerd.socket)' "$@";;
            esac
            """,
            mode: 0o755
        )
        let environment = Sample.alone(
            place,
            ["KIND_CLUSTER_NAME": "mine", "CONTAINERD_SNAPSHOTTER": "native"]
        )
        let outcome = try Built.coracle(["load", "hello.oci"], environment: environment, directory: place.path).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(
            outcome.errors.contains("into kind, namespace k8s.io: docker has 2 nodes of `mine`, as KIND_CLUSTER_NAME"),
            "\(outcome.errors)"
        )
        #expect(try String(decoding: readFile(place("nodes")), as: UTF8.self) == "mine-control-plane\nmine-worker\n")
        #expect(try containerd.images(in: "k8s.io").count == 2)
        let other = environment.merging(["KIND_CLUSTER_NAME": "other"]) { $1 }
        let missing = try Built.coracle(
            ["load", "hello.oci", "--to", "kind"],
            environment: other,
            directory: place.path
        ).run()
        #expect(missing.end == .exited(7), "\(missing.errors)")
        #expect(missing.errors.contains("nodes of the cluster `other` in docker"), "\(missing.errors)")
    }

    @Test("a corrupt layer ends the import before there is an image")
    func corrupt() throws {
        let containerd = try Containerd()
        let place = containerd.place
        try Sample.image(in: place)
        try Command.shell(
            #"f=$(ls -S hello.oci/blobs/sha256/* | head -1); printf x | dd of="$f" bs=1 seek=5000 conv=notrunc 2>/dev/null"#,
            directory: place.path
        ).output()
        let outcome = try Built.coracle(
            ["load", "hello.oci"],
            environment: Sample.alone(place, containerd.environment),
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(4), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[blob.digest]"), "\(outcome.errors)")
        #expect(try containerd.images(in: "default").isEmpty)
    }
}

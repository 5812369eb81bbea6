import Glibc
import TestSupport
import Testing

/// Programs of this machine in images on Debian 12, which are put on Debian 13, and the other way round.
@Suite(
    "What runs on another base than it was built upon",
    .serialized,
    .enabled(if: geteuid() == 0, "only root starts containers of other users")
)
struct RebaseRunTests {
    /// A program that prints the version of the C library that it runs with.
    private static func program(in place: TemporaryDirectory) throws -> String {
        let source = try place.file(
            "library.c",
            "#include <gnu/libc-version.h>\n#include <stdio.h>\nint main(void) { puts(gnu_get_libc_version()); }\n"
        )
        try Command("gcc", ["-O1", "-o", place("library"), source]).output()
        return place("library")
    }

    /// The base alone, for this machine's architecture.
    private static func base(_ name: String, _ folder: String, in place: TemporaryDirectory) throws -> String {
        let source = "oci:\(try RealBases.layout(of: name))"
        try Skopeo.run(["--override-arch", "amd64", "copy", "-q", source, "oci:\(place(folder)):1"])
        return "oci:\(place(folder))"
    }

    @Test("a C program finds the new base's library: runc, umoci and skopeo agree, and so does the loader in a chroot")
    func library() throws {
        let place = try TemporaryDirectory()
        try RealBases.build([try Self.program(in: place)], on: "debian12/cc", in: place)
        #expect(try RealBases.run(in: place).output == "2.36\n")
        try Command("rm", ["-rf", place("bundle")]).output()

        let old = try Self.base("debian12/cc", "old", in: place)
        let new = try Self.base("debian13/cc", "new", in: place)
        let outcome = try RealBases.coracle(
            ["rebase", "image", "--old-base", old, "--onto", new, "-o", "moved", "-t", "localhost/app:2"],
            in: place
        ).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("it was named, and its layers prove it"), "\(outcome.errors)")
        let digest = try Images.digest(outcome.output)
        let inspected = try Skopeo.run(["inspect", "oci:\(place("moved")):2"])
        #expect(inspected.contains(digest))
        try RealBases.unpack("moved:2", in: place)
        let started = try RealBases.run(in: place)
        #expect(started.output == "2.41\n", "\(started.errors)")
        let loader = try Command(
            "chroot",
            [place("bundle/rootfs"), "/lib64/ld-linux-x86-64.so.2", "--list", "/app/library"]
        ).output()
        #expect(loader.contains("libc.so.6 => /") && !loader.contains("not found"), "\(loader)")
        let checked = try RealBases.coracle(["check", "oci:moved"], in: place).run()
        #expect(checked.end == .exited(0), "\(checked.output)")
    }

    @Test("a program of Debian 13 is refused on Debian 12, with the version that is missing, and nothing is written")
    func refused() throws {
        let place = try TemporaryDirectory()
        let folder = "\(Built.folder)/coracle-packages"
        try Command("\(FixtureProgram.sources)/fetch_packages.sh", [folder, "amd64", "gzip"], timeLimit: 120).output()
        try RealBases.build(["\(folder)/amd64/files/gzip/usr/bin/gzip"], on: "debian13/base", in: place)
        let old = try Self.base("debian13/base", "old", in: place)
        let new = try Self.base("debian12/base", "new", in: place)
        let arguments = ["rebase", "image", "--old-base", old, "--onto", new, "-o", "moved"]
        let outcome = try RealBases.coracle(arguments, in: place).run()
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        #expect(outcome.errors.contains("`/app/gzip` needs GLIBC_2.38"), "\(outcome.errors)")
        #expect(outcome.errors.contains("works with `--onto debian13/base"), "\(outcome.errors)")
        #expect(!exists(place("moved")))
        // The loader says the same of what is made nevertheless.
        try RealBases.coracle(arguments + ["--no-check"], in: place).output()
        try Command("rm", ["-rf", place("bundle")]).output()
        try RealBases.unpack("moved:1", in: place)
        let started = try Command("chroot", [place("bundle/rootfs"), "/app/gzip", "--version"]).run()
        #expect(started.errors.contains("version `GLIBC_2.38' not found"), "\(started.errors)")
    }

    @Test("an image that podman built, whose base's layers it compressed again, is put on another base and runs")
    func podman() throws {
        let place = try TemporaryDirectory()
        let old = try Self.base("debian12/cc", "old", in: place)
        let new = try Self.base("debian13/cc", "new", in: place)
        _ = try Self.program(in: place)
        try place.file(
            "Containerfile",
            """
            FROM localhost/base:1
            ENV PORT=80
            COPY library /app/library
            USER 65532:65532
            ENTRYPOINT ["/app/library"]

            """
        )
        let own = ["--root", place("storage"), "--runroot", place("run"), "--storage-driver", "vfs"]
        try Skopeo.run(["copy", "-q", "\(old):1", "docker-archive:\(place("base.tar")):localhost/base:1"])
        try Command("podman", own + ["load", "-q", "-i", place("base.tar")], timeLimit: 120).output()
        try Command(
            "podman",
            own + ["build", "--isolation", "chroot", "-q", "-t", "localhost/app:1", "."],
            directory: place.path,
            timeLimit: 120
        ).output()
        for format in ["oci-archive", "docker-archive"] {
            let archive = place("\(format).tar")
            try Command(
                "podman",
                own + ["save", "-q", "--format", format, "-o", archive, "localhost/app:1"],
                timeLimit: 120
            ).output()
            let outcome = try RealBases.coracle(
                ["rebase", "\(format):\(archive)", "--old-base", old, "--onto", new, "-o", format],
                in: place
            ).run()
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
            let valid = try RealBases.coracle(["validate", format], in: place).run()
            #expect(valid.end == .exited(0), "\(valid.errors)")
            try Command("rm", ["-rf", place("bundle"), place("single")]).output()
            try RealBases.unpack("\(format):1", in: place)
            let started = try RealBases.run(in: place)
            #expect(started.output == "2.41\n", "\(started.errors)")
        }
    }

    @Test("in a registry, layers are mounted from other repositories, and the image's own are never fetched")
    func registry() throws {
        let registry = try RegistryUnderTest(.anonymous)
        let place = try TemporaryDirectory()
        for (folder, name) in [("old", "debian12/cc"), ("new", "debian13/cc")] {
            let base = try Self.base(name, folder, in: place)
            try registry.skopeoCopy("\(base):1", "docker://\(registry("bases/\(folder):1"))")
        }
        let program = try Self.program(in: place)
        try registry.coracle(
            ["build", program, "--base", registry("bases/old:1"), "-t", registry("me/app:1"), "--push"],
            in: place
        )
        let inspected = try Skopeo.run(["inspect", "--tls-verify=false", "docker://\(registry("me/app:1"))"])
        let own = try #require(inspected.matches(of: #/"(sha256:[0-9a-f]{64})"/#).map { String($0.1) }.last)
        let before = try registry.requests.count
        try registry.coracle(
            [
                "rebase", registry("me/app:1"), "--onto", registry("bases/new:1"), "--push", "-t",
                registry("you/app:2"), "--no-check", "--sbom", "none",
            ],
            in: place
        )
        let requests = try registry.requests.dropFirst(before)
        let hex = own.dropFirst("sha256:".count)
        #expect(!requests.contains { $0.method == "GET" && $0.target.contains(hex) })
        let mount = requests.first { $0.target.contains("mount=") && $0.target.contains(hex) }
        #expect(mount?.status == 201 && mount?.target.contains("from=me") == true, "\(requests)")
        try registry.skopeoCopy("docker://\(registry("you/app:2"))", "oci:\(place("copy")):1")
        try Command("umoci", ["unpack", "--image", "\(place("copy")):1", place("bundle")]).output()
        let started = try RealBases.run(in: place)
        #expect(started.output == "2.41\n", "\(started.errors)")
    }
}

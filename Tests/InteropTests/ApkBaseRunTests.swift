import TestSupport
import Testing

/// A repository that the test signs, of packages like Alpine's: musl and busybox are Debian's, wrapped up as apk packages.
@Suite("Images on bases of apk packages")
struct ApkBaseRunTests {
    private let repository: ApkRepository
    private let place: TemporaryDirectory

    init() throws {
        repository = try ApkRepository()
        place = try TemporaryDirectory()
        let tools = try Command("/bin/busybox", ["--list-full"]).output().split(separator: "\n").map { "/\($0)\n" }
            .joined()
        let packages = [
            MadeApk(
                "alpine-release",
                "3.24.1-r0",
                files: [
                    .text("etc/alpine-release", "3.24.1\n"), .symlink("etc/os-release", "../usr/lib/os-release"),
                    .text("usr/lib/os-release", "ID=alpine\nVERSION_ID=3.24.1\nPRETTY_NAME=\"Alpine Linux v3.24\"\n"),
                ]
            ),
            MadeApk(
                "musl",
                "1.2.3-r5",
                files: [
                    .copy("lib/ld-musl-x86_64.so.1", of: "/usr/lib/x86_64-linux-musl/libc.so"),
                    .symlink("lib/libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1"),
                ],
                info: ["provides = so:libc.musl-x86_64.so.1=1"]
            ),
            MadeApk(
                "busybox",
                "1.36.1-r2",
                files: [.copy("bin/busybox", of: "/bin/busybox"), .text("etc/busybox-paths.d/busybox", tools)],
                info: ["depend = so:libc.musl-x86_64.so.1", "triggers = /bin /sbin"],
                scripts: ["trigger"]
            ),
        ]
        try repository.publish(packages, in: "main/x86_64", signatures: [("RSA", "alice", nil)])
        // What aarch64 would have: the same names.
        let others = packages.map { package in
            var package = package
            package.architecture = "aarch64"
            package.files = [.text("usr/share/\(package.name)", "x")]
            return package
        }
        try repository.publish(others, in: "main/aarch64", signatures: [("RSA256", "alice", nil)])
        let head = "format: apk\nmirror: \(repository.url)\nrepositories: [main]\nkeys: [alice.rsa.pub]\n"
        for (name, list) in [("mini", "alpine-release, musl"), ("shell", "alpine-release, musl, busybox")] {
            try place.file(
                "Bases/alpine-3.24/\(name).yaml",
                "for: tests\nend-of-life: 2028-06-01\n\(head)packages: [\(list)]\n"
            )
        }
        try place.file("Bases/alpine-3.24/alice.rsa.pub", try readFile(ApkRepository.publicKey("alice")))
    }

    private func coracle(_ arguments: [String]) -> Command {
        Command(
            Built.coracle,
            arguments,
            environment: ["CORACLE_CACHE": place("cache"), "CORACLE_APK_MIRROR": nil],
            directory: place.path,
            timeLimit: 120
        )
    }

    /// Runs the bundle's program by runc with a read-only root.
    private func run(_ image: String, _ arguments: [String] = []) throws -> Outcome {
        try Command("umoci", ["unpack", "--image", "\(place(image)):latest", place("bundle-\(image)")]).output()
        let script = """
            import json, sys
            path = sys.argv[1]
            config = json.load(open(path))
            config["process"]["terminal"] = False
            config["process"]["args"] += sys.argv[2:]
            config["root"]["readonly"] = True
            assert config["process"]["user"]["uid"] == 65532, config["process"]["user"]
            json.dump(config, open(path, "w"))
            """
        try Tool.python(script, [place("bundle-\(image)/config.json")] + arguments)
        let name = (place.path.split(separator: "/").last.map(String.init) ?? "coracle") + image
        return try Command("runc", ["--root", place("runc"), "run", "-b", place("bundle-\(image)"), name]).run()
    }

    @Test("a base is locked, a program built for musl runs on it, a script on busybox, and scanners see the packages")
    func whole() throws {
        try place.file(
            "hello.c",
            """
            #include <stdio.h>
            #include <pwd.h>
            #include <unistd.h>
            int main(void) {
                struct passwd *user = getpwuid(getuid());
                printf("%s\\n", user ? user->pw_name : "nobody");
                return 0;
            }
            """
        )
        try Command("musl-gcc", ["-o", place("hello"), place("hello.c")]).output()
        // Nothing is locked yet, and the error says what to do.
        let missing = try coracle(["build", "hello", "--base", "alpine-3.24/mini", "-o", "x"]).run()
        #expect(missing.end == .exited(3), "\(missing.errors)")
        #expect(missing.errors.contains("base.lock-missing"), "\(missing.errors)")
        #expect(missing.errors.contains("coracle base lock alpine-3.24/mini"), "\(missing.errors)")

        let locked = try coracle(["base", "lock", "alpine-3.24/mini", "alpine-3.24/shell"]).output()
        #expect(locked.contains("  musl 1.2.3-r5, new\n"), "\(locked)")
        #expect(try coracle(["base", "lock"]).output().contains("no package changed"))
        let shown = try coracle(["base", "show", "alpine-3.24/shell"]).output()
        #expect(shown.contains("busybox: trigger of /bin /sbin\n"), "\(shown)")
        let listed = try coracle(["base", "list"]).output()
        #expect(listed.contains("\nwolfi/base "), "\(listed)")

        try coracle(["build", "hello", "--base", "alpine-3.24/mini", "-t", "localhost/a:latest", "-o", "out"]).output()
        let outcome = try run("out")
        #expect(outcome.output == "nonroot\n", "\(outcome.errors)")
        #expect(try coracle(["validate", "out"]).run().end == .exited(0))

        try coracle(["base", "build", "alpine-3.24/shell", "--platform", "linux/amd64", "-o", "shell"]).output()
        let bundle = place("bundle-shell")
        try Command("skopeo", ["copy", "--quiet", "oci:\(place("shell"))", "oci:\(place("named")):1"]).output()
        try Command("umoci", ["unpack", "--image", "\(place("named")):1", bundle]).output()
        let text =
            #"echo "$(. /etc/os-release; echo $PRETTY_NAME)" | sed s/Linux/linux/; ls /bin/busybox; grep 65532 /etc/passwd | cut -d: -f1"#
        let script = try Command("chroot", ["\(bundle)/rootfs", "/bin/sh", "-c", text]).output()
        #expect(script == "Alpine linux v3.24\n/bin/busybox\nnonroot\n")

        let sbom = try coracle(["sbom", "out", "--format", "cyclonedx"]).output()
        #expect(sbom.contains("pkg:apk/alpine/musl@1.2.3-r5?arch=x86_64"), "\(sbom)")
    }

    @Test(
        "trivy and syft find the packages of a base",
        .enabled(if: Judge.areThere, "skipped: `make test-deps` could not install the judges")
    )
    func scanners() throws {
        try coracle(["base", "lock", "alpine-3.24/shell"]).output()
        try coracle(["base", "build", "alpine-3.24/shell", "--platform", "linux/amd64", "-o", "shell"]).output()
        let syft = try Judge.offline("syft", ["scan", "--quiet", "oci-dir:shell", "-o", "json"], directory: place.path)
            .output()
        for package in ["musl", "busybox", "alpine-release"] {
            #expect(syft.contains(#""purl":"pkg:apk/alpine/\#(package)@"#), "\(package)")
        }
        var database = TrivyDatabase()
        database.add("npm", "unused", "CVE-2099-0001", fixed: "1")
        try database.write(to: place("trivy"))
        let trivy = try Judge.offline(
            "trivy",
            [
                "image", "--quiet", "--cache-dir", place("trivy"), "--skip-db-update", "--skip-java-db-update",
                "--offline-scan", "--skip-version-check", "--list-all-pkgs", "--format", "json", "--input",
                place("shell"),
            ],
            directory: place.path
        ).run()
        for package in ["musl", "busybox", "alpine-release"] {
            #expect(trivy.output.contains("pkg:apk/alpine/\(package)@"), "\(package): \(trivy.errors)")
        }
    }
}

import Glibc
import TestSupport
import Testing

/// Forms and platforms of bases from this machine's mirror.
@Suite(
    "Forms and platforms of a base from packages",
    .serialized,
    .enabled(if: geteuid() == 0, "only root starts containers of other users")
)
struct BasePlatformTests {
    @Test("`:debug` starts a shell", arguments: ["debian12/static:debug", "debian13/base:debug"])
    func debug(base: String) throws {
        let place = try TemporaryDirectory()
        try RealBases.unpack(try RealBases.layout(of: base), in: place)
        let outcome = try RealBases.run(in: place, arguments: ["-c", "id -u; ls /busybox/sh; cat /etc/debian_version"])
        #expect(outcome.output.hasPrefix("65532\n/busybox/sh\n1"), "\(outcome.errors)")
    }

    @Test(
        "for arm64, too, a program on `base` finds its libraries by the loader's list, here on an emulated machine",
        arguments: ["debian12", "debian13"]
    )
    func arm(suite: String) throws {
        let place = try TemporaryDirectory()
        try RealBases.unpack(try RealBases.layout(of: "\(suite)/base"), for: "arm64", in: place)
        let root = place("bundle/rootfs")
        // Started as a program, it says who it is.
        let output = try Command(
            "qemu-aarch64",
            ["-L", root, "\(root)/lib/aarch64-linux-gnu/libc.so.6"]
        ).output()
        #expect(output.hasPrefix("GNU C Library (Debian GLIBC 2."), "\(output)")
        // The loader says what it would load, and from where.
        let library = "usr/lib/aarch64-linux-gnu/libssl.so.3"
        let listed = try Command(
            "qemu-aarch64",
            ["-L", root, "\(root)/lib/ld-linux-aarch64.so.1", "--list", "\(root)/\(library)"]
        ).output()
        #expect(listed.contains("libcrypto.so.3 => /usr/lib/aarch64-linux-gnu/libcrypto.so.3 "), "\(listed)")
        #expect(!listed.contains("not found"))
    }

    @Test("a static program for arm64 on `static` knows its user and time zones", arguments: ["debian12", "debian13"])
    func armStatic(suite: String) throws {
        let place = try TemporaryDirectory()
        let program = try FixtureProgram("probe", .go(architecture: "arm64")).path()
        let build = ["build", program, "--base", "\(suite)/static", "-t", "localhost/app:1", "-o", "image"]
        try RealBases.coracle(build + ["--bases", try RealBases.locked()], in: place).output()
        try RealBases.unpack("\(place("image")):1", for: "arm64", in: place)
        // There is no runc for another machine here: qemu looks into the image first, and at this machine then.
        let output = try Command.shell(
            #"""
            chmod a+rx "$1" "$1/bundle"
            exec setpriv --reuid=65532 --regid=65532 --clear-groups env -u USER -u HOME \
                qemu-aarch64 -L "$1/bundle/rootfs" "$1/bundle/rootfs/app/probe"
            """#,
            [place.path]
        ).output()
        #expect(output.contains("arch arm64\n"), "\(output)")
        #expect(output.contains("user nonroot /home/nonroot\n"), "\(output)")
        #expect(output.contains("summer 2021-07-01T14:00:00+02:00\n"), "\(output)")
    }

    @Test("another architecture is locked when it is asked for, and its programs run, here on emulated machines")
    func others() throws {
        let place = try TemporaryDirectory()
        let source = try RealBases.locked()
        try place.directory("Bases/debian13")
        for name in ["static", "base-nossl"] {
            try Command("cp", ["\(source)/debian13/\(name).yaml", place("Bases/debian13")]).output()
        }
        let machines = [
            (debian: "armhf", oci: "arm", platform: "linux/arm/v7", qemu: "qemu-arm", libc: "arm-linux-gnueabihf"),
            (
                debian: "riscv64", oci: "riscv64", platform: "linux/riscv64", qemu: "qemu-riscv64",
                libc: "riscv64-linux-gnu"
            ),
        ]
        // Debian's mirrors of this kind sign the security updates of these two, and some do not have them.
        let lock = ["base", "lock", "--bases", place("Bases"), "--allow-incomplete"]
        try RealBases.coracle(lock + machines.flatMap { ["--arch", $0.debian] }, in: place).output()
        for machine in machines {
            let program = try FixtureProgram("probe", .go(architecture: machine.oci)).path()
            let folder = try TemporaryDirectory()
            let options = ["--platform", machine.platform, "--bases", place("Bases")]
            try RealBases.coracle(
                ["build", program, "--base", "debian13/static", "-t", "localhost/app:1", "-o", "image"] + options,
                in: folder
            ).output()
            try RealBases.unpack("\(folder("image")):1", for: machine.oci, in: folder)
            let root = folder("bundle/rootfs")
            let output = try Command.shell(
                #"chmod a+rx "$1" "$1/bundle"; exec setpriv --reuid=65532 --regid=65532 --clear-groups env -u USER -u HOME "$2" -L "$3" "$3/app/probe""#,
                [folder.path, machine.qemu, root]
            ).output()
            #expect(output.contains("arch \(machine.oci)\n"), "\(output)")
            #expect(output.contains("user nonroot /home/nonroot\n"), "\(output)")

            let base = try TemporaryDirectory()
            try RealBases.coracle(["base", "build", "debian13/base-nossl", "-o", base("image")] + options, in: base)
                .output()
            try RealBases.unpack(base("image"), for: machine.oci, in: base)
            let libc = "\(base("bundle/rootfs"))/lib/\(machine.libc)/libc.so.6"
            let said = try Command(machine.qemu, ["-L", base("bundle/rootfs"), libc]).output()
            #expect(said.hasPrefix("GNU C Library (Debian GLIBC 2."), "\(said)")
        }
    }

    @Test("the same lock has the same digest twice, the second time without a network and without its layers")
    func reproducible() throws {
        let place = try TemporaryDirectory()
        let first = try Command(
            "jq",
            ["-r", ".manifests[].digest", "\(try RealBases.layout(of: "debian13/cc"))/index.json"]
        ).output()
        // What was derived from the packages is made again. Packages stay; of layers, other tests replace some just now.
        try Command.shell(
            #"mkdir "$2" && { cp -R "$1/blobs" "$2" || true; } && cp "$1/version" "$2" && chmod 700 "$2""#,
            [FreshBases.cache, place("cache")]
        ).output()
        let second = try RealBases.coracle(
            ["base", "build", "debian13/cc", "-o", "again", "--offline", "--cache-dir", place("cache")]
                + ["--bases", try RealBases.locked()],
            in: place
        ).output()
        #expect(first == second)
        try Built.coracle(["validate", place("again")]).output()
    }

    @Test(
        "the packages that coracle comes with a lock of are what the mirrors have, or no longer there",
        arguments: RealBases.all.filter { base in
            !(["nodejs", "java-headless"] + RealBases.large).contains { base.hasSuffix("/\($0)") }
        }
    )
    func committed(base: String) throws {
        let place = try TemporaryDirectory()
        let outcome = try RealBases.coracle(["base", "build", base, "-o", "base"], in: place).run()
        guard outcome.end == .exited(0) else {
            // Mirrors drop what has a newer version.
            #expect(outcome.end == .exited(7), "\(outcome.errors)")
            #expect(outcome.errors.contains("error[mirror.has-not]"), "\(outcome.errors)")
            return
        }
        try Built.coracle(["validate", place("base")], timeLimit: 120).output()
    }
}

import TestSupport
import Testing

/// What the gate says of a program, and what the loader says when it is started nevertheless.
@Suite("Failures that were predicted")
struct PredictedFailureTests {
    /// Programs of Debian 13 that need nothing but the C library.
    private static func program(_ package: String) throws -> String {
        let folder = "\(Built.folder)/coracle-packages"
        try Command("\(FixtureProgram.sources)/fetch_packages.sh", [folder, "amd64", package], timeLimit: 120).output()
        return "\(folder)/amd64/files/\(package)/usr/bin/\(package)"
    }

    @Test("version `GLIBC_2.38' not found: a program of Debian 13 on Debian 12", arguments: ["dash", "gzip"])
    func version(package: String) throws {
        let place = try TemporaryDirectory()
        let program = try Self.program(package)
        let bases = ["--bases", try RealBases.locked()]
        let outcome = try RealBases.coracle(
            ["build", program, "--base", "debian12/base", "-o", "image"] + bases,
            in: place
        ).run()
        #expect(outcome.end == .exited(9), "\(outcome.errors)")
        let predicted = Set(outcome.errors.matches(of: #/`/app/\S+` needs (GLIBC_[0-9.]+),/#).map { String($0.1) })
        #expect(predicted == ["GLIBC_2.38"])
        #expect(outcome.errors.contains("debian12/base provides up to GLIBC_2.36"))
        #expect(outcome.errors.contains("works with `--base debian13/base`"))

        try RealBases.build([program], on: "debian12/base", in: place, ["--allow", "run.version-missing"])
        let started = try Command("chroot", [place("bundle/rootfs"), "/app/\(package)", "--version"]).run()
        #expect(started.end == .exited(1))
        let said = Set(started.errors.matches(of: #/version `(\S+)' not found/#).map { String($0.1) })
        #expect(said == predicted, "\(started.errors)")
    }

    @Test("a program of Debian 13 is built on Debian 13, and runs")
    func runs() throws {
        let place = try TemporaryDirectory()
        try RealBases.build([try Self.program("gzip")], on: "debian13/base", in: place)
        let started = try Command("chroot", [place("bundle/rootfs"), "/app/gzip", "--version"]).run()
        #expect(started.end == .exited(0), "\(started.errors)")
    }

    @Test("exec /app: no such file or directory: a dynamically linked program without its loader")
    func loader() throws {
        let place = try TemporaryDirectory()
        let program = try FixtureProgram("hello-c", .dynamicC).path()
        let build = ["build", program, "-t", "app:1", "-o", "image"]
        let refused = try Built.coracle(build, directory: place.path).run()
        #expect(refused.end == .exited(9))
        #expect(refused.errors.contains("no such file or directory"))
        try Built.coracle(build + ["--allow", "run.loader-missing"], directory: place.path).output()
        try RealBases.unpack("image:1", in: place)
        let started = try Command("chroot", [place("bundle/rootfs"), "/app/hello-c"]).run()
        #expect(started.errors.lowercased().contains("no such file or directory"))
    }

    @Test(
        "what the loader finds in the bases of the catalogue, coracle finds",
        arguments: ["debian12/python3", "debian13/cc"]
    )
    func bases(name: String) throws {
        let place = try TemporaryDirectory()
        let bases = ["--bases", try RealBases.locked()]
        try RealBases.coracle(["base", "build", name, "-o", "base"] + bases, in: place).output()
        let checked = try RealBases.coracle(["check", "oci:base", "--json"], in: place).run()
        #expect(checked.end == .exited(0), "\(checked.output)")
        // A program that may ask for a shell is not a failure of the loader.
        let codes = Set(checked.output.matches(of: #/"code": "(\S+)"/#).map { String($0.1) })
        #expect(codes.subtracting(["run.no-shell"]).isEmpty, "\(checked.output)")
    }
}

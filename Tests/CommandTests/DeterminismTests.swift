import Glibc
import TestSupport
import Testing

@Suite("The same input has the same digest")
struct DeterminismTests {
    @Test(
        "whatever the machine is like",
        arguments: [
            ("jobs", #"exec "$@" -j 1"#), ("jobs", #"exec "$@" -j 2"#), ("jobs", #"exec "$@" -j 8"#),
            ("umask", #"umask 077; exec "$@""#), ("umask", #"umask 000; exec "$@""#),
            ("time zone", #"TZ=Asia/Kolkata exec "$@""#), ("locale", #"LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8 exec "$@""#),
            ("locale", #"LC_ALL=C exec "$@""#), ("no home", #"unset HOME USER; exec "$@""#),
            ("empty environment", #"exec env -i "$@""#), ("processors", #"exec taskset -c 0 "$@""#),
        ]
    )
    func environment(what: String, script: String) throws {
        let place = try Self.application()
        let plain = try Self.digest("app", in: place)
        let outcome = try Command.shell(
            script,
            [Built.coracle, "build", "app", "-o", "other", "--entrypoint", "/app/bin/hello"],
            directory: place.path
        ).output()
        #expect(outcome == plain, "\(what)")
        #expect(try layers(of: place("other")) == layers(of: place("app.oci")))
    }

    @Test("wherever the directory is, and from wherever it is built")
    func place() throws {
        let (one, two) = (try Self.application(), try Self.application(folder: "some/where/else/app"))
        let plain = try Self.digest("app", in: one)
        #expect(try Self.digest("some/where/else/app", in: two) == plain)
        #expect(try Self.digest(two("some/where/else/app/"), in: one) == plain)
        #expect(try Self.digest(".", in: two, directory: "some/where/else/app", output: "../out") == plain)
    }

    @Test("whatever order the files were made in")
    func order() throws {
        // A tmpfs lists the newest file first; ext4 would list both directories in the order of hashes.
        let (one, two) = (try TemporaryDirectory(in: "/dev/shm"), try TemporaryDirectory(in: "/dev/shm"))
        let files = (0..<40).map { "f\($0)" }
        let hello = try Sample.hello
        for (place, files) in [(one, files), (two, files.reversed())] {
            try place.directory("app")
            for file in files { try place.file("app/\(file)", file) }
            try place.file("app/bin/hello", hello, mode: 0o755)
        }
        let listings = try [one, two].map { try Command("ls", ["-U", $0("app")]).output() }
        #expect(listings[0] != listings[1])
        #expect(try Self.digest("app", in: one) == Self.digest("app", in: two))
    }

    @Test("whatever the files' times and owners are")
    func times() throws {
        let (one, two) = (try Self.application(), try Self.application())
        try Command("touch", ["-d", "2001-02-03", two("app/data/a"), two("app/bin/hello"), two("app")]).output()
        if getuid() == 0 { try Command("chown", ["-R", "1234:5678", two("app")]).output() }
        #expect(try Self.digest("app", in: one) == Self.digest("app", in: two))
    }

    @Test("one byte more has another digest")
    func difference() throws {
        let (one, two) = (try Self.application(), try Self.application())
        try two.file("app/data/a", "alpha!")
        #expect(try Self.digest("app", in: one) != Self.digest("app", in: two))
    }

    /// A directory of a program and a few files.
    private static func application(folder: String = "app") throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try place.file("\(folder)/bin/hello", Sample.hello, mode: 0o755)
        try place.file("\(folder)/data/a", "alpha")
        try place.file("\(folder)/data/ı/İ.txt", "a locale may fold these two letters")
        // Several blocks, so that the work is shared out.
        try place.file("\(folder)/data/large", (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 7) })
        return place
    }

    private static func digest(
        _ path: String,
        in place: TemporaryDirectory,
        directory: String? = nil,
        output: String = "app.oci"
    ) throws -> String {
        try Built.coracle(
            ["build", path, "-o", output, "--entrypoint", "/app/bin/hello"],
            directory: directory.map { place($0) } ?? place.path
        ).output()
    }

    private func layers(of layout: String) throws -> [String] {
        try names(in: "\(layout)/blobs/sha256")
    }
}

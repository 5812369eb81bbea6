import Glibc
import TestSupport
import Testing

@Suite("Builds that are interrupted, and builds at the same time")
struct InterruptionTests {
    /// Sixty moments, spread over a little more than the time that a build takes.
    private static func moments(_ count: Int, of seconds: Double) -> [UInt32] {
        (0..<count).map { UInt32(seconds * 1.2e6 * Double($0) / Double(count)) }
    }

    /// How long a build of `hello` takes here, in seconds.
    private static func duration(in place: TemporaryDirectory) throws -> Double {
        var (start, end) = (timespec(), timespec())
        clock_gettime(CLOCK_MONOTONIC, &start)
        try Built.coracle(["build", "hello", "-o", "measured"], directory: place.path).output()
        clock_gettime(CLOCK_MONOTONIC, &end)
        return Double(end.tv_sec - start.tv_sec) + Double(end.tv_nsec - start.tv_nsec) / 1e9
    }

    @Test("`kill -9` at any moment leaves a valid layout with the tags it had, and the next build cleans up")
    func killedIntoExisting() throws {
        let place = try Sample.program()
        let duration = try Self.duration(in: place)
        try Built.coracle(["build", "hello", "-o", "out", "-t", "app:keep"], directory: place.path).output()
        let hello = try Sample.hello
        var completed = 0
        for (number, moment) in Self.moments(60, of: duration).enumerated() {
            // Bytes after the end of an ELF file change the layer and not the program.
            try place.file("changing", hello + Array("\(number)".utf8), mode: 0o755)
            let build = try Built.coracle(
                ["build", "changing", "-o", "out", "-t", "app:n\(number)"],
                directory: place.path
            ).start()
            usleep(moment)
            build.send(SIGKILL)
            let outcome = try build.wait()
            let state = try LayoutState(of: place("out"))
            #expect(state.tags.contains("keep"))
            if outcome.end == .exited(0) {
                completed += 1
                #expect(state.tags.contains("n\(number)"))
            } else {
                #expect(outcome.end == .signalled(SIGKILL))
            }
        }
        #expect(completed < 60, "no build was killed before its end")
        try Command("skopeo", ["inspect", "oci:\(place("out")):keep"]).output()
        try Built.coracle(["build", "hello", "-o", "out", "-t", "app:last"], directory: place.path).output()
        #expect(try LayoutState(of: place("out")).strays == [])
        #expect(try Sample.leftovers(in: place.path) == [])
    }

    @Test("`kill -9` at any moment of a first build leaves a valid layout or none, and the next build cleans up")
    func killedIntoNew() throws {
        let place = try Sample.program()
        let duration = try Self.duration(in: place)
        for (number, moment) in Self.moments(30, of: duration).enumerated() {
            let build = try Built.coracle(
                ["build", "hello", "-o", "new\(number)", "-t", "app:x"],
                directory: place.path
            ).start()
            usleep(moment)
            build.send(SIGKILL)
            _ = try build.wait()
            if exists(place("new\(number)")) { #expect(try LayoutState(of: place("new\(number)")).tags == ["x"]) }
        }
        try Built.coracle(["build", "hello", "-o", "last", "-t", "app:x"], directory: place.path).output()
        #expect(try Sample.leftovers(in: place.path) == [])
        #expect(try LayoutState(of: place("last")) == LayoutState(tags: ["x"]))
    }

    @Test("a signal ends a build as a signal does, and nothing is left", arguments: [SIGINT, SIGTERM, SIGHUP])
    func signalled(signal: Int32) throws {
        let place = try Sample.program()
        // A hole costs no disk, and its compression takes seconds.
        try Command("truncate", ["-s", "4G", place("large")]).output()
        let build = try Built.coracle(["build", "hello", "--add", "large:/large", "-o", "out"], directory: place.path)
            .start()
        usleep(400_000)
        build.send(signal)
        let outcome = try build.wait()
        #expect(outcome.end == .signalled(signal))
        #expect(outcome.output.isEmpty)
        #expect(try names(in: place.path) == ["hello", "large"])
    }

    @Test("a shell sees 130 and 143", arguments: [("INT", 130), ("TERM", 143)] as [(String, Int32)])
    func seenFromShell(signal: String, code: Int32) throws {
        let place = try Sample.program()
        try Command("truncate", ["-s", "4G", place("large")]).output()
        let outcome = try Command.shell(
            #"timeout --preserve-status -s "$1" 0.3 "$2" build hello --add large:/large; exit $?"#,
            [signal, Built.coracle],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(code))
    }

    @Test("SIGTERM at any moment leaves no file of an unfinished build")
    func terminatedAnywhere() throws {
        let place = try Sample.program()
        let duration = try Self.duration(in: place)
        for (number, moment) in Self.moments(30, of: duration).enumerated() {
            // Every second one is into a layout that is there already.
            let output = number.isMultiple(of: 2) ? "measured" : "new\(number)"
            let build = try Built.coracle(
                ["build", "hello", "-o", output, "-t", "app:n\(number)"],
                directory: place.path
            ).start()
            usleep(moment)
            build.send(SIGTERM)
            let outcome = try build.wait()
            // Before its first instruction a process has no say in it; it is ended all the same.
            #expect([.exited(0), .signalled(SIGTERM)].contains(outcome.end), "\(outcome.end) \(outcome.errors)")
            #expect(try Sample.leftovers(in: place.path) == [])
            if exists(place(output)) { #expect(try Sample.leftovers(in: place(output)) == []) }
        }
        #expect(try LayoutState(of: place("measured")).strays == [])
    }

    @Test("eight builds at once into one layout leave eight tags", arguments: [true, false])
    func together(existing: Bool) throws {
        let place = try TemporaryDirectory()
        let hello = try Sample.hello
        if existing {
            try place.file("hello", hello, mode: 0o755)
            try Built.coracle(["build", "hello", "-o", "out", "-t", "app:first"], directory: place.path).output()
        }
        let builds = try (0..<8).map { number in
            try place.file("hello\(number)", hello + Array("\(number)".utf8), mode: 0o755)
            return try Built.coracle(
                ["build", "hello\(number)", "-o", "out", "-t", "app:n\(number)"],
                directory: place.path
            ).start()
        }
        for build in builds {
            let outcome = try build.wait()
            #expect(outcome.end == .exited(0), "\(outcome.errors)")
        }
        var expected = LayoutState(tags: (0..<8).map { "n\($0)" })
        if existing { expected.tags.insert("first", at: 0) }
        #expect(try LayoutState(of: place("out")) == expected)
        #expect(try Sample.leftovers(in: place.path) == [])
    }

    @Test("eight builds of one tag at once leave one of them")
    func sameTag() throws {
        let place = try Sample.program()
        let builds = try (0..<8).map { _ in
            try Built.coracle(["build", "hello", "-o", "out", "-t", "app:x"], directory: place.path).start()
        }
        for build in builds { #expect(try build.wait().end == .exited(0)) }
        #expect(try LayoutState(of: place("out")) == LayoutState(tags: ["x"]))
    }
}

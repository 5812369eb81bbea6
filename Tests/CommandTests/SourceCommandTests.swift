import Glibc
import TestSupport
import Testing

@Suite("Building images from source of Go")
struct SourceCommandTests {
    private static let server = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n"

    /// Where Go keeps what it has compiled: tests run without a home.
    private static let cache = try? Command("go", ["env", "GOCACHE"]).output().filter { !$0.isNewline }

    /// A checkout of the module `example.com/shop` with programs at `places`, all committed.
    private static func checkout(_ places: [String] = ["cmd/server"]) throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try place.file("go.mod", "module example.com/shop\n\ngo 1.19\n")
        for path in places { try place.file(path == "." ? "main.go" : "\(path)/main.go", server) }
        let git = "git init -q . && git add -A && git -c user.email=a@example.com -c user.name=a commit -q -m first"
        try Command.shell(git, directory: place.path).output()
        return place
    }

    private func build(
        _ place: TemporaryDirectory,
        _ arguments: [String],
        _ environment: [String: String?] = [:]
    ) throws -> Outcome {
        let temporary = try TemporaryDirectory()
        var environment = environment
        environment["TMPDIR"] = temporary.path
        environment["GOCACHE"] = Self.cache
        let outcome = try Built.coracle(arguments, environment: environment, directory: place.path).run()
        #expect(try names(in: temporary.path) == [], "something was left")
        return outcome
    }

    @Test(
        "a directory, the module above it, an import path and a manifest all build the same program",
        arguments: ["./cmd/server", ".", "example.com/shop/cmd/server", "ko://example.com/shop/cmd/server", "go.mod"]
    )
    func spellings(path: String) throws {
        let place = try Self.checkout()
        let finished = try TemporaryDirectory()
        let command = "CGO_ENABLED=0 go build -trimpath '-ldflags=-s -w' -o \"$1/\" ./cmd/server"
        try Command.shell(command, [finished.path], directory: place.path).output()
        let expected = try Built.coracle(["build", "server"], directory: finished.path).output()
        let outcome = try build(place, ["build", path])
        #expect(outcome.output == expected, "\(outcome.errors)")
        let line =
            "  $ CGO_ENABLED=0 GOARCH=amd64 GOOS=linux GOTOOLCHAIN=local go build -trimpath '-ldflags=-s -w' -o OUT/"
        #expect(outcome.errors.contains(line), "\(outcome.errors)")
        #expect(try names(in: place.path) == [".git", "cmd", "go.mod", "server.oci"])
    }

    @Test("a second build has the same digest, although the image of the first is in the checkout")
    func again() throws {
        let place = try Self.checkout()
        let first = try build(place, ["build", "."])
        let second = try build(place, ["build", "."])
        #expect(first.end == .exited(0), "\(first.errors)")
        #expect(first.output == second.output)
        #expect(second.errors.contains("the commit time in `.`, vcs.time"), "\(second.errors)")
    }

    @Test("each platform of `--platform` gets its program")
    func platforms() throws {
        let place = try Self.checkout()
        let arguments = [
            "build", "./cmd/server", "--platform", "linux/amd64", "--platform", "linux/arm/v6", "-o", "x.oci",
        ]
        let outcome = try build(place, arguments)
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("GOARCH=arm GOARM=6 GOOS=linux"), "\(outcome.errors)")
        let index = try Command("skopeo", ["inspect", "--raw", "oci:\(place("x.oci"))"]).output()
        #expect(index.contains("\"v6\"") && index.contains("amd64"), "\(index)")
    }

    @Test("`plan` builds the program, and writes nothing")
    func plan() throws {
        let place = try Self.checkout(["."])
        let outcome = try build(place, ["plan", "."])
        #expect(outcome.output.contains("entry point  /app/shop"), "\(outcome.errors)")
        #expect(try names(in: place.path) == [".git", "go.mod", "main.go"])
    }

    @Test("of several programs, the error says which there are")
    func several() throws {
        let place = try Self.checkout(["cmd/api", "cmd/server"])
        let outcome = try build(place, ["build", "."])
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.contains("there are 2: `./cmd/api`, `./cmd/server`"), "\(outcome.errors)")
        #expect(outcome.errors.contains("`coracle build ./cmd/api`"))
    }

    @Test("the programs of a workspace's modules are found")
    func workspace() throws {
        let place = try TemporaryDirectory()
        try place.file("go.work", "go 1.19\n\nuse ./one\n")
        try place.file("one/go.mod", "module example.com/one\n\ngo 1.19\n")
        try place.file("one/main.go", Self.server)
        let outcome = try build(place, ["build", "."])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(try names(in: place.path).contains("one.oci"))
    }

    @Test("a module without a program has an error of its own")
    func withoutProgram() throws {
        let place = try Self.checkout([])
        try place.file("shop.go", "package shop\n")
        let outcome = try build(place, ["build", "."])
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.contains("error[source.no-program]: `.` has no program"), "\(outcome.errors)")
    }

    @Test("a build that fails ends with Go's own last lines and exit code 3")
    func failing() throws {
        let place = try Self.checkout()
        try place.file("cmd/server/main.go", "package main\n\nfunc main() { missing() }\n")
        let outcome = try build(place, ["build", "./cmd/server"])
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.contains("./main.go:3:15: undefined: missing"), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[source.build-failed]: `go build` failed"))
        #expect(outcome.output == "")
    }

    @Test("without Go on `PATH` the error says so")
    func withoutToolchain() throws {
        let place = try Self.checkout()
        let outcome = try build(place, ["build", "./cmd/server"], ["PATH": "/nowhere"])
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.contains("error[source.no-toolchain]: `go` is not on `PATH`"), "\(outcome.errors)")
    }

    @Test("a program that is finished, and `--no-build`, are taken as they are")
    func finished() throws {
        let (place, output) = (try TemporaryDirectory(), try TemporaryDirectory())
        try place.file("go.mod", "module example.com/shop\n\ngo 1.19\n")
        try place.file("main.go", Self.server)
        let unbuilt = try build(place, ["build", "--no-build", "."])
        #expect(unbuilt.errors.contains("error[plan.which-program]"), "\(unbuilt.errors)")
        try place.file("bin/hello", try Sample.hello, mode: 0o755)
        let outcome = try build(place, ["build", ".", "-o", output("x.oci")])
        #expect(!outcome.errors.contains("$ "), "\(outcome.errors)")
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
    }

    @Test("Go gets no variable that is not listed")
    func environment() throws {
        let place = try Self.checkout()
        let tools = try TemporaryDirectory()
        let go = try Tool.path(of: "go")
        try tools.file("go", "#!/bin/sh\nenv >\(tools.path)/seen\nexec \(go) \"$@\"\n", mode: 0o755)
        let path = "\(tools.path):\(Environment.current["PATH"] ?? "")"
        let outcome = try build(
            place,
            ["build", "./cmd/server"],
            ["PATH": path, "SECRET_TOKEN": "x", "GOARCH": "arm"]
        )
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let seen = String(decoding: try readFile(tools("seen")), as: UTF8.self)
        #expect(!seen.contains("SECRET_TOKEN") && seen.contains("GOARCH=amd64") && seen.contains("TZ=UTC"), "\(seen)")
    }

    @Test("a checkout that git refuses is built without its commit, and a note says so")
    func withoutCommit() throws {
        let place = try Self.checkout()
        let tools = try TemporaryDirectory()
        try tools.file("git", "#!/bin/sh\necho 'fatal: detected dubious ownership' >&2\nexit 128\n", mode: 0o755)
        let path = "\(tools.path):\(Environment.current["PATH"] ?? "")"
        let outcome = try build(place, ["build", "./cmd/server"], ["PATH": path])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.errors.contains("note: the program does not say which commit it was made from"))
        #expect(outcome.errors.contains("'-ldflags=-s -w' -buildvcs=false"), "\(outcome.errors)")
    }

    @Test("a signal ends the toolchain and what it started, and leaves nothing", arguments: [SIGINT, SIGTERM])
    func interrupted(signal: Int32) throws {
        let place = try Self.checkout()
        let tools = try TemporaryDirectory()
        let script = "#!/bin/sh\nsleep 300 &\necho $! >\(tools.path)/child\necho $$ >\(tools.path)/leader\nwait\n"
        try tools.file("go", script, mode: 0o755)
        let temporary = try tools.directory("tmp")
        let path = "\(tools.path):\(Environment.current["PATH"] ?? "")"
        let running = try Built.coracle(
            ["build", "./cmd/server"],
            environment: ["PATH": path, "TMPDIR": temporary],
            directory: place.path
        ).start()
        for _ in 0..<500 where !exists(tools("leader")) { usleep(20_000) }
        running.send(signal)
        #expect(try running.wait().end == .signalled(signal))
        #expect(try names(in: temporary) == [])
        let child = String(decoding: try readFile(tools("child")), as: UTF8.self).filter(\.isNumber)
        let isGone = try Command.shell("! kill -0 \(child) 2>/dev/null || grep -q 'State:.Z' /proc/\(child)/status")
            .run()
        #expect(isGone.end == .exited(0), "the child of the toolchain lives on")
    }

    @Test("source in a list of images is built, and is the image that a build by itself makes")
    func imagesFile() throws {
        let place = try Self.checkout()
        let text =
            "tag: x:1\nimages:\n  a: {source: cmd/server}\n  b: {path: cmd/server}\n  c: {path: go.mod, go: {tags: none}}\n"
        try place.file("coracle.yaml", text)
        // A file that git does not know would make the checkout a modified one.
        let commit = "git add -A && git -c user.email=a@example.com -c user.name=a commit -q -m second"
        try Command.shell(commit, directory: place.path).output()
        let single = try build(place, ["build", "./cmd/server", "-o", "single.oci", "-t", "x:1"])
        let outcome = try build(place, ["build"])
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        #expect(outcome.output.hasPrefix(single.output + single.output), "\(outcome.errors)")
        #expect(outcome.errors.contains(" -tags=none "), "\(outcome.errors)")
        let only = try build(place, ["build", "--only", "a", "-o", "only.oci"])
        #expect(only.output == single.output, "\(only.errors)")
    }

    @Test("what `source` names has to be source", arguments: ["source: x", "images: {a: {source: x}}"])
    func notSource(text: String) throws {
        let place = try Self.checkout()
        try place.file("coracle.yaml", text + "\n")
        try place.directory("x")
        let outcome = try build(place, ["build"])
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.contains("error[source.not-source]: "), "\(outcome.errors)")
        #expect(outcome.errors.contains("at: coracle.yaml:1"), "\(outcome.errors)")
    }

    // MARK: Several at once

    /// A checkout whose `coracle.yaml` names programs at `places`, and a directory with a `go` before Go's own: `script` runs
    /// first, where `go` is Go's own and `here` is the directory of the test.
    private func several(
        _ places: [String],
        _ script: String
    ) throws -> (place: TemporaryDirectory, tools: TemporaryDirectory, path: String) {
        let (place, tools) = (try Self.checkout(places.map { "cmd/\($0)" }), try TemporaryDirectory())
        let images = places.map { "  \($0): {source: cmd/\($0)}\n" }.joined()
        try place.file("coracle.yaml", "images:\n\(images)")
        let start = "#!/bin/sh\nhere=\(tools.path) go=\(try Tool.path(of: "go")) name=$(basename \"$PWD\")\n"
        try tools.file("go", "\(start)\(script)\nexec $go \"$@\"\n", mode: 0o755)
        return (place, tools, "\(tools.path):\(Environment.current["PATH"] ?? "")")
    }

    @Test(
        "sources of one file are built side by side, as many as `--jobs` says, and lines have the images' names",
        arguments: [1, 2]
    )
    func sideBySide(jobs: Int) throws {
        // Each waits for the other: one after the other they would not end well.
        let script = """
            touch $here/at-$name
            for i in $(seq \(jobs == 1 ? 3 : 300)); do [ -e $here/at-a ] && [ -e $here/at-b ] && break; sleep 0.1; done
            [ -e $here/at-a ] && [ -e $here/at-b ] || exit 1
            """
        let (place, tools, path) = try several(["a", "b"], script)
        let outcome = try build(place, ["build", "--jobs", "\(jobs)"], ["PATH": path])
        #expect(exists(tools("at-a")), "the script before Go has not run")
        #expect(outcome.end == .exited(jobs == 1 ? 3 : 0), "\(outcome.errors)")
        #expect(outcome.errors.contains("a:   $ CGO_ENABLED=0 "), "\(outcome.errors)")
        guard jobs == 2 else { return }
        #expect(outcome.errors.contains("b: building cmd/b for linux/amd64\n"), "\(outcome.errors)")
        #expect(exists(place("a.oci")) && exists(place("b.oci")))
    }

    @Test("a failure ends the other toolchains, and is the only error")
    func failureEndsOthers() throws {
        let script = """
            if [ $name = slow ]; then sleep 300 & echo $! >$here/child; touch $here/slow; wait; fi
            for i in $(seq 300); do [ -e $here/slow ] && break; sleep 0.1; done
            """
        let (place, tools, path) = try several(["bad", "slow"], script)
        try place.file("cmd/bad/main.go", "package main\n\nfunc main() { missing() }\n")
        let outcome = try build(place, ["build", "--jobs", "2"], ["PATH": path])
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.contains("bad:   ./main.go:3:15: undefined: missing"), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[source.build-failed]: image `bad`: `go build` failed"))
        #expect(outcome.errors.matches(of: /error\[/).count == 1, "\(outcome.errors)")
        try expectGone(tools)
        #expect(try !names(in: place.path).contains { $0.hasSuffix(".oci") })
    }

    @Test("with `--keep-going` the others are built")
    func keepsGoing() throws {
        let (place, tools, path) = try several(["bad", "good"], "touch $here/at-$name")
        try place.file("cmd/bad/main.go", "package main\n\nfunc main() { missing() }\n")
        let outcome = try build(place, ["build", "--keep-going", "--jobs", "2"], ["PATH": path])
        #expect(outcome.end == .exited(3) && exists(tools("at-good")))
        #expect(outcome.errors.matches(of: /error\[/).count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains("error[source.build-failed]: image `bad`: `go build` failed"))
        #expect(exists(place("good.oci")) && !exists(place("bad.oci")), "\(outcome.errors)")
    }

    @Test("a signal ends all toolchains, and what they started")
    func interruptedTogether() throws {
        let script = "sleep 300 & echo $! >$here/child-$name; touch $here/at-$name; wait"
        let (place, tools, path) = try several(["a", "b"], script)
        let temporary = try tools.directory("tmp")
        let running = try Built.coracle(
            ["build", "--jobs", "2"],
            environment: ["PATH": path, "TMPDIR": temporary],
            directory: place.path
        ).start()
        for _ in 0..<500 where !exists(tools("at-a")) || !exists(tools("at-b")) { usleep(20_000) }
        running.send(SIGINT)
        #expect(try running.wait().end == .signalled(SIGINT))
        #expect(try names(in: temporary) == [])
        try expectGone(tools)
    }

    /// Expects that no process is left of those whose numbers are in files called `child…`.
    private func expectGone(_ tools: TemporaryDirectory) throws {
        for file in try names(in: tools.path) where file.hasPrefix("child") {
            let child = String(decoding: try readFile(tools(file)), as: UTF8.self).filter(\.isNumber)
            let check = "! kill -0 \(child) 2>/dev/null || grep -q 'State:.Z' /proc/\(child)/status"
            #expect(try Command.shell(check).run().end == .exited(0), "a child of a toolchain lives on")
        }
    }
}

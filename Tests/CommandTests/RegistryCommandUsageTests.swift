import TestSupport
import Testing

@Suite("What is typed wrong to commands that speak to registries")
struct RegistryCommandUsageTests {
    @Test(
        "a mistake is 2, is reported, and reaches no registry",
        arguments: [
            (["push", "image"], "<ref>"),
            (["push", "image", "UPPER"], "reference.malformed"),
            (["push", "image", "a/b@sha256:\(String(repeating: "0", count: 64))"], "copy.name-with-digest"),
            (["push", "oci:image:1", "a/b", "--tag", "2"], "usage.conflict"),
            (["push", "image", "a/b", "-j", "0"], "usage.malformed"),
            (["push", "", "a/b"], "location.malformed"),
            (["push", "a/b:1", "hello"], "`coracle push hello a/b:1`"),
            (["push", "a/b:1", "./hello"], "`coracle push ./hello a/b:1`"),
            (["push", "image", "docker://UPPER"], "a repository's name is lowercase"),
            (["copy", "docker-daemon:app:1", "oci:x"], "location.malformed"),
            (["copy", "oci:image", "containers-storage:app"], "location.malformed"),
            (["tags", "docker://UPPER"], "a repository's name is lowercase"),
            (["push", "image", "a/b", "--platform", "linux"], "platform.malformed"),
            (["pull", "oci:image", "-o", "x"], "usage.conflict"),
            (["pull", "a/b"], "--output"),
            (["copy", "oci:image"], "destination"),
            (["copy", "oci:", "oci:x"], "location.malformed"),
            (["digest", "a b"], "reference.malformed"),
            (["tags", "https://ghcr.io/me/app"], "reference.malformed"),
            (["digest", "a/b", "--ca-cert", "file.pem"], "usage.malformed"),
            (["digest", "a/b", "--ca-cert", "ghcr.io="], "usage.malformed"),
            (["digest", "a/b", "--insecure-registry", "https://ghcr.io"], "usage.malformed"),
            (["digest", "a/b", "--insecure-registry", "name"], "usage.malformed"),
            (["digest", "a/b", "--progress", "loud"], "progress"),
            (["login", "ghcr.io"], "--username"),
            (["login", "ghcr.io/me", "-u", "me"], "usage.malformed"),
            (["login", "ghcr.io", "-u", "me", "-p", "secret"], "`--password-stdin`"),
            (["logout", "not a host"], "usage.malformed"),
            (["build", "hello", "--push"], "usage.no-name"),
            (["build", "hello", "--push", "--tags", "1,2"], "usage.no-name"),
            (["build", "hello", "--base", "oci:"], "location.malformed"),
            (["build", "hello", "--base", "UPPER"], "reference.malformed"),
        ] as [([String], String)]
    )
    func usage(arguments: [String], words: String) throws {
        let place = try Sample.program()
        let home = try DockerConfiguration()
        let outcome = try Built.coracle(arguments, environment: home.environment, directory: place.path).run()
        #expect(outcome.end == .exited(2), "\(outcome.errors)")
        #expect(outcome.errors.lowercased().contains(words), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
        #expect(!outcome.errors.contains("secret"))
        #expect(try names(in: place.path) == ["hello"])
    }

    @Test(
        "a place in no directory is 8, before any registry is asked",
        arguments: [("no/such/x", "`no/such`"), ("hello/x.tar", "`hello`"), ("no/x.tar", "`no`")]
    )
    func noDirectory(output: String, words: String) throws {
        let place = try Sample.program()
        let arguments = ["pull", "registry.invalid/a/b:1", "-o", output]
        let outcome = try Built.coracle(arguments, directory: place.path).run()
        #expect(outcome.end == .exited(8))
        #expect(outcome.errors.contains("error[output.no-directory]"))
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(!outcome.errors.contains("tried again"))
        #expect(try names(in: place.path) == ["hello"])
    }

    @Test("a TMPDIR that is not a directory is named")
    func noTemporaryDirectory() throws {
        let arguments = ["inspect", "registry.invalid/a/b:1"]
        let outcome = try Built.coracle(arguments, environment: ["TMPDIR": "/nonexistent"]).run()
        #expect(outcome.end == .exited(8))
        #expect(outcome.errors.hasPrefix("error[temporary.no-directory]: there is no directory `/nonexistent`"))
    }

    @Test("a text that is neither a path nor surely a reference gets a hint how to write one")
    func neither() throws {
        let place = try TemporaryDirectory()
        let outcome = try Built.coracle(["inspect", "debian"], directory: place.path).run()
        #expect(outcome.end == .exited(7))
        #expect(outcome.errors.contains("`docker://debian`"), "\(outcome.errors)")
    }

    @Test(
        "a mistyped command is answered with the one that was meant",
        arguments: [("biuld", "`build`"), ("psuh", "`push`"), ("tgas", "`tags`"), ("zzzzzz", "--help")]
    )
    func mistyped(word: String, hint: String) throws {
        let outcome = try Built.coracle([word, "x"]).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains("there is no command `\(word)`"))
        #expect(outcome.errors.contains(hint))
    }

    @Test("a file of certificates that cannot be read is 3, and named")
    func certificates() throws {
        let home = try DockerConfiguration()
        let arguments = ["digest", "registry.invalid/a/b", "--ca-cert", "registry.invalid=missing.pem"]
        let outcome = try Built.coracle(arguments, environment: home.environment).run()
        #expect(outcome.end == .exited(3))
        #expect(outcome.errors.contains("`missing.pem`"))
    }

    @Test(
        "every command has its help",
        arguments: ["push", "pull", "copy", "digest", "tags", "login", "logout", "cache", "cache prune"]
    )
    func help(command: String) throws {
        let words = command.split(separator: " ").map(String.init)
        let outcome = try Built.coracle(words + ["--help"]).run()
        #expect(outcome.end == .exited(0))
        #expect(outcome.output.contains("USAGE: coracle \(command)"))
    }

    @Test(
        "help is not wrapped twice: its paragraphs fit a terminal of 80 columns as they are written",
        arguments: [
            "", "push", "pull", "copy", "digest", "tags", "inspect", "files", "validate", "login", "logout", "cache",
            "cache prune",
        ]
    )
    func widths(command: String) throws {
        let words = command.split(separator: " ").map(String.init)
        let help = try Built.coracle(words + ["--help"], environment: ["COLUMNS": "200"]).output()
        // The first line is the command's in one sentence, which is wrapped where it is shown.
        let discussion = help.split(separator: "\n").prefix { !$0.hasPrefix("USAGE:") }.dropFirst()
        #expect(!discussion.isEmpty)
        #expect(discussion.filter { $0.count > 80 } == [])
    }
}

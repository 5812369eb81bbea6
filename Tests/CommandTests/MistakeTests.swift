import Mistakes
import TestSupport
import Testing

@Suite("Mistyped commands and options, and words of other programs")
struct MistakeTests {
    @Test(
        "a command of another program is answered with what coracle has",
        arguments: [
            ("ls", "coracle tags"), ("manifest", "coracle inspect"), ("history", "coracle inspect"),
            ("version", "coracle --version"), ("completion", "--generate-completion-script"),
            ("export", "coracle files"), ("import", "coracle load"), ("images", "coracle inspect"),
            ("run", "coracle check"),
            ("reprotest", "coracle reproduce --twice"), ("rebuilderd", "coracle reproduce"), ("mod", "coracle rebase"),
            ("migrate", "coracle init --from Dockerfile"),
            ("tag", "coracle copy"), ("buildx", "images.yaml"), ("scan", "coracle sbom"),
        ]
    )
    func command(word: String, hint: String) throws {
        let outcome = try Built.coracle([word, "x", "--y"]).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.hasPrefix("error[usage.malformed]: there is no command `\(word)`\n  because: "))
        #expect(outcome.errors.contains("\n  hint: ") && outcome.errors.contains(hint), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }

    @Test(
        "an option of another program is answered with what coracle has",
        arguments: [
            (["build", "x", "--sbom-dir=d"], "--sbom-dir", "--sbom-output FILE"),
            (["build", "x", "--local"], "--local", "coracle build PATH --load"),
            (["copy", "a", "b", "--load"], "--load", "coracle load IMAGE"),
            (["rebase", "x", "--new_base", "y"], "--new_base", "--onto BASE"),
            (["rebase", "x", "--run-image=y"], "--run-image", "--old-base BASE"),
            (["rebase", "x", "--rebased", "y"], "--rebased", "--push --tag REF"),
            (["rebase", "x", "--original=y"], "--original", "coracle rebase IMAGE --onto BASE"),
            (["copy", "a", "b", "--to-oci"], "--to-oci", "leave it out"),
            (["build", "x", "--dockerfile", "y"], "--dockerfile", "coracle init --from Dockerfile"),
            (["build", "x", "--health-cmd", "y"], "--health-cmd", "--healthcheck"),
            (["build", "-q", "x"], "-q", "--progress none"),
            (["build", "x", "--copy", "a"], "--copy", "--add SRC:DST:MODE:UID:GID"),
            (["copy", "a", "b", "--src-creds=x"], "--src-creds", "coracle login"),
            (["pull", "a", "--tls-verify=false", "-o", "x"], "--tls-verify", "--insecure-registry"),
            (["base", "build", "cc", "--dry-run"], "--dry-run", "coracle plan"),
        ]
    )
    func option(arguments: [String], option: String, hint: String) throws {
        let outcome = try Built.coracle(arguments).run()
        #expect(outcome.end == .exited(2))
        let command = arguments[0] == "base" ? "base build" : arguments[0]
        #expect(
            outcome.errors.hasPrefix(
                "error[usage.malformed]: `coracle \(command)` has no option `\(option)`\n  at: \(option)\n  because: "
            ),
            "\(outcome.errors)"
        )
        #expect(outcome.errors.contains(hint), "\(outcome.errors)")
    }

    @Test(
        "a mistyped option or command is answered with the one that was meant",
        arguments: [
            (["build", "x", "--entripoint", "y"], "did you mean `--entrypoint`?"),
            (["build", "x", "--entrypoint", "--no-such", "--lable", "a=b"], "did you mean `--label`?"),
            (["base", "lsit"], "did you mean `base list`?"), (["cache", "purne"], "did you mean `cache prune`?"),
            (["build", "x", "--zzzzzzzz"], "`coracle build --help` lists its options"),
            (["base", "zzzzzzzz"], "`coracle base --help` lists the commands"),
        ]
    )
    func nearest(arguments: [String], hint: String) throws {
        let outcome = try Built.coracle(arguments).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.hasSuffix("\n  hint: \(hint)\n"), "\(outcome.errors)")
    }

    @Test(
        "every other mistake has the same form",
        arguments: [
            (["pull", "a"], "missing expected argument `--output <path>`"),
            (["tags", "a", "b"], "unexpected argument"),
            (["build", "x", "-o"], "missing value for `-o <path>`"),
            (["build", "x", "-j", "many"], "`many` is invalid"),
        ]
    )
    func others(arguments: [String], words: String) throws {
        let outcome = try Built.coracle(arguments).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.hasPrefix("error[usage.malformed]: "), "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(outcome.errors.hasSuffix("  hint: `coracle \(arguments[0]) --help` shows how it is used\n"))
    }

    @Test("no word of another program is in the table twice, and none is a command of coracle's")
    func table() throws {
        let commands = try HelpTests.commands()
        for table in [BorrowedWord.commands, BorrowedWord.options] {
            let words = table.flatMap(\.words)
            #expect(words.count == Set(words).count)
            #expect(words.filter { commands.contains($0) } == [])
        }
        #expect(BorrowedWord.commands.flatMap(\.words).count + BorrowedWord.options.flatMap(\.words).count > 100)
    }

    @Test("what is pointed to exists")
    func hints() throws {
        let helps = Dictionary(uniqueKeysWithValues: try HelpTests.commands().map { ($0, try HelpTests.help($0)) })
        for borrowed in BorrowedWord.commands + BorrowedWord.options {
            for quoted in borrowed.hint.matches(of: #/`(coracle [a-z][^`]*)`/#).map({ String($0.1) }) {
                #expect(HelpTests.unknownOptions(in: quoted, helps) == [], "\(borrowed.words): \(quoted)")
            }
        }
    }
}

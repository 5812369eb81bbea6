import TestSupport
import Testing

/// The completions that are published, driven by the shells of Debian.
@Suite("What shells complete", .serialized)
struct CompletionTests {
    /// What is typed, what the shell offers among others, and what it does not offer.
    struct Typed: CustomTestStringConvertible, Sendable {
        let line: String
        let offered: [String]
        let absent: String

        var testDescription: String { line }
    }

    static let typed = [
        Typed(line: "coracle bu", offered: ["build"], absent: "push"),
        Typed(line: "coracle build --meta", offered: ["--metadata-file"], absent: "--tag"),
        Typed(line: "coracle build --base debian13/c", offered: ["debian13/cc"], absent: "debian13/python3"),
        Typed(line: "coracle build --only ch", offered: ["checkout"], absent: "mail"),
        Typed(line: "coracle check --allow run.library-m", offered: ["run.library-missing"], absent: "user."),
        Typed(line: "coracle build --ci git", offered: ["github", "gitlab"], absent: "tekton"),
        Typed(line: "coracle base show debian13/c", offered: ["debian13/cc"], absent: "python3"),
    ]

    private static func place() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try place.file("coracle.yaml", "images: {checkout: {path: a}, mail: {path: a}}")
        return place
    }

    private static var environment: [String: String?] {
        ["PATH": "\(Built.commandFolder):/usr/bin:/bin", "CORACLE_CACHE": nil]
    }

    private static func expect(_ typed: Typed, _ shown: String) {
        for word in typed.offered { #expect(shown.contains(word), "\(word): \(shown)") }
        #expect(!shown.contains(typed.absent), "\(shown)")
    }

    @Test("bash", arguments: typed)
    func bash(typed: Typed) throws {
        let place = try Self.place()
        let script = #"""
            source "$1/share/bash-completion/completions/coracle"
            read -ra COMP_WORDS <<< "$2"
            COMP_LINE=$2 COMP_POINT=${#2} COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_TYPE=9 COMP_KEY=9
            run=$(complete -p coracle | sed -n 's/.*-F \([^ ]*\).*/\1/p')
            "$run" coracle "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\n' "${COMPREPLY[@]}"
            """#
        let shown = try Command(
            "bash",
            ["--norc", "-c", script, "bash", try Dist.unpacked.get(), typed.line],
            environment: Self.environment,
            directory: place.path
        ).run()
        Self.expect(typed, shown.output)
    }

    /// They complete only where a line is edited.
    @Test("zsh and fish, on a terminal", arguments: ["zsh", "fish"], Array(typed.prefix(5)))
    func terminal(shell: String, typed: Typed) throws {
        let place = try Self.place()
        let files = ["zsh": "zsh/site-functions", "fish": "fish/vendor_completions.d/coracle.fish"]
        let shown = try Command(
            Tool.python,
            [
                "\(Dist.repository)/Tests/Fixtures/ci/press_tab.py", shell,
                "\(try Dist.unpacked.get())/share/\(files[shell] ?? "")", typed.line,
            ] + typed.offered,
            environment: Self.environment,
            directory: place.path
        ).run()
        // What was typed is on the screen as well.
        Self.expect(typed, shown.output)
    }

    @Test("names of a layout are offered only if they are names")
    func tags() throws {
        let place = try TemporaryDirectory()
        let names = ["1.0", "x\\n$(touch owned)", "ghcr.io/a/b:2"].map {
            #"{"annotations": {"org.opencontainers.image.ref.name": "\#($0)"}}"#
        }
        try place.file("a.oci/index.json", #"{"manifests": [\#(names.joined(separator: ","))]}"#)
        let words = ["---completion", "push", "--", "--tag", "4", "0", "coracle", "push", "a.oci", "--tag", ""]
        let offered = try Built.coracle(words, directory: place.path).output()
        #expect(offered.split(separator: "\n") == ["1.0", "ghcr.io/a/b:2"])
    }
}

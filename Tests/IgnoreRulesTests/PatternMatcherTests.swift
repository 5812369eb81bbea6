import SourceTree
import TestSupport
import Testing

/// The judge is the library that Docker itself reads ignore files with, github.com/moby/patternmatcher, as Debian has it.
@Suite("Ignore rules, and Docker's own matcher")
struct PatternMatcherTests {
    @Test("random patterns leave out what Docker leaves out of random paths", arguments: 1...6 as ClosedRange<UInt64>)
    func random(seed: UInt64) throws {
        var random = Pseudorandom(seed: seed)
        var lists: [[String]] = []
        var paths: [[String]] = []
        for _ in 0..<300 {
            lists.append((0..<Int.random(in: 1...4, using: &random)).map { _ in Self.pattern(&random) })
            paths.append((0..<12).map { _ in Self.path(&random) })
        }
        let answers = try Self.docker(lists, paths)
        try #require(answers.count == lists.count)
        var excluded = 0
        for (index, list) in lists.enumerated() {
            let text = list.joined(separator: "\n")
            guard let rules = try? IgnoreRules(parsing: Array(text.utf8), named: ".ignore") else {
                // What `filepath.Match` refuses, both refuse.
                #expect(answers[index] == "malformed", "\(list)")
                continue
            }
            let found = paths[index].map { rules.excludes(Array($0.utf8)) ? "1" : "0" }.joined()
            excluded += found.count { $0 == "1" }
            #expect(found == answers[index], "\(list) \(paths[index])")
        }
        // Patterns that never match would prove nothing, and neither would those that always do.
        #expect((500...3000).contains(excluded))
    }

    /// One line: a few components of few characters. It is clean, so that both read the same.
    private static func pattern(_ random: inout Pseudorandom) -> String {
        // An escaped letter is left out: Docker hands `\d` to a regular expression, where it is a digit, and `filepath.Match`,
        // whose rules Docker documents, takes it for the letter, as coracle does.
        let pieces = ["a", "b", "c", "*", "?", "[ab]", "[^a]", "[a-c]", "\\+", ".", "+", "é"]
        var components: [String] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            if Int.random(in: 0..<4, using: &random) == 0 {
                components.append("**")
                continue
            }
            var component = ""
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                component += pieces.randomElement(using: &random) ?? ""
            }
            // `filepath.Clean` would take these away, each side at another moment.
            components.append(component == "." || component == ".." ? "a" : component)
        }
        let exception = Int.random(in: 0..<3, using: &random) == 0 ? "!" : ""
        return exception + components.joined(separator: "/")
    }

    private static func path(_ random: inout Pseudorandom) -> String {
        let pieces = ["a", "b", "c", ".", "+", "é"]
        return (0..<Int.random(in: 1...4, using: &random)).map { _ in
            var name = "a"
            for _ in 0..<Int.random(in: 0...2, using: &random) { name += pieces.randomElement(using: &random) ?? "" }
            return Int.random(in: 0..<2, using: &random) == 0 ? String(name.dropFirst()) : name
        }.map { $0.isEmpty || $0 == "." || $0 == ".." ? "b" : $0 }.joined(separator: "/")
    }

    /// For each list of patterns a digit for each of its paths, 1 where it is left out; `malformed` for a list that is
    /// refused.
    private static func docker(_ lists: [[String]], _ paths: [[String]]) throws -> [String] {
        let place = try TemporaryDirectory()
        try place.file("main.go", program)
        // Fields of a line are separated by tabs, which no pattern has.
        let input = zip(lists, paths).map { ($0 + [""] + $1).joined(separator: "\t") + "\n" }.joined()
        let command = Command(
            "go",
            ["run", "main.go"],
            // Debian's Go libraries are a GOPATH.
            environment: [
                "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "CGO_ENABLED": "0",
                "GOTOOLCHAIN": "local",
            ],
            directory: place.path,
            input: Array(input.utf8),
            timeLimit: 300
        )
        return try command.output().split(separator: "\n").map(String.init)
    }

    /// Asks as BuildKit does: from the top directory down, with the results for the directory above.
    private static let program = """
        package main

        import (
        	"bufio"
        	"fmt"
        	"os"
        	"strings"

        	"github.com/moby/patternmatcher"
        )

        func answer(patterns, paths []string) string {
        	matcher, err := patternmatcher.New(patterns)
        	if err != nil {
        		return "malformed"
        	}
        	digits := ""
        	for _, path := range paths {
        		info, matched := patternmatcher.MatchInfo{}, false
        		names := strings.Split(path, "/")
        		for i := range names {
        			matched, info, err = matcher.MatchesUsingParentResults(strings.Join(names[:i+1], "/"), info)
        			if err != nil {
        				return "malformed"
        			}
        		}
        		if matched {
        			digits += "1"
        		} else {
        			digits += "0"
        		}
        	}
        	return digits
        }

        func main() {
        	lines := bufio.NewScanner(os.Stdin)
        	lines.Buffer(nil, 1<<20)
        	for lines.Scan() {
        		fields := strings.Split(lines.Text(), "\\t")
        		for i, field := range fields {
        			if field == "" {
        				fmt.Println(answer(fields[:i], fields[i+1:]))
        				break
        			}
        		}
        	}
        }
        """
}

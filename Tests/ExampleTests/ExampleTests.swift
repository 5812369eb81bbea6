import Glibc
import TestSupport
import Testing

/// Every example, built in a copy by what its README says.
///
/// With CORACLE_GOLDEN=1 in the environment the files in expected/ and what the READMEs show are written first.
@Suite(.serialized)
struct ExampleTests {
    @Test("the commands of the README make the image and print what the README shows", arguments: Example.all)
    func building(_ example: Example) throws {
        let copy = try example.copy()
        let readMe = try example.readMe
        let printed = try copy.type(try readMe.block("sh build"))
        if Self.isGolden {
            let report = printed.firstRange(of: "wrote ").map { printed[$0.lowerBound...] } ?? printed[...]
            try writeFile("\(example.folder)/README.md", try readMe.replacing("text build", with: String(report)))
        }
        let shown = try example.readMe.block("text build")
        // A compiler or make may say more before.
        #expect(masked(printed).hasSuffix(masked(shown)), "README.md shows:\n\(shown)\nprinted:\n\(printed)")
    }

    @Test(
        "the image has the files and the configuration that are expected",
        .enabled(if: geteuid() == 0, "only root unpacks files of other owners"),
        arguments: Example.all
    )
    func contents(_ example: Example) throws {
        let copy = try example.copy()
        _ = try copy.type(try example.readMe.block("sh build"))
        let architectures = try copy.run(Self.architectures, []).split(separator: "\n").map(String.init)
        if Self.isGolden {
            try Command("mkdir", ["-p"] + architectures.map { "\(example.folder)/expected/\($0)" }).output()
        }
        #expect(try example.architectures == architectures)
        for architecture in architectures {
            let expected = "\(example.folder)/expected/\(architecture)"
            try compare(try copy.run(Self.files, [architecture]), with: "\(expected)/files")
            try compare(try copy.run(Self.configuration, [architecture]), with: "\(expected)/config.json")
        }
    }

    @Test(
        "a container of the image prints what the README shows, as user 65532",
        .enabled(if: geteuid() == 0, "only root starts containers of other users"),
        arguments: Example.all
    )
    func running(_ example: Example) throws {
        let copy = try example.copy()
        let readMe = try example.readMe
        _ = try copy.type(try readMe.block("sh build"))
        let printed = try copy.type(try readMe.block("sh run"))
        if Self.isGolden {
            try writeFile("\(example.folder)/README.md", try readMe.replacing("text run", with: printed))
        }
        #expect(try masked(printed) == masked(example.readMe.block("text run")))
    }

    @Test(
        "`coracle build .` makes the image from source, and a container of it prints the same",
        .enabled(if: geteuid() == 0, "only root starts containers of other users"),
        arguments: Example.all.filter(\.isSource)
    )
    func fromSource(_ example: Example) throws {
        let copy = try example.copy()
        let readMe = try example.readMe
        let printed = try copy.type(try readMe.block("sh source"), try MavenRepository.variables(in: copy.directory))
        #expect(printed.contains(/@sha256:[0-9a-f]{64}\n$/), "\(printed)")
        #expect(try masked(copy.type(try readMe.block("sh run"))) == masked(readMe.block("text run")), "\(printed)")
    }

    @Test("building twice gives the same digest", arguments: Example.all.filter { $0.name != "coracle" })
    func reproducible(_ example: Example) throws {
        let commands = try example.readMe.block("sh build")
        // The first time it may be said, too, what is fetched.
        let first = try example.copy().type(commands).split(separator: "\n").last
        let second = try example.copy().type(commands).split(separator: "\n").last
        #expect(first?.firstMatch(of: /@sha256:[0-9a-f]{64}$/) != nil)
        #expect(first == second)
    }

    @Test("every folder in Examples is tested, and its README is listed")
    func complete() throws {
        // CIExampleTests types the commands of `ci`, which are for machines elsewhere; `library/check` compares its page;
        // KubernetesPageTests has a registry and a kubectl.
        let others: Set = ["ci", "kubernetes", "library"]
        let found = try names(in: Example.folder).filter { name in
            exists("\(Example.folder)/\(name)/README.md") && !others.contains(name)
        }
        #expect(found == Example.all.map(\.name))
        let list = String(decoding: try readFile("\(Example.folder)/README.md"), as: UTF8.self)
        for example in Example.all { #expect(list.contains("(\(example.name)/)")) }
    }

    @Test(
        "the demonstration shows an image, runs it and leaves nothing",
        .enabled(if: geteuid() == 0, "only root starts containers of other users")
    )
    func demonstration() throws {
        let directory = try TemporaryDirectory()
        let printed = try Command(
            "\(Example.folder)/demo",
            environment: ["CORACLE": Built.coracle, "TMPDIR": directory.path],
            timeLimit: 300
        ).output()
        #expect(printed.contains("user:  nonroot (65532:65532)"))
        #expect(printed.contains("hello from a process of user 65532\n"))
        #expect(printed.contains("\nstopped\n"))
        #expect(printed.contains(/\n127\.0\.0\.1:[0-9]+\/demo\/greeter:1\.0@sha256:[0-9a-f]{64}\n/))
        #expect(printed.hasSuffix("files: /tmp can be written\n"))
        #expect(try names(in: directory.path) == [])
    }

    private static let isGolden = Environment.current["CORACLE_GOLDEN"] == "1"

    private func compare(_ text: String, with file: String) throws {
        if Self.isGolden { try writeFile(file, text) }
        let expected = String(decoding: try readFile(file), as: UTF8.self)
        #expect(text == expected, "\(file) differs")
    }

    // MARK: Scripts; the layout is the only one in their working directory

    private static let architectures = """
        skopeo inspect --raw "oci:$(echo *.oci)" | jq -r '.manifests[]?.platform.architecture' >index
        skopeo inspect --config "oci:$(echo *.oci)" | jq -r .architecture >single
        if [ -s index ]; then sort index; else cat single; fi
        """

    /// Lists type, mode, owner and path; the time zones are one line, as Bases/ says what is in them.
    private static let files = """
        skopeo copy --quiet --override-arch "$1" "oci:$(echo *.oci)" "oci:files-$1:image"
        umoci --log error unpack --image "files-$1:image" "bundle-$1"
        cd "bundle-$1/rootfs"
        find . -mindepth 1 -printf '%M %U/%G %P' \\( -type l -printf ' -> %l' -o -true \\) -printf '\\n' |
            LC_ALL=C sort -k 3 | grep -v ' usr/share/zoneinfo/'
        """

    /// Without what depends on the compiler's version, the diffIDs, and on the day: the versions of Debian's packages.
    private static let configuration = """
        skopeo inspect --config --override-arch "$1" "oci:$(echo *.oci)" |
            jq '{os, architecture, variant, created, config, layers: [.history[].created_by | sub("^(?<name>[a-z0-9.+-]+) [^ ]+$"; .name)]}'
        """
}

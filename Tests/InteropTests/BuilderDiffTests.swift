import FoundationEssentials
import TestSupport
import Testing

/// Images of other builders, and bases of real packages, are compared: what differs is known beforehand.
@Suite("The command `diff` on images that umoci, buildah and Debian's packages are in")
struct BuilderDiffTests {
    private struct Document: Decodable {
        struct Field: Decodable {
            let name: String
            let kind: String
        }

        struct Package: Decodable {
            let name: String
            let old: [String]
            let new: [String]
        }

        struct Platform: Decodable {
            struct File: Decodable {
                let path: String
                let change: String
            }

            let kinds: [String]
            let files: [File]
            let fields: [Field]
            let packages: [Package]?
        }

        let same: Bool
        let kind: String?
        let platforms: [Platform]
    }

    private static func document(_ arguments: [String], in place: TemporaryDirectory) throws -> Document {
        let outcome = try RealBases.coracle(["diff"] + arguments + ["--json"], in: place).run()
        let document = try JSONDecoder().decode(Document.self, from: Data(outcome.output.utf8))
        #expect(outcome.end == .exited(document.same ? 0 : 1), "\(outcome.errors)")
        return document
    }

    // MARK: Builders

    /// `/app/tool` and `/etc/conf`, with a variable and an entry point: by umoci as `umoci`, by buildah as `buildah.tar` and
    /// `docker.tar`, and with another `/etc/conf` and one file more as `umoci2` and `buildah2.tar`.
    private static func images() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        let script = #"""
            set -e
            path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
            mkdir one two; printf 'tool\n' | tee one/tool >two/tool; printf 'conf\n' >one/conf; printf 'other\n' >two/conf
            printf new >two/new; chmod 755 one/tool two/tool; chmod 644 one/conf two/conf two/new; touch -d @0 one/* two/*
            for number in "" 2; do
                from=one; [ -z "$number" ] || from=two
                umoci init --layout umoci$number
                umoci new --image umoci$number:1
                umoci config --image umoci$number:1 --config.entrypoint /app/tool --config.env PATH=$path --config.env X=1
                umoci insert --rootless --image umoci$number:1 $from/tool /app/tool
                umoci insert --rootless --image umoci$number:1 $from/conf /etc/conf
                [ -z "$number" ] || umoci insert --rootless --image umoci$number:1 two/new /etc/new
                {
                    echo "FROM scratch"; echo "COPY tool /app/tool"; echo "COPY conf /etc/conf"
                    [ -z "$number" ] || echo "COPY new /etc/new"
                    echo "ENV X=1"; echo 'ENTRYPOINT ["/app/tool"]'
                } >$from/Containerfile
                podman --root "$PWD/storage" --runroot "$PWD/run" --storage-driver vfs build -q --isolation chroot --layers \
                    --timestamp 0 -t localhost/app:1$number $from
                podman --root "$PWD/storage" --runroot "$PWD/run" --storage-driver vfs save -q --format oci-archive \
                    -o buildah$number.tar localhost/app:1$number
            done
            podman --root "$PWD/storage" --runroot "$PWD/run" --storage-driver vfs save -q --format docker-archive \
                -o docker.tar localhost/app:1
            """#
        try place.file("images.sh", script)
        try Command("sh", ["images.sh"], directory: place.path, timeLimit: 240).output()
        return place
    }

    /// Two images, and what differs of what a container sees.
    private struct Pair {
        let sides: [String]
        /// `nil` if nothing does.
        let kind: String?
        let files: [String]
        /// Fields of the configuration.
        let fields: [String]
        /// All kinds, with what no container sees.
        let all: Set<String>
    }

    /// What buildah writes into every image of its own.
    private static let mark = "config.Labels.io.buildah.version"

    private static let pairs = [
        // Parent directories, times, the history and the label differ.
        Pair(
            sides: ["umoci", "buildah.tar"],
            kind: "configuration",
            files: [],
            fields: [mark],
            all: ["configuration", "description", "layering", "times", "form"]
        ),
        Pair(
            sides: ["umoci", "buildah2.tar"],
            kind: "files",
            files: ["changed /etc/conf", "added /etc/new"],
            fields: [mark],
            all: ["files", "configuration", "description", "times", "form"]
        ),
        Pair(
            sides: ["umoci", "umoci2"],
            kind: "files",
            files: ["changed /etc/conf", "added /etc/new"],
            fields: [],
            // A step of the history for one more layer.
            all: ["files", "layering", "times"]
        ),
        Pair(
            sides: ["buildah.tar", "buildah2.tar"],
            kind: "files",
            files: ["changed /etc/conf", "added /etc/new"],
            fields: [],
            all: ["files", "layering", "description"]
        ),
        Pair(
            sides: ["buildah.tar", "docker.tar"],
            kind: nil,
            files: [],
            fields: [],
            all: ["description", "compression"]
        ),
    ]

    @Test(
        "images of umoci and buildah are each A and B: only what was changed differs, and what a builder says of itself"
    )
    func builders() throws {
        let place = try Self.images()
        for pair in Self.pairs {
            for sides in [pair.sides, pair.sides.reversed()] {
                let seen = try Self.document(sides + ["--semantic"], in: place)
                #expect(seen.kind == pair.kind, "\(sides)")
                let files =
                    sides == pair.sides
                    ? pair.files : pair.files.map { $0.replacing("added", with: "removed") }
                #expect(
                    seen.platforms.flatMap(\.files).map { "\($0.change) \($0.path)" } == files,
                    "\(sides)"
                )
                #expect(
                    seen.platforms.flatMap(\.fields).filter { $0.kind == "configuration" }.map(\.name) == pair.fields,
                    "\(sides)"
                )
                let whole = try Self.document(sides, in: place)
                #expect(Set(whole.platforms.flatMap(\.kinds)) == pair.all, "\(sides)")
            }
        }
        // Without the changed files and the mark, an image of one builder is that of the other.
        let rest = try Self.document(
            ["umoci2", "umoci", "--semantic", "--ignore-path", "etc/conf", "--ignore-path", "etc/new"],
            in: place
        )
        #expect(rest.same)
        let valid = try Built.coracle(["validate", "buildah2.tar"], directory: place.path).run()
        #expect(valid.end == .exited(0), "\(valid.errors)")
    }

    // MARK: Debian

    /// Writes `older`: the bases of `newer`, and in the lock of Debian 12 what its archive of security updates has of other
    /// versions: it keeps those of earlier point releases. Prints `NAME OLD NEW` of the packages of `debian12/cc`.
    private static let olderLock = #"""
        import json, lzma, shutil, subprocess, sys, urllib.request
        newer, older = sys.argv[1:]
        shutil.copytree(newer, older)
        # The mirror is the one that apt is set up with.
        lines = subprocess.check_output(
            ["apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(ARCHITECTURE) $(URI)", "Created-By: Packages"],
            text=True,
        ).splitlines()
        address = next(l.split()[3] for l in lines if l.startswith("bookworm-security main amd64 ")) + ".xz"
        with urllib.request.urlopen(address, timeout=60) as answer:
            text = lzma.decompress(answer.read()).decode()
        known = {}
        for record in text.split("\n\n"):
            fields = dict(line.split(": ", 1) for line in record.split("\n") if ": " in line and line[0] != " ")
            if fields.get("Package") in ("libc6", "libc-bin") and fields["Architecture"] == "amd64":
                known[fields["Package"]] = fields
        path = older + "/debian12/packages.lock.json"
        lock = json.load(open(path))
        for package in lock["packages"]["amd64"]:
            fields = known.get(package["name"])
            if fields and fields["Version"] != package["version"]:
                if package["name"] == "libc6": print(package["name"], fields["Version"], package["version"])
                package["version"], package["path"] = fields["Version"], fields["Filename"]
                package["size"], package["sha256"] = int(fields["Size"]), fields["SHA256"]
        json.dump(lock, open(path, "w"))
        """#

    @Test("a base of Debian 12 at two locks differs in the packages whose versions do, and they are named with both")
    func locks() throws {
        let place = try TemporaryDirectory()
        let newer = try RealBases.locked()
        let lines = try Tool.python(Self.olderLock, [newer, place("older")]).split(separator: "\n").map(String.init)
        let changes = lines.map { $0.split(separator: " ").map(String.init) }
        #expect(changes.map(\.first) == ["libc6"], "the archive has another version of the C library")
        for (bases, layout) in [(place("older"), "old"), (newer, "new")] {
            try RealBases.coracle(
                ["base", "build", "debian12/cc", "--platform", "linux/amd64", "-o", layout, "--bases", bases],
                in: place
            ).output()
        }
        let document = try Self.document(["old", "new"], in: place)
        #expect(document.kind == "packages")
        let found = document.platforms.flatMap { $0.packages ?? [] }.map { [$0.name, $0.old, $0.new] as [AnyHashable] }
        #expect(found == changes.map { [$0[0], [$0[1]], [$0[2]]] as [AnyHashable] })
        let text = try RealBases.coracle(["diff", "old", "new"], in: place).run().output
        #expect(text.hasPrefix("Packages are different: 1 changed, with "), "\(text)")
        #expect(text.contains("\n    deb  libc6  \(changes[0][1]) → \(changes[0][2])\n"), "\(text)")
        let markdown = try RealBases.coracle(["diff", "old", "new", "--markdown"], in: place).run().output
        #expect(markdown.contains("\n| `deb/libc6` | `\(changes[0][1])` | `\(changes[0][2])` |\n"), "\(markdown)")
    }
}

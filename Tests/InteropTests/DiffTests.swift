import FoundationEssentials
import Glibc
import TestSupport
import Testing

@Suite("The command `diff` says how images differ, and which files do")
struct DiffTests {
    /// An image and the same with one thing changed, as `mutated_images.py` makes them.
    struct Mutation: CustomTestStringConvertible, Sendable {
        /// The name of the case there.
        let name: String
        /// `nil` if they are the same.
        let kind: String?
        /// The files that differ, as coracle shows their paths.
        var paths: [String] = []
        /// Whether diffoscope finds the same paths: it looks at no extended attributes, and does not count hard links.
        var isSeenByOthers = true

        init(_ name: String, _ kind: String?, _ paths: [String] = [], isSeenByOthers: Bool = true) {
            (self.name, self.kind, self.paths, self.isSeenByOthers) = (name, kind, paths, isSeenByOthers)
        }

        var testDescription: String { name }
    }

    static let mutations = [
        Mutation("same", nil),
        Mutation("content", "files", ["/app/a"]),
        Mutation("content of one size", "files", ["/etc/sub/deep"]),
        Mutation("program", "files", ["/app/tool"]),
        Mutation("mode", "files", ["/app/a"]),
        Mutation("setuid", "files", ["/app/tool"]),
        Mutation("owner", "files", ["/etc/conf"]),
        Mutation("directory's owner", "files", ["/etc/sub"]),
        Mutation("time", "times", ["/app/a"]),
        Mutation("added", "files", ["/etc/new"]),
        Mutation("removed", "files", ["/etc/sub/deep"]),
        Mutation("link target", "files", ["/app/link"]),
        Mutation("extended attribute", "files", ["/etc/conf"], isSeenByOthers: false),
        Mutation("order", "order"),
        Mutation("compression level", "compression"),
        // umoci does not read it.
        Mutation("zstd", "compression", isSeenByOthers: false),
        Mutation("plain tar", "compression"),
        Mutation("whiteout", "files", ["/etc/conf"]),
        Mutation("opaque directory", "files", ["/etc/sub/deep"]),
        Mutation("whiteout of nothing", "layering"),
        Mutation("environment", "configuration"),
        Mutation("volume", "configuration"),
        Mutation("label", "configuration"),
        Mutation("history", "description"),
        Mutation("annotation", "description"),
        Mutation("created", "times"),
        Mutation("layer split in two", "layering"),
        Mutation("tar format", "form"),
        Mutation("spelling of JSON", "form"),
        Mutation("hard link broken", "files", ["/app/hard"], isSeenByOthers: false),
        Mutation("content under the other name", "layering"),
        Mutation("device", "files", ["/null"]),
        Mutation("empty directory", "files", ["/etc/empty"]),
        Mutation("name with a line feed", "files", ["/etc/x\nx"]),
        // diffoscope does not end.
        Mutation("name that is not UTF-8", "files", [#"/etc/\xff"#], isSeenByOthers: false),
        Mutation("file becomes a directory", "files", ["/app/a"]),
        Mutation("file becomes a symlink", "files", ["/etc/sub/deep"]),
    ]

    /// Makes the images `A` and `B` of a case.
    private static func images(_ mutation: Mutation) throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        let script = "\(FixtureProgram.sources)/mutated_images.py"
        try Command(Tool.python, [script, mutation.name, place.path]).output()
        return place
    }

    struct Document: Decodable {
        struct Platform: Decodable {
            struct File: Decodable {
                let path: String
            }

            let files: [File]
        }

        let version: Int
        let same: Bool
        let kind: String?
        let platforms: [Platform]
    }

    private static func document(
        _ arguments: [String],
        in place: TemporaryDirectory,
        ends: Int32
    ) throws -> Document {
        let outcome = try Built.coracle(["diff"] + arguments + ["--json"], directory: place.path).run()
        #expect(outcome.end == .exited(ends), "\(outcome.errors)")
        return try JSONDecoder().decode(Document.self, from: Data(outcome.output.utf8))
    }

    @Test("diff names the kind and the files of one change, in either direction", arguments: mutations)
    func changed(mutation: Mutation) throws {
        let place = try Self.images(mutation)
        let ends: Int32 = mutation.kind == nil ? 0 : 1
        for sides in [["A", "B"], ["B", "A"]] {
            let document = try Self.document(sides, in: place, ends: ends)
            #expect(document.same == (mutation.kind == nil))
            #expect(document.kind == mutation.kind)
            #expect(document.platforms.flatMap(\.files).map(\.path) == mutation.paths)
        }
        // Only what a container sees is left.
        let isSeen = ["files", "configuration"].contains(mutation.kind)
        let semantic = try Self.document(["A", "B", "--semantic"], in: place, ends: isSeen ? 1 : 0)
        #expect(semantic.same == !isSeen)
    }

    @Test(
        "diffoscope finds the same files in the unpacked images",
        .enabled(if: geteuid() == 0, "owners and devices can only be unpacked by root"),
        arguments: mutations.filter(\.isSeenByOthers)
    )
    func judged(mutation: Mutation) throws {
        let place = try Self.images(mutation)
        for name in ["A", "B"] {
            let output = try Command(
                "umoci",
                ["unpack", "--image", "\(name):1", "\(name).bundle"],
                directory: place.path
            ).run()
            #expect(output.end == .exited(0), "\(output.errors)")
        }
        let found = try Tool.python(
            """
            import json, os, subprocess, sys
            os.chdir(sys.argv[1])
            left, right = "A.bundle/rootfs", "B.bundle/rootfs"
            command = ["diffoscope", "--new-file", "--exclude-directory-metadata=no", "--json", "out.json", left, right]
            end = subprocess.run(command, capture_output=True)
            if end.returncode == 0:
                sys.exit(0)
            if end.returncode != 1:
                sys.exit(end.stderr.decode())
            found = set()
            def place(node):
                for name, root in ((node["source1"], left), (node["source2"], right)):
                    if name != "/dev/null":
                        return os.path.relpath(name, root)
            def walk(node, path):
                for child in node.get("details", []):
                    name = child["source1"]
                    if name == "file list":
                        lines = (child.get("unified_diff") or "").split("\\n")[1:]
                        for line in lines:
                            there = os.path.normpath(os.path.join(path, line[1:]))
                            # A name with a line feed has two lines, and is found as a file of its own. The last name of a list
                            # is removed and added, for the want of a line feed.
                            if line[:1] in "+-" and line[1:] and ("-+"[line[0] == "-"] + line[1:]) not in lines and any(
                                os.path.lexists(os.path.join(root, there)) for root in (left, right)
                            ):
                                found.add(there)
                    elif "/" in name and not name.startswith("stat "):
                        below = place(child)
                        # What a directory has in it is not the directory.
                        if child.get("unified_diff") or any(
                            detail["source1"] != "file list" and place_of(detail) is None
                            for detail in child.get("details", [])
                        ):
                            found.add(below)
                        walk(child, below)
            def place_of(node):
                roots = (left + "/", right + "/")
                names = (node["source1"], node["source2"])
                return names[0] if any(name.startswith(roots) for name in names) else None
            walk(json.load(open("out.json")), ".")
            sys.stdout.buffer.write(b"\\0".join(os.fsencode(name) for name in sorted(found)))
            """,
            [place.path]
        )
        let paths = found.split(separator: "\0").map { "/\($0)" }
        #expect(paths == mutation.paths)
    }

    @Test("a directory that an image was unpacked into is the same, but for what a directory does not say")
    func directory() throws {
        let place = try Self.images(Mutation("owner", nil))
        try Command("umoci", ["unpack", "--rootless", "--image", "A:1", "bundle"], directory: place.path).output()
        try Command.shell("rm -f bundle/rootfs/null && rm -rf bundle/rootfs/void", directory: place.path).output()
        let document = try Self.document(["A", "bundle/rootfs"], in: place, ends: 1)
        #expect(document.platforms.flatMap(\.files).map(\.path) == ["/null", "/void"])
        try Command.shell("echo other >bundle/rootfs/app/a", directory: place.path).output()
        let changed = try Self.document(["bundle/rootfs", "A"], in: place, ends: 1)
        #expect(changed.platforms.flatMap(\.files).map(\.path) == ["/app/a", "/null", "/void"])
    }
}

import TestSupport
import Testing

/// The judge is umoci, which applies layers to a real directory, one after the other, as engines do.
@Suite("Applying an image's layers")
struct AppliedLayersTests {
    @Test(
        "random layers with whiteouts, links and replaced files are what umoci unpacks",
        arguments: 0..<16 as Range<Int>
    )
    func random(seed: Int) throws {
        let place = try TemporaryDirectory()
        try Tool.python(Self.generator, [place.path, "\(seed)"])
        let count = try names(in: place.path).count { $0.hasSuffix(".tar") }
        try #require(count > 2)
        let layers = try (0..<count).map { number in
            let tar = place("\(number).tar")
            let diffID = "sha256:" + (try Command("sha256sum", [tar]).output()).prefix(64)
            return HandmadeImage.Layer(
                try Command("gzip", ["-n"], input: readFile(tar)).run().outputBytes,
                diffID: diffID
            )
        }
        for (path, bytes) in try HandmadeImage(layers: layers).layout("image", tag: "1") { try place.file(path, bytes) }
        try Command("umoci", ["unpack", "--rootless", "--image", "\(place("image")):1", place("bundle")]).output()
        let unpacked = try Tool.python(Self.lister, [place("bundle/rootfs")])
        let json = try Built.coracle(["files", place("image"), "--json"]).output()
        try place.file("files.json", json)
        let listed = try Tool.python(Self.reader, [place("files.json")])
        #expect(listed == unpacked, "seed \(seed)")
        // One seed leaves no more than the root.
        #expect(!unpacked.isEmpty)
    }

    /// Writes `0.tar`, `1.tar`, … into a directory. Each file has another size, by which it is known.
    private static let generator = #"""
        import io, os, random, sys, tarfile
        folder, seed = sys.argv[1], int(sys.argv[2])
        r = random.Random(seed)
        state = {}  # What the layers so far make: path -> kind.
        modes = {}
        size = 0

        def parents(path):
            parts = path.split("/")[:-1]
            return ["/".join(parts[:i + 1]) for i in range(len(parts))]

        def remove(path):
            for other in [p for p in state if p == path or p.startswith(path + "/")]:
                del state[other]

        for number in range(r.randint(3, 7)):
            tar = tarfile.open(f"{folder}/{number}.tar", "w", format=tarfile.PAX_FORMAT)
            written = {}
            lower = dict(state)

            def add(path, kind, mode=0o644, data=b"", target=""):
                entry = tarfile.TarInfo(path)
                entry.type, entry.mode, entry.size, entry.linkname = kind, mode, len(data), target
                tar.addfile(entry, io.BytesIO(data))
                written[path], modes[path] = kind, mode

            for _ in range(r.randint(4, 14)):
                directories = [""] + [p for p, kind in state.items() if kind == tarfile.DIRTYPE]
                directory = r.choice(sorted(directories))
                if directory.count("/") > 3: continue
                path = (directory + "/" if directory else "") + r.choice("abcd")
                # A layer has each path once, and nothing below what is not a directory in it.
                if path in written or any(p.startswith(path + "/") for p in written): continue
                if any(written.get(p, tarfile.DIRTYPE) != tarfile.DIRTYPE for p in parents(path)): continue
                whiteout = (directory + "/" if directory else "") + ".wh." + path.rpartition("/")[2]
                if whiteout in written: continue
                choice = r.randrange(12)
                if choice < 4:
                    if state.get(path) != tarfile.DIRTYPE: remove(path)
                    add(path, tarfile.DIRTYPE, r.choice([0o755, 0o700, 0o711, 0o1777, 0o2755]))
                    state[path] = tarfile.DIRTYPE
                    if r.randrange(4) == 0:
                        add(path + "/.wh..wh..opq", tarfile.REGTYPE)
                        for other in [p for p in state if p.startswith(path + "/")]: del state[other]
                elif choice < 7:
                    size += 1
                    remove(path)
                    add(path, tarfile.REGTYPE, r.choice([0o644, 0o600, 0o755, 0o4755, 0o640]), b"x" * size)
                    state[path] = tarfile.REGTYPE
                elif choice < 8:
                    remove(path)
                    target = r.choice(["a", "../b", "/c/d", "gone", "."])
                    add(path, tarfile.SYMTYPE, 0o777, target=target)
                    state[path] = tarfile.SYMTYPE
                elif choice < 10:
                    files = sorted(p for p, kind in state.items() if kind == tarfile.REGTYPE and p != path)
                    # What the target's name leads to must not go away with what the link replaces.
                    files = [p for p in files if not p.startswith(path + "/")]
                    if not files: continue
                    target = r.choice(files)
                    remove(path)
                    # As in every tar, a link has the mode of its file.
                    add(path, tarfile.LNKTYPE, modes[target], target=target)
                    state[path] = tarfile.REGTYPE
                elif path in lower and path in state:
                    add(whiteout, tarfile.REGTYPE)
                    remove(path)
            tar.close()
        """#

    /// Path, kind and mode as `ls -l` has them, and size or target of what is in a directory.
    private static let lister = #"""
        import os, stat, sys
        root = sys.argv[1]
        lines = []
        for folder, directories, names in os.walk(root):
            for name in directories + names:
                path = os.path.join(folder, name)
                s = os.lstat(path)
                fact = os.readlink(path) if stat.S_ISLNK(s.st_mode) else s.st_size if stat.S_ISREG(s.st_mode) else ""
                lines.append(f"/{os.path.relpath(path, root)} {stat.filemode(s.st_mode)} {fact}")
        print("\n".join(sorted(lines)))
        """#

    /// The same from what `files --json` prints.
    private static let reader = #"""
        import json, sys
        lines = []
        for entry in json.load(open(sys.argv[1]))["files"]:
            kind = entry["mode"][0]
            fact = entry["target"] if kind == "l" else entry["size"] if kind == "-" else ""
            if entry["path"] != "/": lines.append(f"{entry['path']} {entry['mode']} {fact}")
        print("\n".join(sorted(lines)))
        """#
}

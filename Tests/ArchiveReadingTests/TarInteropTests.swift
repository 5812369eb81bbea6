import Archive
import ByteIO
import Diagnostics
import TestSupport
import Testing

/// Archives made by other programs, compared with what Python's tarfile says is in them.
@Suite("Reading tar archives of other programs")
struct TarInteropTests {
    @Test(
        "an archive of GNU tar is read as Python reads it",
        arguments: ["ustar", "gnu", "pax", "v7", "oldgnu"]
    )
    func gnuTar(format: String) throws {
        try compare(with: "tar --format=\(format) --sort=name -C tree -cf archive.tar . 2>/dev/null", format: format)
    }

    @Test(
        "an archive of bsdtar is read as Python reads it",
        arguments: ["ustar", "gnutar", "pax", "v7"]
    )
    func bsdTar(format: String) throws {
        try compare(with: "bsdtar --format=\(format) -C tree -cf archive.tar . 2>/dev/null", format: format)
    }

    @Test(
        "an archive of Python's tarfile is read as Python reads it",
        arguments: ["USTAR", "GNU", "PAX"]
    )
    func python(format: String) throws {
        try compare(with: "\(Tool.python) make.py \(format)", format: format)
    }

    @Test(
        "extended attributes are read",
    )
    func extendedAttributes() throws {
        let scratch = try TemporaryDirectory()
        let script = """
            import tarfile
            t = tarfile.open("archive.tar", "w", format=tarfile.PAX_FORMAT)
            m = tarfile.TarInfo("ping")
            m.pax_headers = {"SCHILY.xattr.security.capability": "\\x01\\x00\\x02", "comment": "é"}
            t.addfile(m)
            t.close()
            """
        try scratch.file("make.py", script)
        try Command(Tool.python, ["make.py"], directory: scratch.path).output()
        let found = try entries(readFile(scratch("archive.tar"))).get()
        #expect(found.map { $0.record.pax["SCHILY.xattr.security.capability"] } == [[1, 0, 2]])
        #expect(found.first?.record.pax["comment"] == Array("é".utf8))
    }

    @Test(
        "a sparse file of GNU tar is refused, whatever its format",
        arguments: [
            "--format=gnu", "--format=pax --sparse-version=0.0", "--format=pax --sparse-version=0.1", "--format=pax",
        ]
    )
    func sparse(options: String) throws {
        let scratch = try TemporaryDirectory()
        let command = "truncate -s 10M f && echo x >> f && tar -S \(options) -cf a.tar f"
        try Command.shell(command, directory: scratch.path).output()
        #expect(try entries(readFile(scratch("a.tar"))).failure?.code == .tarUnsupported)
    }

    /// Makes a tree, has `command` make `archive.tar` of it, and compares each entry.
    private func compare(with command: String, format: String) throws {
        let scratch = try TemporaryDirectory()
        try scratch.file("tree.py", Self.makeTree)
        try scratch.file("make.py", Self.makeArchive)
        try scratch.file("list.py", Self.list)
        // Names that are not ASCII are text to the programs, wherever the tests run.
        let locale: [String: String?] = ["LC_ALL": "C.UTF-8"]
        try Command(Tool.python, ["tree.py"], environment: locale, directory: scratch.path).output()
        // What the format cannot hold is left out, with a status that says so.
        _ = try Command.shell(command, environment: locale, directory: scratch.path).run()
        let listing = try Command(Tool.python, ["list.py"], environment: locale, directory: scratch.path).output()
        let expected = listing.split(separator: "\n").map(String.init)
        let archive = try readFile(scratch("archive.tar"))
        // ustar and version 7 cannot hold the longest names.
        let isComplete = ["gnu", "oldgnu", "pax", "gnutar", "GNU", "PAX"].contains(format)
        #expect(isComplete ? expected.count >= 84 : expected.count >= 19)
        for piece in [Int.max, 1000] {
            #expect(try entries(archive, piece: piece).get().map(line) == expected)
        }
    }

    /// The line that `list.py` prints for an entry.
    private func line(_ entry: ReadEntry) -> String {
        let record = entry.record
        var (kind, target, devices) = ("", [UInt8](), "0,0")
        switch record.kind {
        case .regular: kind = "file"
        case .directory: kind = "directory"
        case .symlink(let to): (kind, target) = ("symlink", to)
        case .hardlink(let to): (kind, target) = ("hardlink", to)
        case .characterDevice(let major, let minor): (kind, devices) = ("character", "\(major),\(minor)")
        case .blockDevice(let major, let minor): (kind, devices) = ("block", "\(major),\(minor)")
        case .fifo: kind = "fifo"
        }
        let digest = entry.content.reduce(UInt64(5381)) { ($0 &* 33) ^ UInt64($1) }
        return [
            kind, hex(record.path), hex(target), String(record.mode, radix: 8), "\(record.uid)", "\(record.gid)",
            "\(record.size)", "\(record.modified)", hex(record.userName), hex(record.groupName), devices, "\(digest)",
        ].joined(separator: " ")
    }

    private func hex(_ bytes: [UInt8]) -> String {
        "=" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static let makeTree = #"""
        import os
        os.mkdir("tree"); os.chdir("tree")
        def file(name, content=b"", mode=0o644, mtime=1700000000):
            with open(name, "wb") as f: f.write(content)
            os.chmod(name, mode); os.utime(name, (mtime, mtime))
        file(b"empty"); file(b"small", b"hello\n", 0o600); file(b"block", b"x" * 512, 0o4755)
        file(b"large", bytes(range(256)) * 1024, 0o755); file(b"old", b"1969", mtime=-1000)
        file(b"fraction", b"1", mtime=1234567890.75); file(b"before-1970", b"1", mtime=-2.5)
        file("größe".encode(), b"utf-8"); file(b"not-\xff\xfe-utf8", b"bytes"); file(b"with\nnewline", b"n")
        os.link("small", "small-link"); os.symlink("small", "symlink"); os.symlink("../outside", "symlink-out")
        os.symlink(b"t\xff" + b"t" * 300, b"link-to-not-utf8"); os.mkfifo("fifo"); os.mkdir("directory", 0o1777)
        for n in (99, 100, 101): os.symlink("T" * n, "target-%d" % n)
        os.symlink("/".join(["d" * 200] * 10), "target-2009")
        for n in (97, 98, 99, 100, 101, 155, 255): file("%d-" % n + "n" * (n - len("%d-" % n)), b"%d" % n)
        for n in (255, 256, 1000, 3900):
            # A path of n bytes, in components of at most 120.
            parts, rest = ["deep%d" % n], n - len("deep%d" % n)
            while rest > 121: parts.append("c" * 120); rest -= 121
            parts.append("e" * (rest - 1))
            home = os.getcwd()
            for p in parts[:-1]: os.makedirs(p, exist_ok=True); os.chdir(p)
            file(parts[-1], b"deep"); os.link(parts[-1], "hard"); os.chdir(home)
        """#

    private static let makeArchive = #"""
        import os, sys, tarfile
        t = tarfile.open("archive.tar", "w", format=getattr(tarfile, sys.argv[1] + "_FORMAT"),
                         encoding="utf-8", errors="surrogateescape")
        def add(name, **fields):
            m = tarfile.TarInfo(name)
            for k, v in fields.items(): setattr(m, k, v)
            try: t.addfile(m)
            except ValueError: pass
        for name in sorted(os.listdir(b"tree")):
            name = os.fsdecode(name)
            try: t.add("tree/" + name, arcname=name)
            except ValueError: pass
        add("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3, mode=0o666)
        add("disk", type=tarfile.BLKTYPE, devmajor=259, devminor=65537, mode=0o660)
        add("owned", uid=1000000, gid=65534, uname="us\u00e9r", gname="group", mtime=2**33)
        add("big-ids", uid=2**32 - 1, gid=2**21, mtime=2**34)
        add("/absolute//./name/", type=tarfile.DIRTYPE)
        add("contiguous", type=tarfile.CONTTYPE)
        t.close()
        """#

    private static let list = #"""
        import math, os, tarfile
        kinds = {"0": "file", "\0": "file", "7": "file", "1": "hardlink", "2": "symlink", "3": "character",
                 "4": "block", "5": "directory", "6": "fifo"}
        def clean(b): return b"/".join(p for p in b.split(b"/") if p not in (b"", b"."))
        def enc(s): return s.encode("utf-8", "surrogateescape")
        t = tarfile.open("archive.tar", "r:", encoding="utf-8", errors="surrogateescape")
        for m in t:
            digest = 5381
            if m.isreg():
                for b in t.extractfile(m).read(): digest = ((digest * 33) ^ b) & 0xffffffffffffffff
            target = enc(m.linkname) if m.issym() else clean(enc(m.linkname)) if m.islnk() else b""
            kind = kinds[m.type.decode()]
            if m.type == b"\0" and m.isdir(): kind = "directory"
            devices = "%d,%d" % (m.devmajor, m.devminor) if m.ischr() or m.isblk() else "0,0"
            print(kind, "=" + clean(enc(m.name)).hex(), "=" + target.hex(), "%o" % (m.mode & 0o7777), m.uid, m.gid,
                  m.size if m.isreg() else 0, math.floor(m.mtime), "=" + enc(m.uname).hex(), "=" + enc(m.gname).hex(),
                  devices, digest)
        """#
}

import Archive
import Glibc
import Layers
import TestSupport
import Testing

/// The kernel is the judge: `openat2(2)` with RESOLVE_IN_ROOT resolves a path as a process would whose root the directory is.
@Suite("Where a path leads, and where the kernel goes")
struct PathWalkKernelTests {
    @Test("random paths in random trees of symlinks end where the kernel's end", arguments: 0..<12 as Range<UInt64>)
    func random(seed: UInt64) throws {
        var tree = RandomTree(seed: seed)
        let place = try TemporaryDirectory()
        try tree.make(in: place)
        let paths = (0..<400).map { _ in tree.path(isTarget: false) }
        try compare(paths, tree.steps, in: place)
    }

    @Test("a chain of symlinks ends where the kernel's does, however it is entered", arguments: [39, 40, 41])
    func chains(count: Int) throws {
        let place = try TemporaryDirectory()
        var steps: [String: PathWalk.Step] = ["/d": .directory, "/d/file": .file]
        try place.file("d/file", "x")
        for index in 1...count {
            // Each second target is absolute; the last leads to the directory.
            let next = index == count ? "d" : "link\(index + 1)"
            let target = index.isMultiple(of: 2) ? "/\(next)" : next
            steps["/link\(index)"] = .symlink(target: Array(target.utf8))
            #expect(symlink(target, place("link\(index)")) == 0)
        }
        try compare(
            ["/link1", "/link1/", "/link1/file", "/link1/.", "/link1/..", "/d/../link1/file", "/link2/../link1"],
            steps,
            in: place
        )
    }

    @Test(
        "a slash at the end asks for a directory",
        arguments: [
            "/file/", "/file/.", "/to-file/", "/slash", "/slash/", "/d/", "/to-d/", "/gone/", "/to-gone/", "/./",
        ]
    )
    func slash(path: String) throws {
        let place = try TemporaryDirectory()
        try place.file("file", "x")
        try place.directory("d")
        let links = ["to-file": "file", "slash": "file/", "to-d": "d/", "to-gone": "gone/"]
        var steps: [String: PathWalk.Step] = ["/file": .file, "/d": .directory]
        for (name, target) in links {
            #expect(symlink(target, place(name)) == 0)
            steps["/\(name)"] = .symlink(target: Array(target.utf8))
        }
        try compare([path], steps, in: place)
    }

    @Test("a hard link is bound to what the kernel finds at its target", arguments: 0..<8 as Range<UInt64>)
    func hardLinks(seed: UInt64) throws {
        var tree = RandomTree(seed: seed)
        let place = try TemporaryDirectory()
        try tree.make(in: place)
        let targets = (0..<200).map { _ in tree.pathOfName() }
        let answers = try Tool.python(Self.kernel, [place.path, "name"] + targets).split(separator: "\n")
        try #require(answers.count == targets.count)
        let files = try tree.filesystem()
        var found = 0
        for (target, answer) in zip(targets, answers) {
            // Linux follows fewer symlinks than engines do that unpack layers.
            if answer == "ELOOP" { continue }
            var files = files
            let link = TarEntry(
                path: Array("link".utf8),
                kind: .hardlink(target: Array(target.utf8)),
                mode: 0o644,
                uid: 0,
                gid: 0,
                size: 0
            )
            let isApplied = (try? files.apply(link)) != nil
            #expect(isApplied == answer.hasPrefix("found "), "\(target): \(answer)")
            guard isApplied, let kind = files[EntryPath(normalizing: "/link")]?.entry.kind else { continue }
            let path = String(answer.dropFirst("found ".count))
            switch tree.steps[path] {
            case .symlink(let there)?: #expect(kind == .symlink(target: there), "\(target)")
            default: #expect(kind == .hardlink(target: Array(path.dropFirst().utf8)), "\(target)")
            }
            found += 1
        }
        #expect(found > 0)
    }

    private func compare(_ paths: [String], _ steps: [String: PathWalk.Step], in place: TemporaryDirectory) throws {
        let answers = try Tool.python(Self.kernel, [place.path, "path"] + paths).split(separator: "\n").map(String.init)
        try #require(answers.count == paths.count)
        for (path, answer) in zip(paths, answers) {
            let walk = PathWalk(path.utf8) { steps[$0.description] }
            #expect(Self.words(walk) == answer, "\(path) in \(steps.sorted { $0.key < $1.key })")
        }
    }

    /// As the script prints it.
    private static func words(_ walk: PathWalk) -> String {
        switch walk {
        case .found(let path): "found \(path)"
        case .missing: "ENOENT"
        case .blocked: "ENOTDIR"
        case .loop: "ELOOP"
        case .denied: "EACCES"
        }
    }

    /// Prints for each path what the kernel finds below the directory, or the error's name; after `name`, what the last
    /// name of each is by itself, unless it is a directory.
    private static let kernel = """
        import ctypes, errno, os, struct, sys
        call = ctypes.CDLL(None, use_errno=True).syscall
        root = os.path.realpath(sys.argv[1])
        directory = os.open(root, os.O_PATH | os.O_DIRECTORY)
        OPENAT2, RESOLVE_IN_ROOT = 437, 0x10
        how = struct.pack("QQQ", os.O_PATH | os.O_CLOEXEC, 0, RESOLVE_IN_ROOT)
        for path in sys.argv[3:]:
            above, name = path.rsplit("/", 1) if sys.argv[2] == "name" else (path, "")
            found = call(OPENAT2, directory, (above or "/").encode(), how, len(how))
            if found < 0:
                print(errno.errorcode[ctypes.get_errno()])
                continue
            place = os.readlink(f"/proc/self/fd/{found}")[len(root):]
            if name and not (os.path.isdir(root + place) and os.path.lexists(f"{root}{place}/{name}")):
                print("ENOENT")
            elif name and os.path.isdir(f"{root}{place}/{name}") and not os.path.islink(f"{root}{place}/{name}"):
                print("EPERM")
            else:
                print("found", place + "/" + name if name else place or "/")
            os.close(found)
        """
}

/// A tree of few names, so that random paths meet what is there, and each other.
private struct RandomTree {
    private(set) var steps: [String: PathWalk.Step] = [:]
    private var random: Pseudorandom

    init(seed: UInt64) {
        random = Pseudorandom(seed: seed)
        var directories = [""]
        for _ in 0..<24 {
            let directory = directories[Int.random(in: 0..<directories.count, using: &random)]
            let path = "\(directory)/\(name())"
            guard steps[path] == nil else { continue }
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                steps[path] = .directory
                directories.append(path)
            case 4: steps[path] = .file
            default: steps[path] = .symlink(target: Array(self.path(isTarget: true).utf8))
            }
        }
    }

    private mutating func name() -> String { ["a", "b", "c", "d", "e"].randomElement(using: &random) ?? "a" }

    /// One to six components, some of them dots, with slashes where they may stand.
    mutating func path(isTarget: Bool) -> String {
        var text = isTarget && Int.random(in: 0..<3, using: &random) > 0 ? "" : "/"
        for index in 0..<Int.random(in: 1...6, using: &random) {
            if index > 0 { text += Int.random(in: 0..<9, using: &random) == 0 ? "//" : "/" }
            switch Int.random(in: 0..<8, using: &random) {
            case 0: text += "."
            case 1, 2: text += ".."
            default: text += name()
            }
        }
        return Int.random(in: 0..<8, using: &random) == 0 ? text + "/" : text
    }

    /// A path whose last component is a name.
    mutating func pathOfName() -> String { "\(path(isTarget: false))/\(name())" }

    /// The tree as a layer makes it.
    func filesystem() throws -> RootFilesystem {
        var files = RootFilesystem()
        try files.beginLayer()
        for (path, step) in steps.sorted(by: { $0.key < $1.key }) {
            let kind: TarEntry.Kind =
                switch step {
                case .directory: .directory
                case .file: .regular
                case .symlink(let target): .symlink(target: target)
                }
            try files.apply(
                TarEntry(path: Array(path.dropFirst().utf8), kind: kind, mode: 0o755, uid: 0, gid: 0, size: 0)
            )
        }
        return files
    }

    /// Makes what is in the tree, parents first.
    func make(in place: TemporaryDirectory) throws {
        for (path, step) in steps.sorted(by: { $0.key < $1.key }) {
            let name = String(path.dropFirst())
            switch step {
            case .directory: try place.directory(name)
            case .file: try place.file(name, "x")
            case .symlink(let target):
                guard symlink(String(decoding: target, as: UTF8.self), place(name)) == 0 else {
                    throw SupportError("symlink \(path): \(String(cString: strerror(errno)))")
                }
            }
        }
    }
}

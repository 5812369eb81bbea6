import Archive
import Diagnostics
import Layers
import OCI
@testable import Stack
import Testing

@testable import Check

/// The files of a base, from entries: a layer for each list of them.
private func files(_ layers: [LayerEntry]...) throws -> BaseFiles {
    try BaseFiles(
        layers.map { entries in
            LayerTable(
                diffID: DiffID(Digest(sha256Of: [])),
                size: 0,
                records: entries.map { entry in
                    LayerTable.Record(
                        TarEntry(
                            path: entry.path.bytes,
                            kind: entry.kind,
                            mode: entry.mode,
                            uid: entry.uid,
                            gid: entry.gid,
                            size: 0
                        )
                    )
                }
            )
        }
    )
}

extension LayerEntry {
    fileprivate var kind: TarEntry.Kind {
        switch content {
        case .directory: .directory
        case .bytes, .file: .regular
        case .symlink(let target): .symlink(target: target)
        case .hardlink(let path): .hardlink(target: path.bytes)
        }
    }
}

@Suite("Places on a base")
struct BasePlaceTests {
    private func stack(_ entries: [LayerEntry], isOwn: Bool = false) throws -> (
        stack: LayerStack, problems: [Diagnostic]
    ) {
        let base = try files(
            [
                .at("/usr/lib", .directory, mode: 0o755), .at("/usr/bin", .directory, mode: 0o755),
                .link("/lib", "usr/lib"), .link("/bin", "/usr/bin"), .link("/sbin", "bin"),
                .link("/out", "../../usr"), .link("/up", "usr/lib/.."), .link("/var/run", "/run"),
                .link("/loop", "loop2"), .link("/loop2", "loop"), .link("/self/x", "x"),
                .text("/etc/conf", "c"), .link("/etc/alias", "conf"), .link("/tolib", "lib"),
                .at("/data", .directory, mode: 0o700), .text("/usr/lib/ld.so", "l", mode: 0o755),
            ]
        )
        var stack = LayerStack(on: base)
        var problems = Problems()
        stack.add(entries, as: isOwn ? .runtime : .additions, createdBy: "ours", &problems)
        do throws(DiagnosticList) {
            try problems.check()
            return (stack, [])
        } catch {
            return (stack, error.items)
        }
    }

    @Test(
        "a file goes where the base's symlinks lead",
        arguments: [
            ("/app/x", ["/app", "/app/x"]), ("/lib/x", ["/usr/lib/x"]),
            ("/lib/app/x", ["/usr/lib/app", "/usr/lib/app/x"]),
            ("/bin/x", ["/usr/bin/x"]), ("/sbin/x", ["/usr/bin/x"]), ("/out/lib/x", ["/usr/lib/x"]),
            ("/up/bin/x", ["/usr/bin/x"]), ("/tolib/x", ["/usr/lib/x"]), ("/data/x", ["/data/x"]),
            ("/etc/conf", ["/etc/conf"]), ("/etc/alias", ["/etc/alias"]), ("/var/x", ["/var/x"]),
            // The symlink leads to nothing: the directory is made, as engines do.
            ("/var/run/x", ["/run", "/run/x"]),
        ]
    )
    func places(path: String, expected: [String]) throws {
        let (stack, problems) = try stack([.text(path, "x")])
        #expect(codes(problems) == [])
        #expect(stack.blueprints.map { $0.entries.map(\.path.description) } == [expected])
        #expect(stack.resolve(EntryPath(normalizing: path)) != nil)
    }

    @Test(
        "what would destroy a part of the base is refused",
        arguments: [
            (.text("/usr", "x"), "plan.base-collision"), (.text("/lib", "x"), "plan.base-collision"),
            (.text("/tolib", "x"), "plan.base-collision"), (.text("/etc", "x"), "plan.base-collision"),
            (.at("/etc/conf", .directory, mode: 0o755), "plan.base-collision"),
            (.at("/etc/alias", .directory, mode: 0o755), "plan.blocked"),
            (.text("/etc/conf/x", "x"), "plan.blocked"), (.text("/etc/alias/x", "x"), "plan.blocked"),
            (.text("/loop/x", "x"), "plan.blocked"),
            (.text("/self/x/y", "x"), "plan.blocked"),
        ] as [(LayerEntry, String)]
    )
    func refused(entry: LayerEntry, code: String) throws {
        #expect(codes(try stack([entry]).problems) == [code])
    }

    @Test("a directory that the base has gets no entry, also behind a symlink")
    func directories() throws {
        let (stack, problems) = try stack([
            .at("/", .directory, mode: 0o700), .at("/lib", .directory, mode: 0o700),
            .at("/data", .directory, mode: 0o755), .text("/lib/x", "x"),
        ])
        #expect(problems.isEmpty)
        #expect(stack.blueprints.map { $0.entries.map(\.line) } == [["file 644 0:0 @0 /usr/lib/x"]])
        #expect(stack[EntryPath(normalizing: "/data")]?.mode == 0o700)
    }

    @Test("a base's file is replaced with a note by the user, and without one by coracle", arguments: [true, false])
    func replaced(isOwn: Bool) throws {
        let (stack, problems) = try stack([.text("/etc/conf", "x"), .text("/var/run", "x")], isOwn: isOwn)
        #expect(problems.isEmpty)
        let notes = [
            "a file that coracle makes replaces the base's `/etc/conf`",
            "a file that coracle makes replaces the base's `/var/run`",
        ]
        #expect(stack.notes.map(\.summary) == (isOwn ? [] : notes))
    }

    @Test("two files that come to one place through a symlink are refused")
    func meeting() throws {
        let problems = try stack([.text("/lib/x", "1"), .text("/usr/lib/x", "2")]).problems
        #expect(codes(problems) == ["plan.duplicate-destination"])
    }

    @Test("a hard link leads to where its file went, and comes behind it")
    func hardlinks() throws {
        // `/sbin/f` comes before `/zlink`, and `/usr/bin/f` too; `/lib/f` would come after `/out/a`.
        let (stack, problems) = try stack([
            .text("/lib/f", "f"), .at("/out/a", .hardlink(to: EntryPath(normalizing: "/lib/f")), mode: 0o644),
            .at("/tolib/m", .hardlink(to: EntryPath(normalizing: "/lib/f")), mode: 0o644),
        ])
        #expect(problems.isEmpty)
        #expect(
            stack.blueprints.map { $0.entries.map(\.line) } == [
                [
                    "file 644 0:0 @0 /usr/a", "hardlink(/usr/a) 644 0:0 @0 /usr/lib/f",
                    "hardlink(/usr/a) 644 0:0 @0 /usr/lib/m",
                ]
            ]
        )
    }

    @Test("a layer's whiteout takes a file of the layer below away")
    func whiteouts() throws {
        let base = try files(
            [.text("/a/x", "1"), .text("/a/y", "1"), .text("/b/z", "1")],
            [.text("/a/.wh.x", ""), .text("/b/.wh..wh..opq", "")]
        )
        #expect(base[EntryPath(normalizing: "/a/x")] == nil)
        #expect(base[EntryPath(normalizing: "/a/y")]?.kind == .file)
        #expect(base[EntryPath(normalizing: "/b/z")] == nil)
    }
}

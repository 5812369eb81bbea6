import Diagnostics
import Layers
@testable import Stack
import Testing

private func place(_ text: String) -> EntryPath { EntryPath(unchecked: Array(text.utf8.dropFirst())) }

private func file(_ text: String, mode: UInt16 = 0o644) -> LayerEntry {
    LayerEntry(place(text), .bytes([1]), mode: mode)
}

private func directory(_ text: String, mode: UInt16 = 0o755) -> LayerEntry {
    LayerEntry(place(text), .directory, mode: mode)
}

private func link(_ text: String, _ target: String) -> LayerEntry {
    LayerEntry(place(text), .symlink(target: Array(target.utf8)), mode: 0o777)
}

@Suite("Layers on top of each other")
struct LayerStackTests {
    private func stack(_ layers: [[LayerEntry]], replaceable: Bool = false) -> (
        stack: LayerStack, problems: [Diagnostic]
    ) {
        var stack = LayerStack()
        var problems = Problems()
        for (index, entries) in layers.enumerated() {
            stack.add(
                entries,
                as: replaceable && index == 0 ? .runtime : .additions,
                createdBy: "layer \(index)",
                modified: 5,
                &problems
            )
        }
        do throws(DiagnosticList) {
            try problems.check()
            return (stack, [])
        } catch {
            return (stack, error.items)
        }
    }

    @Test("directories that no layer has are added; those that one has get no second entry")
    func parents() {
        let (stack, problems) = stack([
            [directory("/tmp", mode: 0o1777), file("/etc/ssl/a")],
            [file("/tmp/x/y"), file("/etc/ssl/b"), file("/etc/z")],
        ])
        #expect(problems.isEmpty)
        #expect(
            stack.blueprints.map { $0.entries.map(\.line) } == [
                [
                    "dir 755 0:0 @5 /etc", "dir 755 0:0 @5 /etc/ssl", "file 644 0:0 @0 /etc/ssl/a",
                    "dir 1777 0:0 @0 /tmp",
                ],
                [
                    "file 644 0:0 @0 /etc/ssl/b", "file 644 0:0 @0 /etc/z", "dir 755 0:0 @5 /tmp/x",
                    "file 644 0:0 @0 /tmp/x/y",
                ],
            ]
        )
    }

    @Test("a directory that a layer has keeps its mode; a layer without anything new is left out")
    func sameDirectory() {
        let (stack, problems) = stack([[directory("/tmp", mode: 0o1777)], [directory("/tmp")], []])
        #expect(problems.isEmpty)
        #expect(stack.blueprints.count == 1)
        #expect(stack[place("/tmp")]?.mode == 0o1777)
    }

    @Test("two files in one place are refused, and both are named")
    func duplicate() {
        let problems = stack([[file("/a")], [link("/a", "t")]]).problems
        #expect(codes(problems) == ["plan.duplicate-destination"])
        #expect(problems.first?.summary == "two things go to `/a`")
        #expect(problems.first?.reason == "a file that coracle makes and a symlink to `t`")
    }

    @Test("a file and a directory in one place are refused", arguments: [true, false])
    func fileAndDirectory(fileFirst: Bool) {
        let pair = fileFirst ? [[file("/a")], [directory("/a")]] : [[directory("/a")], [file("/a")]]
        #expect(codes(stack(pair).problems) == ["plan.duplicate-destination"])
    }

    @Test("nothing goes below a file or a symlink", arguments: [file("/a"), link("/a", "b")])
    func blocked(entry: LayerEntry) {
        let problems = stack([[entry], [file("/a/x")]]).problems
        #expect(codes(problems) == ["plan.blocked"])
        #expect(problems.first?.reason?.hasPrefix("`/a` above it is ") == true)
    }

    @Test("a user's file replaces one of coracle's own, with a note")
    func replaced() {
        let (stack, problems) = stack([[file("/etc/passwd")], [file("/etc/passwd", mode: 0o600)]], replaceable: true)
        #expect(problems.isEmpty)
        #expect(codes(stack.notes) == ["plan.replaced"])
        #expect(stack[place("/etc/passwd")]?.mode == 0o600)
        #expect(stack.blueprints.count == 2)
        #expect(
            codes(self.stack([[file("/e")], [file("/e")], [file("/e")]], replaceable: true).problems) == [
                "plan.duplicate-destination"
            ]
        )
    }

    @Test(
        "a path is resolved as the kernel would, inside the image",
        arguments: [
            ("/bin/sh", "/usr/bin/sh"), ("/lib/x", "/usr/lib/x"), ("/usr/bin/../lib/x", "/usr/lib/x"),
            ("/up/up/up/../usr/lib/x", "/usr/lib/x"),
            ("/abs", "/usr/lib/x"), ("/chain1", "/usr/lib/x"), ("/out", "/usr/lib/x"), ("/hard", "/usr/lib/x"),
            ("/", "/"), ("/loop", nil), ("/dangling", nil),
            ("/usr/lib/x/y", nil), ("/none", nil), ("/usr/./lib/x", "/usr/lib/x"), ("/dir/", "/usr/lib"),
        ] as [(String, String?)]
    )
    func resolving(path: String, target: String?) {
        let stack = stack([
            [
                file("/usr/bin/sh"), file("/usr/lib/x"), link("/bin", "usr/bin"), link("/lib", "/usr/lib"),
                link("/up", "."), link("/abs", "/lib/x"),
                link("/chain1", "chain2"), link("/chain2", "chain3"), link("/chain3", "usr/lib/x"),
                link("/out", "../../../usr/lib/x"),
                link("/loop", "loop2"), link("/loop2", "loop"), link("/dangling", "nowhere"), link("/dir", "usr/lib/"),
                LayerEntry(place("/hard"), .hardlink(to: place("/usr/lib/x")), mode: 0o644),
            ]
        ]).stack
        #expect(stack.resolve(place(path))?.path.description == target)
    }

    @Test("symlinks that lead to nothing are found in every layer")
    func dangling() {
        let stack = stack([[link("/a", "b"), link("/c", "d")], [file("/d"), link("/e", "e")]]).stack
        #expect(stack.danglingSymlinks.map(\.path.description) == ["/a", "/e"])
    }

    @Test("symlinks of coracle's own layers are not looked at")
    func danglingOwn() {
        let stack = stack([[link("/a", "b")]], replaceable: true).stack
        #expect(stack.danglingSymlinks.isEmpty)
    }
}

import ByteIO
import Diagnostics
import Layers
import OCI
import Request
import TestSupport
import Testing

@testable import Applications
@testable import Plan

private let app = EntryPath(unchecked: Array("app".utf8))

/// Files with their sizes, and the directories above them.
private func tree(_ files: [(String, Int)]) -> [LayerEntry] {
    var entries: [EntryPath: LayerEntry] = [app: LayerEntry(app, .directory, mode: 0o755)]
    for (name, size) in files {
        let path = app.appending(Array(name.utf8))
        var directory = path.parent
        while let next = directory, entries[next] == nil {
            entries[next] = LayerEntry(next, .directory, mode: 0o755)
            directory = next.parent
        }
        entries[path] = LayerEntry(path, .bytes([UInt8](repeating: 0, count: size)), mode: 0o644)
    }
    return LayerBlueprint.sorted(Array(entries.values).filter { !$0.path.isRoot })
}

private func link(_ name: String, to target: String) -> LayerEntry {
    LayerEntry(
        app.appending(Array(name.utf8)),
        .hardlink(to: app.appending(Array(target.utf8))),
        mode: 0o644
    )
}

/// Dependency folders as they are found, and groups of 1000 bytes.
private func parts(_ entries: [LayerEntry], kept: [String] = [], most: Int = 10) -> LayerSplit {
    LayerSplit(
        entries,
        at: app,
        LayerSplit.Rules(
            dependencies: DependencyFolders.find(in: entries, at: app),
            kept: kept,
            mostParts: most,
            smallest: 10_000
        )
    )
}

private func roots(_ parts: LayerSplit) -> [String] { parts.parts.map(\.root.description) }

@Suite("An application in parts")
struct LayerSplitTests {
    @Test(
        "folders of dependencies are known by their names",
        arguments: [
            (["node_modules/a/index.js", "index.js"], ["/app/node_modules"]),
            (["web/node_modules/a/node_modules/b/i.js"], ["/app/web/node_modules"]),
            ([".venv/lib/python3.13/site-packages/a.py"], ["/app/.venv/lib/python3.13/site-packages"]),
            (["vendor/a.php", "src/vendor/b.php"], ["/app/vendor"]),
            (["lib/a.jar", "lib/b.jar", "server.jar"], ["/app/lib"]),
            (["lib/a.rb", "libs/sub/a.jar"], []),
            (["BOOT-INF/lib/a.jar", "BOOT-INF/classes/A.class"], ["/app/BOOT-INF/lib"]),
            (["not_node_modules/a", "node_modules2/a"], []),
        ] as [([String], [String])]
    )
    func dependencies(files: [String], expected: [String]) {
        let entries = tree(files.map { ($0, 1) })
        #expect(DependencyFolders.find(in: entries, at: app).map(\.description) == expected)
    }

    @Test(
        "dependencies come first, then what is large, then the rest",
        arguments: [
            ([("index.js", 1)], ["/app"]),
            ([("index.js", 1), ("node_modules/a", 1)], ["/app/node_modules", "/app"]),
            ([("a", 20_000), ("b", 1)], ["/app/a", "/app"]),
            ([("static/a", 6000), ("static/b", 6000), ("b", 1)], ["/app/static", "/app"]),
            // The innermost directory that is large is the part; what is beside it is not larger for it.
            ([("x/y/a", 6000), ("x/y/b", 6000), ("x/c", 6000)], ["/app/x/y", "/app"]),
            (
                [("node_modules/big/a", 20_000), ("node_modules/c", 1), ("z", 1)],
                ["/app/node_modules", "/app/node_modules/big/a", "/app"]
            ),
        ] as [([(String, Int)], [String])]
    )
    func rule(files: [(String, Int)], expected: [String]) { #expect(roots(parts(tree(files))) == expected) }

    @Test("there are no more parts than allowed: the largest stay, and the others go to the part around them")
    func most() {
        let files: [(String, Int)] = (1...8).map { ("d\($0)/f", 10_000 + Int($0)) } + [("node_modules/a", 1)]
        #expect(roots(parts(tree(files), most: 4)) == ["/app/node_modules", "/app/d7", "/app/d8", "/app"].map(file))
        #expect(roots(parts(tree(files), most: 1)) == ["/app"])
        // The directory of one file is a part by that file.
        func file(_ root: String) -> String { root.contains("/d") ? root + "/f" : root }
    }

    @Test("every entry is in one part")
    func complete() {
        var random = Pseudorandom(seed: 4)
        for _ in 0..<50 {
            let files = (0..<100).map { _ in
                (
                    (0...Int.random(in: 0...3, using: &random)).map { _ in
                        ["a", "b", "node_modules", "vendor"][Int.random(in: 0...3, using: &random)]
                    }.joined(separator: "/") + "/f\(Int.random(in: 0...9, using: &random))",
                    Int.random(in: 0...8000, using: &random)
                )
            }
            let entries = tree(files)
            let divided = parts(entries, most: Int.random(in: 1...8, using: &random))
            #expect(LayerBlueprint.sorted(divided.parts.flatMap(\.entries)) == entries)
        }
    }

    @Test("one file more changes the part that it is in, and no other")
    func stability() {
        let files: [(String, Int)] = (0..<40).flatMap { directory in
            (0..<20).map { ("d\(directory)/s\($0 % 3)/f\($0)", Int(500 + directory * 20)) }
        }
        let before = parts(tree(files), most: 100)
        #expect(before.parts.count > 10)
        for place in ["d7/s1/new", "d39/s0/new", "d0/new", "new"] {
            let after = parts(tree(files + [(place, 40)]), most: 100)
            #expect(roots(after) == roots(before))
            #expect(zip(before.parts, after.parts).count { $0.entries != $1.entries } == 1, "\(place)")
        }
    }

    @Test("the parts of the previous image stay, in its order, where they are still there")
    func kept() {
        let files: [(String, Int)] = [("a/f", 20_000), ("b/f", 100), ("node_modules/x/y", 20_000), ("z", 1)]
        let history = [
            "a base", "coracle: /app/b", "coracle: /app/gone", "coracle: /app/node_modules", "coracle: /app",
        ]
        #expect(
            roots(parts(tree(files), kept: history)) == ["/app/b", "/app/node_modules", "/app/a/f", "/app"]
        )
        #expect(roots(parts(tree(files), kept: history, most: 2)) == ["/app/b", "/app"])
    }

    @Test("a file that has names in two parts is in neither of them")
    func links() {
        let entries = LayerBlueprint.sorted(
            tree([("node_modules/a", 1), ("big", 20_000), ("other/f", 20_000), ("z", 1)])
                + [link("node_modules/linked", to: "big")]
        )
        #expect(roots(parts(entries)) == ["/app/other/f", "/app"])
        let within = LayerBlueprint.sorted(
            tree([("node_modules/a", 1), ("z", 1)]) + [link("node_modules/b", to: "node_modules/a")]
        )
        #expect(roots(parts(within)) == ["/app/node_modules", "/app"])
    }

    // MARK: In a plan

    private func directory() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try place.file("app/server", staticProgram(), mode: 0o755)
        try place.file("app/node_modules/a/index.js", "1")
        try place.file("app/src/main.js", "2")
        return place
    }

    private func layers(_ plan: BuildPlan) -> [[String]] {
        plan.layers.map { $0.blueprint.entries.map(\.path.description) }
    }

    @Test("a directory that is not divided otherwise is divided by `auto`; each directory is in one layer")
    func auto() throws {
        let place = try directory()
        let auto = try Planner.plan(request(place("app")) { $0.split.rule = .auto })
        #expect(auto.layers.map(\.blueprint.createdBy) == ["coracle: /app/node_modules", "coracle: /app"])
        #expect(
            layers(auto) == [
                ["/app", "/app/node_modules", "/app/node_modules/a", "/app/node_modules/a/index.js"],
                ["/app/server", "/app/src", "/app/src/main.js"],
            ]
        )
        for rule in [SplitOptions.Rule.known, .one] {
            let plan = try Planner.plan(request(place("app")) { $0.split.rule = rule })
            #expect(layers(plan).count == 1)
            #expect(layers(plan).flatMap(\.self).sorted() == layers(auto).flatMap(\.self).sorted())
        }
    }

    @Test(
        "known dependencies are a layer of their own where the user names the entry point, unless one layer is wanted"
    )
    func known() throws {
        let place = try TemporaryDirectory()
        try place.file("app/package.json", #"{"main":"main.js"}"#)
        try place.file("app/node_modules/a/index.js", "1")
        try place.file("app/main.js", "#!/app/run\n", mode: 0o755)
        func plan(_ rule: SplitOptions.Rule) throws -> BuildPlan {
            try Planner.plan(
                request(place("app")) { request in
                    request.split.rule = rule
                    request.configuration.entrypoint = ["/app/main.js"]
                    request.platforms = [Platform(os: "linux", architecture: "amd64")]
                    request.gate = nil
                }
            )
        }
        #expect(
            try plan(.known).layers.map(\.blueprint.createdBy) == [
                "coracle: /app: what it depends on", "coracle: /app",
            ]
        )
        #expect(try plan(.one).layers.map(\.blueprint.createdBy) == ["coracle: /app"])
        #expect(
            try plan(.auto).layers.map(\.blueprint.createdBy) == ["coracle: /app/node_modules", "coracle: /app"]
        )
    }
}

import TestSupport
import Testing

@Suite("Where the bytes of an image are")
struct InspectTreeTests {
    // 800,000 + 100,000 + 30,000 + 25,000; 30,000 + 25,000; 15,000 + 20,000 + 20,000.
    private static let total = 1_065_000
    // 100,000 deleted, 25,000 twice overwritten, 30,000 unchanged, 20,000 twice.
    private static let wasted = 200_000

    @Test("layers, directories by size, and each kind of waste stand in the tree")
    func tree() throws {
        let place = try TemporaryDirectory()
        try WastefulImage.write(to: place)
        let output = try Built.coracle(["inspect", "image", "--tree"], directory: place.path).output()
        for line in [
            "3 layers, ", "1.0 MB unpacked; 18.7 % wasted", "[1] hand",
            " 800.0 kB 75.1 % ████████████         big",
            " 200.0 kB wasted, 18.7 % of what is unpacked",
            " 100.0 kB deleted by a later layer", "  50.0 kB overwritten later", "  30.0 kB written again unchanged",
            "  20.0 kB there twice",
            " 100.0 kB [1] /var/cache/list  deleted by [2]",
            "  30.0 kB [1] /opt/app/settings  unchanged in [2]",
            "  25.0 kB [1] /opt/app/program  overwritten by [2]",
            "  25.0 kB [2] /opt/app/program  overwritten by [3]",
            "  20.0 kB [3] /opt/copy/two  as /opt/copy/one",
            "not seen, because later layers hide it: 3 files",
        ] {
            #expect(Self.squeezed(output).contains(Self.squeezed(line)), "\(line)\nin\n\(output)")
        }
    }

    private static func squeezed(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
    }

    @Test("the tree is as deep as it is asked for", arguments: [(0, false, false), (1, true, false), (3, true, true)])
    func depth(depth: Int, hasFirst: Bool, hasThird: Bool) throws {
        let place = try TemporaryDirectory()
        try WastefulImage.write(to: place)
        let output = try Built.coracle(["inspect", "image", "--tree", "--depth", "\(depth)"], directory: place.path)
            .output()
        let lines = output.split(separator: "\n")
        #expect(lines.contains { $0.hasSuffix("opt/") || $0.hasSuffix("opt/app/") } == hasFirst, "\(output)")
        #expect(lines.contains { $0.hasSuffix(" big") } == hasThird, "\(output)")
    }

    @Test(
        "two forms of the answer at once, or a depth of nothing, are refused",
        arguments: [
            (["--tree", "--json"], "`--tree` and `--json` ask for two forms"),
            (["--html", "-", "--tree"], "`--html` and `--tree` ask for two forms"),
            (["--depth", "2"], "only `--tree` has a depth"),
            (["--tree", "--depth", "1000"], "it is not a number from 0 to 100"),
        ]
    )
    func refused(options: [String], message: String) throws {
        let place = try TemporaryDirectory()
        try WastefulImage.write(to: place)
        let outcome = try Built.coracle(["inspect", "image"] + options, directory: place.path).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }

    @Test(
        "`lint` refuses an image of which more is wasted than may be",
        arguments: [("18", 9), ("18%", 9), ("19", 0), ("100%", 0), ("0", 9)]
    )
    func waste(limit: String, status: Int32) throws {
        let place = try TemporaryDirectory()
        try WastefulImage.write(to: place)
        let outcome = try Built.coracle(
            ["lint", "image", "--max-waste", limit, "--label", "by"],
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(status), "\(outcome.output)\(outcome.errors)")
        #expect(outcome.output.contains("error[lint.waste]: 18.7 % of the image is wasted") == (status == 9))
        if status == 9 {
            let reason = "0.1 MB deleted by a later layer, 50.0 kB overwritten later, 30.0 kB written again unchanged"
            #expect(outcome.output.contains(reason), "\(outcome.output)")
            #expect(outcome.output.contains("`/var/cache/list` 0.1 MB"))
        }
    }

    @Test("the project's file says how much may be wasted, and what is not a share is refused with its place")
    func wasteFromFile() throws {
        let place = try TemporaryDirectory()
        try WastefulImage.write(to: place)
        try place.file("coracle.yaml", "lint:\n  max-waste: 10%\n")
        #expect(try Built.coracle(["lint", "image"], directory: place.path).run().end == .exited(9))
        try place.file("coracle.yaml", "lint:\n  rules: {lint.waste: warning}\n  max-waste: 10%\n")
        let warned = try Built.coracle(["lint", "image"], directory: place.path).run()
        #expect(warned.end == .exited(0))
        #expect(warned.output.contains("warning[lint.waste]"))
        try place.file("coracle.yaml", "lint:\n  max-waste: a lot\n")
        let refused = try Built.coracle(["lint", "image"], directory: place.path).run()
        #expect(refused.errors.contains("at: coracle.yaml:2\n  because: column 14"), "\(refused.errors)")
        try place.file("coracle.yaml", "lint: {}\n")
        for text in ["101", "-1", "many", ""] {
            let outcome = try Built.coracle(["lint", "image", "--max-waste=\(text)"], directory: place.path).run()
            #expect(outcome.end == .exited(2), "\(text): \(outcome.errors)")
        }
    }
}

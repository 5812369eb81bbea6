import TestSupport
import Testing

@Suite("The page of a difference")
struct DiffPageTests {
    /// Two images: of the second a file is added, one removed, one has another content, and its configuration differs.
    private static func images() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        let shared = "mkdir -p opt/app; head -c 90000 /dev/zero | tr '\\0' a >opt/app/same;"
        let first = try HandmadeImage(layers: [
            .init(
                shared + "head -c 50000 /dev/zero | tr '\\0' b >opt/app/program; head -c 20000 /dev/zero >opt/app/old"
            )
        ])
        let second = try HandmadeImage(
            layers: [
                .init(
                    shared
                        + "head -c 60000 /dev/zero | tr '\\0' c >opt/app/program; mkdir -p opt/new; echo '<b>' >'opt/new/<script>x'; head -c 30000 /dev/zero >opt/new/big"
                )
            ],
            config: { $0.replacing("PATH=/usr/bin", with: "PATH=/usr/bin:/<i>") }
        )
        for (name, image) in [("a", first), ("b", second)] {
            for (path, bytes) in try image.layout(name, tag: "1") { try place.file(path, bytes) }
        }
        return place
    }

    @Test("kind, files by change, and fields stand in it; its bytes are the same twice, and names make no element")
    func content() throws {
        let place = try Self.images()
        let outcome = try Built.coracle(["diff", "a", "b", "--html", "page.html"], directory: place.path).run()
        #expect(outcome.end == .exited(1), "\(outcome.errors)")
        #expect(outcome.output == "")
        let page = String(decoding: try readFile(place("page.html")), as: UTF8.self)
        let text = try Built.coracle(["diff", "a", "b"], directory: place.path).run().output
        let sentence = try #require(text.split(separator: "\n").first.map(String.init))
        for part in [
            sentence, ">Added<", ">Removed<", ">Changed<", "/opt/new/&lt;script&gt;x", "/opt/app/old",
            "/usr/bin:/&lt;i&gt;",
            "+10.0 kB", "−20.0 kB", "To fetch",
        ] { #expect(page.contains(part), "\(part)") }
        #expect(!page.contains("<script") && !page.contains("<i>"))
        #expect(try Built.coracle(["diff", "a", "b", "--html", "-"], directory: place.path).run().output == page)
    }

    @Test("a page says so, too, if nothing differs")
    func same() throws {
        let place = try Self.images()
        let outcome = try Built.coracle(["diff", "a", "a", "--html", "-"], directory: place.path).run()
        #expect(outcome.end == .exited(0), "\(outcome.errors)")
        let text = try Built.coracle(["diff", "a", "a"], directory: place.path).output()
        #expect(outcome.output.contains(text.split(separator: "\n")[0]), "\(text)")
    }

    @Test(
        "nothing is wider than the window, and all text, edges and patterns can be seen",
        .enabled(if: Chromium.isThere, "`chromium-headless-shell` is not installed"),
        arguments: [320, 768, 1280, 3840],
        Chromium.Scheme.allCases
    )
    func fits(width: Int, scheme: Chromium.Scheme) throws {
        let place = try Self.images()
        // Long names are the hardest to fit.
        try InspectPageTests.writeHostileImage(to: place)
        for sides in [["a", "b"], ["a", "image"]] {
            let outcome = try Built.coracle(["diff"] + sides + ["--html", "page.html"], directory: place.path).run()
            #expect(outcome.end == .exited(1), "\(outcome.errors)")
            try InspectPageBrowserTests.measure(place, width: width, scheme)
        }
    }

    @Test("a page and another form at once are refused", arguments: ["--json", "--markdown"])
    func refused(form: String) throws {
        let place = try Self.images()
        let outcome = try Built.coracle(["diff", "a", "b", "--html", "-", form], directory: place.path).run()
        #expect(outcome.end == .exited(2))
        #expect(outcome.errors.contains("`--html` and `\(form)` contradict each other"), "\(outcome.errors)")
    }

    @Test(
        "a browser finds what readers and keyboards need, and fetches nothing",
        .enabled(if: Chromium.isThere, "`chromium-headless-shell` is not installed")
    )
    func accessible() throws {
        let place = try Self.images()
        _ = try Built.coracle(["diff", "a", "b", "--html", "page.html"], directory: place.path).run()
        let document = try Chromium.document(of: place("page.html"), in: place)
        #expect(document.console == "")
        try place.file("dom.html", document.html)
        #expect(try Tool.python(InspectPageBrowserTests.audit, [place("dom.html")]) == "")
    }
}

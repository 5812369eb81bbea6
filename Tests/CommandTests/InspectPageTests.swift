import TestSupport
import Testing

@Suite("The page of an image")
struct InspectPageTests {
    private static func page(
        _ place: TemporaryDirectory,
        _ image: String = "image",
        environment: [String: String?] = [:]
    ) throws -> String {
        try Built.coracle(
            ["inspect", image, "--html", "page.html"],
            environment: environment,
            directory: place.path
        ).output()
        return String(decoding: try readFile(place("page.html")), as: UTF8.self)
    }

    @Test("the page has every part, and its bytes are the same in another time zone and locale")
    func sameBytes() throws {
        let place = try TemporaryDirectory()
        try WastefulImage.write(to: place)
        let first = try Self.page(place)
        let second = try Self.page(place, environment: ["TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8", "LANG": "C"])
        #expect(first == second)
        for title in [
            "Findings", "Layers", "Where the bytes are", "What is wasted", "What is sent", "Packages", "Configuration",
            "History",
        ] { #expect(first.contains(">\(title)</h2>"), "\(title)") }
        for text in ["200.0 kB of 1.0 MB, 18.7 %", "overwritten by [3]", "/var/cache/list", "lint.label-missing"] {
            #expect(first.contains(text), "\(text)")
        }
        let output = try Built.coracle(["inspect", "image", "--html", "-"], directory: place.path).output()
        #expect(output == first)
    }

    @Test("a page that cannot be written leaves the one before, and no page is begun for an image that cannot be read")
    func wholeOrNot() throws {
        let place = try TemporaryDirectory()
        try WastefulImage.write(to: place)
        try place.file("page.html", "before")
        let blobs = try names(in: place("image/blobs/sha256"))
        for blob in blobs where try readFile(place("image/blobs/sha256/\(blob)")).starts(with: [0x1F, 0x8B]) {
            try place.file("image/blobs/sha256/\(blob)", [0x1F, 0x8B, 8, 0])
        }
        let outcome = try Built.coracle(["inspect", "image", "--html", "page.html"], directory: place.path).run()
        #expect(outcome.end == .exited(4), "\(outcome.errors)")
        #expect(try String(decoding: readFile(place("page.html")), as: UTF8.self) == "before")
        #expect(try names(in: place.path).sorted() == ["image", "page.html"])
    }

    @Test("a pipe and a full device take the page as it comes, and stay what they are")
    func notReplaced() throws {
        let place = try TemporaryDirectory()
        try WastefulImage.write(to: place)
        let page = try Self.page(place)
        let piped = try Command.shell(
            "mkfifo pipe; cat pipe & \(Built.coracle) inspect image --html pipe; wait; test -p pipe",
            directory: place.path
        ).output()
        #expect(piped == page)
        let outcome = try Command.shell(
            "ln -s /dev/full full; \(Built.coracle) inspect image --html full; status=$?; test -c /dev/full && exit $status",
            directory: place.path
        ).run()
        #expect(outcome.end == .exited(8), "\(outcome.errors)")
        #expect(outcome.errors.contains("No space left on device"), "\(outcome.errors)")
    }

    @Test("of several platforms one is shown, and the others are named")
    func platforms() throws {
        let place = try TemporaryDirectory()
        let images = try ["amd64", "arm64"].map { architecture in
            (
                image: try HandmadeImage(layers: [.init("echo \(architecture) >name")], architecture: architecture),
                platform: #"{"os":"linux","architecture":"\#(architecture)"}"#
            )
        }
        for (path, bytes) in try HandmadeImage(of: images).layout("image", tag: "1") { try place.file(path, bytes) }
        let chosen = try Built.coracle(
            ["inspect", "image", "--html", "-", "--platform", "linux/arm64"],
            directory: place.path
        ).output()
        #expect(chosen.contains("Container image for linux/arm64"))
        #expect(chosen.contains("The index also has images for linux/amd64."))
        let tree = try Built.coracle(["inspect", "image", "--tree"], directory: place.path).output()
        #expect(tree.contains("also for linux/a"), "\(tree)")
        let missing = try Built.coracle(
            ["inspect", "image", "--html", "-", "--platform", "linux/s390x"],
            directory: place.path
        ).run()
        #expect(missing.end == .exited(7))
    }

    /// A layer whose names are attacks, by Python's tarfile: no file system has to take them.
    private static func hostileLayer(_ place: TemporaryDirectory) throws -> HandmadeImage.Layer {
        try Tool.python(
            #"""
            import io, sys, tarfile
            names = [
                b"<script>alert(1)</script>", b"<img src=x onerror=alert(1)>", b'"><svg onload=alert(1)>', b"'&<b>",
                b"a\nb\tc\x1b[31m", "\u202egnp.exe".encode(), "\u2066x\u2069".encode(), b"\xff\xfe bad", b"]]>--><!--",
                b"</title></style></svg><h1>no</h1>", b"javascript:alert(1)", b"x" * 250, "\u061cy".encode(),
            ]
            names.append(b"/".join([b"d" * 200] * 19 + [b"</td><script>alert(2)</script>"]))
            tar = tarfile.open(sys.argv[1], "w", format=tarfile.PAX_FORMAT, encoding="utf-8", errors="surrogateescape")
            for number, name in enumerate(names):
                entry = tarfile.TarInfo(name.decode("utf-8", "surrogateescape"))
                entry.size = 100000 + number
                tar.addfile(entry, io.BytesIO(b"x" * entry.size))
            tar.close()
            """#,
            [place("hostile.tar")]
        )
        let diffID = "sha256:" + (try Command("sha256sum", [place("hostile.tar")]).output()).prefix(64)
        let bytes = try Command("gzip", ["-n"], input: readFile(place("hostile.tar"))).run().outputBytes
        return HandmadeImage.Layer(bytes, diffID: diffID)
    }

    static func writeHostileImage(to place: TemporaryDirectory) throws {
        let attack = #"</script><script>alert(3)</script>\u202e'\"><img src=x onerror=alert(4)>"#
        let image = try HandmadeImage(
            layers: [hostileLayer(place)],
            config: { config in
                config.replacing(#""by":"hand""#, with: #""\#(attack)":"\#(attack)""#)
                    .replacing(#""created_by":"hand""#, with: #""created_by":"\#(attack)""#)
                    .replacing("PATH=/usr/bin", with: "PATH=\(attack)")
            }
        )
        for (path, bytes) in try image.layout("image", tag: "1") { try place.file(path, bytes) }
    }

    @Test("names of files, labels and steps that are attacks make no element, and reorder nothing")
    func attacks() throws {
        let place = try TemporaryDirectory()
        try Self.writeHostileImage(to: place)
        let page = try Self.page(place)
        for text in ["<script", "<img", "onerror=alert(1)>", "<b>", "\u{1B}", "\u{202E}", "\u{2066}", "\u{61C}"] {
            #expect(!page.contains(text), "\(text)")
        }
        for text in ["&lt;script&gt;alert(1)&lt;", #"\u{202e}gnp.exe"#, #"a\nb\tc\x1b[31m"#, #"\xff"#] {
            #expect(page.contains(text), "\(text)")
        }
    }

    // MARK: The next push

    /// A registry that has the lowest layer of the image in `place`, which has two.
    private static func registry(for place: TemporaryDirectory) throws -> FaultyRegistry {
        let layers = try [
            HandmadeImage.Layer("head -c 4000 /dev/urandom >a"), HandmadeImage.Layer("head -c 9000 /dev/urandom >b"),
        ]
        let image = try HandmadeImage(layers: layers)
        for (path, bytes) in try image.layout("image", tag: "1") { try place.file(path, bytes) }
        let registry = try FaultyRegistry()
        registry.hold(try HandmadeImage(layers: Array(layers.prefix(1))), in: "me/app", tag: "0")
        return registry
    }

    private static func page(against name: String, _ place: TemporaryDirectory, _ options: [String] = []) throws
        -> String
    {
        try Built.coracle(
            ["inspect", "image", "--html", "-", "--against", name] + options,
            directory: place.path
        ).output()
    }

    @Test("a registry is asked which blobs it has, and the page says what a push to it would send; nothing is sent")
    func nextPush() throws {
        let place = try TemporaryDirectory()
        let registry = try Self.registry(for: place)
        let page = try Self.page(against: "\(registry.address)/me/app:2", place)
        let plan = try Built.coracle(
            ["push", "image", "\(registry.address)/me/app:2", "--plan"],
            directory: place.path
        ).output()
        let sum = try #require(plan.firstMatch(of: #/ *([0-9.]+ k?B) to send\n/#).map { String($0.1) })
        #expect(page.contains("<p>A push to \(registry.address)/me/app:2 sends 3 of 4 blobs, \(sum).</p>"), "\(plan)")
        #expect(page.matches(of: #/<td[^>]*><bdi[^>]*>exists</#).count == 1)
        #expect(page.matches(of: #/<td[^>]*><bdi[^>]*>upload</#).count == 3)
        #expect(registry.requests.allSatisfy { ["GET", "HEAD"].contains($0.method) })
        // Another repository of the same registry has none of them.
        let other = try Self.page(against: "\(registry.address)/me/other", place)
        #expect(other.contains("sends 4 of 4 blobs, "))
    }

    @Test("what a registry does not say is not known, and the page is made all the same")
    func unknownPush() throws {
        let place = try TemporaryDirectory()
        let registry = try Self.registry(for: place)
        let count = registry.requests.count
        let offline = try Self.page(against: "\(registry.address)/me/app:2", place, ["--offline"])
        let words = "<p>It is not known what a push to \(registry.address)/me/app:2 would send: "
        #expect(offline.contains(words + "<code>--offline</code> asks no registry.</p>"))
        #expect(registry.requests.count == count)
        let refusing = try FaultyRegistry { _ in .response(403, [], "") }
        let refused = try Self.page(against: "\(refusing.address)/me/app:2", place)
        #expect(refused.contains("<p>It is not known what a push to \(refusing.address)/me/app:2 would send: "))
        let plain = try Built.coracle(["inspect", "image", "--html", "-"], directory: place.path).output()
        #expect(plain.contains("No registry was asked what it has: "))
    }

    @Test(
        "a name that cannot be pushed to is refused, as is one without a page",
        arguments: [
            (
                ["--html", "-", "--against", "a.example/b@sha256:" + String(repeating: "a1", count: 32)],
                "copy.name-with-digest"
            ),
            (["--html", "-", "--against", "a b"], "reference.malformed"),
            (["--against", "a.example/b"], "usage.conflict"),
            (["--tree", "--against", "a.example/b"], "usage.conflict"),
        ]
    )
    func refusedPush(options: [String], code: String) throws {
        let place = try TemporaryDirectory()
        _ = try Self.registry(for: place)
        let outcome = try Built.coracle(["inspect", "image"] + options, directory: place.path).run()
        #expect(outcome.end == .exited(2), "\(outcome.errors)")
        #expect(outcome.errors.contains("error[\(code)]: "), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }

    @Test("a page of 30,000 files has less than 3 MB, and says how many it does not name")
    func manyFiles() throws {
        let place = try TemporaryDirectory()
        try Tool.python(
            """
            import io, sys, tarfile
            tar = tarfile.open(sys.argv[1], "w")
            for number in range(30000):
                entry = tarfile.TarInfo(f"usr/lib/package-{number % 300}/part-{number % 7}/module-{number}.py")
                entry.size = 200 + number * 37 % 9000
                tar.addfile(entry, io.BytesIO(str(number).encode().ljust(entry.size, b"x")))
            tar.close()
            """,
            [place("many.tar")]
        )
        let diffID = "sha256:" + (try Command("sha256sum", [place("many.tar")]).output()).prefix(64)
        let bytes = try Command("gzip", ["-1n"], input: readFile(place("many.tar"))).run().outputBytes
        let image = try HandmadeImage(layers: [HandmadeImage.Layer(bytes, diffID: diffID)])
        for (path, bytes) in try image.layout("image", tag: "1") { try place.file(path, bytes) }
        let page = try Self.page(place)
        #expect(page.utf8.count < 3_000_000, "\(page.utf8.count)")
        #expect(page.contains(" files</th>"))
        #expect(page.contains("30,000 files") || page.contains(">30000<"))
    }
}

/// The judge is Chromium, which opens the pages as a reader does.
@Suite(
    "The page of an image in a browser",
    .enabled(if: Chromium.isThere, "`chromium-headless-shell` is not installed: Debian has it for some machines only"),
    .serialized
)
struct InspectPageBrowserTests {
    /// The pages are made once.
    private static func pages() throws -> TemporaryDirectory {
        let place = try TemporaryDirectory()
        try WastefulImage.write(to: place)
        try Built.coracle(["inspect", "image", "--html", "page.html"], directory: place.path).output()
        return place
    }

    @Test("what readers and keyboards need is there, and nothing is fetched or run")
    func accessible() throws {
        let place = try Self.pages()
        let document = try Chromium.document(of: place("page.html"), in: place)
        // A style that the policy does not allow would be reported.
        #expect(document.console == "")
        try place.file("dom.html", document.html)
        #expect(try Tool.python(Self.audit, [place("dom.html")]) == "")
    }

    /// Prints what is wrong with a page, one a line.
    static let audit = #"""
        import html.parser, re, sys
        text = open(sys.argv[1], encoding="utf-8").read()
        class Page(html.parser.HTMLParser):
            def __init__(self):
                super().__init__(); self.all = []; self.stack = []; self.text = {}
            def handle_starttag(self, tag, attributes):
                node = (tag, dict(attributes), [t for t, _ in self.stack])
                self.all.append(node)
                if tag not in ("meta", "br", "hr", "link", "img", "input"): self.stack.append((tag, node))
            def handle_endtag(self, tag):
                while self.stack and self.stack.pop()[0] != tag: pass
            def handle_data(self, data):
                for _, node in self.stack: self.text[id(node)] = self.text.get(id(node), "") + data
        page = Page(); page.feed(text)
        def wrong(what): print(what)
        def named(tag): return [n for n in page.all if n[0] == tag]
        if len(named("h1")) != 1: wrong("not one h1")
        if named("html")[0][1].get("lang") != "en": wrong("no lang")
        if not named("title")[0] or not page.text.get(id(named("title")[0])): wrong("no title")
        if len(named("main")) != 1: wrong("not one main")
        for tag in ("script", "link", "img", "iframe", "object", "embed", "form", "base", "audio", "video", "foreignobject", "animate"):
            if named(tag): wrong(f"<{tag}>")
        ids = [n[1]["id"] for n in page.all if "id" in n[1]]
        if len(ids) != len(set(ids)): wrong("an id twice")
        for tag, attributes, above in page.all:
            for name, value in attributes.items():
                if name.startswith("on") or name in ("style", "src", "srcset", "xlink:href"): wrong(f"{tag} {name}")
                if name == "href" and not (value.startswith("#") and value[1:] in ids): wrong(f"href {value}")
                if name in ("aria-labelledby", "aria-describedby"):
                    for word in value.split():
                        if word not in ids: wrong(f"{name} {word}")
            if tag == "th" and attributes.get("scope") not in ("col", "row", "rowgroup"): wrong("th without scope")
            if tag == "svg" and "svg" not in above and "aria-hidden" not in attributes:
                hidden = any(a == "td" for a in above)
                if not hidden and (attributes.get("role") != "img" or "aria-labelledby" not in attributes):
                    wrong(f"svg {attributes}")
            if tag == "a" and "svg" in above and attributes.get("tabindex") != "-1": wrong("a link inside a picture has focus")
        for table in named("table"):
            inside = [n for n in page.all if n[0] == "caption"]
            if len(inside) != len(named("table")): wrong("a table without caption")
        levels = [int(n[0][1]) for n in page.all if re.fullmatch("h[1-6]", n[0])]
        for before, after in zip(levels, levels[1:]):
            if after > before + 1: wrong(f"h{before} is followed by h{after}")
        policy = [n[1]["content"] for n in named("meta") if n[1].get("http-equiv") == "Content-Security-Policy"]
        if len(policy) != 1 or not policy[0].startswith("default-src 'none'; style-src 'sha256-") or "unsafe" in policy[0]:
            wrong(f"policy {policy}")
        if "url(" in re.sub(r"url\(#[a-z]+\)", "", text): wrong("an address in the style")
        """#

    @Test("names that are attacks are text to the browser, too")
    func attacks() throws {
        let place = try TemporaryDirectory()
        try InspectPageTests.writeHostileImage(to: place)
        try Built.coracle(["inspect", "image", "--html", "page.html"], directory: place.path).output()
        let document = try Chromium.document(of: place("page.html"), in: place)
        try place.file("dom.html", document.html)
        #expect(try Tool.python(Self.audit, [place("dom.html")]) == "")
        #expect(document.console == "")
    }

    @Test(
        "nothing is wider than the window, and all text can be read",
        arguments: [320, 768, 1280, 3840],
        Chromium.Scheme.allCases
    )
    func fits(width: Int, scheme: Chromium.Scheme) throws {
        let place = try TemporaryDirectory()
        // Long names are the hardest to fit.
        try InspectPageTests.writeHostileImage(to: place)
        try Built.coracle(["inspect", "image", "--html", "page.html"], directory: place.path).output()
        try Self.measure(place, width: width, scheme)
    }

    /// Expects of `page.html` that all of it fits, that all of it can be seen, and that there is a picture.
    static func measure(_ place: TemporaryDirectory, width: Int, _ scheme: Chromium.Scheme) throws {
        try place.file("measure.html", measuring(width: width))
        let measured = try Chromium.document(of: place("measure.html"), width: 1400, scheme, in: place)
        let result = measured.html.firstMatch(of: #/<pre id="result">([^<]*)</pre>/#).map { String($0.1) }
        #expect(
            result == "wider 0; faint 0; pictured true; schemes \(scheme == .dark ? "dark" : "light")",
            "\(measured.html.suffix(800))"
        )
    }

    /// A page that opens `page.html` in a frame, and says what of it is too wide or too faint (WCAG 2.1, 1.4.10, 1.4.3 and 1.4.11).
    private static func measuring(width: Int) -> String {
        #"""
        <!DOCTYPE html><meta charset="utf-8"><body><iframe id="f" width="\#(width)" height="900" style="border:0" src="page.html"></iframe>
        <pre id="result"></pre><script>
        function parse(c) { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; }
        function light(c) {
          const v = c.slice(0, 3).map(x => { x /= 255; return x <= 0.03928 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; });
          return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
        }
        function ratio(a, b) { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); }
        document.getElementById("f").onload = () => {
          const frame = document.getElementById("f").contentWindow, doc = frame.document;
          const wider = Math.max(0, doc.documentElement.scrollWidth - \#(width));
          let faint = [];
          for (const element of doc.body.querySelectorAll("*")) {
            const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
            if (!own || element.tagName === "title" || element.tagName === "STYLE") continue;
            const style = frame.getComputedStyle(element);
            if (style.display === "none" || !element.getClientRects().length) continue;
            let behind;
            if (element.tagName === "text") {
              behind = parse(frame.getComputedStyle(element.parentNode.querySelector("rect")).fill);
            } else {
              for (let up = element; up && !behind; up = up.parentElement) {
                const c = parse(frame.getComputedStyle(up).backgroundColor);
                if (c[3] > 0) behind = c;
              }
            }
            const ink = parse(element.tagName === "text" ? style.fill : style.color);
            const value = ratio(ink, behind || [255, 255, 255]);
            if (value < 4.5) faint.push(element.tagName + "." + element.className + " " + value.toFixed(2));
          }
          const page = parse(frame.getComputedStyle(doc.body).backgroundColor);
          // Edges of rectangles and lines of patterns have three times the light of what they stand on, or a third.
          function over(top, share, below) { return top.slice(0, 3).map((x, i) => x * share + below[i] * (1 - share)); }
          let pictured = 0;
          for (const rect of doc.querySelectorAll("svg.map rect, svg.strip rect")) {
            if (!rect.getClientRects().length) continue;
            pictured += 1;
            const plain = frame.getComputedStyle(rect.parentNode.querySelector("rect"));
            const below = over(parse(plain.fill), +plain.fillOpacity, page);
            const style = frame.getComputedStyle(rect);
            const pattern = style.fill.match(/url\("?(#[a-z]+)/);
            const line = pattern ? frame.getComputedStyle(doc.querySelector(pattern[1] + " path")) : style;
            const share = +line.strokeOpacity * (pattern ? +style.fillOpacity : 1);
            const value = ratio(over(parse(line.stroke), share, below), below);
            if (value < 3) faint.push(rect.parentNode.getAttribute("class") + " " + (pattern ? pattern[1] : "edge") + " " + value.toFixed(2));
          }
          const result = document.getElementById("result");
          result.textContent = `wider ${wider}; faint ${faint.length}; pictured ${pictured > 1}; schemes ${light(page) < 0.5 ? "dark" : "light"}`;
          document.body.append(faint.slice(0, 10).join("; "));
        };
        </script>
        """#
    }

    @Test("pictures at three widths are in the colours that are asked for", arguments: [320, 1024, 3840])
    func screenshots(width: Int) throws {
        let place = try Self.pages()
        for scheme in Chromium.Scheme.allCases {
            let picture = place("\(scheme).png")
            try Chromium.screenshot(of: place("page.html"), to: picture, width: width, height: 800, scheme, in: place)
            // The first pixel is of the page's background; a page that shows nothing has one colour.
            let script = """
                import struct, sys, zlib
                data = open(sys.argv[1], "rb").read()
                width, height = struct.unpack(">II", data[16:24])
                channels = {2: 3, 6: 4}[data[25]]
                body, place = b"", 8
                while place < len(data):
                    size, kind = struct.unpack(">I4s", data[place:place + 8])
                    if kind == b"IDAT": body += data[place + 8:place + 8 + size]
                    place += size + 12
                raw = zlib.decompress(body)
                stride = width * channels + 1
                # The first pixel of a picture is stored as it is by every filter.
                pixel = raw[1:4]
                print(width, height, "dark" if sum(pixel) < 300 else "light", len(set(raw[i * stride:(i + 1) * stride] for i in range(height))) > 50)
                """
            #expect(try Tool.python(script, [picture]) == "\(width) 800 \(scheme) True\n")
        }
    }

    @Test("a part that the address names is shown instead of the whole")
    func zoom() throws {
        let place = try Self.pages()
        let script = #"""
            <!DOCTYPE html><meta charset="utf-8"><body><iframe id="f" width="1000" height="900" src="page.html#m1"></iframe>
            <pre id="result"></pre><script>
            document.getElementById("f").onload = () => {
              const doc = document.getElementById("f").contentWindow.document;
              const shown = [...doc.querySelectorAll("section.view")].filter(v => v.getClientRects().length).map(v => v.id);
              document.getElementById("result").textContent = shown.join(" ");
            };
            </script>
            """#
        for (address, shown) in [("page.html#m1", "m1"), ("page.html", "m0"), ("page.html#waste", "m0")] {
            try place.file("zoom.html", script.replacing("page.html#m1", with: address))
            let document = try Chromium.document(of: place("zoom.html"), in: place)
            #expect(
                document.html.contains(#"<pre id="result">\#(shown)</pre>"#),
                "\(address): \(document.html.suffix(300))"
            )
        }
    }
}

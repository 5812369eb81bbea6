import OCI

/// A page that is one file: it needs no script, and asks for nothing.
package struct PageDocument {
    private let title: String
    private let parts: [Markup]

    /// - Parameters:
    ///   - title: what the page is about, as a text.
    ///   - parts: the content of `main`.
    package init(title: String, _ parts: [Markup]) {
        self.title = title
        self.parts = parts
    }

    /// Its text in UTF-8: the same for the same content.
    package var bytes: [UInt8] {
        let policy =
            "default-src 'none'; style-src '\(Self.hash(of: StyleSheet.text))'; base-uri 'none'; form-action 'none'"
        let head: [Markup] = [
            .lineFeed,
            .element("meta", ["charset": "utf-8"]), .lineFeed,
            .element("meta", ["http-equiv": "Content-Security-Policy", "content": policy]), .lineFeed,
            .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]), .lineFeed,
            .element("meta", ["name": "color-scheme", "content": "light dark"]), .lineFeed,
            .element("meta", ["name": "referrer", "content": "no-referrer"]), .lineFeed,
            .element("title", [:], title.withoutMiddle(200)), .lineFeed,
            .style(StyleSheet.text), .lineFeed,
        ]
        let main = Markup.element("main", ["id": "content"], parts.flatMap { [.lineFeed, $0] } + [.lineFeed])
        let body: [Markup] = [
            .lineFeed,
            .element("a", ["class": "skip", "href": "#content"], "Skip to the content"), .lineFeed,
            Self.patterns, .lineFeed, main, .lineFeed,
        ]
        let page =
            Markup.doctype
            + .element(
                "html",
                ["lang": "en"],
                [.lineFeed, .element("head", [:], head), .lineFeed, .element("body", [:], body), .lineFeed]
            )
            + .lineFeed
        return Array(page.html.utf8)
    }

    /// CSP 3, § 2.3.1: `sha256-` and the hash of the element's text in Base64.
    private static func hash(of style: StaticString) -> String {
        let digest = Digest(sha256Of: Array("\(style)".utf8)).hex.utf8
        var bytes = [UInt8]()
        var rest = digest[...]
        while let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return "sha256-\(Base64Text.encode(bytes))"
    }

    /// What rectangles are hatched with.
    private static var patterns: Markup {
        func pattern(_ id: String, _ path: String) -> Markup {
            .element(
                "pattern",
                ["id": id, "width": "8", "height": "8", "patternUnits": "userSpaceOnUse"],
                [.element("path", ["d": path])]
            )
        }
        return .element(
            "svg",
            ["class": "patterns", "width": "0", "height": "0", "aria-hidden": "true"],
            [
                .element(
                    "defs",
                    [:],
                    [
                        pattern("hatch", "M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4"),
                        pattern("dots", "M3,3 h2 v2 h-2 z"),
                        pattern("lines", "M0,4 h8"),
                    ]
                )
            ]
        )
    }
}

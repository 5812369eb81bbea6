import Page
import TestSupport
import Testing

@Suite("A treemap")
struct TreemapTests {
    private static let whole = Treemap.Box(x: 10, y: 20, width: 80, height: 60)

    @Test(
        "each box is as large as what it stands for, lies in the whole, and covers no other",
        arguments: [
            [5], [1, 1], [6, 6, 4, 3, 2, 2, 1], [1000, 1], [Int64.max / 4, 3, 2, 1], Array(repeating: 7, count: 300),
            (1...60).map { Int64($0 * $0) }.reversed(),
        ] as [[Int64]],
        [0.7, 1, 1.9]
    )
    func areas(sizes: [Int64], aspect: Double) {
        let boxes = Treemap.boxes(of: sizes, in: Self.whole, aspect: aspect)
        #expect(boxes.count == sizes.count)
        let total = sizes.reduce(0.0) { $0 + Double($1) }
        for (box, size) in zip(boxes, sizes) {
            #expect(abs(box.area - Double(size) / total * Self.whole.area) < 0.001)
            #expect(box.x > 9.999 && box.y > 19.999)
            #expect(box.x + box.width < 90.001 && box.y + box.height < 80.001)
        }
        for (index, one) in boxes.enumerated() {
            for other in boxes[..<index] {
                let width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
                let height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
                #expect(width < 0.001 || height < 0.001)
            }
        }
    }

    @Test("the example of its authors is laid out as in their paper")
    func paper() {
        // Bruls, Huizing, van Wijk (2000), figure 4: 6 × 4, of 6, 6, 4, 3, 2, 2 and 1.
        let boxes = Treemap.boxes(
            of: [6, 6, 4, 3, 2, 2, 1],
            in: Treemap.Box(x: 0, y: 0, width: 6, height: 4),
            aspect: 1
        )
        let expected: [(Double, Double)] = [
            (3, 2), (3, 2), (12.0 / 7, 7.0 / 3), (9.0 / 7, 7.0 / 3), (1.2, 5.0 / 3), (1.2, 5.0 / 3), (0.6, 5.0 / 3),
        ]
        for (box, size) in zip(boxes, expected) {
            #expect(abs(box.width - size.0) < 1e-9 && abs(box.height - size.1) < 1e-9, "\(box)")
        }
    }

    @Test("nothing, and sizes of nothing, have boxes without an area", arguments: [[], [0], [0, 0, 0]] as [[Int64]])
    func nothing(sizes: [Int64]) {
        let boxes = Treemap.boxes(of: sizes, in: Self.whole, aspect: 1)
        #expect(boxes.count == sizes.count && boxes.allSatisfy { $0.area == 0 })
    }

    @Test(
        "a share is written with two digits at most",
        arguments: [(0, "0%"), (12.5, "12.5%"), (33.333, "33.33%"), (99.999, "100%"), (0.05, "0.05%"), (.nan, "0%")]
            as [(Double, String)]
    )
    func percent(value: Double, text: String) { #expect(value.percentText == text) }

    @Test(
        "text of any origin makes no element",
        arguments: [
            ("<b>&\"'", "&lt;b&gt;&amp;&quot;&#39;"), ("a\u{0}b\u{1B}[0m", #"a\x00b\x1b[0m"#),
            ("\u{202E}x\u{2028}", #"\u{202e}x\u{2028}"#), ("é–日", "é–日"),
        ]
    )
    func escaped(text: String, html: String) {
        #expect(Markup(text).html == html)
        #expect(Markup.element("p", ["title": text]).html == "<p title=\"\(html)\"></p>")
    }

    @Test("words between backticks are code, and a single backtick is itself")
    func prose() {
        #expect(Markup(prose: "say `a<b` now").html == "say <code>a&lt;b</code> now")
        #expect(Markup(prose: "it`s").html == "it`s")
    }
}

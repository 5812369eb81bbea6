import Diagnostics

/// A picture of a tree of sizes, and pictures of its larger parts, each a link away: no script is needed.
///
/// All pictures are in the page, and all but one are hidden: the one that the address names, else the first.
package struct ZoomableMap {
    /// A picture of one node.
    private struct View {
        let node: MapNode
        /// The numbers of the parts on the way from the root.
        let place: [Int]
    }

    /// As many pictures are drawn.
    private static let mostViews = 40
    /// As many parts are drawn in the first picture, and in each of the others.
    private static let (mostParts, mostZoomedParts) = (500, 220)
    /// As wide is a picture for its height where there is room.
    private static let aspect = 1.9

    private let views: [View]
    /// The numbers of the pictures by place.
    private let numbers: [[Int]: Int]
    private let prefix: String

    /// - Parameter prefix: begins the identifiers of the pictures: letters.
    package init(of root: MapNode, prefix: String) {
        self.prefix = prefix
        var found = [View]()
        Self.find(root, at: [], smallest: root.size / 250, &found)
        found.sort { left, right in
            left.node.size == right.node.size
                ? left.place.lexicographicallyPrecedes(right.place) : left.node.size > right.node.size
        }
        views = [View(node: root, place: [])] + found.prefix(Self.mostViews)
        numbers = Dictionary(views.enumerated().map { ($1.place, $0) }) { first, _ in first }
    }

    /// The parts that have something to zoom into.
    private static func find(_ node: MapNode, at place: [Int], smallest: Int64, _ found: inout [View]) {
        for (index, part) in node.parts.enumerated() where part.size >= smallest && !part.parts.isEmpty {
            // Nothing is won by a picture of the same.
            if node.parts.count > 1 {
                found.append(View(node: part, place: place + [index]))
            }
            find(part, at: place + [index], smallest: smallest, &found)
        }
    }

    /// All pictures: the first one stands last, so that style sheets can hide it for one that is asked for.
    package var markup: Markup {
        var content = Markup()
        for number in views.indices.dropFirst() { content += picture(number) }
        content += picture(0)
        return .element("div", ["class": "maps"], [content])
    }

    private func picture(_ number: Int) -> Markup {
        let view = views[number]
        var drawing = Drawing(most: number == 0 ? Self.mostParts : Self.mostZoomedParts, aspect: Self.aspect)
        drawing.draw(partsOf: view.node, at: view.place) { numbers[$0].map { id($0) } }
        let (title, description) = ("\(id(number))t", "\(id(number))d")
        var parts = [heading(number, title)]
        parts.append(
            .element(
                "p",
                ["id": description, "class": "quiet"],
                "\(ByteCount(view.node.size)). The tables below say the same."
            )
        )
        parts.append(
            .element(
                "svg",
                [
                    "class": "map", "role": "img", "aria-labelledby": "\(title) \(description)", "width": "100%",
                    "preserveAspectRatio": "none",
                ],
                [drawing.content]
            )
        )
        parts.append(links(number))
        return .element(
            "section",
            ["class": number == 0 ? "view whole" : "view", "id": id(number), "aria-labelledby": title],
            parts
        ) + .lineFeed
    }

    /// The way from the first picture to this one, each step a link.
    private func heading(_ number: Int, _ title: String) -> Markup {
        var steps = Markup()
        let place = views[number].place
        var node = views[0].node
        for depth in 0...place.count {
            if depth > 0 {
                node = node.parts[place[depth - 1]]
                steps += Markup(" / ")
            }
            let name = Markup.element("bdi", [:], node.name.withoutMiddle(60))
            if depth < place.count, let other = numbers[Array(place[..<depth])] {
                steps += .element("a", ["href": "#\(id(other))"], [name])
            } else {
                steps += name
            }
        }
        return .element("h3", ["id": title], [steps])
    }

    /// The same links as in the picture, for the keyboard and for readers of the page.
    private func links(_ number: Int) -> Markup {
        let place = views[number].place
        var items = Markup()
        for (index, other) in views.enumerated()
        where other.place.count == place.count + 1 && other.place.starts(with: place) {
            items += .element(
                "li",
                [:],
                [
                    .element(
                        "a",
                        ["href": "#\(id(index))"],
                        [
                            .element("bdi", [:], other.node.name.withoutMiddle(60)),
                            Markup(" \(ByteCount(other.node.size))"),
                        ]
                    )
                ]
            )
        }
        guard !items.html.isEmpty else { return Markup() }
        return .element("ul", ["class": "zoom", "aria-label": "Zoom into"], [items])
    }

    private func id(_ number: Int) -> String { "\(prefix)\(number)" }
}

/// The rectangles of one picture.
private struct Drawing {
    private(set) var content = Markup()
    private var left: Int
    private let aspect: Double

    /// Height of the line with a directory's name, in hundredths of the picture.
    private static let headHeight = 4.4
    private static let deepest = 4
    /// The widths for which a picture is laid out, and its heights there, in pixels: those of the style sheet.
    private static let screens: [(width: Double, height: Double)] = [(280, 416), (560, 448), (900, 512), (1200, 576)]
    /// Width of a character, and of what is left free beside a text, in pixels.
    private static let (characterWidth, margin) = (7.3, 10.0)
    private static let lineHeight = 15.0

    init(most: Int, aspect: Double) {
        left = most
        self.aspect = aspect
    }

    /// A part whose own parts are to be drawn.
    private struct Open {
        let node: MapNode
        let place: [Int]
        let box: Treemap.Box
        let level: Int
    }

    /// Draws what is in `node`: what is nearer to it first, so that nothing large is missing where there are too many parts.
    mutating func draw(partsOf node: MapNode, at place: [Int], _ link: ([Int]) -> String?) {
        let whole = Treemap.Box(x: 0, y: 0, width: 100, height: 100)
        var pending = [Open(node: node, place: place, box: whole, level: 0)]
        var next = 0
        while next < pending.count {
            let parent = pending[next]
            next += 1
            let boxes = Treemap.boxes(of: parent.node.parts.map(\.size), in: parent.box, aspect: aspect)
            for (index, (part, box)) in zip(parent.node.parts, boxes).enumerated() {
                // Less than that is a few pixels.
                guard left > 0, box.area > 4 else { continue }
                left -= 1
                let place = parent.place + [index]
                let isOpen =
                    !part.parts.isEmpty && parent.level < Self.deepest && box.height > 11 && box.width > 5
                var cell = rectangle(of: part, in: box, isOpen: isOpen)
                if let target = link(place) {
                    // The list below the picture has the same links for the keyboard.
                    cell = .element("a", ["href": "#\(target)", "tabindex": "-1"], [cell])
                }
                content += cell
                guard isOpen else { continue }
                let inner = box.inset(0.25, 0.5, top: Self.headHeight)
                pending.append(Open(node: part, place: place, box: inner, level: parent.level + 1))
            }
        }
    }

    private func rectangle(of node: MapNode, in box: Treemap.Box, isOpen: Bool) -> Markup {
        let size = "\(ByteCount(node.size))"
        let whole = node.name.withoutMiddle(200) + ", " + size + (node.remark.isEmpty ? "" : ", \(node.remark)")
        var parts: [Markup] = [
            .element("title", [:], whole),
            .element("rect", ["width": "100%", "height": "100%"]),
        ]
        // What is in an open one has the pattern; two of them over each other would be a third.
        if node.tone.hasPattern, !isOpen {
            parts.append(.element("rect", ["width": "100%", "height": "100%", "class": "h"]))
        }
        let lines = isOpen ? ["\(node.name)\u{2002}\(size)"] : [node.name, size]
        var screen = 0
        for (index, line) in lines.enumerated() {
            let height = isOpen ? Self.lineHeight : Double(index + 1) * Self.lineHeight + 2
            let text = line.withoutMiddle(80).escapedForTerminal
            guard let smallest = Self.smallestScreen(for: text, in: box, height: height, least: isOpen ? 0.2 : 0.6)
            else { break }
            screen = max(screen, smallest)
            parts.append(
                .element("text", ["x": "5", "y": index == 0 ? "13" : "28", "class": "k\(screen)"], text)
            )
        }
        return .element(
            "svg",
            [
                "x": box.x.percentText, "y": box.y.percentText, "width": box.width.percentText,
                "height": box.height.percentText, "class": node.tone.styleClass + (isOpen ? " o" : ""),
            ],
            parts
        )
    }

    /// The smallest screen on which enough of `text` can be read; what is beyond the rectangle is not seen. `nil` if there is none.
    ///
    /// - Parameter least: the share of it that is enough, if that is not less than a short word.
    private static func smallestScreen(
        for text: String,
        in box: Treemap.Box,
        height: Double,
        least: Double
    ) -> Int? {
        let count = Double(text.count)
        let width = min(count, max(9, count * least)) * characterWidth + margin
        return screens.firstIndex { screen in
            box.height / 100 * screen.height >= height && box.width / 100 * screen.width >= width
        }
    }
}

extension MapNode.Tone {
    /// Whether it is one of several that follow each other.
    package var isSeries: Bool { if case .series = self { true } else { false } }

    /// Whether a pattern says the same as its colour.
    var hasPattern: Bool {
        switch self {
        case .series, .folded: false
        case .hatched, .added, .removed, .changed: true
        }
    }

    /// The class of the style sheet.
    package var styleClass: String {
        switch self {
        case .series(let number): "s\(number % 8)"
        case .hatched: "w"
        case .folded: "f"
        case .added: "a"
        case .removed: "r"
        case .changed: "c"
        }
    }
}

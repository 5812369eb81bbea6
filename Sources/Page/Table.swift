/// A table with a caption: what pictures show, as text.
package struct Table {
    package enum Alignment: Sendable {
        case text
        /// A single word.
        case short
        /// A number, at the right end of its column.
        case number
        /// Left out where there is little room, because other columns say enough.
        case wide
        /// The same for a number.
        case wideNumber
        /// A share of a whole, as a bar beside the column that says it.
        case bar
    }

    package enum Cell: Sendable {
        case content(Markup)
        /// From 0 to 1.
        case share(Double)

        package static func text(_ text: String) -> Cell { .content(Markup(text)) }

        /// A name of any origin, in the letters of code.
        package static func path(_ path: String, most: Int = 160) -> Cell {
            .content(.element("bdi", ["class": "path"], path.withoutMiddle(most)))
        }
    }

    /// What a row is in its table.
    package enum Role: String, Sendable {
        case plain = ""
        /// It stands for those below it.
        case group
        /// It stands for several that are not shown.
        case folded
    }

    private let caption: String
    private let columns: [(String, Alignment)]
    private var rows = Markup()
    /// Number of rows so far.
    package private(set) var count = 0

    /// - Parameter columns: their heads, the first one of which is that of the rows' names.
    package init(_ caption: String, _ columns: [(String, Alignment)]) {
        self.caption = caption
        self.columns = columns
    }

    /// - Parameter indent: how many rows above it the row is a part of.
    package mutating func add(_ cells: [Cell], _ role: Role = .plain, indent: Int = 0) {
        count += 1
        var row = Markup()
        for (index, (cell, column)) in zip(cells, columns).enumerated() {
            let style = index == 0 && indent > 0 ? "i\(min(indent, 5))" : column.1.styleClass
            switch cell {
            case .content(let content):
                if index == 0 {
                    row += .element("th", ["scope": role == .group ? "rowgroup" : "row", "class": style], [content])
                } else {
                    row += .element("td", ["class": style], [content])
                }
            case .share(let share):
                let bar = Markup.element("rect", ["width": (share * 100).percentText, "height": "100%"])
                row += .element(
                    "td",
                    ["class": "bar", "aria-hidden": "true"],
                    [.element("svg", ["preserveAspectRatio": "none"], [bar])]
                )
            }
        }
        let attributes: KeyValuePairs<StaticString, String> = role == .plain ? [:] : ["class": role.rawValue]
        let element = Markup.element("tr", attributes, [row]) + .lineFeed
        if role == .group {
            groups += close()
        }
        rows += element
    }

    private var groups = Markup()

    private mutating func close() -> Markup {
        guard !rows.html.isEmpty else { return Markup() }
        defer { rows = Markup() }
        return .element("tbody", [:], [rows])
    }

    package var markup: Markup {
        var head = Markup()
        for (name, alignment) in columns {
            // The bar says what the column before it says.
            if alignment == .bar {
                head += .element("td", ["class": "bar", "aria-hidden": "true"])
            } else {
                head += .element("th", ["scope": "col", "class": alignment.styleClass], name)
            }
        }
        var table = self
        let bodies = table.groups + table.close()
        return .element(
            "table",
            ["class": "scheme"],
            [
                .element("caption", [:], caption),
                .element("thead", [:], [.element("tr", [:], [head])]),
                bodies,
            ]
        ) + .lineFeed
    }
}

extension Table.Alignment {
    fileprivate var styleClass: String {
        switch self {
        case .text: "t"
        case .short: "short"
        case .number: "n"
        case .wide: "wide"
        case .wideNumber: "n wide"
        case .bar: "bar"
        }
    }
}

import Diagnostics
import Page

/// Parts that pages of images have in common.
enum PageParts {
    /// A section under a heading of the second level.
    static func section(_ id: String, _ title: String, _ content: [Markup]) -> Markup {
        .element(
            "section",
            ["class": "part", "id": id, "aria-labelledby": "\(id)-title"],
            [.element("h2", ["id": "\(id)-title"], title)] + content
        )
    }

    static func paragraph(_ text: String) -> Markup { .element("p", [:], text) }

    /// The links to the sections.
    static func contents(_ sections: [(id: String, title: String)]) -> Markup {
        let items = sections.map { section in
            Markup.element("li", [:], [.element("a", ["href": "#\(section.id)"], section.title)])
        }
        return .element("nav", ["class": "contents", "aria-label": "Contents"], [.element("ul", [:], items)])
    }

    /// A few numbers, large.
    static func figures(_ figures: [(String, String)]) -> Markup {
        .element(
            "dl",
            ["class": "figures"],
            figures.map { name, value in
                .element("div", [:], [.element("dt", [:], name), .element("dd", [:], value)])
            }
        )
    }

    /// Names with their values.
    static func pairs(_ pairs: [(String, String)]) -> Markup {
        .element(
            "dl",
            ["class": "pairs"],
            pairs.flatMap { name, value in
                [
                    Markup.element("dt", [:], [.element("bdi", [:], name.withoutMiddle(120))]),
                    Markup.element("dd", [:], [.element("bdi", ["class": "path"], value.withoutMiddle(2000))]),
                ]
            }
        )
    }

    /// What is long, behind one line; the whole of it where it is short.
    static func folded(_ summary: String, _ content: Markup, isLong: Bool) -> Markup {
        guard isLong else { return content }
        return .element("details", [:], [.element("summary", [:], summary), content])
    }

    /// A digest, which can be copied.
    static func digest(_ digest: String) -> Markup { .element("span", ["class": "digest"], digest) }

    static func count(_ count: Int, _ one: String, _ many: String) -> String {
        var (digits, rest) = ("", "\(count)"[...])
        while rest.count > 3 {
            digits = ",\(rest.suffix(3))\(digits)"
            rest = rest.dropLast(3)
        }
        return "\(rest)\(digits) \(count == 1 ? one : many)"
    }
}

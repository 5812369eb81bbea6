package import Comparison
import Diagnostics
import Layers
import OCI
import Page

/// The page of what is different between two images: the kind first, then what a machine has to fetch, packages and files.
package struct DifferencePage {
    private let difference: ImageDifference

    package init(of difference: ImageDifference) { self.difference = difference }

    /// As many rows has a table.
    private static let most = 500

    /// The file, the same for the same images.
    package var bytes: [UInt8] {
        var sections = [(id: String, title: String, content: [Markup])]()
        let shown = difference.platforms.filter { !$0.kinds(ignoring: difference.ignored).isEmpty }
        for (number, platform) in shown.prefix(Self.mostPlatforms).enumerated() {
            let start = shown.count == 1 ? "" : "\(platform.platform): "
            for part in parts(of: platform, number) where !part.content.isEmpty {
                sections.append(("\(part.id)\(number)", (start + part.title).withFirstUppercased, part.content))
            }
        }
        if shown.count > Self.mostPlatforms {
            let rest = PageParts.paragraph("coracle diff lists \(shown.count - Self.mostPlatforms) more platforms.")
            sections.append(("others", "Other platforms", [rest]))
        }
        let index = difference.fields.filter { !difference.ignored.contains($0.kind) }
        if !index.isEmpty { sections.append(("index", "Index", [Self.fields(index, "Fields of the index")])) }
        let content =
            [header] + (sections.isEmpty ? [] : [PageParts.contents(sections.map { ($0.id, $0.title) })])
            + sections.map { PageParts.section($0.id, $0.title, $0.content) }
        return PageDocument(title: "\(difference.left.name) and \(difference.right.name)", content).bytes
    }

    private static let mostPlatforms = 8

    // MARK: The head

    private var header: Markup {
        var parts: [Markup] = [
            .element("p", ["class": "over"], "What is different between two images"),
            .element(
                "h1",
                [:],
                [
                    .element("bdi", [:], difference.left.name.withoutMiddle(120)), Markup(" → "),
                    .element("bdi", [:], difference.right.name.withoutMiddle(120)),
                ]
            ),
            .element("p", [:], [.element("strong", [:], difference.sentence)]),
        ]
        if let first = difference.first {
            let text = first.text(namesPlatform: difference.platforms.count > 1).withoutMiddle(600)
            parts.append(.element("p", [:], [Markup("First: "), .element("bdi", [:], [Markup(prose: text)])]))
        }
        for (side, word) in [(difference.left, "from"), (difference.right, "to")] {
            let digest = side.digest.map(\.description) ?? "a directory of this machine"
            parts.append(.element("p", ["class": "quiet"], [Markup("\(word) "), PageParts.digest(digest)]))
        }
        for (platforms, word) in [(difference.onlyLeft, "first"), (difference.onlyRight, "second")]
        where !platforms.isEmpty {
            let names = platforms.prefix(40).map(\.description).joined(separator: ", ")
            parts.append(.element("p", ["class": "quiet"], "Only the \(word) has an image for \(names)."))
        }
        return .element("header", [:], parts)
    }

    // MARK: One platform

    private func parts(
        of platform: PlatformDifference,
        _ number: Int
    ) -> [(id: String, title: String, content: [Markup])] {
        [
            ("summary", "what it comes to", summary(of: platform)),
            ("packages", "packages", packages(of: platform)),
            ("files", "files", files(of: platform, number)),
            ("fields", "configuration", fields(of: platform)),
            ("layers", "layers", layers(of: platform)),
        ]
    }

    private func summary(of platform: PlatformDifference) -> [Markup] {
        var figures = [
            ("Packages", "\(platform.packages.count)"),
            ("Files", "\(platform.files.count + platform.filesLeftOut)"),
        ]
        let growth = platform.files.reduce(Int64(0)) { $0.addingClamped($1.growth) }
        figures.append(("Unpacked", Self.signed(growth)))
        guard let fetch = platform.fetch else { return [PageParts.figures(figures)] }
        figures += [
            ("To fetch", "\(ByteCount(fetch.size))"), ("Layers to fetch", "\(fetch.layers) of \(fetch.allLayers)"),
        ]
        return [
            PageParts.figures(figures),
            .element("p", ["class": "quiet"], "A machine that has the first image fetches this much for the second."),
        ]
    }

    private func packages(of platform: PlatformDifference) -> [Markup] {
        var parts = [Markup]()
        if !platform.packages.isEmpty {
            var table = Table(
                "Packages that were added, removed, or have another version",
                [("Name", .text), ("Old", .text), ("New", .text), ("Kind", .wide)]
            )
            for package in platform.packages.prefix(Self.most) {
                table.add([
                    .path(package.name), Self.versions(package.old), Self.versions(package.new),
                    .text(package.ecosystem),
                ])
            }
            Self.close(&table, platform.packages.count - Self.most, columns: 4)
            parts.append(table.markup)
        }
        return parts + platform.gaps.prefix(20).map { PageParts.paragraph("Note: \($0.withoutMiddle(300)).") }
    }

    private static func versions(_ versions: [String]) -> Table.Cell {
        versions.isEmpty ? .text("–") : .path(versions.joined(separator: ", "))
    }

    private func files(of platform: PlatformDifference, _ number: Int) -> [Markup] {
        guard !platform.files.isEmpty else { return [] }
        var parts = [Markup]()
        let map = Self.map(of: platform.files)
        if map.size > 0 { parts.append(ZoomableMap(of: map, prefix: "p\(number)m").markup) }
        var table = Table(
            "Files by the size of the change",
            [("Path", .text), ("Change", .short), ("Size", .number), ("What", .wide)]
        )
        for file in platform.filesBySize.prefix(Self.most) {
            let words = (file.changes + (file.elf?.changes ?? [])).joined(separator: "; ")
            table.add([
                .path(file.path.description), .text(file.change.rawValue), .text(Self.signed(file.growth)),
                .path(words, most: 300),
            ])
        }
        Self.close(&table, platform.files.count + platform.filesLeftOut - Self.most, columns: 4)
        return parts + [table.markup]
    }

    /// The files with a content by what happened to them: as large as they are now, or were.
    private static func map(of files: [FileDifference]) -> MapNode {
        let changes: [(FileDifference.Change, String, MapNode.Tone)] = [
            (.added, "Added", .added), (.changed, "Changed", .changed), (.removed, "Removed", .removed),
        ]
        func size(_ file: FileDifference) -> Int64 {
            guard let state = file.right ?? file.left, state.linkedTo == nil else { return 0 }
            return state.size
        }
        let shown = files.filter { size($0) > 0 && ($0.change != .changed || $0.aspects.contains(.content)) }
        let total = shown.reduce(Int64(0)) { $0.addingClamped(size($1)) }
        let parts = changes.compactMap { change, name, tone -> MapNode? in
            var draft = SizeTreeDraft(smallest: total / 2000)
            for file in shown.filter({ $0.change == change }).sorted(by: { $0.path < $1.path }) {
                draft.add(file.path, size: size(file))
            }
            let tree = draft.finish()
            guard tree.size > 0 else { return nil }
            return MapNode(name, size: tree.size, tone, parts: MapNode.parts(of: tree, tone))
        }
        return MapNode("All changes", size: total, .folded, parts: parts.sorted { $0.size > $1.size })
    }

    private func fields(of platform: PlatformDifference) -> [Markup] {
        let fields = platform.fields(ignoring: difference.ignored)
        return fields.isEmpty ? [] : [Self.fields(fields, "Fields of the manifest and of the config")]
    }

    private static func fields(_ fields: [FieldDifference], _ caption: String) -> Markup {
        var table = Table(caption, [("Field", .text), ("Old", .text), ("New", .text)])
        for field in fields.prefix(most) {
            table.add([.path(field.place), value(field.left), value(field.right)])
        }
        close(&table, fields.count - most, columns: 3)
        return table.markup
    }

    private static func value(_ text: String?) -> Table.Cell { text.map { .path($0, most: 400) } ?? .text("–") }

    private func layers(of platform: PlatformDifference) -> [Markup] {
        let layers = platform.layers(ignoring: difference.ignored)
        guard !layers.isEmpty else { return [] }
        var table = Table("Layers by their position", [("Layer", .text), ("What", .text)])
        for layer in layers.prefix(Self.most) {
            table.add([.text("[\(layer.position + 1)]"), .path(layer.text, most: 400)])
        }
        Self.close(&table, layers.count - Self.most, columns: 2)
        return [table.markup]
    }

    // MARK: Words

    private static func close(_ table: inout Table, _ rest: Int, columns: Int) {
        guard rest > 0 else { return }
        table.add([.text("\(rest) more")] + (1..<columns).map { _ in .text("") }, .folded)
    }

    private static func signed(_ size: Int64) -> String {
        let sign = size > 0 ? "+" : size < 0 ? "−" : ""
        return "\(sign)\(ByteCount(Int64(clamping: size.magnitude)))"
    }
}

extension String {
    fileprivate var withFirstUppercased: String {
        contains(": ") ? self : prefix(1).uppercased() + dropFirst()
    }
}

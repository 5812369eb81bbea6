package import Checkup
import Diagnostics
import Findings
import Hygiene
import Inventory
import Layers
import OCI
import Page

/// The page of one image: what it is, where its bytes are, what is wasted, what it has in it, what checks find.
package struct ImagePage {
    private let survey: ImageSurvey
    private let push: NextPush?

    /// - Parameter push: what a registry says of the next push; `nil` if none was asked.
    package init(of survey: ImageSurvey, push: NextPush? = nil) { (self.survey, self.push) = (survey, push) }

    /// The file, the same for the same image and the same answer of a registry.
    package var bytes: [UInt8] {
        let sections: [(String, String, [Markup])] = [
            ("findings", "Findings", findings),
            ("space", "Where the bytes are", space),
            ("layers", "Layers", layers),
            ("directories", "Directories and files", [SpaceTable(survey).markup]),
            ("waste", "What is wasted", waste),
            ("transfer", "What is sent", transfer),
            ("packages", "Packages", packages),
            ("configuration", "Configuration", configuration),
            ("history", "History", history),
        ]
        let content =
            [header, PageParts.contents(sections.map { ($0.0, $0.1) })]
            + sections.map { PageParts.section($0.0, $0.1, $0.2) }
        return PageDocument(title: "\(survey.title) (\(survey.config.platform))", content).bytes
    }

    // MARK: The head

    private var header: Markup {
        let severities = counts.map(\.text).joined(separator: ", ")
        var parts: [Markup] = [
            .element("p", ["class": "over"], "Container image for \(survey.config.platform)"),
            .element("h1", [:], [.element("bdi", [:], survey.title.withoutMiddle(200))]),
            .element("p", ["class": "quiet"], [PageParts.digest("\(survey.manifest.descriptor.digest)")]),
        ]
        if !survey.otherPlatforms.isEmpty {
            let others = survey.otherPlatforms.prefix(40).map(\.description).joined(separator: ", ")
            parts.append(.element("p", ["class": "quiet"], "The index also has images for \(others)."))
        }
        parts.append(
            PageParts.figures([
                ("To download", "\(ByteCount(survey.storedSize))"),
                ("Unpacked", "\(ByteCount(survey.waste.total))"),
                ("Layers", "\(survey.layers.count)"),
                ("Entries", "\(survey.entryCount)"),
                ("Packages", "\(survey.inventory.components.count)"),
                ("Wasted", survey.waste.percentText),
                ("Findings", severities.isEmpty ? "none" : severities),
            ])
        )
        return .element("header", [:], parts)
    }

    private var counts: [(text: String, severity: Rule.Severity)] {
        [(Rule.Severity.error, "error"), (.warning, "warning"), (.note, "note")].compactMap { severity, word in
            let count = survey.findings.count { $0.severity == severity }
            return count == 0 ? nil : ("\(count) \(word)" + (count == 1 ? "" : "s"), severity)
        }
    }

    // MARK: Findings

    private static let mostFindings = 200

    private var findings: [Markup] {
        guard !survey.findings.isEmpty else {
            return [PageParts.paragraph("The image can run, and check and lint find nothing.")]
        }
        var parts = survey.findings.prefix(Self.mostFindings).map { finding in
            Markup.element(
                "article",
                ["class": "finding \(finding.severity)"],
                [
                    .element(
                        "h3",
                        [:],
                        [
                            .element("span", ["class": "word"], "\(finding.severity)"),
                            Markup(prose: ": \(finding.summary.withoutMiddle(600))"),
                        ]
                    ),
                    finding.reason.map { .element("p", [:], [Markup(prose: "Because \($0.withoutMiddle(1500))")]) }
                        ?? Markup(),
                    finding.hint.map {
                        .element("p", [:], [.element("strong", [:], "Cure: "), Markup(prose: $0.withoutMiddle(1500))])
                    } ?? Markup(),
                    .element("p", ["class": "quiet"], [.element("code", [:], finding.rule.code)]),
                ]
            )
        }
        let rest = survey.findings.count - parts.count
        if rest > 0 { parts.append(PageParts.paragraph("\(rest) more are listed by coracle check and coracle lint.")) }
        return parts
    }

    // MARK: Layers

    private var layers: [Markup] {
        var table = Table(
            "The layers, the lowest first. Stored is what is sent, unpacked what is on the disk.",
            [("Layer", .text), ("Stored", .number), ("Unpacked", .number), ("Files", .wideNumber), ("Digest", .wide)]
        )
        for (index, layer) in survey.layers.enumerated() {
            table.add([
                .content(
                    Self.swatch(index) + Markup(Self.title(of: layer, index))
                        + Markup(layer.maker.words.map { " (\($0))" } ?? "")
                ),
                .text("\(ByteCount(layer.descriptor.size))"),
                .text("\(ByteCount(layer.size))"),
                .text("\(layer.fileCount)"),
                .content(PageParts.digest(layer.descriptor.digest.description.withoutMiddle(23))),
            ])
        }
        return [strip, table.markup]
    }

    private static func title(of layer: ImageSurvey.Layer, _ index: Int) -> String {
        let step = (layer.step ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return "[\(index + 1)]" + (step.isEmpty ? "" : " \(step.withoutMiddle(120))")
    }

    private static func swatch(_ index: Int) -> Markup {
        .element(
            "svg",
            ["class": "swatch \(MapNode.Tone.series(index).styleClass)", "aria-hidden": "true"],
            [.element("rect", ["width": "100%", "height": "100%"])]
        )
    }

    /// The layers side by side, as wide as they are large.
    private var strip: Markup {
        let total = max(1, Double(survey.waste.total))
        var place = 0.0
        var parts: [Markup] = [
            .element("title", ["id": "strip-title"], "The layers, each as wide as it is large unpacked")
        ]
        for (index, layer) in survey.layers.enumerated() {
            let width = Double(layer.size) / total * 100
            defer { place += width }
            guard width >= 0.05 else { continue }
            var cell: [Markup] = [
                .element("title", [:], "\(Self.title(of: layer, index)), \(ByteCount(layer.size))"),
                .element("rect", ["width": "100%", "height": "100%"]),
            ]
            if width > 12 {
                cell.append(.element("text", ["x": "6", "y": "24", "class": "k0"], "[\(index + 1)]"))
            } else if width > 4 {
                cell.append(.element("text", ["x": "6", "y": "24", "class": "k2"], "[\(index + 1)]"))
            }
            parts.append(
                .element(
                    "svg",
                    [
                        "x": place.percentText, "y": "0", "width": width.percentText, "height": "100%",
                        "class": MapNode.Tone.series(index).styleClass,
                    ],
                    cell
                )
            )
        }
        return .element(
            "svg",
            ["class": "strip", "role": "img", "aria-labelledby": "strip-title", "preserveAspectRatio": "none"],
            parts
        )
    }

    // MARK: Space

    private var space: [Markup] {
        guard survey.waste.total > 0 else { return [PageParts.paragraph("No file of the image has a content.")] }
        return [ZoomableMap(of: map, prefix: "m").markup]
    }

    private var map: MapNode {
        let layers = survey.layers.enumerated().filter { $1.size > 0 }.map { index, layer in
            let tone = MapNode.Tone.series(index)
            var parts = MapNode.parts(of: layer.files, tone)
            if layer.hidden.size > 0 {
                parts.append(
                    MapNode(
                        "hidden by later layers",
                        size: layer.hidden.size,
                        .hatched,
                        remark: "wasted",
                        parts: MapNode.parts(of: layer.hidden, .hatched)
                    )
                )
            }
            return MapNode(
                Self.title(of: layer, index),
                size: layer.size,
                tone,
                remark: layer.maker.words ?? "",
                parts: parts.sorted { $0.size > $1.size }
            )
        }
        // A picture of the only layer has one rectangle less.
        if layers.count == 1, let only = layers.first { return only }
        return MapNode(
            "All layers",
            size: survey.waste.total,
            .folded,
            parts: layers.sorted { $0.size > $1.size }
        )
    }

    // MARK: Waste

    private static let mostWaste = 100

    private var waste: [Markup] {
        let waste = survey.waste
        guard waste.size > 0 else {
            return [PageParts.paragraph("Nothing: no content is hidden by a later layer, and none is there twice.")]
        }
        let kinds = ImageWaste.Kind.allCases.filter { waste.size(of: $0) > 0 }
            .map { "\(ByteCount(waste.size(of: $0))) \($0.words)" }
        var table = Table(
            "Contents that could be left out, the largest first, unpacked",
            [("Path", .text), ("Size", .number), ("Layer", .number), ("Why", .text)]
        )
        for item in waste.items.prefix(Self.mostWaste) {
            table.add([
                .path(item.path.description), .text("\(ByteCount(item.size))"), .text("[\(item.layer + 1)]"),
                .content(.element("bdi", [:], item.explanation.withoutMiddle(160))),
            ])
        }
        let rest = waste.items.dropFirst(Self.mostWaste)
        if !rest.isEmpty {
            let size = rest.reduce(Int64(0)) { $0.addingClamped($1.size) }
            table.add([.text("\(rest.count) more"), .text("\(ByteCount(size))"), .text(""), .text("")], .folded)
        }
        return [
            PageParts.paragraph(
                "\(ByteCount(waste.size)) of \(ByteCount(waste.total)), \(waste.percentText): \(kinds.joined(separator: ", "))."
            ),
            table.markup,
        ]
    }

    // MARK: Transfer

    private var transfer: [Markup] {
        var rows = [("A registry or node that has none of the layers", survey.storedSize, survey.layers.count)]
        if survey.knowsMakers {
            let base = survey.layers.filter { $0.maker == .base }
            if !base.isEmpty {
                rows.append(
                    (
                        "One that has the base", survey.storedSize(by: [.runtime, .application, .unknown]),
                        survey.layers.count - base.count
                    )
                )
            }
            let own = survey.layers.filter { $0.maker == .application }
            rows.append(
                (
                    "The next push, if all layers of the application change and nothing else",
                    survey.storedSize(by: [.application]), own.count
                )
            )
        }
        var table = Table(
            "What has to be sent, as it is stored; the config and the manifest are a few kilobytes more",
            [("To whom", .text), ("Layers", .number), ("Size", .number)]
        )
        for (name, size, count) in rows { table.add([.text(name), .text("\(count)"), .text("\(ByteCount(size))")]) }
        let hint = "No registry was asked what it has: coracle inspect --html FILE --against NAME asks one."
        return [table.markup] + (push?.markup ?? [.element("p", ["class": "quiet"], hint)])
    }

    // MARK: Packages

    private static let mostPackages = 3000

    private var packages: [Markup] {
        let components = survey.inventory.components
        var parts = [Markup]()
        if let system = survey.inventory.distribution {
            let name = system.name ?? "\(system.id) \(system.version)"
            parts.append(PageParts.paragraph("The image says that it is \(name.withoutMiddle(200))."))
        }
        for gap in survey.inventory.gaps.prefix(20) {
            parts.append(PageParts.paragraph("Packages may be missing here: \(gap.withoutMiddle(300))."))
        }
        guard !components.isEmpty else { return parts + [PageParts.paragraph("No packages are found.")] }
        var table = Table(
            "Packages by kind and name, as the image's own records and its programs name them",
            [("Name", .text), ("Version", .text), ("Kind", .text), ("Found in", .wide)]
        )
        let sorted = components.map { (kind: $0.kind, component: $0) }
            .sorted { ($0.kind, $0.component.name, $0.component.key) < ($1.kind, $1.component.name, $1.component.key) }
        for (kind, component) in sorted.prefix(Self.mostPackages) {
            table.add([
                .path(component.name), .path(component.version), .text(kind),
                .path(component.occurrences.min()?.path.description ?? ""),
            ])
        }
        if components.count > Self.mostPackages {
            table.add(
                [.text("\(components.count - Self.mostPackages) more"), .text(""), .text(""), .text("")],
                .folded
            )
        }
        let count = PageParts.count(components.count, "package", "packages")
        return parts + [PageParts.folded("All \(count)", table.markup, isLong: components.count > 60)]
    }

    // MARK: Configuration

    private static let mostPairs = 300

    private var configuration: [Markup] {
        let execution = survey.config.config
        var pairs = [(String, String)]()
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { pairs.append((name, value)) }
        }
        add("Created", survey.config.created)
        add("User", execution.user)
        add("Entry point", execution.entrypoint?.joined(separator: " "))
        add("Command", execution.cmd?.joined(separator: " "))
        add("Working directory", execution.workingDir)
        for variable in execution.env { add("Environment", variable) }
        add("Ports", execution.exposedPorts.joined(separator: " "))
        add("Volumes", execution.volumes.joined(separator: " "))
        add("Stop signal", execution.stopSignal)
        for (key, value) in execution.labels.sorted(by: { $0.key < $1.key }) { add("Label \(key)", value) }
        for (key, value) in survey.manifest.content.annotations.sorted(by: { $0.key < $1.key }) {
            add("Annotation \(key)", value)
        }
        guard !pairs.isEmpty else { return [PageParts.paragraph("The configuration says nothing.")] }
        let rest = pairs.count - Self.mostPairs
        return [PageParts.pairs(Array(pairs.prefix(Self.mostPairs)))]
            + (rest > 0 ? [PageParts.paragraph("\(rest) more are listed by coracle inspect.")] : [])
    }

    // MARK: History

    private static let mostSteps = 500

    private var history: [Markup] {
        let steps = survey.config.history
        guard !steps.isEmpty else { return [PageParts.paragraph("The configuration has none.")] }
        var table = Table(
            "The steps that made the image, the first one first",
            [("Step", .text), ("Layer", .number), ("Made", .wide)]
        )
        var layer = 0
        for step in steps.prefix(Self.mostSteps) {
            if !step.isEmptyLayer { layer += 1 }
            table.add([
                .path(step.createdBy ?? step.comment ?? "(no word)", most: 400),
                .text(step.isEmptyLayer ? "none" : "[\(layer)]"),
                .path(step.created ?? ""),
            ])
        }
        if steps.count > Self.mostSteps {
            table.add([.text("\(steps.count - Self.mostSteps) more"), .text(""), .text("")], .folded)
        }
        return [table.markup]
    }
}

extension ImageSurvey.Maker {
    /// In a word; `nil` if it is not known.
    var words: String? {
        switch self {
        case .base: "base"
        case .runtime: "added by coracle"
        case .application: "application"
        case .unknown: nil
        }
    }
}

extension Component {
    /// As package URLs call its ecosystem.
    fileprivate var kind: String {
        guard let text = url?.description.dropFirst("pkg:".count), let slash = text.firstIndex(of: "/") else {
            return "other"
        }
        return String(text[..<slash])
    }
}

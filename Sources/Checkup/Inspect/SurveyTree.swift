import Diagnostics
import Hygiene
import Layers
import OCI

/// Where the bytes of an image are, as a text of lines: layers, their directories by size with bars, and what is wasted.
package struct SurveyTree {
    private let survey: ImageSurvey
    private let depth: Int
    private let columns: Int
    private var lines: [String] = []
    /// Whether lines for directories stand below the line of the layer before.
    private var lastHadParts = false

    /// As many directories and files of one directory have lines of their own.
    private static let most = 20
    /// As many wasted contents are named.
    private static let mostWaste = 15
    private static let barWidth = 16

    /// - Parameters:
    ///   - depth: how many directories below a layer are shown.
    ///   - columns: the width of a line.
    package init(of survey: ImageSurvey, depth: Int, columns: Int) {
        self.survey = survey
        self.depth = depth
        self.columns = max(40, columns)
    }

    package var text: [String] {
        var tree = self
        tree.addHead()
        for (index, layer) in survey.layers.enumerated() { tree.add(layer, number: index + 1) }
        tree.addWaste()
        return tree.lines
    }

    private mutating func addHead() {
        lines.append("\(survey.title) (\(survey.config.platform))")
        if !survey.otherPlatforms.isEmpty {
            lines.append("also for " + survey.otherPlatforms.map(\.description).joined(separator: ", "))
        }
        let layers = survey.layers.count == 1 ? "1 layer" : "\(survey.layers.count) layers"
        lines.append(
            "\(layers), \(ByteCount(survey.storedSize)) as they are stored, \(ByteCount(survey.waste.total)) unpacked; "
                + "\(survey.waste.percentText) wasted"
        )
    }

    private mutating func add(_ layer: ImageSurvey.Layer, number: Int) {
        let hasParts = layer.hidden.size > 0 || layer.files.children.contains(where: isShown)
        if number == 1 || hasParts || lastHadParts { lines.append("") }
        lastHadParts = hasParts
        let step = layer.step.map { " \($0.split(whereSeparator: \.isWhitespace).joined(separator: " "))" } ?? ""
        add(layer.size, "[\(number)]\(step)", level: 0)
        add(contentsOf: layer.files, level: 1)
        guard layer.hidden.size > 0 else { return }
        add(layer.hidden.size, "not seen, because later layers hide it: \(Self.files(layer.hidden.count))", level: 1)
    }

    private mutating func add(contentsOf directory: SizeTree, level: Int) {
        guard level <= depth else { return }
        let shown = directory.children.prefix(Self.most).enumerated().filter { index, child in
            // A large directory of many small ones shows its first: they say what it is.
            isShown(child) || index < 3 && level > 1 && directory.size >= survey.waste.total / 10
        }.map(\.element)
        for child in shown {
            // A chain of directories with nothing else in them is one line.
            var (last, name) = (child, String(printing: child.name))
            while last.isDirectory, last.children.count == 1, last.folded.count == 0, last.children[0].isDirectory {
                last = last.children[0]
                name += "/" + String(printing: last.name)
            }
            add(child.size, last.isDirectory ? name + "/" : name, level: level)
            if last.isDirectory { add(contentsOf: last, level: level + 1) }
        }
        let rest = directory.count - shown.reduce(0) { $0 + $1.count }
        // The directory's own line says as much.
        guard rest > 0, !shown.isEmpty else { return }
        add(directory.size - shown.reduce(0) { $0.addingClamped($1.size) }, "… \(Self.files(rest)) more", level: level)
    }

    // What is worth looking at would else be hidden by what is not.
    private func isShown(_ node: SizeTree) -> Bool { node.size >= survey.waste.total / 100 }

    private mutating func add(_ size: Int64, _ name: String, level: Int) {
        let share = survey.waste.total == 0 ? 0 : Double(size) / Double(survey.waste.total)
        // In eighths, so that small ones differ.
        let eighths = Int((share * Double(Self.barWidth * 8)).rounded())
        var bar = String(repeating: "█", count: eighths / 8)
        if eighths % 8 > 0 { bar.unicodeScalars.append(Unicode.Scalar(0x2590 - UInt32(eighths % 8)) ?? " ") }
        let start =
            "\(ByteCount(size).padded) \(percent(share).rightAligned(6)) \(bar.leftAligned(Self.barWidth)) "
            + String(repeating: "  ", count: level)
        lines.append(start + Self.shortened(name.escapedForTerminal, to: max(12, columns - start.count)))
    }

    private mutating func addWaste() {
        let waste = survey.waste
        lines.append("")
        guard waste.size > 0 else {
            lines.append("nothing is wasted: no content is hidden by a later layer, or there twice")
            return
        }
        lines.append("\(ByteCount(waste.size)) wasted, \(waste.percentText) of what is unpacked")
        for kind in ImageWaste.Kind.allCases where waste.size(of: kind) > 0 {
            lines.append("\(ByteCount(waste.size(of: kind)).padded) \(kind.words)")
        }
        lines.append("")
        for item in waste.items.prefix(Self.mostWaste) {
            let start = "\(ByteCount(item.size).padded) [\(item.layer + 1)] "
            let room = max(12, columns - start.count - item.explanation.count - 2)
            lines.append(
                "\(start)\(Self.shortened(item.path.description.escapedForTerminal, to: room))  \(item.explanation)"
            )
        }
        let rest = waste.items.dropFirst(Self.mostWaste)
        guard !rest.isEmpty else { return }
        lines.append(
            "\(ByteCount(rest.reduce(0) { $0.addingClamped($1.size) }).padded) … \(Self.files(rest.count)) more"
        )
    }

    private func percent(_ share: Double) -> String {
        let tenths = Int(share * 1000)
        return "\(tenths / 10).\(tenths % 10) %"
    }

    private static func files(_ count: Int) -> String { count == 1 ? "1 file" : "\(count) files" }

    /// Without its middle, if it is longer than `length`.
    private static func shortened(_ text: String, to length: Int) -> String {
        guard text.count > length else { return text }
        let front = length / 3
        return "\(text.prefix(front))…\(text.suffix(length - front - 1))"
    }
}

extension ImageWaste {
    /// The share of the total, such as `1.2 %`.
    package var percentText: String { "\(permille / 10).\(permille % 10) %" }
}

extension ImageWaste.Item {
    /// Why it is wasted, with the number of the layer from 1, or the other file.
    package var explanation: String {
        let by = hidingLayer.map { "[\($0 + 1)]" } ?? ""
        return switch kind {
        case .deleted: "deleted by \(by)"
        case .overwritten: "overwritten by \(by)"
        case .unchanged: "unchanged in \(by)"
        case .twice: "as \((twin?.description ?? "").excerpt)"
        }
    }
}

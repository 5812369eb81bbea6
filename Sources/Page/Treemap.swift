/// A rectangle whose parts are as large as what they stand for.
///
/// M. Bruls, K. Huizing, J. J. van Wijk: Squarified Treemaps (2000), § 3.
package struct Treemap {
    package struct Box: Hashable, Sendable {
        package let x: Double
        package let y: Double
        package let width: Double
        package let height: Double

        package init(x: Double, y: Double, width: Double, height: Double) {
            (self.x, self.y, self.width, self.height) = (x, y, width, height)
        }

        package var area: Double { width * height }

        /// Without this much at each side, and at its top.
        package func inset(_ horizontal: Double, _ vertical: Double, top: Double) -> Box {
            Box(
                x: x + horizontal,
                y: y + top,
                width: max(0, width - 2 * horizontal),
                height: max(0, height - top - vertical)
            )
        }
    }

    /// Divides `box` among `sizes`, the largest first: one box for each, in order.
    ///
    /// - Parameter aspect: how much wider a unit of the box is on the screen than it is high.
    package static func boxes(of sizes: [Int64], in box: Box, aspect: Double) -> [Box] {
        let total = sizes.reduce(0.0) { $0 + Double(max(0, $1)) }
        guard total > 0, box.area > 0 else { return sizes.map { _ in Box(x: box.x, y: box.y, width: 0, height: 0) } }
        var boxes = [Box]()
        boxes.reserveCapacity(sizes.count)
        // Worked out on the screen's scale, as what is square there is to be square.
        var rest = Box(x: 0, y: 0, width: box.width * aspect, height: box.height)
        let scale = rest.area / total
        var index = 0
        while index < sizes.count {
            let side = min(rest.width, rest.height)
            var end = index
            var (sum, smallest, largest) = (0.0, Double.infinity, 0.0)
            var worst = Double.infinity
            while end < sizes.count {
                let area = Double(max(0, sizes[end])) * scale
                let (newSum, newSmallest, newLargest) = (sum + area, min(smallest, area), max(largest, area))
                guard newSmallest > 0 else { break }
                let ratio = max(
                    side * side * newLargest / (newSum * newSum),
                    newSum * newSum / (side * side * newSmallest)
                )
                guard ratio <= worst else { break }
                (sum, smallest, largest, worst) = (newSum, newSmallest, newLargest, ratio)
                end += 1
            }
            guard end > index, side > 0 else {
                boxes += (index..<sizes.count).map { _ in Box(x: rest.x, y: rest.y, width: 0, height: 0) }
                break
            }
            let thickness = sum / side
            let isColumn = rest.width >= rest.height
            var place = isColumn ? rest.y : rest.x
            for size in sizes[index..<end] {
                let length = Double(max(0, size)) * scale / thickness
                boxes.append(
                    isColumn
                        ? Box(x: rest.x, y: place, width: thickness, height: length)
                        : Box(x: place, y: rest.y, width: length, height: thickness)
                )
                place += length
            }
            rest =
                isColumn
                ? Box(x: rest.x + thickness, y: rest.y, width: max(0, rest.width - thickness), height: rest.height)
                : Box(x: rest.x, y: rest.y + thickness, width: rest.width, height: max(0, rest.height - thickness))
            index = end
        }
        return boxes.map { part in
            Box(
                x: box.x + part.x / aspect,
                y: box.y + part.y,
                width: part.width / aspect,
                height: part.height
            )
        }
    }
}

extension Double {
    /// As a percentage with two digits, such as `12.5%`: the same on every machine.
    package var percentText: String {
        guard isFinite else { return "0%" }
        let hundredths = Int((Swift.min(Swift.max(self, 0), 1000) * 100).rounded())
        let (whole, part) = (hundredths / 100, hundredths % 100)
        if part == 0 { return "\(whole)%" }
        return part % 10 == 0 ? "\(whole).\(part / 10)%" : "\(whole).\(part < 10 ? "0" : "")\(part)%"
    }
}

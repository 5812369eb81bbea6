package import Images
import OCI
import Request

/// Which of several images are built before others: those that others stand on, or take files of.
package enum BatchOrder {
    /// `chosen`, and what those need, in the order of all.
    ///
    /// - Parameter needs: for each image the places of those that have to be there first. There are no circles.
    package static func needed(by chosen: [Int], _ needs: [[Int]]) -> [Int] {
        var (needed, open) = (Set<Int>(), chosen)
        while let index = open.popLast() {
            if needed.insert(index).inserted { open += needs[index] }
        }
        return needed.sorted()
    }

    /// The images in groups: what an image needs is in an earlier group. All of one group can be built side by side.
    package static func waves(_ needs: [[Int]]) -> [[Int]] {
        var depths = [Int?](repeating: nil, count: needs.count)
        var waves = [[Int]]()
        for index in needs.indices {
            var open = [index]
            while let next = open.last {
                // What is not known yet is looked at first.
                let unknown = depths[next] == nil ? needs[next].filter { depths[$0] == nil } : []
                open += unknown
                guard unknown.isEmpty else { continue }
                depths[next] = needs[next].compactMap { depths[$0] }.max().map { $0 + 1 } ?? 0
                open.removeLast()
            }
        }
        for (index, depth) in depths.enumerated() {
            while waves.count <= depth ?? 0 { waves.append([]) }
            waves[depth ?? 0].append(index)
        }
        return waves
    }
}

extension BatchItem {
    /// Where the image is when it is built; `nil` if it goes to standard output.
    package var location: ImageLocation? {
        switch request.output {
        case .layout(let path)?: .layout(path, name: request.names.first?.text)
        case .archive(let path)?: .archive(path, name: nil)
        case .stream?: nil
        case nil: request.names.first.map { .registry($0) }
        }
    }
}

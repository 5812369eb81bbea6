package import Images
import OCI
import Request

/// Which of several images are built before others: those that others stand on.
package enum BatchOrder {
    /// `chosen`, and what those stand on, in the order of all.
    ///
    /// - Parameter bases: for each image the place of the one that it stands on. There are no circles.
    package static func needed(by chosen: [Int], _ bases: [Int?]) -> [Int] {
        var needed = Set<Int>()
        for index in chosen {
            var next: Int? = index
            while let index = next, needed.insert(index).inserted { next = bases[index] }
        }
        return needed.sorted()
    }

    /// The images in groups: what an image stands on is in an earlier group. All of one group can be built side by side.
    package static func waves(_ bases: [Int?]) -> [[Int]] {
        var depths = [Int?](repeating: nil, count: bases.count)
        var waves = [[Int]]()
        for index in bases.indices {
            var (chain, next) = ([Int](), Optional(index))
            while let index = next, depths[index] == nil {
                chain.append(index)
                next = bases[index]
            }
            var depth = next.flatMap { depths[$0] }.map { $0 + 1 } ?? 0
            for index in chain.reversed() {
                depths[index] = depth
                depth += 1
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

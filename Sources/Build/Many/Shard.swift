package import Diagnostics
import OCI
import Request

/// One of several equal shares of the images, for machines that work side by side: `3/16`.
///
/// The images stand in a row, in the order of the SHA-256 of their names, which is cut into pieces whose lengths differ by
/// one at most. One image more or less moves at most one image over each cut; the others stay where they were.
package struct Shard: Hashable, Sendable {
    /// From 1.
    package let number: Int
    package let count: Int

    private static let most = 10_000

    /// - Throws: `shard.malformed`.
    package init(parsing text: String) throws(Diagnostic) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { part -> Int? in
            part.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(part) : nil
        }
        guard parts.count == 2, numbers.count == 2, (1...Self.most).contains(numbers[1]),
            (1...numbers[1]).contains(numbers[0])
        else {
            throw .optionMalformed(
                .shardMalformed,
                "--shard",
                text,
                because: "it is not N/M, the Nth of M shares, counted from 1",
                example: "3/16"
            )
        }
        (number, count) = (numbers[0], numbers[1])
    }

    /// The places in `names` of those that belong to this share, in order. No name is there twice.
    package func indices(of names: [String]) -> [Int] {
        let row = names.indices
            .map { (digest: Digest(sha256Of: Array(names[$0].utf8)).hex, index: $0) }
            .sorted { $0.digest < $1.digest }
        let piece = row[(number - 1) * row.count / count..<number * row.count / count]
        return piece.map(\.index).sorted()
    }
}

extension Shard: CustomStringConvertible {
    package var description: String { "\(number)/\(count)" }
}

extension Diagnostic.Code {
    static let shardMalformed = Self("shard.malformed", .usage)
}

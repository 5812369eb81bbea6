import Glibc
import TestSupport

/// Bytes to compress, of many kinds.
struct Sample: Sendable {
    let name: String
    let bytes: [UInt8]

    static let small: [Sample] = [
        Sample(name: "one byte", bytes: [0x61]),
        Sample(name: "one byte many times", bytes: [UInt8](repeating: 7, count: 1000)),
        Sample(name: "a sentence", bytes: Array("It was the best of times, it was the worst of times.".utf8)),
        Sample(name: "text", bytes: text(3000)),
        Sample(name: "random", bytes: random(600)),
        Sample(name: "every byte", bytes: (0...255).map { UInt8($0) }),
    ]

    static let all: [Sample] =
        small + [
            Sample(name: "zeros", bytes: [UInt8](repeating: 0, count: 100_000)),
            Sample(name: "long random", bytes: random(70_000)),
            Sample(name: "long text", bytes: text(70_000)),
            Sample(name: "machine code", bytes: machineCode),
            Sample(name: "text between random bytes", bytes: random(20_000) + text(20_000) + random(20_000)),
            Sample(name: "skewed bytes, whose rare ones have long codes", bytes: skewed(30_000)),
        ] + [2, 3, 4, 31, 257, 258, 259, 32_767, 32_768, 32_769].map(period)

    static func random(_ count: Int) -> [UInt8] {
        var generator = Pseudorandom(seed: UInt64(count))
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    static func text(_ count: Int) -> [UInt8] {
        var generator = Pseudorandom(seed: 26)
        let words = [
            "layer", "digest", "blob", "the", "of", "a", "manifest", "index", "is", "and", "entry", "\n", "0", "base",
            "platform",
        ]
        var bytes = [UInt8]()
        while bytes.count < count { bytes += "\(words[Int.random(in: words.indices, using: &generator)]) ".utf8 }
        return Array(bytes[..<count])
    }

    /// Some of it compresses and some does not.
    static func mixed(_ count: Int, _ generator: inout Pseudorandom) -> [UInt8] {
        var bytes = [UInt8]()
        bytes.reserveCapacity(count + 2000)
        while bytes.count < count {
            let length = Int.random(in: 1...2000, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes += noise[..<length]
            case 1: bytes += words[..<length]
            default: bytes += [UInt8](repeating: UInt8.random(in: .min ... .max, using: &generator), count: length)
            }
        }
        return Array(bytes[..<count])
    }

    private static let noise = random(2000)
    private static let words = text(2000)

    private static func period(_ length: Int) -> Sample {
        let pattern = random(length)
        return Sample(name: "period \(length)", bytes: (0..<min(70_000, length * 40)).map { pattern[$0 % length] })
    }

    private static func skewed(_ count: Int) -> [UInt8] {
        var generator = Pseudorandom(seed: 15)
        return (0..<count).map { _ in
            UInt8(UInt64.random(in: .min ... .max, using: &generator).trailingZeroBitCount * 3 & 0xFF)
        }
    }

    /// The beginning of the program that runs the tests.
    private static let machineCode: [UInt8] = {
        let file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        return [UInt8](unsafeUninitializedCapacity: 70_000) { buffer, count in
            count = max(0, pread(file, buffer.baseAddress, 70_000, 0))
        }
    }()
}

import FuzzProbes
import TestSupport
import Testing

/// Replays what libFuzzer found worth keeping (`Fuzz/run`), a folder of small files for each probe. A trap ends the run.
@Suite("Corpora of the fuzzers")
struct CorpusTests {
    @Test("every probe has a corpus, and every input in it is read or refused", arguments: Probe.all)
    func replay(probe: Probe) throws {
        let inputs = try Corpus.inputs(of: probe.name)
        #expect(inputs.count >= 5)
        for input in inputs { probe.read(input) }
    }

    @Test("damaged inputs are read or refused", arguments: Probe.all)
    func damage(probe: Probe) throws {
        var random = Pseudorandom(seed: 0x5EED)
        for input in try Corpus.inputs(of: probe.name) where !input.isEmpty {
            for _ in 0..<10 {
                var bytes = input
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[index] = UInt8.random(in: 0...255, using: &random)
                }
                probe.read(bytes)
                probe.read(Array(input.prefix(Int.random(in: 0..<input.count, using: &random))))
            }
        }
    }

    @Test("every folder of the corpus belongs to a probe")
    func folders() throws {
        #expect(try Corpus.folders() == Probe.all.map(\.name))
    }
}

/// The files in `Tests/Corpus`.
private enum Corpus {
    private static let folder =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Corpus"

    static func folders() throws -> [String] { try names(in: folder).filter { $0 != "README.md" } }

    static func inputs(of probe: String) throws -> [[UInt8]] {
        try names(in: "\(folder)/\(probe)").map { try readFile("\(folder)/\(probe)/\($0)") }
    }
}

import TestSupport
import Testing

@testable import Needs

@Suite("Looking for many texts at once")
struct TextScanTests {
    @Test("it finds the same as a search for each text alone", arguments: 0..<20)
    func asOneByOne(seed: Int) {
        var random = Pseudorandom(seed: UInt64(seed))
        // Few letters, so that parts of texts are everywhere.
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 97...99, using: &random) } }
        let texts = (0..<12).map { _ in bytes(Int.random(in: 4...7, using: &random)) }
        let text = bytes(3000)
        var found = Set<[Int]>()
        text.withUnsafeBufferPointer { text in
            TextScan(texts).search(text) { found.insert([$0, $1]) }
        }
        var expected = Set<[Int]>()
        for (number, wanted) in texts.enumerated() {
            for start in 0...(text.count - wanted.count) where text[start...].starts(with: wanted) {
                expected.insert([number, start])
            }
        }
        #expect(found == expected)
    }

    @Test("nothing is found in a part of a text", arguments: 0...5)
    func short(count: Int) {
        Array("abcdef".utf8.prefix(count)).withUnsafeBufferPointer { bytes in
            TextScan([Array("abcdef".utf8)]).search(bytes) { _, _ in Issue.record("found") }
        }
    }

    @Test("a text that lies across two windows is found", arguments: -70...3)
    func windows(offset: Int) throws {
        let text = Array("SSL_CERT_FILE".utf8)
        let start = (256 << 10) - 120 + offset
        var payload = [UInt8](repeating: 0, count: 600 << 10)
        payload.replaceSubrange(start..<start + text.count, with: text)
        #expect(try needs(of: ProgramBytes(loading: payload))[.certificates] == .needed("reads SSL_CERT_FILE"))
    }

    @Test("what is behind the loaded parts is not looked at")
    func unloaded() throws {
        let bytes = ProgramBytes(loading: []).bytes + Array("SSL_CERT_FILE".utf8)
        #expect(try needs(of: ProgramBytes(bytes))[.certificates].word == "unneeded")
    }

    @Test("a broken program is refused or read, and never more", arguments: 0..<200)
    func broken(seed: Int) throws {
        var random = Pseudorandom(seed: UInt64(seed))
        var bytes = try readFile(FixtureProgram("hello-c", .dynamicC).path())
        for _ in 0..<8 {
            bytes[Int.random(in: 0..<min(bytes.count, 4096), using: &random)] = UInt8.random(
                in: 0...255,
                using: &random
            )
        }
        if seed % 4 == 0 { bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))) }
        _ = try? needs(of: ProgramBytes(bytes))
    }
}

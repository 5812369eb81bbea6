import ByteIO
import Debian
import Diagnostics
import TestSupport
import Testing

@Suite("Control files")
struct ControlReaderTests {
    /// Fields of all paragraphs, or what is thrown.
    static func read(_ bytes: [UInt8], keeping: [String]? = nil) -> Result<[ControlParagraph], Diagnostic> {
        do throws(Diagnostic) {
            var reader = ControlReader(MemorySource(bytes), keeping: keeping)
            var paragraphs = [ControlParagraph]()
            while let paragraph = try reader.next() { paragraphs.append(paragraph) }
            return .success(paragraphs)
        } catch {
            return .failure(error)
        }
    }

    static let sample = """
        # a comment

        Package: one
        # another
        Version:\t1.0-1 \u{20}
        Description: short
         long, first line
         .
        \tlast: line
        Empty:


        package: two
        X-Colon: a:b: c
        """

    @Test("fields, folded lines and comments are read", arguments: ["\n", "\r\n"])
    func fields(end: String) throws {
        let text = Self.sample.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: end)
        let paragraphs = try Self.read(Array(text.utf8)).get()
        try #require(paragraphs.count == 2)
        #expect(paragraphs[0]["Package"] == "one")
        #expect(paragraphs[0]["VERSION"] == "1.0-1")
        #expect(paragraphs[0]["Description"] == "short\n long, first line\n .\n\tlast: line")
        #expect(paragraphs[0]["Empty"] == "")
        #expect(paragraphs[0]["Missing"] == nil)
        #expect(paragraphs[0].line == 3)
        #expect(paragraphs[1]["Package"] == "two")
        #expect(paragraphs[1]["x-colon"] == "a:b: c")
    }

    @Test("only what was asked for is kept")
    func wanted() throws {
        let paragraphs = try Self.read(Array(Self.sample.utf8), keeping: ["Version"]).get()
        #expect(paragraphs.map { $0["Version"] } == ["1.0-1", nil])
        #expect(paragraphs.map { $0["Package"] } == [nil, nil])
    }

    static let damaged: [(String, String)] = [
        ("a field twice", "A: 1\nB: 2\na: 3\n"),
        ("no colon", "A: 1\nnonsense\n"),
        ("an empty name", ": 1\n"),
        ("a space in a name", "A B: 1\n"),
        ("a name that is not ASCII", "Ä: 1\n"),
        ("a first line that goes on", " A: 1\n"),
        ("a signature", "-----BEGIN: PGP\n"),
    ]

    @Test("what is damaged is refused", arguments: damaged, [nil, ["Z"]])
    func refused(sample: (what: String, text: String), keeping: [String]?) {
        guard case .failure(let error) = Self.read(Array(sample.text.utf8), keeping: keeping) else {
            Issue.record("\(sample.what) was read")
            return
        }
        #expect(error.code == .controlMalformed)
    }

    @Test("bytes that are not UTF-8 are kept, and shown as bytes")
    func notText() throws {
        let paragraphs = try Self.read(Array("A: x".utf8) + [0xFF] + Array("y\n".utf8)).get()
        #expect(paragraphs[0].bytes(of: "A") == [0x78, 0xFF, 0x79])
        #expect(paragraphs[0]["A"] == "x\\xFFy" || paragraphs[0]["A"] == "x\\xffy")
    }

    @Test("a paragraph of more than 1 MiB is refused, as one line or as many", arguments: [80, 2_000_000])
    func tooLong(length: Int) {
        let line = " " + String(repeating: "x", count: length) + "\n"
        let text = "Description: y\n" + String(repeating: line, count: 10_000_000 / length)
        guard case .failure(let error) = Self.read(Array(text.utf8), keeping: []) else {
            Issue.record("it was read")
            return
        }
        #expect(error.code == .controlMalformed)
    }

    @Test("a file of more than the buffer is read whole")
    func long() throws {
        let text = (0..<60000).map { "Package: p\($0)\nDescription: some words of text\n more of them\n\n" }.joined()
        let paragraphs = try Self.read(Array(text.utf8), keeping: ["Package"]).get()
        #expect(paragraphs.map { $0["Package"] } == (0..<60000).map { "p\($0)" })
    }

    @Test("a file for one paragraph has one", arguments: ["", "\n\n", "A: 1\n\nB: 2\n"])
    func one(text: String) {
        #expect(throws: Diagnostic.self) { try ControlParagraph(parsing: Array(text.utf8), at: .file(path: "control")) }
    }
}

@Suite("Long lists of packages")
struct LongListTests {
    @Test("paragraphs that are passed over do not count against the limit of one")
    func skipped() throws {
        let others = (0..<100).map { "Package: p\($0)\nVersion: 1\n\n" }.joined()
        var reader = ControlReader(
            MemorySource(Array((others + "Package: wanted\nVersion: 2\n").utf8)),
            paragraphLimit: 64
        )
        let found = try reader.next(named: ["wanted"])
        #expect(found?["Version"] == "2")
    }
}

import OCI
import Store
import Synchronization
import Testing

@testable import Terminal

@Suite("What is shown of transfers")
struct TransferProgressTests {
    /// A blob whose digest begins with `digit`.
    private static func blob(_ digit: Character, _ size: Int64) throws -> Descriptor {
        let digest = try Digest(parsing: "sha256:" + String(repeating: digit, count: 64))
        return Descriptor(mediaType: .layerTarGzip, digest: digest, size: size)
    }

    private static func digest(_ digit: Character) throws -> Digest { try blob(digit, 0).digest }

    /// What a progress writes for events, each so many milliseconds after the start.
    private static func outputs(
        _ style: TransferProgress.Style,
        _ events: [(milliseconds: Int, event: TransferEvent)]
    ) -> [TransferProgress.Output] {
        let written = Written()
        let progress = TransferProgress(style) { output in written.outputs.withLock { $0.append(output) } }
        let start = ContinuousClock.now
        for (milliseconds, event) in events { progress.observe(event, at: start + .milliseconds(milliseconds)) }
        progress.finish()
        return written.outputs.withLock { $0 }
    }

    private final class Written: Sendable {
        let outputs = Mutex<[TransferProgress.Output]>([])
    }

    private static func events() throws -> [(milliseconds: Int, event: TransferEvent)] {
        let source = RepositoryName(registry: "ghcr.io", path: "me/base")
        return [
            (0, .began(try blob("a", 4_000_000), .upload)),
            (1, .began(try blob("b", 500), .upload)),
            (2, .ended(try digest("b"), .present)),
            (3, .began(try blob("c", 1_234_567), .upload)),
            (4, .ended(try digest("c"), .mounted(from: source))),
            (5, .advanced(try digest("a"), bytes: 1_000_000)),
            (6, .retrying("ghcr.io", attempt: 2, limit: 5, after: .milliseconds(1500), reason: "503")),
            (7, .advanced(try digest("a"), bytes: 0)),
            (10_001, .advanced(try digest("a"), bytes: 2_000_000)),
            (10_002, .advanced(try digest("a"), bytes: 2_100_000)),
            (10_003, .ended(try digest("a"), .transferred)),
            (10_004, .began(try blob("d", 9), .download)),
            (10_005, .ended(try digest("d"), .transferred)),
            (10_006, .began(try blob("e", 9), .download)),
            (10_007, .ended(try digest("e"), .failed)),
        ]
    }

    @Test("without a terminal there is a line for each blob that is done, and one in ten seconds for the others")
    func plain() throws {
        #expect(
            try Self.outputs(.plain, Self.events()) == [
                .line("exists sha256:bbbbbbbbbbbb 500 B"),
                .line("mounted sha256:cccccccccccc 1.2 MB from ghcr.io/me/base"),
                .line("ghcr.io: tried again in 1.5 s (2 of 5): 503"),
                .line("pushing sha256:aaaaaaaaaaaa 2.0 MB of 4.0 MB"),
                .line("pushed sha256:aaaaaaaaaaaa 4.0 MB"),
                .line("pulled sha256:dddddddddddd 9 B"),
            ]
        )
    }

    @Test("a program gets one object for each event, with whole digests, and at most one advance a second")
    func json() throws {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        let lines = try Self.outputs(
            .json,
            [
                (0, .began(try Self.blob("a", 4), .upload)), (1, .advanced(Self.digest("a"), bytes: 1)),
                (2, .advanced(Self.digest("a"), bytes: 2)), (1002, .advanced(Self.digest("a"), bytes: 3)),
                (1003, .retrying("h", attempt: 2, limit: 5, after: .seconds(2), reason: "503 \"busy\"")),
                (1004, .ended(Self.digest("a"), .transferred)),
            ]
        )
        #expect(
            lines == [
                .line(#"{"event":"began","direction":"upload","digest":"\#(digest)","size":4}"#),
                .line(#"{"event":"advanced","digest":"\#(digest)","bytes":1}"#),
                .line(#"{"event":"advanced","digest":"\#(digest)","bytes":3}"#),
                .line(
                    #"{"event":"retrying","host":"h","attempt":2,"limit":5,"afterMilliseconds":2000,"#
                        + #""reason":"503 \"busy\""}"#
                ),
                .line(#"{"event":"ended","digest":"\#(digest)","outcome":"transferred"}"#),
            ]
        )
    }

    @Test("nothing is shown if nothing is to be shown")
    func none() throws { #expect(try Self.outputs(.none, Self.events()) == []) }

    @Test("bars are drawn ten times a second at most, and taken away at the end")
    func redraws() throws {
        let outputs = try Self.outputs(
            .bars(columns: 80),
            [(0, .began(try Self.blob("a", 1000), .upload))]
                + (1...1000).map { ($0, .advanced(try Self.digest("a"), bytes: Int64($0))) }
        )
        #expect((10...12).contains(outputs.count), "\(outputs.count)")
        #expect(outputs.last == .block([]))
    }

    @Test("a retry is printed above the bars")
    func retry() throws {
        let outputs = try Self.outputs(
            .bars(columns: 80),
            [
                (0, .began(try Self.blob("a", 1000), .upload)),
                (1, .retrying("h", attempt: 3, limit: 5, after: .seconds(4), reason: "connection reset")),
            ]
        )
        #expect(outputs.contains(.line("h: tried again in 4 s (3 of 5): connection reset")))
    }

    @Test("a terminal too narrow for bars gets lines")
    func narrow() throws {
        let events = try Self.events()
        #expect(Self.outputs(.bars(columns: 39), events) == Self.outputs(.plain, events))
    }

    @Test(
        "a line fits its terminal",
        arguments: [
            (
                80,
                [
                    "aaaaaaaaaaaa [=======>                      ]    1.0 MB of    4.0 MB up",
                    "bbbbbbbbbbbb [==============================]     500 B of     500 B down",
                    "all          [=======>                      ]    1.0 MB of    4.0 MB 999.9 kB/s",
                ]
            ),
            (
                56,
                [
                    "aaaaaaaaaaaa [=>    ]    1.0 MB of    4.0 MB up",
                    "bbbbbbbbbbbb [======]     500 B of     500 B down",
                    "all          [=>    ]    1.0 MB of    4.0 MB 999.9 kB/s",
                ]
            ),
            (
                40,
                [
                    "aaaaaaaaaaaa    1.0 MB of    4.0 MB up", "bbbbbbbbbbbb     500 B of     500 B",
                    "all             1.0 MB of    4.0 MB",
                ]
            ),
        ]
    )
    func bars(width: Int, expected: [String]) throws {
        var board = TransferBoard()
        _ = board.apply(.began(try Self.blob("a", 4_000_000), .upload))
        _ = board.apply(.began(try Self.blob("b", 500), .download))
        _ = board.apply(.advanced(try Self.digest("a"), bytes: 1_000_000))
        _ = board.apply(.advanced(try Self.digest("b"), bytes: 900))
        let lines = try #require(TransferBars(width: width)).lines(board, rate: 999_999)
        #expect(lines == expected)
        #expect(lines.allSatisfy { $0.count < width })
    }

    @Test("ten blobs have a bar, the others are counted")
    func many() throws {
        var board = TransferBoard()
        for digit in "0123456789abc" { _ = board.apply(.began(try Self.blob(digit, .max), .upload)) }
        let lines = try #require(TransferBars(width: 100)).lines(board, rate: nil)
        #expect(lines.count == 12)
        #expect(lines[10] == "and 3 more")
    }

    @Test("events of blobs that did not begin, and absurd numbers, do no harm")
    func absurd() throws {
        var board = TransferBoard()
        _ = board.apply(.advanced(try Self.digest("f"), bytes: 1))
        _ = board.apply(.ended(try Self.digest("f"), .transferred))
        _ = board.apply(.began(try Self.blob("a", 10), .download))
        _ = board.apply(.advanced(try Self.digest("a"), bytes: -5))
        #expect(board.done == 0)
        _ = board.apply(.advanced(try Self.digest("a"), bytes: .max))
        #expect((board.done, board.total) == (10, 10))
    }
}

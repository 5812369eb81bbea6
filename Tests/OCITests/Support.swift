import Diagnostics
import Testing

/// The problem that `body` reports; a failure of the test if it reports none.
func problem(
    sourceLocation: SourceLocation = #_sourceLocation,
    of body: () throws -> Void
) throws -> Diagnostic {
    try #require(#expect(throws: Diagnostic.self, sourceLocation: sourceLocation) { try body() })
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// A digest's hex that is as good as any other.
let digits = String(repeating: "0123456789abcdef", count: 4)

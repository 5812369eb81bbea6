import ByteIO
import Testing

@Suite("Comparing large arrays of bytes")
struct SameBytesTests {
    @Test(
        "the comparison agrees with `==`",
        arguments: [[], [1], [2], [1, 2], [1, 3], [0, 0, 0]] as [[UInt8]]
    )
    func agrees(bytes: [UInt8]) {
        for other in [[], [1], [2], [1, 2], [1, 3], [0, 0, 0], [0, 0]] as [[UInt8]] {
            #expect(bytes.hasSameBytes(as: other) == (bytes == other))
        }
    }
}

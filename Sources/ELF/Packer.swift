/// A tool that compresses programs. What is seen of its output is its own loader, so nothing is known of the program.
package enum Packer: String, Hashable, Sendable {
    case upx = "UPX"

    static let windowSize = 1024

    /// Looks for the `UPX!` that UPX writes, aligned, behind the program headers.
    init?(firstBytes: [UInt8]) {
        let mark = Array("UPX!".utf8)
        let window = firstBytes.prefix(Self.windowSize)
        guard stride(from: 0, to: window.count, by: 4).contains(where: { window[$0...].starts(with: mark) }) else {
            return nil
        }
        self = .upx
    }
}

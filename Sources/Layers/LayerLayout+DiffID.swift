import ByteIO
package import Diagnostics
package import OCI

extension LayerLayout {
    /// How much is rendered at a time. It decides nothing but memory.
    private static let pieceSize: Int64 = 1 << 20

    /// The tar's digest, by rendering and hashing alone: nothing is compressed, and nothing written.
    ///
    /// - Parameter cores: how many pieces are rendered at the same time, while those before them are hashed.
    /// - Throws: `layer.file-changed` if a file is no longer the one that was planned with.
    package func diffID(cores: Int) async throws(Diagnostic) -> DiffID {
        let count = (size + Self.pieceSize - 1) / Self.pieceSize
        let width = Int64(max(1, min(cores, 32)))
        var hasher = SHA256Hasher()
        var pieces = try await rendered(0..<min(width, count)).get()
        var end = Int64(pieces.count)
        while !pieces.isEmpty {
            let following = end..<min(end + width, count)
            async let next = rendered(following)
            for piece in pieces { piece.withUnsafeBytes { hasher.update($0) } }
            pieces = try await next.get()
            end = following.upperBound
        }
        return DiffID(hasher.finalize())
    }

    private func rendered(_ pieces: Range<Int64>) async -> Result<[[UInt8]], Diagnostic> {
        do throws(Diagnostic) {
            let bytes = try await concurrently(Array(pieces), atMost: pieces.count) { piece throws(Diagnostic) in
                let start = piece * Self.pieceSize
                return try render(from: start, count: Int(min(Self.pieceSize, size - start)))
            }
            return .success(bytes)
        } catch {
            return .failure(error)
        }
    }
}

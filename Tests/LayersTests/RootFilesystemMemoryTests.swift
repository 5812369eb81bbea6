import Testing

@testable import Layers

@Suite("What a root filesystem's table costs")
struct RootFilesystemMemoryTests {
    @Test("an entry with a name of 24 bytes costs at most 104 bytes")
    func size() {
        // The index is between three eighths and three quarters full.
        let indexed = MemoryLayout<Int32>.stride * 8 / 3
        let perEntry =
            MemoryLayout<RootFilesystem.Node>.stride + MemoryLayout<RootFilesystem.Inode>.stride + indexed + 24
        #expect(perEntry <= 104)
    }
}

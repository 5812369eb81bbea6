import ByteIO

@testable import Applications

/// The directory of a Java archive.
enum ZipProbe {
    static func read(_ bytes: [UInt8]) {
        _ = JarManifest(bytes)
        let input = InputFile(holding: bytes)
        _ = JavaArchive(FilePath(input.path))
    }
}

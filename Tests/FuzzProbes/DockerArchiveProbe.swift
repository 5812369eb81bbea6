import ByteIO
import OCI

@testable import Store

/// A tar that holds an image: an image layout, or what `docker save` writes.
enum DockerArchiveProbe {
    static func read(_ bytes: [UInt8]) {
        for bytes in [bytes, TarProbe.withChecksums(bytes)] {
            let input = InputFile(holding: bytes)
            guard let source = try? ImageSource(FilePath(input.path)) else { continue }
            _ = try? LocalProvider(source)
        }
    }
}

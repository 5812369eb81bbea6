import ByteIO
import OCI
import Request

extension BuildRequest {
    /// Digest of everything that is asked for, but not of the time, nor of where the images go: a request that may give
    /// another image, or another report, has another digest.
    var fingerprint: Digest {
        var asked = self
        asked.startedAt = nil
        asked.askedAt = nil
        asked.output = nil
        asked.isPushed = false
        asked.isLoaded = false
        asked.names = []
        // Where they were made says nothing of them.
        if origin != nil { asked.paths = paths.map { FilePath($0.name) } }
        guard let digest = try? FingerprintEncoder.digest(asked) else {
            preconditionFailure("nothing in a request throws while it encodes itself")
        }
        return digest
    }
}

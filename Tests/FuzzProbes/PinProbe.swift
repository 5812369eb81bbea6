import ByteIO
import Pins
import Pods

/// Files of users that name images: Dockerfiles, and YAML of Kubernetes, Compose and coracle itself.
enum PinProbe {
    static func read(_ bytes: [UInt8]) {
        if let containers = try? PodContainer.all(in: bytes, named: "pod.yaml") {
            require(containers.count <= PodContainer.countLimit, "there are more containers than are read")
            require(containers.allSatisfy { ($0.line ?? 1) >= 1 }, "a container stands before the file")
        }
        for name in ["Dockerfile", "pod.yaml", "kustomization.yaml", "anything"] {
            guard let (_, pins) = try? PinnedFile.read(bytes, named: FilePath(name)) else { continue }
            for range in pins.compactMap(\.digest) {
                require(range.lowerBound >= 0 && range.upperBound <= bytes.count, "a digest stands outside of its file")
                let after = PinnedFile.replacing([range: "sha256:x"], in: bytes)
                require(
                    after[..<range.lowerBound] == bytes[..<range.lowerBound]
                        && after.suffix(bytes.count - range.upperBound) == bytes[range.upperBound...],
                    "bytes outside of a digest were changed"
                )
            }
        }
    }
}

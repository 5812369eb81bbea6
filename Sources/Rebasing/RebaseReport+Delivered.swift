package import Handover
import Images
import OCI
import Stack

extension RebaseReport {
    /// What other programs are given of the image; `nil` if it was put nowhere.
    package var delivered: DeliveredImage? {
        guard copy != nil || !names.isEmpty else { return nil }
        return DeliveredImage(
            copy?.top ?? images.top,
            names: copy?.names ?? names.map(\.text),
            parts: images.images.map { image in
                let own = image.isUnchanged ? image.manifest.content.layers : image.ownLayers
                let base =
                    image.isUnchanged
                    ? nil
                    : DeliveredImage.Layer(
                        size: image.base.layers.totalSize,
                        purpose: "\(image.base.layers.count) layers of the base"
                    )
                return DeliveredImage.Part(
                    platform: image.platform,
                    manifest: image.manifest.descriptor,
                    config: image.config.descriptor,
                    layers: [base].compactMap(\.self)
                        + own.map { DeliveredImage.Layer(size: $0.size, purpose: "a layer of the image") }
                )
            },
            findings: images.findings.flatMap(\.self)
        )
    }
}

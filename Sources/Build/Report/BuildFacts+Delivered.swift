package import Handover
import OCI
import Plan

extension BuildFacts {
    /// What other programs are given of the images.
    func delivered(_ name: String?, _ delivery: BuildDelivery) -> DeliveredImage {
        DeliveredImage(
            top,
            called: name,
            names: delivery.names.map(\.text),
            parts: images.map { image in
                let base = image.base.map { DeliveredImage.Layer(size: $0.size, purpose: $0.line) }
                let own = image.layers.map { DeliveredImage.Layer(size: $0.size, purpose: $0.createdBy) }
                return DeliveredImage.Part(
                    platform: image.platform,
                    manifest: image.manifest,
                    config: image.config,
                    layers: [base].compactMap(\.self) + own
                )
            },
            findings: findings
        )
    }
}

extension BuildReport {
    /// What other programs are given of the images.
    package var delivered: DeliveredImage { facts.delivered(nil, BuildDelivery(plan)) }
}

extension RecalledBuild {
    /// What other programs are given of the images.
    package var delivered: DeliveredImage { facts.delivered(nil, delivery) }
}

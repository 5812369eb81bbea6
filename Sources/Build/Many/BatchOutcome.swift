package import Diagnostics
package import Handover
package import OCI
import Plan
import Store

/// One image of many, built: what is to be said of it, and none of its bytes.
package struct BuiltImage: Sendable {
    package let name: String
    package let digest: Digest
    /// `REFERENCE@sha256:…`, one for each place it was pushed to, else one.
    package let references: [String]
    /// For a person, in one line.
    package let summary: String
    /// What was said about it, a line each.
    package let statements: [String]
    /// For a program.
    package let json: JSON
    /// The YAML for a pod; `nil` unless it was asked for.
    package let kubernetes: [String]?
    /// By the digests of its layers, their sizes as they are stored.
    package let layers: [Digest: Int64]
    /// For other programs.
    package let delivered: DeliveredImage

    /// What is kept of an image besides its line.
    package enum Detail: Sendable {
        case summary
        /// With a document for programs.
        case document
    }

    init(_ name: String, _ report: BuildReport, _ detail: Detail) {
        self.name = name
        digest = report.facts.top.digest
        references = report.plan.isPushed ? report.references : [report.reference]
        kubernetes = report.kubernetes
        statements = report.statements.compactMap(\.line)
        delivered = report.delivered.named(name)
        var layers: [Digest: Int64] = [:]
        let parts = report.images.images.map { image in
            let all = image.manifest.content.layers
            for layer in all { layers[layer.digest] = layer.size }
            let size = all.reduce(Int64(0)) { $0.addingClamped($1.size) }
            return "\(image.platform) \(ByteCount(size)) in \(all.count == 1 ? "1 layer" : "\(all.count) layers")"
        }
        self.layers = layers
        summary = "\(name): \(parts.joined(separator: ", "))"
        json = detail == .document ? report.json(of: name) : .null
    }

    /// One that was built before.
    init(_ name: String, _ recalled: RecalledBuild, _ detail: Detail) {
        self.name = name
        digest = recalled.facts.top.digest
        references = recalled.delivery.isPushed ? recalled.references : Array(recalled.references.prefix(1))
        kubernetes = recalled.kubernetes
        statements = recalled.statements.compactMap(\.line)
        delivered = recalled.delivered.named(name)
        json = detail == .document ? recalled.json(of: name) : .null
        let all = recalled.listings.flatMap(\.layers)
        layers = Dictionary(all.map { ($0.digest, $0.size) }) { first, _ in first }
        let size = layers.values.reduce(Int64(0)) { $0.addingReportingOverflow($1).partialValue }
        summary =
            "\(name): unchanged, \(ByteCount(size)) in \(layers.count == 1 ? "1 layer" : "\(layers.count) layers")"
    }
}

/// What became of many images.
package struct BatchReport: Sendable {
    /// In the order of the file, the names of all and what each became.
    package let images: [Named<Result<BuiltImage, DiagnosticList>>]

    package init(_ images: [Named<Result<BuiltImage, DiagnosticList>>]) { self.images = images }

    package var built: [BuiltImage] { images.compactMap { try? $0.value.get() } }

    /// Those that failed, with why.
    package var failures: [Named<DiagnosticList>] {
        images.compactMap { image in
            if case .failure(let problems) = image.value { Named(image.name, problems) } else { nil }
        }
    }

    /// `3 images, 4 layers, 7.2 MB`, each layer counted once.
    package var summary: String {
        var layers: [Digest: Int64] = [:]
        for image in built { layers.merge(image.layers) { first, _ in first } }
        let size = layers.values.reduce(Int64(0)) { $0.addingReportingOverflow($1).partialValue }
        let (images, count) = (built.count, layers.count)
        return "\(images == 1 ? "1 image" : "\(images) images"), \(count == 1 ? "1 layer" : "\(count) layers"), "
            + "\(ByteCount(size))"
    }

    /// For a program: what was built, and what was not and why, in the order of the file.
    package var json: JSON {
        [
            "images": .array(
                images.map { image in
                    switch image.value {
                    case .success(let built): built.json
                    case .failure(let problems):
                        ["name": .string(image.name), "errors": .array(problems.items.map(\.json))]
                    }
                }
            )
        ]
    }
}

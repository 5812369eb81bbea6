package import Advisories
import Check
package import Diagnostics
import Findings
import Gate
package import Hygiene
package import Images
package import OCI
import Plan
import Request
import Store

/// Checks images against a team's rules.
package struct ImageLinter: Sendable {
    private let access: ImageAccess
    private let settings: LintSettings
    private let now: Timestamp
    private let advisories: AdvisoryFile?

    /// - Parameters:
    ///   - access: the way to images.
    ///   - now: what ages are counted from.
    ///   - advisories: what is known of vulnerabilities; `nil` if that is not looked at.
    package init(
        _ access: ImageAccess,
        _ settings: LintSettings,
        at now: Timestamp,
        advisories: AdvisoryFile? = nil
    ) {
        self.access = access
        self.advisories = advisories
        self.settings = settings
        self.now = now
    }

    /// Looks at the images at `location`, for `platforms` or for all that it has.
    ///
    /// - Throws: what keeps them from being read.
    package func lint(_ location: ImageLocation, for platforms: [Platform]) async throws(Diagnostic) -> CheckReport {
        var images = [CheckReport.Image]()
        // Not asked unless it is wanted: it takes some requests for each image.
        let attached = SupplyCheck.isWanted(settings) ? try await access.attached(to: location) : nil
        for candidate in try await FinishedImage.candidates(at: location, for: platforms, access) {
            let image = try await candidate.open()
            let findings =
                try image.conventions(settings, names: try Self.names(of: image, at: location), at: now)
                + settings.applied(
                    to: (settings.isOn(.lintArbitraryUser)
                        ? ArbitraryUserCheck(image.gated).findings() : [])
                        + image.findings(by: advisories)
                )
                + supply(image.manifest.descriptor.digest, attached)
            images.append(
                CheckReport.Image(
                    name: image.name,
                    platform: image.gated.platform,
                    digest: image.manifest.descriptor.digest,
                    outcome: GateOutcome(ImageGate.sorted(findings), GateOptions())
                )
            )
        }
        return CheckReport(images: images)
    }

    private func supply(_ image: Digest, _ attached: AttachedTree?) -> [Finding] {
        guard let nodes = attached?.nodes(coveringImage: image) else { return [] }
        return SupplyCheck(
            isSigned: nodes.contains(where: \.isSignature),
            hasSBOM: nodes.contains(where: \.isSBOM),
            settings
        ).findings()
    }

    static func names(
        of image: FinishedImage,
        at location: ImageLocation
    ) throws(Diagnostic) -> [Reference] {
        switch location {
        case .registry(let reference): return [reference]
        case .layout(let path, _), .archive(let path, _):
            let digest = image.manifest.descriptor.digest
            let located = try LocatedImage.all(in: try ImageSource(path)).first {
                $0.manifest.descriptor.digest == digest
            }
            return (located?.names ?? []).compactMap { Reference(entryName: $0) }
        // What `docker save` wrote has its names in another place, and a base of the catalogue needs none.
        case .dockerArchive, .catalogue: return []
        }
    }
}

extension FinishedImage {
    /// What in it is not as a team wants its images.
    ///
    /// - Throws: what keeps a file from being read.
    func conventions(
        _ settings: LintSettings,
        names: [Reference],
        at now: Timestamp
    ) throws(Diagnostic) -> [Finding] {
        let facts = LintCheck<UnpackedRoot>.Facts(
            manifest: manifest.content,
            config: config,
            names: names,
            now: now
        )
        let findings = try LintCheck(gated.root, facts, settings).findings()
        guard let limit = settings.maxWaste else { return findings }
        let waste = try ImageWaste(in: gated.root).finding(allowing: limit)
        return findings + settings.applied(to: [waste].compactMap(\.self))
    }
}

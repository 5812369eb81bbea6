import Build
import BuildCommands
import ByteIO
import Checkup
import Diagnostics
import Findings
import Images
import Kubernetes
import OCI
import Pods
import Request
import SharedOptions
import Store
import Terminal

/// Says where containers of manifests ask for something that their images, which were just built, do not have.
///
/// What was found is kept: of an image and documents that are as they were, nothing is read again.
struct PodWarnings: Sendable {
    /// A container that runs an image asks for what that does not have.
    struct Warning: Hashable, Sendable {
        /// Where it stands among the documents that name the image.
        let document: Int
        /// The line of the container's image in that document, counted from 1.
        let line: Int
        let finding: Finding
    }

    /// A change in what is kept needs another number.
    private static let kind = "pods-1"
    /// More warnings are only counted.
    private static let mostShown = 20
    /// Images that are unpacked at the same time.
    private static let width = 2

    let manifests: [Kubernetes.Manifest]
    /// What takes the place of each mention.
    let images: [ImageMention: ResolvedImage]
    let access: ImageAccess

    /// Compares `pushed` with the containers that run them, and reports what is wrong. That stops nothing.
    func report(_ pushed: [(mentions: [ImageMention], image: ReferencedImages.Pushed)]) async {
        let asked = pushed.filter { $0.image.gate != nil }
        let found: [[(place: Diagnostic.Subject, finding: Finding)]]
        do throws(Diagnostic) {
            found = try await concurrently(asked, atMost: Self.width) { mentions, image async throws(Diagnostic) in
                await warnings(Set(mentions), image)
            }
        } catch {
            return
        }
        var seen = Set<Finding>()
        let all = found.joined().filter { seen.insert($0.finding).inserted }
        for (place, finding) in all.prefix(Self.mostShown) {
            let problem = Diagnostic(
                Diagnostic.Code(finding.rule.code, .policy),
                finding.summary,
                at: place,
                because: finding.reason,
                hint: finding.hint
            )
            // Nothing is refused for it.
            Console.report(problem, by: finding.rule, as: min(finding.severity, .warning))
        }
        if all.count > Self.mostShown { Console.log("\(all.count - Self.mostShown) more of these are not shown") }
    }

    private func warnings(
        _ mentions: Set<ImageMention>,
        _ image: ReferencedImages.Pushed
    ) async -> [(place: Diagnostic.Subject, finding: Finding)] {
        let documents = manifests.flatMap { manifest in
            manifest.documents(withContainersOf: mentions).map { (manifest, $0) }
        }
        guard !documents.isEmpty else { return [] }
        do throws(Diagnostic) {
            let found = try await compared(documents, mentions, image)
            let gate = image.gate ?? GateOptions()
            return found.filter { !gate.allows($0.finding) && documents.indices.contains($0.document) }.map { warning in
                let (manifest, document) = documents[warning.document]
                return (.file(path: manifest.name, line: document.line + warning.line - 1), warning.finding)
            }
        } catch {
            if error.code.category != .cancelled { Console.note([Self.notCompared(image.reference, error)]) }
            return []
        }
    }

    private func compared(
        _ documents: [(Kubernetes.Manifest, ManifestPiece)],
        _ mentions: Set<ImageMention>,
        _ image: ReferencedImages.Pushed
    ) async throws(Diagnostic) -> [Warning] {
        let key = key(documents, mentions, image)
        let cache = try access.cache()
        if let bytes = try cache?.derived(Self.kind, of: key), let kept = try? Self.read(bytes) { return kept }
        var containers: [(document: Int, container: PodContainer)] = []
        for (index, (manifest, document)) in documents.enumerated() {
            let all = try PodContainer.all(in: Array(manifest.bytes[document.bytes]), named: manifest.name)
            for var container in all {
                guard let text = container.image, case .mention(let mention)? = ImageMention.read(text),
                    mentions.contains(mention)
                else { continue }
                container.image = images[mention]?.text
                containers.append((index, container))
            }
        }
        var warnings = [Warning]()
        let location = ImageLocation.registry(try Reference(parsing: image.reference))
        // A pod may come to a node of any of its platforms.
        for candidate in try await FinishedImage.candidates(at: location, access) {
            let opened = try await candidate.open()
            for (index, container) in containers {
                for finding in try PodCheck(opened.gated, container).findings() {
                    let warning = Warning(document: index, line: container.line ?? 1, finding: finding)
                    if !warnings.contains(warning) { warnings.append(warning) }
                }
            }
        }
        try cache?.insert(derived: Self.kept(warnings).encoded(), Self.kind, of: key)
        return warnings
    }

    private static func notCompared(_ reference: String, _ problem: Diagnostic) -> Diagnostic {
        Diagnostic(
            .podsNotCompared,
            "`\(reference)` is not compared with the containers that run it",
            at: .image(reference),
            because: problem.reason.map { "\(problem.summary): \($0)" } ?? problem.summary
        )
    }

    // MARK: What is kept

    /// Names everything that decides what is found.
    private func key(
        _ documents: [(Kubernetes.Manifest, ManifestPiece)],
        _ mentions: Set<ImageMention>,
        _ image: ReferencedImages.Pushed
    ) -> Digest {
        var parts = [coracleVersion, image.reference]
        for mention in mentions.sorted(by: { $0.text < $1.text }) {
            parts += [mention.text, images[mention]?.text ?? ""]
        }
        for (manifest, document) in documents {
            let digest = manifest.bytes.withUnsafeBytes { bytes in
                Digest(sha256Of: UnsafeRawBufferPointer(rebasing: bytes[document.bytes]))
            }
            parts.append(digest.description)
        }
        return Digest(sha256Of: Array(parts.joined(separator: "\u{0}").utf8))
    }

    private static func kept(_ warnings: [Warning]) -> JSON {
        .array(warnings.map { ["document": .int($0.document), "line": .int($0.line), "finding": $0.finding.kept] })
    }

    private static func read(_ bytes: [UInt8]) throws(Diagnostic) -> [Warning] {
        let name = "what was found of pods"
        let json = JSONReader(try JSON(parsing: bytes, named: name), named: name)
        return try json.array().map { warning throws(Diagnostic) in
            Warning(
                document: Int(clamping: try warning.member("document").int()),
                line: Int(clamping: try warning.member("line").int()),
                finding: try Finding(kept: try warning.member("finding"))
            )
        }
    }
}

extension Diagnostic.Code {
    static let podsNotCompared = Self("pods.not-compared", .input)
}

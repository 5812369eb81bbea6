import Diagnostics
import OCI
import Store

extension ImageCopy {
    /// Says what hangs on the image and came along, or stays behind.
    func report(_ images: ImageSet, _ names: [Reference], _ access: ImageAccess) async -> CopyReport {
        let report = CopyReport(images, names: names.map(\.text))
        if includesReferrers {
            if let text = report.attachedText {
                access.note(Diagnostic(.copyAttached, "what hangs on the image came along: \(text)"))
            }
        } else if notesReferrers, let note = await leftBehind(images, access) {
            access.note(note)
        }
        return report
    }

    /// Number of manifests whose referrers are asked for, and of seconds that the answers may take: the image is copied.
    private static let (mostAsked, longestAsked) = (20, 5)

    /// A note about what stays where it is; `nil` if that is nothing, or it cannot be found out.
    private func leftBehind(_ images: ImageSet, _ access: ImageAccess) async -> Diagnostic? {
        guard access.settings.sources == .everywhere || !source.isRemote,
            let provider = try? access.provider(for: source, on: platform.map { [$0] })
        else { return nil }
        let manifests = images.blobs.map(\.descriptor).filter { $0.mediaType.isManifest || $0.mediaType.isIndex }
        // The index is the last of its graph.
        let asked = Array(manifests.map(\.digest).reversed().prefix(Self.mostAsked))
        let found = await withTaskGroup(of: ([Descriptor], [AttachedTag])?.self) { group in
            group.addTask {
                guard let found = try? await provider.attached(to: asked) else { return nil }
                return (found.referrers, found.tagged.map(\.0))
            }
            group.addTask {
                try? await Task.sleep(for: .seconds(Self.longestAsked))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let (referrers, tags) = found, !referrers.isEmpty || !tags.isEmpty else { return nil }
        let kinds =
            referrers.map { $0.artifactType?.rawValue ?? $0.mediaType.rawValue } + tags.map { ".\($0.kind.rawValue)" }
        return Diagnostic(
            .copyTagsStay,
            "signatures or documents of the image do not come along",
            at: .image(provider.name),
            because: "they hang on it, and are not part of it: \(CopyReport.counted(kinds))",
            hint: "use `--referrers` to take them along"
        )
    }
}

extension ImageLocation {
    fileprivate var isRemote: Bool {
        if case .registry = self { true } else { false }
    }
}
